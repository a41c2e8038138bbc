// Curves as a file.
import { expect, it } from 'vitest';
import { timesOf } from '../api/past.ts';
import { csvOf } from './curves-file.ts';

it('is a table with a line for each time, and nothing where nothing is known', () => {
  const curves = { last: 3, step: 1_000, end: 4_000, marks: [], values: new Map<string, (number | null)[]>([['cpu', [1, null]], ['disk.a,b.readBytes', [null, 5]]]) };
  expect(csvOf(curves)).toBe('time,cpu,"disk.a,b.readBytes"\n1970-01-01T00:00:03.000Z,1,\n1970-01-01T00:00:04.000Z,,5\n');
  expect(timesOf(curves, 3)).toEqual([2, 3, 4]);
});
