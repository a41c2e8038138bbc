// How a disk is served: what does not go together, and what only some disks have.
import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { diskDriver } from './disk-driver.ts';
import { unknownFacts } from './knob.ts';

const facts = unknownFacts('any');
const of = (disk: string): DomainXml => DomainXml.parse(`<domain type='kvm'>\n  <iothreads>2</iothreads>\n  <devices>\n    ${disk}\n  </devices>\n</domain>\n`);
const file = "<disk type='file' device='disk'>\n      <source file='/srv/a.img'/>\n      <target dev='vda' bus='virtio'/>\n      <boot order='1'/>\n    </disk>";
const block = (path: string, bus = 'scsi'): string => `<disk type='block' device='disk'>\n      <driver name='qemu' type='raw'/>\n      <source dev='${path}'/>\n      <target dev='vda' bus='${bus}'/>\n      <readonly/>\n    </disk>`;
type Value = ReturnType<typeof diskDriver.value.parse>;
const written = (disk: string, change: Partial<Value>): { readonly value: Value; readonly after: DomainXml } => {
  const after = of(disk);
  const before = diskDriver.read(after, facts)['vda'];
  if (before === undefined) throw new Error('the definition has no vda');
  const value = { ...before, ...change };
  diskDriver.write(after, 'vda', value);
  return { value, after };
};
const found = (disk: string, change: Partial<Value>): readonly string[] => {
  const { value, after } = written(disk, change);
  return diskDriver.check(value, 'vda', 'saved', facts, after).map(({ level, field, message }) => `${level} ${field}: ${message}`);
};

describe('the driver of a disk', () => {
  it('is written in libvirt’s places, and nothing is left of it when it goes', () => {
    const { after } = written(file, { cache: 'none', iothread: 2, serial: 'a-1', wwn: '5000c50015ea71ad' });
    expect(after.elements('devices', 'disk')[0]?.children.map(({ name }) => name)).toEqual(['driver', 'source', 'target', 'serial', 'wwn', 'boot']);
    expect(diskDriver.say(diskDriver.read(after, facts)['vda'] ?? diskDriver.value.parse(null))).toBe('cache none, iothread 2, serial a-1, wwn 5000c50015ea71ad');
    diskDriver.write(after, 'vda', written(file, {}).value);
    expect(after.text()).toBe(of(file).text());
  });

  it.each([
    [file, { io: 'native' }, ['error io: Native I/O needs cache none or directsync.']],
    [file, { io: 'native', cache: 'directsync' }, []],
    [file, { cache: 'unsafe' }, ['warning cache: The guest’s flushes are ignored: a crash of the host may cost the whole disk.']],
    [file, { detect_zeroes: 'unmap', discard: 'ignore' }, ['warning detect_zeroes: Without discard unmap, zeroes are written and not freed.']],
    [file, { rerror_policy: 'enospace' }, ['error rerror_policy: Reading cannot run out of space: choose stop, report or ignore.']],
    [file, { iothread: 2, queues: 4, queue_size: 256 }, []],
    [file, { iothread: 3 }, ['error iothread: The guest has no I/O thread 3: add it first, or with this.']],
    [file, { queue_size: 100 }, ['error queue_size: A queue size is a power of two from 2 to 1024.']],
    [block('/dev/sdb'), { iothread: 2 }, ['error iothread: Only virtio disks have an I/O thread of their own; those of SCSI disks are their controller’s.']],
    [block('/dev/sdb', 'sata'), { queues: 2, queue_size: 64 }, ['error queues: Only virtio disks have queues of their own.', 'error queue_size: Only virtio disks have a queue size of their own.']],
    [block('/dev/sdb'), { copy_on_read: 'on' }, ['error copy_on_read: A disk that is only read has nowhere to copy to.']],
    [block('/dev/sdb'), { wwn: '5000c50015ea71ad', serial: 'S 1.0+_-' }, []],
    [block('/dev/sdb'), { wwn: '12', serial: 'a#b' }, ['error serial: A serial number has letters, digits, spaces and . _ + - alone.', 'error wwn: A world wide name is 16 hexadecimal digits.']],
    [file, { serial: 'a-serial-number-of-more-than-20' }, ['warning serial: The guest sees the first 20 characters.']],
    [file, { device: 'lun' }, ['error device: Only a block device of the host can be a lun: this disk is a file or comes over the network.']],
    [file, { rawio: 'yes' }, ['error rawio: Raw I/O is for a lun alone.']],
    [block('/dev/sdb'), { device: 'lun', rawio: 'yes' }, []],
    [block('/dev/sdb', 'sata'), { device: 'lun' }, ['error device: A lun is on the bus scsi or virtio.']],
  ])('of %s with %j is told %j', (disk, change, messages) => expect(found(disk, change)).toEqual(messages));

  it.each([
    ['/dev/sdb1', true], ['/dev/nvme0n1p2', true], ['/dev/vg_fast/db', true], ['/dev/mapper/vg-db', true], ['/dev/dm-3', true], ['/dev/disk/by-id/scsi-36-part1', true],
    ['/dev/sdb', false], ['/dev/nvme0n1', false], ['/dev/mapper/mpatha', false], ['/dev/disk/by-id/scsi-36', false],
  ])('of a lun on %s is warned of what no whole device is: %j', (path, warned) => expect(found(block(path), { device: 'lun' }).some((message) => message.startsWith(`warning device: ${path} is a partition or a volume`))).toBe(warned));
});
