// Several I/O threads of one disk: read and written as libvirt does, and libvirt's rules for their queues.
import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { diskIoThreads } from './disk-io-threads.ts';
import { unknownFacts } from './knob.ts';

const facts = { ...unknownFacts('any'), libvirtVersion: 10_000_000 };
const of = (driver: string, bus = 'virtio'): DomainXml => DomainXml.parse(`<domain type='kvm'>\n  <iothreads>3</iothreads>\n  <devices>\n    <disk type='file' device='disk'>\n      ${driver}\n      <target dev='vda' bus='${bus}'/>\n    </disk>\n  </devices>\n</domain>\n`);
const mapped = "<driver name='qemu' queues='4'>\n        <iothreads>\n          <iothread id='1'>\n            <queue id='0'/>\n            <queue id='1'/>\n          </iothread>\n          <iothread id='2'>\n            <queue id='2'/>\n            <queue id='3'/>\n          </iothread>\n        </iothreads>\n      </driver>";
const two = [{ id: 1, queues: '0-1' }, { id: 2, queues: '2-3' }];
const found = (value: typeof two | readonly { readonly id: number; readonly queues: string | null }[], driver = "<driver name='qemu' queues='4'/>", host = facts) => {
  const xml = of(driver);
  diskIoThreads.write(xml, 'vda', value);
  return diskIoThreads.check(value, 'vda', 'saved', host, xml).map(({ field, message }) => `${field ?? ''}: ${message}`);
};

describe('several I/O threads of a disk', () => {
  it('are read with their queues, of virtio disks alone', () => {
    expect(diskIoThreads.read(of(mapped), facts)).toEqual({ vda: two });
    expect(diskIoThreads.read(of("<driver name='qemu' iothread='1'/>"), facts)).toEqual({ vda: [] });
    expect(diskIoThreads.read(of(mapped, 'sata'), facts)).toEqual({});
  });

  it('are written as libvirt prints them, and leave the driver as it was when they go', () => {
    const xml = of("<driver name='qemu' queues='4'/>");
    diskIoThreads.write(xml, 'vda', two);
    expect(xml.text()).toBe(of(mapped).text());
    diskIoThreads.write(xml, 'vda', []);
    expect(xml.text()).toBe(of("<driver name='qemu' queues='4'/>").text());
  });

  it.each([
    [two, []],
    [[{ id: 1, queues: null }, { id: 3, queues: null }], []],
    [[{ id: 1, queues: null }, { id: 1, queues: null }], ['1.id: I/O thread 1 is there twice.']],
    [[{ id: 4, queues: null }], ['0.id: The guest has no I/O thread 4: add it first, or with this.']],
    [[{ id: 1, queues: '0-3' }, { id: 2, queues: null }], ['1.queues: Give every thread its queues, or none.']],
    [[{ id: 1, queues: '0-2' }, { id: 2, queues: '2-3' }], [': Queue 2 is served by two threads.']],
    [[{ id: 1, queues: '0-1' }, { id: 2, queues: '2' }], [': No thread serves queue 3.']],
    [[{ id: 1, queues: '0-1' }, { id: 2, queues: '2-4' }], [': The driver has 4 queues, from 0 to 3: there is no queue 4.']],
    [[{ id: 1, queues: 'all' }], ['0.queues: Queues are numbers and ranges, such as 0-1,4.', ': No thread serves queue 0.']],
  ])('%j: %j', (value, messages) => expect(found(value)).toEqual(messages));

  it('need the number of queues before these are dealt out, and no single thread beside them', () => {
    expect(found(two, "<driver name='qemu' iothread='3'/>")).toEqual([': The disk’s driver names I/O thread 3 already: it is one thread, or several.', ': Queues can be dealt out once the driver says how many there are.']);
  });

  it('are only shown where the host’s libvirt is older, with the reason', () => {
    const older = { ...facts, libvirtVersion: 9_010_000 };
    expect(diskIoThreads.control(older).fixed).toBe('A disk has one I/O thread at most: several need libvirt 10.0 on the host.');
    expect(diskIoThreads.control(facts).fixed).toBeUndefined();
    expect(found([{ id: 1, queues: null }], undefined, older)).toEqual([': Several I/O threads need libvirt 10.0 on the host.']);
  });
});
