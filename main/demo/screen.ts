// What a demo guest shows: a console of text with the guest's little shell, as pixels.
import { crc32, deflateSync } from 'node:zlib';

/** Signs, each with the five rows of its picture as octal digits: three dots each, the left one first. */
const drawn =
  'A25755 B65656 C34443 D65556 E74647 F74644 G34553 H55755 I72227 J11152 K55655 L44447 M57755 N65555 O25552 P65644 Q25563 R65655 S34216 T72222 U55557 V55552 W55775 X55255 Y55222 Z71247 ' +
  '075557 126227 271747 371317 455711 574717 634757 771122 875757 975716 -00700 .00002 :02020 ,00024 /11244 #57575 ~03600 _00007 $36726 (12221 )42224 =07070 +02720 *05250 \'22000 "55000 ?61202 !22202 %51245 <12421 >42124 @25743 &25236 |22222 [64446 ]31113 ;02024';
const glyphs = new Map(Array.from(drawn.matchAll(/(\S)(\d{5})/g), ([, sign = '', dots = '']) => [sign, Array.from(dots, Number)] as const));

const columns = 80;
const rows = 25;
const cell = { width: 8, height: 16, dot: 2, left: 1, top: 3 } as const;
const ground = [0x16, 0x1b, 0x24] as const;
const ink = [0xd5, 0xdc, 0xe6] as const;

/** Pixels across and down. */
export const screenSize = { width: columns * cell.width, height: rows * cell.height, rowHeight: cell.height } as const;

/** The bits by which red, green and blue stand in a pixel of 32. */
export type Shifts = readonly [red: number, green: number, blue: number];

export class Screen {
  readonly #lines: string[] = [''];
  /** Told of the rows that changed: from, and up to before. */
  readonly #watching = new Set<(from: number, to: number) => void>();

  /** Writes text as a terminal of few talents does: line ends, backspace, and scrolling. */
  write(text: string): void {
    const before = this.#lines.length;
    for (const sign of text) {
      const last = this.#lines.length - 1;
      const line = this.#lines[last] ?? '';
      if (sign === '\n') this.#lines.push('');
      else if (sign === '\b') this.#lines[last] = line.slice(0, -1);
      else if (sign >= ' ' && line.length < columns - 1) this.#lines[last] = line + sign;
    }
    const scrolled = this.#lines.splice(0, Math.max(0, this.#lines.length - rows)).length > 0;
    for (const tell of this.#watching) tell(scrolled ? 0 : before - 1, scrolled ? rows : this.#lines.length);
  }

  /** Until the returned function is called. */
  watch(tell: (from: number, to: number) => void): () => void {
    this.#watching.add(tell);
    return () => this.#watching.delete(tell);
  }

  /** The rows of text from `from` up to before `to`, as pixels of 32 bits, little-endian. */
  pixels(from: number, to: number, [red, green, blue]: Shifts): Buffer {
    const pixel = ([r, g, b]: readonly [number, number, number]): number => ((r << red) | (g << green) | (b << blue)) >>> 0;
    const [paper, pen] = [pixel(ground), pixel(ink)];
    const all = new Uint32Array(screenSize.width * (to - from) * cell.height).fill(paper);
    for (let row = from; row < to; row += 1) {
      const line = `${this.#lines[row] ?? ''}${row === this.#lines.length - 1 ? '_' : ''}`;
      for (const [column, sign] of Array.from(line.toUpperCase()).entries()) {
        for (const [y, dots] of (glyphs.get(sign) ?? []).entries()) {
          for (let x = 0; x < 3; x += 1) if ((dots & (4 >> x)) !== 0) this.#dot(all, column * cell.width + cell.left + x * cell.dot, (row - from) * cell.height + cell.top + y * cell.dot, pen);
        }
      }
    }
    return Buffer.from(all.buffer);
  }

  #dot(all: Uint32Array, left: number, top: number, color: number): void {
    for (let y = top; y < top + cell.dot; y += 1) all.fill(color, y * screenSize.width + left, y * screenSize.width + left + cell.dot);
  }

  /** All of it as a file. */
  png(): Buffer {
    const { width, height } = screenSize;
    const pixels = this.pixels(0, rows, [0, 8, 16]);
    const raw = Buffer.alloc(height * (1 + width * 3));
    for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) pixels.copy(raw, y * (1 + width * 3) + 1 + x * 3, (y * width + x) * 4, (y * width + x) * 4 + 3);
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    header.set([8, 2], 8);
    return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', deflateSync(raw)), chunk('IEND', Buffer.alloc(0))]);
  }
}

const chunk = (name: string, data: Buffer): Buffer => {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
};
