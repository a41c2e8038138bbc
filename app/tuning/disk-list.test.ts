// The disks of a guest as a list: what is plugged, what is taken away, what is put into a drive, and what only a start changes.
import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { diskList } from './disk-list.ts';
import { unknownFacts } from './knob.ts';

const facts = unknownFacts('any');
const vda = "<disk type='file' device='disk'>\n      <driver name='qemu' type='qcow2' cache='none'/>\n      <source file='/srv/a.qcow2'/>\n      <target dev='vda' bus='virtio'/>\n      <alias name='virtio-disk0'/>\n    </disk>";
const cd = "<disk type='file' device='cdrom'>\n      <driver name='qemu' type='raw'/>\n      <source file='/srv/a.iso'/>\n      <backingStore/>\n      <target dev='sda' bus='sata'/>\n      <readonly/>\n    </disk>";
const ceph = "<disk type='network' device='disk'>\n      <source protocol='rbd' name='pool/image'/>\n      <target dev='vdc' bus='virtio'/>\n    </disk>";
const of = (...disks: readonly string[]): DomainXml => DomainXml.parse(`<domain type='kvm' id='3'>\n  <devices>\n    ${disks.join('\n    ')}\n  </devices>\n</domain>\n`);
const read = (xml: DomainXml) => diskList.read(xml, facts)[''] ?? [];
const fresh = { target: 'vdb', device: 'disk', source: '/srv/b.raw', format: 'raw', bus: 'virtio', readonly: false };
const steps = (xml: DomainXml, value: ReturnType<typeof read>) => [diskList.step('', value, 'live', facts, xml)].flat();
const found = (value: ReturnType<typeof read>, xml = of()): readonly string[] => {
  diskList.write(xml, '', value);
  return diskList.check(value, '', 'saved', facts, xml).map(({ level, field, message }) => `${level} ${field}: ${message}`);
};

describe('the disks of a guest', () => {
  it('are read with where their contents are, a medium without a format', () => {
    expect(read(of(vda, cd, ceph))).toEqual([
      { target: 'vda', device: 'disk', source: '/srv/a.qcow2', format: 'qcow2', bus: 'virtio', readonly: false },
      { target: 'sda', device: 'cdrom', source: '/srv/a.iso', format: null, bus: 'sata', readonly: true },
      { target: 'vdc', device: 'disk', source: 'rbd:pool/image', format: null, bus: 'virtio', readonly: false },
    ]);
  });

  it('are the same in any order', () => {
    const [one, two] = [read(of(vda, cd)), read(of(cd, vda))];
    expect([diskList.alike?.(one, two), diskList.alike?.(one, read(of(vda)))]).toEqual([true, false]);
  });

  it('are plugged and taken away as they stand in the definition', () => {
    const [taken, plugged] = steps(of(vda, cd), [...read(of(cd)), fresh]);
    expect(taken).toMatchObject({ kind: 'detachDevice', device: 'disk vda', xml: expect.stringContaining("<alias name='virtio-disk0'/>") });
    expect(plugged).toEqual({
      kind: 'attachDevice', device: 'vdb: /srv/b.raw', scope: 'live',
      xml: "<disk type='file' device='disk'>\n      <driver name='qemu' type='raw'/>\n      <source file='/srv/b.raw'/>\n      <target dev='vdb' bus='virtio'/>\n    </disk>",
    });
  });

  it('on a device of the host are of another type', () => {
    const xml = of(vda);
    diskList.write(xml, '', [{ ...fresh, target: 'vda', source: '/dev/vg/a' }]);
    expect(xml.elements('devices', 'disk').map((disk) => disk.toString())).toEqual(["<disk type='block' device='disk'>\n      <driver name='qemu' type='raw' cache='none'/>\n      <source dev='/dev/vg/a'/>\n      <target dev='vda' bus='virtio'/>\n      <alias name='virtio-disk0'/>\n    </disk>"]);
  });

  it('change their medium while the guest runs, and nothing else of what is plugged in', () => {
    const [drive] = read(of(cd));
    if (drive === undefined) throw new Error('there is no drive');
    expect(steps(of(vda, cd), [...read(of(vda)), { ...drive, source: null }])).toEqual([{
      kind: 'updateDevice', device: 'cdrom sda, empty', scope: 'live',
      xml: "<disk type='file' device='cdrom'>\n      <driver name='qemu' type='raw'/>\n      <target dev='sda' bus='sata'/>\n      <readonly/>\n    </disk>",
    }]);
    expect(steps(of(vda), [{ ...fresh, target: 'vda' }])).toEqual([null]);
    expect(steps(of(vda, cd), [...read(of(vda)), { ...drive, bus: 'scsi' }])).toEqual([null]);
  });

  it.each([
    [[fresh], []],
    [[{ ...fresh, target: 'disk1' }], ['error 0.target: A target is vda, sda, hda or fda, with another last letter for each disk.']],
    [[fresh, fresh], ['error 1.target: Another disk has the target vdb.']],
    [[{ ...fresh, source: null }], ['error 0.source: A disk needs an image or a device of the host.']],
    [[{ ...fresh, source: 'b.raw' }], ['error 0.source: Write the whole path on the host, from / on.']],
    [[{ ...fresh, source: '/dev/sdb', format: 'qcow2' }], ['warning 0.format: Block devices are raw, unless an image was written onto them.']],
    [[{ ...fresh, target: 'sda', device: 'cdrom', source: null, format: null, bus: 'sata' }], []],
    [[{ ...fresh, device: 'cdrom' }], ['error 0.format: The format of a medium is not chosen.', 'error 0.bus: There are no CD drives on virtio: choose sata, scsi or ide.']],
    [[{ ...fresh, target: 'fda', device: 'floppy', format: null, bus: 'ide' }], ['error 0.bus: A floppy drive is on the bus fdc.']],
  ])('of %j are told %j', (value, messages) => expect(found(value)).toEqual(messages));

  it('that come over the network are left as they are', () => {
    const xml = of(vda, ceph);
    const before = xml.text();
    expect(found(read(xml), xml)).toEqual([]);
    expect(xml.text()).toBe(before);
  });
});
