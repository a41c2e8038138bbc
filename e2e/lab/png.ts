// The pixels of a picture as QEMU, virsh and browsers give it: PNG, eight bits, red green blue and perhaps alpha, not interlaced (https://www.w3.org/TR/png-3/).
import { inflateSync } from 'node:zlib';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Three bytes a pixel, row by row. */
  readonly pixels: Buffer;
}

/** What the Paeth filter takes for the nearest of left, above, and above left. */
const nearest = (left: number, above: number, corner: number): number => {
  const [toLeft, toAbove, toCorner] = [Math.abs(above - corner), Math.abs(left - corner), Math.abs(left + above - 2 * corner)];
  return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
};

export const pngPixels = (png: Buffer): Pixels => {
  if (png.toString('latin1', 1, 4) !== 'PNG') throw new Error(`not a PNG but ${png.toString('latin1', 0, 8)}`);
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const samples = new Map([[2, 3], [6, 4]]).get(png[25] ?? 0);
  if (png[24] !== 8 || samples === undefined || png[28] !== 0) throw new Error(`a PNG of depth ${png[24]}, colours ${png[25]}, interlace ${png[28]}`);
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const filtered = inflateSync(Buffer.concat(data));
  const row = width * samples;
  const whole = Buffer.alloc(row * height);
  for (let y = 0; y < height; y += 1) {
    const filter = filtered[y * (row + 1)] ?? 0;
    for (let x = 0; x < row; x += 1) {
      const left = x < samples ? 0 : (whole[y * row + x - samples] ?? 0);
      const above = y === 0 ? 0 : (whole[(y - 1) * row + x] ?? 0);
      const corner = x < samples || y === 0 ? 0 : (whole[(y - 1) * row + x - samples] ?? 0);
      const guess = [0, left, above, (left + above) >> 1, nearest(left, above, corner)][filter] ?? 0;
      whole[y * row + x] = (filtered[y * (row + 1) + 1 + x] ?? 0) + guess;
    }
  }
  const pixels = samples === 3 ? whole : Buffer.alloc(width * height * 3);
  if (samples === 4) for (let at = 0; at < width * height; at += 1) whole.copy(pixels, at * 3, at * 4, at * 4 + 3);
  return { width, height, pixels };
};

/** Share of the pixels of one picture that are the same in another of its size; where a cursor blinks it is a little below 1. */
export const alike = ({ pixels: one }: Pixels, { pixels: other }: Pixels): number => {
  if (one.length !== other.length) return 0;
  let same = 0;
  for (let at = 0; at < one.length; at += 3) same += Number(one.compare(other, at, at + 3, at, at + 3) === 0);
  return (same * 3) / one.length;
};

const rowOf = ({ width, pixels }: Pixels, y: number): Buffer => pixels.subarray(y * width * 3, (y + 1) * width * 3);

/** The part of a picture that shows another one pixel for pixel, found by that one's most varied row; undefined where there is none, and for a picture of one colour. */
export const partLike = (whole: Pixels, part: Pixels): Pixels | undefined => {
  const variety = Array.from({ length: part.height }, (_, y) => rowOf(part, y)).map((row) => row.reduce((sum, value, at) => sum + Number(at >= 3 && value !== row[at - 3]), 0));
  const most = Math.max(...variety);
  if (most === 0) return undefined;
  const telling = variety.indexOf(most);
  for (let y = telling; y + part.height - telling <= whole.height; y += 1) {
    const left = rowOf(whole, y).indexOf(rowOf(part, telling));
    if (left < 0 || left % 3 !== 0) continue;
    const rows = Array.from({ length: part.height }, (_, row) => rowOf(whole, y - telling + row).subarray(left, left + part.width * 3));
    return { width: part.width, height: part.height, pixels: Buffer.concat(rows) };
  }
  return undefined;
};
