// The size of a guest's picture on screens of any pixel ratio.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pictureSize, type Size } from './picture-size.ts';

const side = fc.integer({ min: 1, max: 8192 });
const size: fc.Arbitrary<Size> = fc.record({ width: side, height: side });
const ratio = fc.constantFrom(1, 1.25, 1.5, 1.75, 2, 3);

it('draws one of the guest’s pixels on one of the screen’s, whatever its ratio', () => {
  expect(pictureSize('one', { width: 1280, height: 800 }, { width: 10, height: 10 }, 1.25)).toEqual({ width: 1024, height: 640 });
  fc.assert(fc.property(size, size, ratio, (picture, room, screen) => {
    const { width, height } = pictureSize('one', picture, room, screen);
    expect([width * screen, height * screen]).toEqual([expect.closeTo(picture.width, 6), expect.closeTo(picture.height, 6)]);
  }));
});

it('fits into its place or fills it, touching two of its sides, and keeps its form', () => {
  fc.assert(fc.property(size, size, ratio, (picture, room, screen) => {
    const [fit, fill] = [pictureSize('fit', picture, room, screen), pictureSize('fill', picture, room, screen)];
    expect(Math.max(fit.width / room.width, fit.height / room.height)).toBeCloseTo(1, 9);
    expect(Math.min(fill.width / room.width, fill.height / room.height)).toBeCloseTo(1, 9);
    for (const drawn of [fit, fill]) expect((drawn.width * picture.height) / (drawn.height * picture.width)).toBeCloseTo(1, 9);
  }));
});
