// Several I/O threads for one virtio disk, and which of its queues each serves: <iothreads> of its driver, https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
import { CpuSet } from '../domain/cpu-set.ts';
import { z } from '../domain/schema.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { dropEmpty, numberOf } from './attributes.ts';
import { childOf, diskError, disksOf, diskUnit } from './disks.ts';
import { ioThreadIds } from './io-thread-ids.ts';
import { type Finding, itemField, type Knob } from './knob.ts';

/** libvirt 10.0, with QEMU 9.0. */
const since = 10_000_000;

/** `queues`: their numbers as `0-1,4`; null = QEMU deals them out in turn. */
const served = z.strictObject({ id: z.int().min(1).max(2 ** 31), queues: z.string().min(1).max(4096).nullable() }).readonly();
type Served = z.infer<typeof served>;

/** The children of a disk's `<driver>` in the order in which libvirt prints them. */
const order = ['iothreads', 'statistics', 'metadata_cache'];

const readThreads = (disk: XmlElement): readonly Served[] =>
  disk.elements('driver', 'iothreads', 'iothread').flatMap((thread) => {
    const id = numberOf(thread, 'id');
    const queues = thread.elements('queue').flatMap((queue) => numberOf(queue, 'id') ?? []);
    return id === null || id < 1 ? [] : [{ id, queues: queues.length === 0 ? null : CpuSet.of(queues).toString() }];
  });

/** The numbers of queues; null for what names none. */
const numbersOf = (queues: string): readonly number[] | null => {
  const set = CpuSet.read(queues);
  return set instanceof CpuSet && set.size > 0 ? [...set] : null;
};

function writeThreads(disk: XmlElement, wanted: readonly Served[]): void {
  const driver = childOf(disk, 'driver');
  const old = driver.element('iothreads');
  if (wanted.length === 0) {
    if (old !== null) driver.remove(old);
    dropEmpty(driver);
    return;
  }
  const list = old ?? driver.add('iothreads', { order });
  const had = readThreads(disk);
  if (had.length === wanted.length && had.every(({ id, queues }, at) => id === wanted[at]?.id && queues === wanted[at].queues)) return;
  for (const thread of list.elements('iothread')) list.remove(thread);
  for (const { id, queues } of wanted) {
    const thread = list.add('iothread', {}, { id: `${id}` });
    for (const queue of (queues === null ? null : numbersOf(queues)) ?? []) thread.add('queue', {}, { id: `${queue}` });
  }
}

const isVirtio = (disk: XmlElement): boolean => disk.element('target')?.attribute('bus') === 'virtio';
const virtioDisks = (xml: DomainXml): readonly (readonly [unit: string, disk: XmlElement])[] => [...disksOf(xml)].filter(([, disk]) => isVirtio(disk));

/** None = the one thread that the disk's driver names, or the emulator's own. */
export const diskIoThreads: Knob<readonly Served[]> = {
  label: 'Several I/O threads',
  panel: 'disks',
  card: 'Driver',
  only: ['qemu'],
  control: ({ libvirtVersion }) => ({
    kind: 'list',
    item: 'I/O thread',
    most: 64,
    fresh: { id: 1, queues: null },
    nowFixed: 'Changes at the next start.',
    ...(libvirtVersion !== null && libvirtVersion < since && { fixed: 'A disk has one I/O thread at most: several need libvirt 10.0 on the host.' }),
    fields: {
      id: { kind: 'number', label: 'Thread', least: 1, most: 2 ** 31, measure: 'count', absent: null },
      queues: { kind: 'text', label: 'Its queues', absent: 'dealt out in turn', example: '0-1', hint: 'By their numbers, from 0 on: for all threads of the disk or for none.' },
    },
  }),
  unit: diskUnit,
  value: z.array(served).max(64).readonly(),

  read: (xml) => Object.fromEntries(virtioDisks(xml).map(([unit, disk]) => [unit, readThreads(disk)])),
  write(xml, unit, value) {
    const disk = disksOf(xml).get(unit);
    if (disk !== undefined) writeThreads(disk, value);
  },

  check(value, unit, _truth, { libvirtVersion }, after) {
    const driver = disksOf(after).get(unit)?.element('driver') ?? null;
    if (value.length === 0) return [];
    const single = numberOf(driver, 'iothread');
    return [
      ...(libvirtVersion !== null && libvirtVersion < since ? [diskError('Several I/O threads need libvirt 10.0 on the host.')] : []),
      ...(single === null ? [] : [diskError(`The disk’s driver names I/O thread ${single} already: it is one thread, or several.`)]),
      ...value.flatMap((one, item) => threadFindings(one, item, value, after)),
      ...queueFindings(value, numberOf(driver, 'queues')),
    ];
  },

  step: () => null,
  say: (value) => (value.length === 0 ? 'none' : value.map(({ id, queues }) => (queues === null ? `${id}` : `${id} with queues ${queues}`)).join('; ')),
  name: (unit) => `Several I/O threads of disk ${unit}`,
};

function threadFindings({ id, queues }: Served, item: number, all: readonly Served[], after: DomainXml): readonly Finding[] {
  return [
    ...(ioThreadIds(after).includes(id) ? [] : [diskError(`The guest has no I/O thread ${id}: add it first, or with this.`, itemField(item, 'id'))]),
    ...(all.findIndex((other) => other.id === id) < item ? [diskError(`I/O thread ${id} is there twice.`, itemField(item, 'id'))] : []),
    ...(queues !== null && numbersOf(queues) === null ? [diskError('Queues are numbers and ranges, such as 0-1,4.', itemField(item, 'queues'))] : []),
  ];
}

/** libvirt wants every queue to be served by one thread, or none to be named. */
function queueFindings(value: readonly Served[], count: number | null): readonly Finding[] {
  if (value.every(({ queues }) => queues === null)) return [];
  const bare = value.findIndex(({ queues }) => queues === null);
  if (bare >= 0) return [diskError('Give every thread its queues, or none.', itemField(bare, 'queues'))];
  const named = value.flatMap(({ queues }) => numbersOf(queues ?? '') ?? []);
  if (count === null) return [diskError('Queues can be dealt out once the driver says how many there are.')];
  const twice = named.find((queue, at) => named.indexOf(queue) < at);
  if (twice !== undefined) return [diskError(`Queue ${twice} is served by two threads.`)];
  const outside = named.find((queue) => queue >= count);
  if (outside !== undefined) return [diskError(`The driver has ${count} queues, from 0 to ${count - 1}: there is no queue ${outside}.`)];
  const left = Array.from({ length: count }, (_, queue) => queue).find((queue) => !named.includes(queue));
  return left === undefined ? [] : [diskError(`No thread serves queue ${left}.`)];
}
