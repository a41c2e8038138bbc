// The limits of one disk as a value, read from <iotune> and written as one: https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
import { z } from '../domain/schema.ts';
import type { XmlElement } from '../xml/domain-xml.ts';
import { wholeNumber } from './attributes.ts';
import { childOf } from './disks.ts';

const ways = ['total', 'read', 'write'] as const;
/** What is limited, `bytes_sec` or `iops_sec`, with what it is in words. */
export const limited = ['bytes_sec', 'iops_sec'] as const;
type Limited = (typeof limited)[number];
export type Base = `${(typeof ways)[number]}_${Limited}`;
/** Every limit that lasts; its burst and the burst's length are named after it. */
export const bases = limited.flatMap((kind) => ways.map((way): Base => `${way}_${kind}`));
export const kindOf = (base: Base): Limited => (base.endsWith('bytes_sec') ? 'bytes_sec' : 'iops_sec');
export const burstOf = (base: Base): `${Base}_max` => `${base}_max`;
export const lengthOf = (base: Base): `${Base}_max_length` => `${base}_max_length`;

export type LimitName = Base | `${Base}_max` | `${Base}_max_length` | 'size_iops_sec';
/** All nineteen numbers, in the order in which libvirt prints them; the group's name stands before the lengths. */
export const limitNames: readonly LimitName[] = [...bases, ...bases.map(burstOf), 'size_iops_sec', ...bases.map(lengthOf)];
const order: readonly string[] = [...bases, ...bases.map(burstOf), 'size_iops_sec', 'group_name', ...bases.map(lengthOf)];

/** QEMU_BLOCK_IOTUNE_MAX: what libvirt takes at most. */
export const mostLimit = 1_000_000_000_000_000;

const amount = z.int().min(1).max(mostLimit).nullable();
/** Bytes and operations each second, lengths in seconds, `size_iops_sec` in bytes; null = no limit, or QEMU's own second. */
export const diskLimits = z.strictObject({
  total_bytes_sec: amount, total_bytes_sec_max: amount, total_bytes_sec_max_length: amount,
  read_bytes_sec: amount, read_bytes_sec_max: amount, read_bytes_sec_max_length: amount,
  write_bytes_sec: amount, write_bytes_sec_max: amount, write_bytes_sec_max_length: amount,
  total_iops_sec: amount, total_iops_sec_max: amount, total_iops_sec_max_length: amount,
  read_iops_sec: amount, read_iops_sec_max: amount, read_iops_sec_max_length: amount,
  write_iops_sec: amount, write_iops_sec_max: amount, write_iops_sec_max_length: amount,
  size_iops_sec: amount,
  group_name: z.string().min(1).max(256).nullable(),
}).readonly();
export type DiskLimits = z.infer<typeof diskLimits>;

/** Nothing is limited. */
export const noLimits: DiskLimits = {
  total_bytes_sec: null, total_bytes_sec_max: null, total_bytes_sec_max_length: null, read_bytes_sec: null, read_bytes_sec_max: null, read_bytes_sec_max_length: null,
  write_bytes_sec: null, write_bytes_sec_max: null, write_bytes_sec_max_length: null, total_iops_sec: null, total_iops_sec_max: null, total_iops_sec_max_length: null,
  read_iops_sec: null, read_iops_sec_max: null, read_iops_sec_max_length: null, write_iops_sec: null, write_iops_sec_max: null, write_iops_sec_max_length: null,
  size_iops_sec: null, group_name: null,
};

/** 0 is libvirt's spelling of no limit; a length of one second is what QEMU does without being told, and what libvirt leaves where there was a length. */
export function readLimits(disk: XmlElement): DiskLimits {
  const tune = disk.element('iotune');
  return tune === null ? noLimits : readTune(tune);
}

/** The limits that an element holds itself, as that of a throttle group does. */
export function readTune(tune: XmlElement): DiskLimits {
  const numbers = limitNames.map((name): readonly [LimitName, number | null] => {
    const value = wholeNumber(tune.element(name)?.text) ?? 0;
    return [name, value <= 0 || value > mostLimit || (name.endsWith('_length') && value === 1) ? null : value];
  });
  const group = tune.element('group_name')?.text ?? '';
  return { ...noLimits, ...Object.fromEntries(numbers), group_name: group === '' ? null : group };
}

/** Writes what differs from what is there, and leaves no empty element. */
export function writeLimits(disk: XmlElement, limits: DiskLimits): void {
  if ([...limitNames, 'group_name' as const].every((name) => readLimits(disk)[name] === limits[name])) return;
  const tune = childOf(disk, 'iotune');
  writeTune(tune, limits);
  if (tune.children.length === 0) disk.remove(tune);
}

/** Writes what differs from what an element holds itself. */
export function writeTune(tune: XmlElement, limits: DiskLimits): void {
  const has = readTune(tune);
  for (const name of [...limitNames, 'group_name'] as const) {
    const value = limits[name];
    if (has[name] === value) continue;
    const old = tune.element(name);
    if (value !== null) (old ?? tune.add(name, { order })).setText(`${value}`);
    else if (old !== null) tune.remove(old);
  }
}

/** Whether two disks may do the same, whatever group they are in. */
export const isAsLimited = (one: DiskLimits, other: DiskLimits): boolean => limitNames.every((name) => one[name] === other[name]);
