// Memory plugged into a guest, and taken away: DIMMs and virtio-mem, https://libvirt.org/formatdomain.html#memory-devices
import { z } from '../domain/schema.ts';
import { CpuSet } from '../domain/cpu-set.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { itemField, wholeGuest, type Facts, type Finding, type Knob, type Option } from './knob.ts';
import { isSameDevice, keyOf, memoryDevice, type MemoryDevice, readMemoryDevice, sayMemoryDevice, setRequested, takenOf, writeMemoryDevice } from './memory-device.ts';
import { guestCells, kibOf, sayKib, setKib, totalMemory } from './memory-size.ts';
import { hostPageSizes, missingNodes } from './numa-nodes.ts';
import type { Scope, Step } from './steps.ts';

const path = ['devices', 'memory'] as const;
/** Linux takes memory in blocks of this many KiB on x86, so a DIMM of another size stays unused in part. */
const dimmStep = 131_072;
/** virtio-mem gives memory in blocks of at least a transparent hugepage. */
const smallestBlock = 2048;

/** What moves between two lists of devices: each wanted one is the first like it, else the first that only gives another amount. */
interface Moves {
  readonly added: readonly MemoryDevice[];
  readonly asked: readonly { readonly element: XmlElement; readonly requested: number | null; readonly device: MemoryDevice }[];
  readonly gone: readonly { readonly element: XmlElement; readonly device: MemoryDevice }[];
}

function movesTo(xml: DomainXml, wanted: readonly MemoryDevice[]): Moves {
  const left = xml.elements(...path).flatMap((element) => {
    const device = readMemoryDevice(element);
    return device === null ? [] : [{ element, device }];
  });
  const take = (fits: (device: MemoryDevice) => boolean): (typeof left)[number] | undefined => {
    const at = left.findIndex(({ device }) => fits(device));
    return at < 0 ? undefined : left.splice(at, 1)[0];
  };
  const others = wanted.filter((device) => take((had) => keyOf(had) === keyOf(device)) === undefined);
  const asked: Moves['asked'][number][] = [];
  const added = others.filter((device) => {
    const had = take((one) => one.model === 'virtio-mem' && isSameDevice(one, device));
    if (had !== undefined) asked.push({ element: had.element, requested: device.requested, device });
    return had === undefined;
  });
  return { added, asked, gone: left };
}

const devicesOf = (xml: DomainXml): readonly MemoryDevice[] => xml.elements(...path).flatMap((element) => readMemoryDevice(element) ?? []);

/** What libvirt's own counting makes of devices that come and go: the total, and in a saved definition the balloon with it; a running guest's balloon is its own. */
function count(xml: DomainXml, kib: number): void {
  for (const name of xml.root.attribute('id') === null ? ['memory', 'currentMemory'] : ['memory']) {
    const element = xml.element(name);
    const now = kibOf(element);
    if (element !== null && now !== null && kib !== 0) setKib(element, Math.max(1, now + kib));
  }
}

const choice = (values: readonly string[]): readonly Option[] => values.map((value) => ({ value, label: value }));
const size = (least: number) => ({ kind: 'number' as const, least, most: 2 ** 34, measure: 'KiB' as const });

/** In libvirt's order; other models, such as nvdimm, are left as they are. */
export const memoryDevices: Knob<readonly MemoryDevice[]> = {
  label: 'Plugged memory',
  panel: 'memory',
  card: 'Plugged memory',
  control: () => ({
    kind: 'list',
    item: 'device',
    most: 256,
    fresh: { model: 'dimm', size: 1_048_576, node: 0, requested: null, block: null, pagesize: null, nodemask: null, access: null, discard: null },
    hint: 'A DIMM is plugged and taken away as a whole; virtio-mem gives and takes back any part of its size.',
    fields: {
      model: { kind: 'choice', label: 'Kind', absent: null, options: [
        { value: 'dimm', label: 'DIMM', hint: 'Taken away only when the guest can empty all of it.' },
        { value: 'virtio-mem', label: 'virtio-mem', hint: 'Grows and shrinks in blocks; the guest needs a driver for it.' },
      ] },
      size: { ...size(smallestBlock), label: 'Size', absent: null },
      node: { kind: 'number', least: 0, most: 1023, measure: 'count', label: 'Guest node', absent: 'the first' },
      requested: { ...size(0), label: 'Asked for', absent: 'nothing', hint: 'How much of a virtio-mem device the guest is to have.' },
      block: { ...size(smallestBlock), label: 'Block', absent: 'none', hint: 'virtio-mem gives memory in pieces of this size.' },
      pagesize: { ...size(4), label: 'Host pages', absent: 'as the guest’s' },
      nodemask: { kind: 'text', label: 'Host nodes', absent: 'as the guest’s', example: '0-1' },
      access: { kind: 'choice', label: 'Access', absent: 'as the guest’s', options: choice(['private', 'shared']) },
      discard: { kind: 'choice', label: 'Discard', absent: 'as the guest’s', options: choice(['yes', 'no']) },
    },
  }),
  unit: wholeGuest,
  value: z.array(memoryDevice).max(256).readonly(),

  // Guests of other kinds than QEMU's have no devices of this kind to plug.
  read: (xml) => (['kvm', 'qemu'].includes(xml.root.attribute('type') ?? '') ? { '': devicesOf(xml) } : {}),

  write(xml, _unit, value) {
    const { added, asked, gone } = movesTo(xml, value);
    const sum = (devices: readonly MemoryDevice[]): number => devices.reduce((kib, device) => kib + device.size, 0);
    for (const { element } of gone) element.parent?.remove(element);
    for (const { element, requested } of asked) setRequested(element, requested);
    for (const device of added) writeMemoryDevice(xml.add(path, {}), device);
    count(xml, sum(added) - sum(gone.map(({ device }) => device)));
  },

  check(value, _unit, truth, facts, after) {
    const most = kibOf(after.element('maxMemory'));
    const slots = Number(after.element('maxMemory')?.attribute('slots') ?? 0);
    const cells = guestCells(after);
    if (value.length === 0) return [];
    if (most === null) {
      return [error(truth === 'live' ? 'The guest was started without room for memory to be plugged. Give it a maximum and slots for the next start.' : 'The guest has no room for memory to be plugged: set the maximum and slots too.')];
    }
    const dimms = after.elements(...path).filter((element) => ['dimm', 'nvdimm'].includes(element.attribute('model') ?? '')).length;
    return [
      ...value.flatMap((device, item) => deviceFindings(device, item, cells.map(({ id }) => id), facts)),
      ...(dimms > slots ? [error(`The guest has ${slots} slot${slots === 1 ? '' : 's'} for DIMMs, and this takes ${dimms}.`)] : []),
      ...(totalMemory(after) > most ? [error(`Together that is ${sayKib(totalMemory(after))}; the most this guest can have is ${sayKib(most)}.`)] : []),
    ];
  },

  step(_unit, value, scope, _facts, xml) {
    // What is saved is defined as a whole, since room for it may come with it in one plan; and truths may have different devices.
    return scope === 'live' ? plugging(xml, value, scope) : null;
  },

  arrives: 'A guest gives a device back once it has emptied it, and may refuse.',
  about(_unit, xml) {
    const taken = xml.elements(...path).flatMap((element) => {
      const [device, kib] = [readMemoryDevice(element), takenOf(element)];
      return device === null || kib === null ? [] : [`virtio-mem of ${sayKib(device.size)}: the guest has taken ${sayKib(kib)}`];
    });
    return taken.length === 0 ? null : taken.join('; ');
  },
  say: (value) => (value.length === 0 ? 'none' : value.map(sayMemoryDevice).join(', ')),
  name: () => 'Plugged memory',
};

/** Devices are taken away first: what they free may be what the new ones need. */
function plugging(xml: DomainXml, wanted: readonly MemoryDevice[], scope: Scope): readonly Step[] {
  const { added, asked, gone } = movesTo(xml.clone(), wanted);
  return [
    ...gone.map(({ element, device }): Step => ({ kind: 'detachDevice', device: sayMemoryDevice(device), xml: element.toString(), scope })),
    ...asked.map(({ element, requested, device }): Step => {
      setRequested(element, requested);
      return { kind: 'updateDevice', device: sayMemoryDevice(device), xml: element.toString(), scope };
    }),
    ...added.map((device): Step => {
      const draft = xml.clone();
      const element = draft.add(path, {});
      writeMemoryDevice(element, device);
      return { kind: 'attachDevice', device: sayMemoryDevice(device), xml: element.toString(), scope };
    }),
  ];
}

const error = (message: string): Finding => ({ level: 'error', message });
const isPowerOfTwo = (number: number): boolean => Number.isInteger(Math.log2(number));

function deviceFindings(device: MemoryDevice, item: number, cells: readonly string[], facts: Facts): readonly Finding[] {
  const { model, size: own, node, requested, block, pagesize, nodemask } = device;
  const name = model === 'dimm' ? 'A DIMM' : 'A virtio-mem device';
  const findings: Finding[] = [];
  const refuse = (message: string, key?: keyof MemoryDevice): void => void findings.push({ ...error(message), ...(key !== undefined && { field: itemField(item, key) }) });
  if (cells.length === 0) refuse('Memory is plugged into a guest NUMA node, and this guest has none: give it cells first.');
  else if (node === null) refuse(`${name} needs a guest node: ${cells.join(', ')}.`, 'node');
  else if (!cells.includes(`${node}`)) refuse(`The guest has no node ${node}; its nodes are ${cells.join(', ')}.`, 'node');
  if (own === 0) refuse(`${name} has a size.`, 'size');
  if (model === 'dimm') {
    if (own % dimmStep !== 0) refuse(`A DIMM is a multiple of ${sayKib(dimmStep)}; guests take no smaller piece.`, 'size');
    if (requested !== null || block !== null) refuse('A DIMM is given as a whole: only virtio-mem has blocks and an amount asked for.', requested === null ? 'block' : 'requested');
  } else {
    if (block === null || block < smallestBlock || !isPowerOfTwo(block)) refuse(`virtio-mem needs a block size: a power of two from ${sayKib(smallestBlock)}.`, 'block');
    else if (own % block !== 0 || (requested ?? 0) % block !== 0) refuse(`The size of virtio-mem and what is asked for are multiples of its block, ${sayKib(block)}.`, own % block === 0 ? 'requested' : 'size');
    if (requested === null) refuse('virtio-mem needs to be told how much is asked for; 0 is nothing.', 'requested');
    else if (requested > own) refuse(`Of a virtio-mem device of ${sayKib(own)} no more than that can be asked for.`, 'requested');
  }
  const sizes = hostPageSizes(facts);
  if (pagesize !== null && sizes.length > 0 && !sizes.includes(pagesize)) refuse(`The host has no pages of ${sayKib(pagesize)}; it has ${sizes.map(sayKib).join(', ')}.`, 'pagesize');
  const nodes = nodemask === null ? null : CpuSet.read(nodemask);
  const missing = nodes instanceof CpuSet ? missingNodes(nodes, facts) : null;
  if (nodes !== null && missing === null) refuse('Host nodes are written as in 0-1,3.', 'nodemask');
  else if (missing !== null && missing.size > 0) refuse(`The host has no node ${missing.toString()}.`, 'nodemask');
  return findings;
}
