// Amounts of bytes: what a person types and reads, and the exact number behind it.

const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const decimal = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Unit in lower case → bytes. Bare letters are binary, as in libvirt's `unit` attribute (https://libvirt.org/formatdomain.html#memory-allocation). */
const factors: ReadonlyMap<string, number> = new Map([
  ['b', 1], ['byte', 1], ['bytes', 1],
  ...['k', 'm', 'g', 't', 'p'].flatMap((letter, index): readonly (readonly [string, number])[] => [
    [letter, 1024 ** (index + 1)], [`${letter}ib`, 1024 ** (index + 1)], [`${letter}b`, 1000 ** (index + 1)],
  ]),
]);

/**
 * Reads an amount such as `1.5 GiB`, `200MB/s`, `4096` into whole bytes; a trailing `/s` is allowed and means nothing here.
 * @param bare the unit of a number without one, `KiB` for libvirt's memory values.
 * @returns null when it is not an amount, is negative, or is past 2^53 - 1 bytes.
 */
export function parseBytes(text: string, bare: 'B' | 'KiB' = 'B'): number | null {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*([a-z]*)\s*(?:\/\s*s)?\s*$/i.exec(text);
  const [, amount, unit] = match ?? [];
  if (amount === undefined || unit === undefined) return null;
  const factor = factors.get((unit === '' ? bare : unit).toLowerCase());
  if (factor === undefined) return null;
  const bytes = Math.round(Number(amount) * factor);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/**
 * An amount for reading: `1.5 GiB`, at most two digits after the point. For the exact number show the bytes beside it.
 * @param system `binary` counts in 1024, as memory does; `decimal` in 1000, as network and disk rates do.
 */
export function printBytes(bytes: number, system: 'binary' | 'decimal' = 'binary'): string {
  return system === 'binary' ? printIn(binary, 1024, bytes) : printIn(decimal, 1000, bytes);
}

function printIn(units: readonly string[], base: number, amount: number): string {
  let power = 0;
  // Compared after rounding, so that 1023.999 KiB reads as 1 MiB.
  while (power < units.length - 1 && Number((amount / base ** power).toFixed(2)) >= base) power += 1;
  return `${Number((amount / base ** power).toFixed(2))} ${units[power] ?? ''}`;
}

const bits = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'] as const;

/** How rates of networks are written. */
export const rateUnits = ['bytes', 'bits'] as const;
export type RateUnit = (typeof rateUnits)[number];

/** A rate in bytes a second for reading: `12.5 MB/s`, or in bits `100 Mbit/s`. */
export const printRate = (bytes: number, unit: RateUnit = 'bytes'): string =>
  unit === 'bits' ? printIn(bits, 1000, Math.round(bytes) * 8) : `${printBytes(Math.round(bytes), 'decimal')}/s`;

/** Bytes in whole KiB, libvirt's unit for memory, rounded up so that nothing asked for is lost. */
export const toKib = (bytes: number): number => Math.ceil(bytes / 1024);
