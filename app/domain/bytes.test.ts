import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBytes, printBytes, printRate, toKib } from './bytes.ts';

describe('an amount', () => {
  it.each([
    ['1.5 GiB', 1_610_612_736], ['200MB/s', 200_000_000], ['4096', 4096], ['  8 k ', 8192], ['1kB', 1000], ['0', 0], ['.5 KiB', 512], ['3 bytes', 3], ['2 TiB / s', 2_199_023_255_552], ['1 pb', 1e15],
  ])('%s is read', (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  it('without a unit has the unit of its field', () => expect(parseBytes('2048', 'KiB')).toBe(2_097_152));

  it.each(['', 'GiB', '-1 GiB', '1,5 GiB', '1 GiB GiB', '1 XiB', '9 PiB 3', '1e3', '9007199254740993', '99999 PiB', '5/s/s', '1.2.3 k'])('"%s" is none', (text) => {
    expect(parseBytes(text)).toBeNull();
  });

  it.each([
    [0, '0 B', '0 B'], [1023, '1023 B', '1.02 kB'], [1024, '1 KiB', '1.02 kB'], [1_610_612_736, '1.5 GiB', '1.61 GB'], [1_048_575, '1 MiB', '1.05 MB'], [999_999_999, '953.67 MiB', '1 GB'],
  ])('of %i bytes is printed', (bytes, binary, decimal) => expect([printBytes(bytes), printBytes(bytes, 'decimal')]).toEqual([binary, decimal]));

  it('printed reads back within half a hundredth of its unit', () => {
    fc.assert(fc.property(fc.nat(2 ** 31).chain((low) => fc.nat(2 ** 20).map((high) => high * 2 ** 31 + low)), fc.constantFrom('binary', 'decimal'), (bytes, system) => {
      const printed = printBytes(bytes, system);
      const unit = parseBytes(printed.replace(/^[\d.]+/, '1')) ?? Number.NaN;
      expect(Math.abs((parseBytes(printed) ?? Number.NaN) - bytes)).toBeLessThanOrEqual(unit * 0.005 + 1);
      expect(Number.parseFloat(printed)).toBeLessThan(system === 'binary' ? 1024 : 1000);
    }));
  });

  it.each([
    [0, '0 B/s', '0 bit/s'], [12_500_000, '12.5 MB/s', '100 Mbit/s'], [124_999_999, '125 MB/s', '1 Gbit/s'], [125.4, '125 B/s', '1 kbit/s'],
  ])('a second, of %d of them, is printed in bytes or in bits', (rate, inBytes, inBits) => expect([printRate(rate), printRate(rate, 'bits')]).toEqual([inBytes, inBits]));

  it('goes to whole KiB without losing a byte', () => expect([toKib(0), toKib(1), toKib(1024), toKib(1025)]).toEqual([0, 1, 1, 2]));
});
