// What is kept of a guest's last minute: the newest samples in order, gaps as gaps.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kept, Track } from './track.ts';

const told = (value: number | null): readonly (number | null)[] => ['before', value, value, value, null, value, value].map((one) => (one === 'before' ? 99 : Number(one ?? Number.NaN))).map((one) => (Number.isNaN(one) ? null : one));

describe('a track', () => {
  it('has the newest samples, oldest first, however many came', () => {
    fc.assert(fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 1_000_000 })), { maxLength: kept * 3 }), (values) => {
      const track = new Track();
      for (const [second, value] of values.entries()) track.put(second * 1000, told(value), 1);
      expect([track.count, [...track.read(track.count, 'cpu')]]).toEqual([values.length, values.slice(-kept).map((value) => value ?? Number.NaN)]);
      expect(track.last('cpu', values.length * 1000)).toBe(values.at(-1) ?? null);
    }));
  });

  it('adds series up where all of them are known', () => {
    const track = new Track();
    track.put(0, told(2), 1);
    expect([[...track.read(track.count, 'networkReceiveBytes', 'networkTransmitBytes')], [...track.read(track.count, 'diskReadBytes', 'diskWriteBytes')]]).toEqual([[4], [Number.NaN]]);
  });

  it('has a gap where nobody looked, and what is old is not what is', () => {
    const track = new Track();
    expect([track.last('cpu', 0), track.read(track.count, 'cpu').length]).toEqual([null, 0]);
    track.put(1_000, told(1), 1);
    expect([track.last('cpu', 31_000), track.last('cpu', 31_001)]).toEqual([1, null]);
    track.put(60_000, told(3), 1);
    expect([...track.read(track.count, 'cpu')]).toEqual([1, Number.NaN, 3]);
  });
});
