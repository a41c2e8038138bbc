import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { unknownFacts } from './knob.ts';
import { knobs } from './knobs.ts';
import type { MemoryDevice } from './memory-device.ts';

const facts = unknownFacts('any');
const gib = 1_048_576;
const dimm: MemoryDevice = { model: 'dimm', size: gib, node: 0, requested: null, block: null, pagesize: null, nodemask: null, access: null, discard: null };
const virtio: MemoryDevice = { ...dimm, model: 'virtio-mem', requested: gib / 2, block: 2048 };
const foreign = "<memory model='nvdimm'><source><path>/x</path></source><target><size unit='KiB'>524288</size></target></memory>";
const guest = (devices = '', most = "<maxMemory slots='2' unit='KiB'>8388608</maxMemory>"): DomainXml => DomainXml.parse(
  `<domain type='kvm'>${most}<memory unit='KiB'>2097152</memory><currentMemory unit='KiB'>2097152</currentMemory><cpu><numa><cell id='0' memory='1048576'/><cell id='1' memory='1048576'/></numa></cpu><devices>${devices}</devices></domain>`,
);
const withDevices = (xml: DomainXml, ...devices: readonly MemoryDevice[]): DomainXml => {
  knobs.memoryDevices.write(xml, '', devices);
  return xml;
};
const says = (devices: readonly MemoryDevice[], xml = guest()): readonly string[] => knobs.memoryDevices.check(devices, '', 'saved', facts, withDevices(xml, ...devices)).map(({ message }) => message);
const kinds = (steps: ReturnType<typeof knobs.memoryDevices.step>): readonly string[] => (steps === null ? [] : 'kind' in steps ? [steps.kind] : steps.map(({ kind }) => kind));

describe('plugged memory', () => {
  it('is written as libvirt writes it, counted, and leaves other models alone', () => {
    const xml = withDevices(guest(foreign), dimm, virtio);
    expect(xml.elements('devices', 'memory').map((element) => element.attribute('model'))).toEqual(['nvdimm', 'dimm', 'virtio-mem']);
    expect([xml.textOf('memory'), xml.textOf('currentMemory')]).toEqual(['4194304', '4194304']);
    expect(knobs.memoryDevices.read(xml, facts)).toEqual({ '': [dimm, virtio] });
    expect(withDevices(xml).text()).toBe(guest(foreign).text());
  });

  it('leaves the balloon of a running guest where it is', () => {
    const xml = withDevices(DomainXml.parse(guest().text().replace("<domain type='kvm'>", "<domain type='kvm' id='3'>")), dimm);
    expect([xml.textOf('memory'), xml.textOf('currentMemory')]).toEqual(['3145728', '2097152']);
  });

  it('moves by the fewest calls: gone first, then asked for more, then new', () => {
    const xml = withDevices(guest(), dimm, virtio);
    const { step } = knobs.memoryDevices;
    expect(kinds(step('', [{ ...virtio, requested: gib }, { ...dimm, size: 2 * gib }], 'live', facts, xml))).toEqual(['detachDevice', 'updateDevice', 'attachDevice']);
    expect(kinds(step('', [virtio, dimm], 'live', facts, xml))).toEqual([]);
    expect(step('', [], 'saved', facts, xml)).toBeNull();
  });

  it('asks for another amount in the device as it stands, with its alias and address', () => {
    const xml = guest("<memory model='virtio-mem'><target><size unit='KiB'>1048576</size><node>0</node><block unit='KiB'>2048</block><requested unit='KiB'>0</requested><current unit='KiB'>0</current></target><alias name='virtiomem0'/></memory>");
    const steps = knobs.memoryDevices.step('', [virtio], 'live', facts, xml);
    expect(steps).toMatchObject([{ kind: 'updateDevice', xml: expect.stringMatching(/<requested unit='KiB'>524288<.*alias name='virtiomem0'/) }]);
    expect(knobs.memoryDevices.about?.('', xml, facts)).toBe('virtio-mem of 1 GiB: the guest has taken 0 B');
  });

  it.each<readonly [string, readonly MemoryDevice[], RegExp]>([
    ['of a size that guests cannot take', [{ ...dimm, size: 100_000 }], /multiple of 128 MiB/],
    ['of nothing', [{ ...dimm, size: 0 }], /has a size/],
    ['on a node the guest does not have', [{ ...dimm, node: 2 }], /no node 2; its nodes are 0, 1/],
    ['on no node', [{ ...dimm, node: null }], /needs a guest node: 0, 1/],
    ['in more slots than there are', [dimm, dimm, dimm], /2 slots for DIMMs, and this takes 3/],
    ['beyond the room there is', [{ ...dimm, size: 7 * gib }], /Together that is 9 GiB; the most this guest can have is 8 GiB/],
    ['with blocks in a DIMM', [{ ...dimm, block: 2048 }], /given as a whole/],
    ['without blocks in virtio-mem', [{ ...virtio, block: null }], /power of two from 2 MiB/],
    ['with blocks of no power of two', [{ ...virtio, block: 6144 }], /power of two/],
    ['asked for in parts of blocks', [{ ...virtio, requested: 3000 }], /multiples of its block, 2 MiB/],
    ['asked for beyond its size', [{ ...virtio, requested: 2 * gib }], /no more than that can be asked for/],
    ['from host nodes that are no nodes', [{ ...dimm, nodemask: 'x' }], /Host nodes are written as in 0-1,3/],
  ])('%s is refused in words', (_, devices, message) => expect(says(devices).some((said) => message.test(said))).toBe(true));

  it('is refused at the field of the device that is wrong', () => {
    const xml = withDevices(guest(), dimm, { ...dimm, size: 100_000, node: 7 }, { ...virtio, requested: 3000 });
    const found = knobs.memoryDevices.check([dimm, { ...dimm, size: 100_000, node: 7 }, { ...virtio, requested: 3000 }], '', 'saved', facts, xml);
    expect(found.map(({ field }) => field)).toEqual(['1.node', '1.size', '2.requested']);
  });

  it('that fits is not refused', () => expect([says([dimm, dimm, virtio]), says([])]).toEqual([[], []]));
  it('needs room that was made before the start', () => expect(says([dimm], guest('', ''))[0]).toMatch(/set the maximum and slots too/));
});

describe('the room for it', () => {
  const check = (size: number | null, slots: number | null, xml = guest()): readonly string[] => knobs.maxMemory.check({ size, slots }, '', 'saved', facts, xml).map(({ message }) => message);
  it.each<readonly [number | null, number | null, RegExp]>([[gib, 2, /has 2 GiB already/], [8 * gib, 0, /at least one slot/], [8 * gib, 300, /at most 256 slots/], [null, 2, /Slots need a size/]])('%s KiB in %s slots is refused', (size, slots, message) => {
    expect(check(size, slots)[0]).toMatch(message);
  });
  it('is not taken away from under what is plugged', () => expect(check(null, null, withDevices(guest(), dimm))[0]).toMatch(/take it away first/));
});
