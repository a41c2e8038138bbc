// The judge of floods is judged: what is missing, doubled or wrong is found, and a flood that is whole is found whole.
import { expect, it } from 'vitest';
import { Flood } from './flood.ts';

const cycle = `${Array.from({ length: 95 }, (_, at) => String.fromCharCode(0x20 + at)).join('')}\r\n`;
const printed = cycle.repeat(3);
/** 291 bytes, as the guest writes it. */
const told = '\x04aaaaabcd';
const judged = (text: string, from?: number): Flood => {
  const flood = new Flood(from);
  for (const piece of text.match(/.{1,40}/gs) ?? []) flood.hear(Buffer.from(piece));
  return flood;
};

it('knows a whole flood, in whatever pieces it comes, and from wherever it is heard', async () => {
  const flood = judged(printed + told);
  await flood.over;
  expect(flood).toMatchObject({ length: 291, wrongAt: null, told: 291 });
  expect(judged(printed.slice(100) + told, 100)).toMatchObject({ length: 291, wrongAt: null, told: 291 });
});

it('finds the first byte that is missing, doubled or another', () => {
  expect(judged(printed.slice(0, 120) + printed.slice(121) + told)).toMatchObject({ length: 290, wrongAt: 120, told: 291 });
  expect(judged(printed.slice(0, 120) + printed.slice(119) + told)).toMatchObject({ length: 292, wrongAt: 120, told: 291 });
  expect(judged(printed.replace('Z', 'z') + told)).toMatchObject({ length: 291, wrongAt: 58, told: 291 });
});
