// Pictures of screens from hosts that give PPM.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ppmPixels } from './screen-pixels.ts';

const ppm = (head: string, pixels: readonly number[]): Uint8Array => new Uint8Array([...new TextEncoder().encode(head), ...pixels]);

it('reads the pixels behind the head, comments in it or not', () => {
  const pixels = [1, 2, 3, 4, 5, 6];
  for (const head of ['P6\n2 1\n255\n', 'P6\n# made by QEMU\n2 1\n255\n']) {
    expect(ppmPixels(ppm(head, pixels))).toEqual({ width: 2, height: 1, rgba: new Uint8ClampedArray([1, 2, 3, 255, 4, 5, 6, 255]) });
  }
});

it('takes nothing else for one, and none that is cut off', () => {
  for (const other of [ppm('P6\n2 1\n255\n', [1, 2, 3]), ppm('P5\n1 1\n255\n', [1, 2, 3]), ppm('P6\n0 1\n255\n', []), ppm('\x89PNG\r\n', [])]) expect(ppmPixels(other)).toBeNull();
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
    const read = ppmPixels(bytes);
    expect(read === null || read.rgba.length === read.width * read.height * 4).toBe(true);
  }));
});
