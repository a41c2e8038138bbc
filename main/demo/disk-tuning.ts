// Limits of a disk's bytes and operations (virDomainSetBlockIoTune).
import { blockResizeFlag } from '../libvirt/constants.ts';
import { param, type TypedParam } from '../libvirt/objects.ts';
import type { Definition } from './definition.ts';
import type { Events } from './events.ts';
import { badArgument, checkFlags, Fault, invalidArgument } from './fault.ts';
import type { Guest } from './guest.ts';
import { impactOf, readImpact } from './impact.ts';
import type { Inventory } from './inventory.ts';
import { type Allowed, answerParameters, checkParameters, stringOkay, whole } from './parameters.ts';
import type { Handlers } from './serve.ts';
import type { Element } from './xml.ts';

const ways = ['total', 'read', 'write'] as const;
/** Limits that one call sets together: who names one of a group sets the others of it to none. */
const groups = ['bytes_sec', 'iops_sec', 'bytes_sec_max', 'iops_sec_max', 'bytes_sec_max_length', 'iops_sec_max_length'] as const;
const numbersOf = (group: string): readonly string[] => ways.map((way) => `${way}_${group}`);
/** Every field in the order in which libvirt answers them. */
const fields = [...groups.slice(0, 4).flatMap(numbersOf), 'size_iops_sec', 'group_name', ...groups.slice(4).flatMap(numbersOf)];
const allowed: Allowed = Object.fromEntries(fields.map((name) => [name, name === 'group_name' ? 'string' : 'ullong']));
/** QEMU_BLOCK_IOTUNE_MAX. */
const most = 1_000_000_000_000_000n;

const unsupported = (message: string): Fault => new Fault('configUnsupported', 'qemu', `unsupported configuration: ${message}`);

const diskOf = (definition: Definition, name: string): Element | undefined =>
  definition.root.at('devices')?.all('disk').find((disk) => disk.at('target')?.get('dev') === name || [...(disk.at('source')?.attributes.values() ?? [])].includes(name));

const numberIn = (disk: Element, field: string): bigint => BigInt(disk.at('iotune', field)?.text ?? '0');

/** The limits that a disk would have, by field. */
const merged = (disk: Element, values: ReadonlyMap<string, number | bigint | string>): ReadonlyMap<string, bigint | string> => {
  const touched = groups.filter((group) => numbersOf(group).some((field) => values.has(field)));
  const isReset = (field: string): boolean => touched.some((group) => numbersOf(group).includes(field));
  const next = (field: string): bigint => whole(values, field) ?? (isReset(field) ? 0n : numberIn(disk, field));
  return new Map(fields.map((field): [string, bigint | string] => {
    if (field === 'group_name') return [field, String(values.get(field) ?? disk.at('iotune', field)?.text ?? '')];
    // A length that was set once goes back to libvirt's default, one second, and not to none, as long as there is a limit.
    const burst = field.replace(/_length$/, '');
    const isUnset = burst !== field && isReset(field) && next(field) === 0n && numberIn(disk, field) !== 0n && (next(burst) !== 0n || next(burst.replace(/_max$/, '')) !== 0n);
    return [field, isUnset ? 1n : next(field)];
  }));
};

/** A disk without any limit leaves its group; a group cannot be without one. */
const settled = (limits: ReadonlyMap<string, bigint | string>, values: ReadonlyMap<string, number | bigint | string>): ReadonlyMap<string, bigint | string> => {
  if ([...limits].some(([field, value]) => field !== 'group_name' && value !== 0n)) return limits;
  if (values.has('group_name')) throw unsupported('creating a new group/updating existing with all tune parameters zero is not supported');
  return new Map([...limits, ['group_name', '']]);
};

/** What QEMU makes of it: it wants bursts above their limits, has lengths only of bursts, and gives these a second at least. */
const asRunning = (limits: ReadonlyMap<string, bigint | string>, values: ReadonlyMap<string, number | bigint | string>): ReadonlyMap<string, bigint | string> => {
  const refuse = (message: string): never => {
    throw unsupported(message);
  };
  const running = new Map(limits);
  for (const base of ['bytes_sec', 'iops_sec'].flatMap(numbersOf)) {
    const of = (field: string): bigint => BigInt(limits.get(field) ?? 0n);
    const burst = of(`${base}_max`);
    if (burst !== 0n && of(base) === 0n) refuse(`cannot reset '${base}' when '${base}_max' is set`);
    if (burst !== 0n && burst < of(base)) refuse(`value '${base}_max' cannot be smaller than '${base}'`);
    if (burst === 0n && (whole(values, `${base}_max_length`) ?? 0n) !== 0n) {
      throw new Fault('internalError', 'qemu', "internal error: unable to execute QEMU command 'block_set_io_throttle': burst length set without burst rate");
    }
    const length = of(`${base}_max_length`);
    running.set(`${base}_max_length`, burst === 0n ? 0n : length === 0n ? 1n : length);
  }
  if (limits.get('size_iops_sec') !== 0n && numbersOf('iops_sec').every((field) => limits.get(field) === 0n)) {
    throw new Fault('internalError', 'qemu', "internal error: unable to execute QEMU command 'block_set_io_throttle': iops size requires an iops value to be set");
  }
  return running;
};

/** A running disk with limits is in a throttle group: its own when none was named. */
const groupOf = (disk: Element, isLive: boolean): string => {
  const named = disk.at('iotune', 'group_name')?.text;
  if (named !== undefined || !isLive || disk.at('iotune') === undefined) return named ?? '';
  return `/machine/peripheral/${disk.at('alias')?.get('name') ?? ''}/virtio-backend`;
};

/** This disk and all others of the group it is in then: QEMU keeps one set of limits for them. */
const writeGroup = (root: Element, disk: Element, limits: ReadonlyMap<string, bigint | string>): void => {
  const group = limits.get('group_name');
  const others = group === '' ? [] : (root.at('devices')?.all('disk') ?? []).filter((other) => other.at('iotune', 'group_name')?.text === group);
  for (const each of new Set([disk, ...others])) write(each, limits);
};

const write = (disk: Element, limits: ReadonlyMap<string, bigint | string>): void => {
  const tune = disk.ensure('iotune');
  for (const [field, value] of limits) {
    if (value === 0n || value === '') tune.remove(tune.at(field));
    else tune.ensure(field).text = String(value);
  }
  disk.prune('iotune');
};

const set = (events: Events, guest: Guest, name: string, params: readonly TypedParam[], flags: number): void => {
  const values = checkParameters(params, allowed);
  const { live, saved } = impactOf(guest, flags);
  for (const group of groups.slice(0, 4)) {
    const [total, ...others] = numbersOf(group).map((field) => whole(values, field) ?? 0n);
    if (total !== 0n && others.some((value) => value !== 0n)) throw invalidArgument(`total and read/write of ${group} cannot be set at the same time`);
  }
  for (const field of values.keys()) {
    if (field !== 'group_name' && (whole(values, field) ?? 0n) > most) throw new Fault('argumentUnsupported', 'qemu', `argument unsupported: block I/O throttle limit value must be no more than ${most}`);
  }
  const liveDisk = live === null ? null : diskOf(live, name);
  const savedDisk = saved === null ? null : diskOf(saved, name);
  if (liveDisk === undefined) throw invalidArgument(`disk '${name}' was not found in the domain config`);
  if (savedDisk === undefined) throw invalidArgument(`missing persistent configuration for disk '${name}'`);
  const running = liveDisk === null ? null : asRunning(settled(merged(liveDisk, values), values), values);
  const later = savedDisk === null ? null : settled(merged(savedDisk, values), values);
  if (liveDisk !== null && running !== null) live?.edit((root) => writeGroup(root, liveDisk, running));
  if (savedDisk !== null && later !== null) saved?.edit((root) => writeGroup(root, savedDisk, later));
  if (liveDisk !== null) events.tunable(guest.object, [param.string('blkdeviotune.disk', name), ...params.map((entry) => ({ ...entry, field: `blkdeviotune.${entry.field}` }))]);
};

export const diskTuningHandlers = (inventory: Inventory, events: Events): Handlers => ({
  domainBlockResize: ({ dom, disk, size, flags }) => {
    checkFlags(flags, blockResizeFlag.bytes);
    const guest = inventory.find(dom);
    guest.mustRun();
    const found = guest.live === null ? undefined : diskOf(guest.live, disk);
    const target = found?.at('target')?.get('dev');
    if (target === undefined) throw invalidArgument(`disk '${disk}' was not found in the domain config`);
    if (found?.at('source') === undefined) throw new Fault('operationFailed', 'qemu', `operation failed: disk '${disk}' has no media`);
    guest.capacities.set(target, (flags & blockResizeFlag.bytes) === 0 ? size * 1024n : size);
  },
  domainSetBlockIoTune: ({ dom, disk, params, flags }) => set(events, inventory.find(dom), disk, params, flags),
  domainGetBlockIoTune: ({ dom, disk, nparams, flags }) => {
    const { definition, isLive } = readImpact(inventory.find(dom), flags, stringOkay);
    if (disk === null && nparams !== 0) throw badArgument('disk in virDomainGetBlockIoTune must not be NULL');
    const found = disk === null ? undefined : diskOf(definition, disk);
    if (disk !== null && found === undefined) throw invalidArgument(`disk '${disk}' was not found in the domain config`);
    const params = fields.map((field) => (field === 'group_name' ? param.string(field, found === undefined ? '' : groupOf(found, isLive)) : param.ullong(field, found === undefined ? 0n : numberIn(found, field))));
    return answerParameters(params, nparams, flags);
  },
});
