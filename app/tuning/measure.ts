// Numbers with their unit, as people type and read them; the value behind is whole and in the measure's own unit.
import { parseBytes, printBytes, printRate, type RateUnit } from '../domain/bytes.ts';
import type { Measure } from './knob.ts';

/** How a measure is read and printed. `read` gives null for what is no such amount. */
interface Manner {
  readonly read: (text: string) => number | null;
  readonly print: (value: number, rates: RateUnit) => string;
  /** The unit of a bare number, shown beside the field. */
  readonly unit: string;
}

const whole = (text: string): number | null => (/^\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : null);

const bits: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** Networks count in bits: `100 Mbit/s`, `1gbit`, `2.5 Gbps`. In bytes a second; null when it is no such rate. */
function bitsAsBytes(text: string): number | null {
  const [, amount, multiple = ''] = /^(\d+(?:\.\d+)?|\.\d+)\s*([kmgt]?)(?:bits?(?:\s*\/\s*s)?|bps)$/i.exec(text) ?? [];
  const bytes = amount === undefined ? null : (Number(amount) * (bits[multiple.toLowerCase()] ?? 1)) / 8;
  return bytes === null || !Number.isSafeInteger(Math.ceil(bytes)) ? null : Math.ceil(bytes);
}

/** Bytes in some multiple; what is no whole multiple is rounded up, so that nothing asked for is lost. */
const sizes = (bare: 'B' | 'KiB', unit: string, system: 'binary' | 'decimal', rate: string): Manner => {
  const factor = bare === 'KiB' ? 1024 : 1;
  return {
    read: (text) => {
      const bytes = parseBytes(text, bare) ?? (rate === '' ? null : bitsAsBytes(text));
      return bytes === null ? null : Math.ceil(bytes / factor);
    },
    print: (value) => `${printBytes(value * factor, system)}${rate}`,
    unit,
  };
};

/** Thousands of bytes a second, as tc and with it libvirt's bandwidth count. */
const kilobytes: Manner = {
  read: (text) => {
    const bytes = parseBytes(text) ?? bitsAsBytes(text);
    return whole(text) ?? (bytes === null ? null : Math.ceil(bytes / 1000));
  },
  print: (value, rates) => printRate(value * 1000, rates),
  unit: 'kB/s',
};

const durations: readonly (readonly [name: string, nanoseconds: number])[] = [['ns', 1], ['µs', 1e3], ['ms', 1e6], ['s', 1e9], ['min', 60e9]];

const times = (unit: 'ns' | 'µs' | 'ms' | 's'): Manner => {
  const own = durations.find(([name]) => name === unit)?.[1] ?? 1;
  return {
    read: (text) => {
      const [, amount, written = ''] = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-zµμ]*)$/.exec(text) ?? [];
      if (amount === undefined) return null;
      const name = written.replace('μ', 'µ').replace(/^us$/, 'µs');
      const factor = name === '' ? own : durations.find(([each]) => each === name)?.[1];
      const value = factor === undefined ? null : Math.round((Number(amount) * factor) / own);
      return value !== null && Number.isSafeInteger(value) ? value : null;
    },
    print: (value) => {
      const [name, factor] = durations.findLast(([each, nanoseconds]) => each !== 'min' && value !== 0 && (value * own) % (nanoseconds / 10) === 0 && value * own >= nanoseconds) ?? [unit, own];
      return `${(value * own) / factor} ${name}`;
    },
    unit,
  };
};

const plain = (unit: string): Manner => ({
  read: (text) => whole(unit === '' ? text : text.replace(new RegExp(`\\s*${unit.replaceAll(/[^\w]/g, String.raw`\$&`)}$`), '')),
  print: (value) => (unit === '' ? `${value}` : `${value} ${unit}`),
  unit,
});

const manners: Readonly<Record<Measure, Manner>> = {
  count: plain(''),
  KiB: sizes('KiB', 'KiB', 'binary', ''),
  'KiB/s': sizes('KiB', 'KiB/s', 'decimal', '/s'),
  'kB/s': kilobytes,
  bytes: sizes('B', 'bytes', 'binary', ''),
  'bytes/s': sizes('B', 'bytes/s', 'decimal', '/s'),
  'per second': plain('/s'),
  nanoseconds: times('ns'),
  microseconds: times('µs'),
  milliseconds: times('ms'),
  seconds: times('s'),
  percent: plain('%'),
};

/** Reads a typed amount into the measure's whole unit; a bare number is in that unit. null when it is no such amount. */
export const readMeasure = (text: string, measure: Measure): number | null => manners[measure].read(text.trim());

/** The amount for reading: `1.5 GiB`, `100 ms`. @param rates how those of networks are written. */
export const printMeasure = (value: number, measure: Measure, rates: RateUnit = 'bytes'): string => manners[measure].print(value, rates);

/** The unit of a bare number. */
export const unitOf = (measure: Measure): string => manners[measure].unit;
