// Where each series has its place on the disk: parts of a few columns, a file each.
import { guestSeries } from '../../app/contract/live.ts';

/** Values in a record. */
export const columns = 6;
/** A record of which nothing is known. */
export const unknown: readonly number[] = Array.from<number>({ length: columns }).fill(Number.NaN);

/** The part that every guest has; its files are older than the others. */
export const whole = '';

/** Part, or kind of a device → its columns. This is what the files on disks say: names may be added at an end, up to six, and never moved. */
const parts = new Map<string, readonly string[]>([[whole, guestSeries], ['more', ['memory.actual', 'memory.caches', 'wait', 'steal']]]);
const ofDevices = new Map<string, readonly string[]>([
  ['disk', ['readBytes', 'writeBytes', 'readRequests', 'writeRequests', 'readLatency', 'writeLatency']],
  ['nic', ['receiveBytes', 'transmitBytes']],
]);

interface Place {
  readonly part: string;
  readonly column: number;
}

/** The places of the series that have a name of their own. */
const places: ReadonlyMap<string, Place> = new Map([...parts].flatMap(([part, names]) => names.map((name, column) => [name, { part, column }] as const)));
const numbered = /^(vcpu|cpu|node)\.(\d{1,6})$/;
const ofDevice = /^(disk|nic)\.(.+)\.([^.]+)$/;
/** Bytes that the name of a part has at most: those of files are twice as long, and have room for no more. */
const longest = 100;

/** The part and the column that a series has; null for one that is not kept on the disk. */
export const placeOf = (series: string): Place | null => {
  const place = places.get(series);
  if (place !== undefined) return place;
  const [, kind, number] = numbered.exec(series) ?? [];
  if (kind !== undefined) return { part: `${kind}.${Math.floor(Number(number) / columns)}`, column: Number(number) % columns };
  const [, device = '', name = '', field = ''] = ofDevice.exec(series) ?? [];
  const column = ofDevices.get(device)?.indexOf(field) ?? -1;
  const part = `${device}.${name}`;
  return column < 0 || Buffer.byteLength(part) > longest ? null : { part, column };
};

/** The series of a part by column; none of a part that another version wrote. */
export const seriesIn = (part: string): readonly string[] => {
  const [, kind, group] = numbered.exec(part) ?? [];
  if (kind !== undefined) return Array.from({ length: columns }, (_, column) => `${kind}.${Number(group) * columns + column}`);
  return parts.get(part) ?? ofDevices.get(part.split('.', 1)[0] ?? '')?.map((field) => `${part}.${field}`) ?? [];
};

const nicIn = (series: string): { readonly device: string; readonly field: string } | null => {
  const [, kind, device, field] = ofDevice.exec(series) ?? [];
  return kind !== 'nic' || device === undefined || field === undefined ? null : { device, field };
};

/**
 * Under which name each series is kept for longer than its guest runs; null for one that ended. The host names NICs anew with every start
 * (`vnet7`), so they are numbered from 1 in the order in which it tells of them.
 * @param kept when each series had its newest value.
 */
export const lastingNames = (kept: ReadonlyMap<string, { readonly last: number }>): ((series: string) => string | null) => {
  const nics = new Map<string, number>();
  for (const [series, { last }] of kept) {
    const device = nicIn(series)?.device;
    if (device !== undefined) nics.set(device, Math.max(last, nics.get(device) ?? last));
  }
  const newest = Math.max(...nics.values());
  const there = [...nics].flatMap(([device, last]) => (last === newest ? [device] : []));
  return (series) => {
    const nic = nicIn(series);
    if (nic === null) return series;
    const place = there.indexOf(nic.device);
    return place < 0 ? null : `nic.${place + 1}.${nic.field}`;
  };
};
