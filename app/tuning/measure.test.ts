import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printMeasure, readMeasure } from './measure.ts';

describe('an amount', () => {
  it.each([
    ['1.5 GiB', 'KiB', 1_572_864], ['4096', 'KiB', 4096], ['1 B', 'KiB', 1], ['200MB/s', 'bytes/s', 200_000_000], ['200MB/s', 'KiB/s', 195_313], ['100 Mbit/s', 'KiB/s', 12_208], ['1gbit', 'bytes/s', 125_000_000], ['8 kbps', 'bytes/s', 1000], ['100 Mbit/s', 'kB/s', 12_500], ['12.5 MB/s', 'kB/s', 12_500], ['12500', 'kB/s', 12_500],
    ['100 ms', 'microseconds', 100_000], ['1000', 'microseconds', 1000], ['5us', 'microseconds', 5], ['1.5 s', 'milliseconds', 1500], ['30', 'seconds', 30],
    ['800 %', 'percent', 800], ['800', 'percent', 800], ['500/s', 'per second', 500], [' 7 ', 'count', 7],
  ] as const)('"%s" in %s is %d', (text, measure, value) => expect(readMeasure(text, measure)).toBe(value));

  it.each([['', 'KiB'], ['-1', 'count'], ['1.5', 'count'], ['five', 'seconds'], ['1 h', 'seconds'], ['1 GiB', 'microseconds'], ['100 Mbit/s', 'KiB'], ['1 xbit/s', 'KiB/s'], ['99999999999999999999', 'count']] as const)('"%s" is no amount in %s', (text, measure) =>
    expect(readMeasure(text, measure)).toBeNull());

  it.each([[1_572_864, 'KiB', '1.5 GiB'], [100_000, 'microseconds', '100 ms'], [1500, 'milliseconds', '1.5 s'], [0, 'seconds', '0 s'], [12_500, 'kB/s', '12.5 MB/s'], [32_768, 'nanoseconds', '32768 ns'], [1234, 'microseconds', '1234 µs']] as const)(
    '%d of %s reads %s', (value, measure, text) => expect(printMeasure(value, measure)).toBe(text));

  it('of a network is written in bits where that is chosen, and no other is', () => {
    expect([printMeasure(12_500, 'kB/s', 'bits'), printMeasure(12_500, 'KiB/s', 'bits'), printMeasure(12_500, 'bytes/s', 'bits')]).toEqual(['100 Mbit/s', '12.8 MB/s', '12.5 kB/s']);
  });

  it('of time or number reads back as it was printed', () => {
    const measures = fc.constantFrom('count', 'microseconds', 'nanoseconds', 'milliseconds', 'seconds', 'percent', 'per second');
    fc.assert(fc.property(fc.nat(10_000_000), measures, (value, measure) => readMeasure(printMeasure(value, measure), measure) === value));
  });
});
