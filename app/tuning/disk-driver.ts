// How QEMU serves a disk: caches, threads, what becomes of errors and of space that is not used any more. https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
import { z } from '../domain/schema.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { dropEmpty, numberOf, putAttribute } from './attributes.ts';
import { childOf, deviceOf, diskError, diskUnit, disksOf, diskWarning, readDisks } from './disks.ts';
import { ioThreadIds } from './io-thread-ids.ts';
import type { Finding, Knob, Option } from './knob.ts';

const word = z.string().min(1).max(64).nullable();
const count = (least: number, most: number) => z.int().min(least).max(most).nullable();
/** null = left to QEMU, or not there. */
const driver = z.strictObject({
  cache: word, io: word, discard: word, detect_zeroes: word, error_policy: word, rerror_policy: word, copy_on_read: word,
  iothread: count(1, 2 ** 31), queues: count(1, 65_535), queue_size: count(1, 65_535),
  serial: z.string().min(1).max(256).nullable(), wwn: z.string().min(1).max(64).nullable(), device: z.string().min(1).max(16), rawio: word,
}).readonly();
type Driver = z.infer<typeof driver>;

const words = ['cache', 'io', 'discard', 'detect_zeroes', 'error_policy', 'rerror_policy', 'copy_on_read'] as const;
const numbers = ['iothread', 'queues', 'queue_size'] as const;
/** What stands in an element of its own. */
const texts = ['serial', 'wwn'] as const;

function readDriver(disk: XmlElement): Driver {
  const element = disk.element('driver');
  const [text, number] = [(name: string) => element?.attribute(name) || null, (name: string) => numberOf(element, name) || null];
  const inside = (name: string): string | null => disk.element(name)?.text || null;
  return {
    cache: text('cache'), io: text('io'), discard: text('discard'), detect_zeroes: text('detect_zeroes'), error_policy: text('error_policy'), rerror_policy: text('rerror_policy'), copy_on_read: text('copy_on_read'),
    iothread: number('iothread'), queues: number('queues'), queue_size: number('queue_size'), serial: inside('serial'), wwn: inside('wwn'), device: deviceOf(disk), rawio: disk.attribute('rawio'),
  };
}

function writeDriver(disk: XmlElement, value: Driver): void {
  const has = readDriver(disk);
  const changed = [...words, ...numbers].filter((name) => has[name] !== value[name]);
  if (changed.length > 0) {
    const element = childOf(disk, 'driver');
    for (const name of changed) putAttribute(element, name, value[name]);
    dropEmpty(element);
  }
  for (const name of texts) {
    const wanted = value[name];
    if (has[name] === wanted) continue;
    const old = disk.element(name);
    if (wanted !== null) (old ?? childOf(disk, name)).setText(wanted);
    else if (old !== null) disk.remove(old);
  }
  if (has.device !== value.device) disk.setAttribute('device', value.device);
  if (has.rawio !== value.rawio) putAttribute(disk, 'rawio', value.rawio);
}

const caches: readonly Option[] = [
  { value: 'none', label: 'none', hint: 'Past the host’s page cache; the guest’s flushes are honoured. Can be migrated.' },
  { value: 'writethrough', label: 'writethrough', hint: 'Every write waits for the disk: safe and slow. libvirt calls migration with it unsafe.' },
  { value: 'writeback', label: 'writeback', hint: 'Writes stay in the host’s memory until the guest flushes. libvirt calls migration with it unsafe.' },
  { value: 'directsync', label: 'directsync', hint: 'Past the host’s page cache, and every write waits for the disk. Can be migrated.' },
  { value: 'unsafe', label: 'unsafe', hint: 'The guest’s flushes are ignored: when the host crashes, the disk may be lost. Only for what can be made again.' },
];
const policies: readonly Option[] = [
  { value: 'stop', label: 'stop', hint: 'The guest is paused until somebody resumes it.' },
  { value: 'report', label: 'report', hint: 'The guest is told, and may make its file system read-only.' },
  { value: 'ignore', label: 'ignore', hint: 'The guest takes what failed for done: its data may be wrong.' },
];
const choice = (label: string, options: readonly Option[], absent: string | null, hint?: string) => ({ kind: 'choice' as const, label, options, absent, ...(hint !== undefined && { hint }) });
const plain = (...values: readonly string[]): readonly Option[] => values.map((value) => ({ value, label: value }));

export const diskDriver: Knob<Driver> = {
  label: 'Driver',
  panel: 'disks',
  card: 'Driver',
  only: ['qemu'],
  control: () => ({
    kind: 'fields',
    nowFixed: 'Changes at the next start.',
    hint: 'How QEMU serves the disk from its next start on.',
    fields: {
      cache: choice('Cache', caches, 'QEMU: writeback'),
      io: choice('I/O', [
        { value: 'native', label: 'native', hint: 'The kernel’s asynchronous I/O; needs cache none or directsync.' },
        { value: 'threads', label: 'threads', hint: 'Worker threads of QEMU.' },
        { value: 'io_uring', label: 'io_uring', hint: 'The kernel’s newer interface; needs Linux 5.1 and QEMU 5.' },
      ], 'QEMU: threads'),
      discard: choice('Discard', [{ value: 'unmap', label: 'unmap', hint: 'Space that the guest frees is given back to the host.' }, { value: 'ignore', label: 'ignore' }], 'QEMU: ignore'),
      detect_zeroes: choice('Detect zeroes', [{ value: 'on', label: 'on', hint: 'Zeroes are written as such, for some CPU time.' }, { value: 'unmap', label: 'unmap', hint: 'Zeroes are freed; needs discard unmap.' }, { value: 'off', label: 'off' }], 'QEMU: off'),
      error_policy: choice('Write errors', [...policies, { value: 'enospace', label: 'enospace', hint: 'The guest is paused when the host has no space left, and told of other errors.' }], 'QEMU: enospace'),
      rerror_policy: choice('Read errors', policies, 'QEMU: report'),
      copy_on_read: choice('Copy on read', plain('on', 'off'), 'usual: off', 'What is read from a backing image is kept in the disk’s own.'),
      iothread: { kind: 'number', label: 'I/O thread', least: 1, most: 2 ** 31, measure: 'count', absent: 'the emulator’s own', hint: 'The number of the thread of this guest that serves the disk.' },
      queues: { kind: 'number', label: 'Queues', least: 1, most: 65_535, measure: 'count', absent: 'QEMU’s own', hint: 'virtio: one for each vCPU at best.' },
      queue_size: { kind: 'number', label: 'Queue size', least: 2, most: 1024, measure: 'count', absent: 'QEMU’s own', hint: 'virtio: how many requests wait in a queue; a power of two.' },
      serial: { kind: 'text', label: 'Serial number', absent: 'none', example: 'backup-1' },
      wwn: { kind: 'text', label: 'World wide name', absent: 'none', example: '5000c50015ea71ad' },
      device: choice('Device', [{ value: 'disk', label: 'disk', hint: 'QEMU answers the guest’s commands.' }, { value: 'lun', label: 'lun', hint: 'SCSI commands go to the host’s device itself; only for whole block devices.' }], null),
      rawio: choice('Raw I/O', plain('yes', 'no'), 'usual: no', 'QEMU gets the right to send any SCSI command (CAP_SYS_RAWIO); only for lun.'),
    },
  }),
  unit: diskUnit,
  value: driver,

  read: (xml) => readDisks(xml, readDriver),
  write(xml, unit, value) {
    const disk = disksOf(xml).get(unit);
    if (disk !== undefined) writeDriver(disk, value);
  },

  check(value, unit, _truth, _facts, after) {
    const disk = disksOf(after).get(unit);
    return disk === undefined ? [] : [...cacheFindings(value), ...virtioFindings(value, disk, after), ...lunFindings(value, disk), ...nameFindings(value, disk)];
  },

  step: () => null,
  say(value) {
    const said = [...words, ...numbers, ...texts, 'rawio'] as const;
    return [...(value.device === 'disk' ? [] : [value.device]), ...said.flatMap((name) => (value[name] === null ? [] : [`${name} ${value[name]}`]))].join(', ') || 'QEMU’s defaults';
  },
  name: (unit) => `Driver of disk ${unit}`,
};

const busOf = (disk: XmlElement): string => disk.element('target')?.attribute('bus') ?? '';

function cacheFindings({ cache, io, discard, detect_zeroes: zeroes, rerror_policy: readErrors }: Driver): readonly Finding[] {
  return [
    ...(cache === 'unsafe' ? [diskWarning('The guest’s flushes are ignored: a crash of the host may cost the whole disk.', 'cache')] : []),
    ...(io === 'native' && cache !== 'none' && cache !== 'directsync' ? [diskError('Native I/O needs cache none or directsync.', 'io')] : []),
    ...(zeroes === 'unmap' && discard !== 'unmap' ? [diskWarning('Without discard unmap, zeroes are written and not freed.', 'detect_zeroes')] : []),
    ...(readErrors === 'enospace' ? [diskError('Reading cannot run out of space: choose stop, report or ignore.', 'rerror_policy')] : []),
  ];
}

function virtioFindings({ iothread, queues, queue_size: size, copy_on_read: copies }: Driver, disk: XmlElement, after: DomainXml): readonly Finding[] {
  const isVirtio = busOf(disk) === 'virtio';
  const only = (what: string, field: string): Finding => diskError(`Only virtio disks have ${what}${busOf(disk) === 'scsi' ? '; those of SCSI disks are their controller’s' : ''}.`, field);
  return [
    ...(iothread !== null && !isVirtio ? [only('an I/O thread of their own', 'iothread')]
      : iothread !== null && !ioThreadIds(after).includes(iothread) ? [diskError(`The guest has no I/O thread ${iothread}: add it first, or with this.`, 'iothread')] : []),
    ...(queues !== null && !isVirtio ? [only('queues of their own', 'queues')] : []),
    ...(size !== null && !isVirtio ? [only('a queue size of their own', 'queue_size')] : size !== null && (size < 2 || size > 1024 || !Number.isInteger(Math.log2(size))) ? [diskError('A queue size is a power of two from 2 to 1024.', 'queue_size')] : []),
    ...(copies === 'on' && disk.element('readonly') !== null ? [diskError('A disk that is only read has nowhere to copy to.', 'copy_on_read')] : []),
  ];
}

/** A partition, or a volume that some layer of the host makes: SCSI commands do not pass through it. */
const isNoWholeDevice = (path: string): boolean => /^\/dev\/(?:(?:s|v|xv|h)d[a-z]+\d+|nvme\d+n\d+p\d+|mapper\/(?!mpath)|dm-\d|md\d)|^\/dev\/(?!disk\/|block\/|mapper\/)[^/]+\/[^/]+$|-part\d+$/.test(path);

function lunFindings({ device, rawio }: Driver, disk: XmlElement): readonly Finding[] {
  const had = deviceOf(disk);
  const isBlock = disk.attribute('type') === 'block' || disk.element('source')?.attribute('protocol') === 'iscsi';
  const path = disk.element('source')?.attribute('dev') ?? '';
  return [
    ...(device !== had && !['disk', 'lun'].includes(device) ? [diskError('A disk is a disk or a lun.', 'device')] : []),
    ...(device === 'lun' && !isBlock ? [diskError('Only a block device of the host can be a lun: this disk is a file or comes over the network.', 'device')] : []),
    ...(device === 'lun' && !['scsi', 'virtio'].includes(busOf(disk)) ? [diskError('A lun is on the bus scsi or virtio.', 'device')] : []),
    ...(device === 'lun' && isNoWholeDevice(path) ? [diskWarning(`${path} is a partition or a volume: SCSI commands reach whole devices alone, and most of them will fail.`, 'device')] : []),
    ...(rawio !== null && device !== 'lun' ? [diskError('Raw I/O is for a lun alone.', 'rawio')] : []),
  ];
}

function nameFindings({ serial, wwn }: Driver, disk: XmlElement): readonly Finding[] {
  const most = busOf(disk) === 'virtio' ? 20 : 36;
  return [
    ...(serial !== null && !/^[A-Za-z0-9_. +-]+$/.test(serial) ? [diskError('A serial number has letters, digits, spaces and . _ + - alone.', 'serial')] : []),
    ...(serial !== null && serial.length > most ? [diskWarning(`The guest sees the first ${most} characters.`, 'serial')] : []),
    ...(wwn !== null && !/^[0-9a-fA-F]{16}$/.test(wwn) ? [diskError('A world wide name is 16 hexadecimal digits.', 'wwn')] : []),
    ...(wwn !== null && !['ide', 'scsi'].includes(busOf(disk)) ? [diskError('Only disks on the buses ide and scsi have a world wide name.', 'wwn')] : []),
  ];
}
