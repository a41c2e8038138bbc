// Each knob's own elements and an edit of it, and what a second parser sees of a definition besides: what the table tests of knobs loop over.
import { DOMParser, type Node } from '@xmldom/xmldom';
import { topologyFromNodeInfo } from '../domain/topology.ts';
import { DomainXml } from '../xml/domain-xml.ts';
import { noLimits } from './disk-limits.ts';
import { type Facts, unknownFacts, type Unit } from './knob.ts';
import { knobs, type KnobName, type KnobValue } from './knobs.ts';

/** A second parser's view: name, attributes in their order, and children; text, comments and instructions as a string; white space between elements left out. */
export type Tree = string | { readonly name: string; readonly attributes: readonly string[]; readonly children: readonly Tree[] };

function treeOfNode(node: Node): Tree {
  if (node.nodeType !== 1) return `${node.nodeName}:${(node.nodeValue ?? '').trim()}`;
  const element = node as unknown as { readonly attributes: Iterable<{ readonly name: string; readonly value: string }> };
  const children = [...node.childNodes].filter((child) => child.nodeType !== 3 || (child.nodeValue ?? '').trim() !== '').map(treeOfNode);
  return { name: node.nodeName, attributes: [...element.attributes].map(({ name, value }) => `${name}=${value}`), children };
}
export const treeOf = (text: string): readonly Tree[] => [...new DOMParser().parseFromString(text, 'text/xml').childNodes].map(treeOfNode);

/** Elements that hold nothing but settings: libvirt prints none of them empty. */
const groups = ['blkiotune', 'cputune', 'memtune', 'memoryBacking', 'numatune', 'devices', 'cpu'];

/** The tree without what a knob is allowed to touch. */
export const without = (trees: readonly Tree[], { elements, attributes = [] }: Pick<Edit<KnobName>, 'elements' | 'attributes'>): readonly Tree[] =>
  trees.flatMap((tree): readonly Tree[] => {
    if (typeof tree === 'string') return [tree];
    if (elements.includes(tree.name)) return [];
    const own = tree.attributes.filter((attribute) => !attributes.includes(`${tree.name}@${attribute.slice(0, attribute.indexOf('='))}`));
    const children = without(tree.children, { elements, attributes });
    return groups.includes(tree.name) && own.length === 0 && children.length === 0 ? [] : [{ name: tree.name, attributes: own, children }];
  });

export const facts: Facts = {
  ...unknownFacts('any'),
  topology: topologyFromNodeInfo({ cpus: 32, memory: 1024, nodes: 1, sockets: 2, cores: 8, threads: 2 }),
  cpuSharesDefault: 100,
  domainCapabilities: { maximumVcpus: null, modes: [], models: [], hostModel: { model: 'Cascadelake-Server', vendor: 'Intel', features: [] }, devices: {} },
};

export interface Edit<K extends KnobName> {
  readonly elements: readonly string[];
  /** Its own attributes of elements that are not its own: `cpu@mode`. */
  readonly attributes?: readonly string[];
  readonly value?: KnobValue<K>;
  readonly from?: (before: KnobValue<K>) => KnobValue<K>;
  /** What of its elements does not come back with the value, and why. */
  readonly forgets?: string;
}

/** Each knob's own elements and a value that no fixture has, or how one is made from the value before. */
export const edits: { readonly [K in KnobName]: Edit<K> } = {
  vcpuPinning: { elements: ['vcpupin'], value: '17,29' },
  emulatorPinning: { elements: ['emulatorpin'], value: '17,29' },
  cpuShares: { elements: ['shares'], value: 4711 },
  cpuQuota: { elements: ['global', '', 'emulator', 'iothread'].flatMap((set) => ['period', 'quota'].map((name) => `${set}_${name}`.replace(/^_/, ''))), value: { period: 47_110, quota: 4711 } },
  ioThreads: { elements: ['iothreads', 'iothreadids'], from: (before) => [...before, { id: 4711 }] },
  ioThreadPinning: { elements: ['iothreadpin'], value: '17,29' },
  ioThreadPolling: { elements: ['iothreadids'], value: { poll_max_ns: 4711, poll_grow: 47, poll_shrink: 11, thread_pool_min: 4, thread_pool_max: 711 } },
  defaultIoThread: { elements: ['defaultiothread'], value: { thread_pool_min: 47, thread_pool_max: 4711 } },
  vcpuScheduler: { elements: ['vcpusched'], value: { scheduler: 'rr', priority: 47 } },
  ioThreadScheduler: { elements: ['iothreadsched'], value: { scheduler: 'rr', priority: 47 } },
  memory: { elements: ['memory', 'currentMemory', 'numa'], from: (before) => before * 2 },
  currentMemory: { elements: ['currentMemory'], value: 4711 },
  memoryStatsPeriod: { elements: ['stats'], value: 4711 },
  memoryLimits: { elements: ['hard_limit', 'soft_limit', 'swap_hard_limit', 'min_guarantee'], value: { hard_limit: 4711, soft_limit: 47, swap_hard_limit: 471_147, min_guarantee: 11 } },
  maxMemory: { elements: ['maxMemory'], value: { size: 471_147_114, slots: 47 } },
  memoryDevices: {
    elements: ['memory', 'currentMemory'],
    from: (before) => [...before, { model: 'virtio-mem', size: 4_718_592, node: 47, requested: 2048, block: 4096, pagesize: 2048, nodemask: '4,7', access: 'shared', discard: 'no' }],
  },
  hugepages: { elements: ['hugepages'], from: (before) => [...before.filter(({ size }) => size !== null), { size: 4711, nodeset: '47' }] },
  memoryBacking: { elements: ['memoryBacking'], from: ({ locked, nosharepages, discard }) => ({ locked: !locked, nosharepages: !nosharepages, source: 'file', access: 'private', allocation: 'ondemand', threads: 47, discard: !discard }) },
  numaMemory: { elements: ['memory'], value: { mode: 'interleave', nodeset: '11,47', placement: null } },
  memnode: { elements: ['memnode'], value: { mode: 'interleave', nodeset: '11,47' } },
  partition: { elements: ['resource'], value: '/machine/x4711' },
  cacheTune: { elements: ['cachetune'], from: (before) => [...before, { vcpus: '47', level: 4, id: 11, type: 'code', size: 4711 }] },
  memoryTune: { elements: ['memorytune'], from: (before) => [...before, { vcpus: '47', id: 11, bandwidth: 47 }] },
  vcpus: { elements: ['vcpu', 'vcpus'], from: ({ maximum }) => ({ current: maximum + 1, maximum: maximum + 3 }) },
  vcpuState: { elements: ['vcpu', 'vcpus'], forgets: 'the order of others: libvirt wants all of them to have one, or none', from: ({ enabled }) => ({ enabled: !enabled, hotpluggable: true, order: null }) },
  cpuModel: {
    elements: ['model'], attributes: ['cpu@mode', 'cpu@match', 'cpu@check', 'cpu@migratable'],
    value: { mode: 'custom', model: 'Knights-4711', fallback: 'allow', match: 'strict', check: 'full', migratable: null },
  },
  cpuFeatures: { elements: ['feature'], value: [{ name: 'x4711', policy: 'force' }, { name: 'x11', policy: 'forbid' }] },
  nestedVirtualization: { elements: ['feature'], from: (before) => (before === 'forbid' ? 'require' : 'forbid') },
  cpuTopology: { elements: ['topology'], value: { sockets: 47, dies: 11, clusters: 2, cores: 7, threads: 3 } },
  cpuCache: { elements: ['cache'], from: (before) => ({ level: before?.level === 2 ? 1 : 2, mode: 'emulate' }) },
  guestNuma: {
    elements: ['numa'],
    from: (before) => (before.length > 0 ? before.map((cell) => ({ ...cell, memory: cell.memory + 4711 })) : [{ cpus: '0', memory: 4711, memAccess: 'shared', discard: 'yes' }]),
  },
  diskList: { elements: ['disk'], from: (before) => [...before, { target: 'vdzzz', device: 'disk', source: '/srv/x4711', format: 'raw', bus: 'virtio', readonly: true }] },
  diskDriver: {
    elements: ['driver', 'serial', 'wwn'], attributes: ['disk@device', 'disk@rawio'],
    value: { cache: 'x4711', io: 'x4711', discard: 'x4711', detect_zeroes: 'x4711', error_policy: 'x4711', rerror_policy: 'x4711', copy_on_read: 'x4711', iothread: 4711, queues: 471, queue_size: 47, serial: 'x4711', wwn: 'x4711', device: 'lun', rawio: 'yes' },
  },
  diskIoThreads: { elements: ['iothreads', 'driver'], from: (before) => [...before, { id: 4711, queues: '4,7-11' }] },
  throttleGroups: { elements: ['throttlegroups'], from: (before) => [...before, { ...noLimits, group_name: 'x4711', total_bytes_sec: 4711, read_iops_sec: 47 }] },
  throttleFilters: { elements: ['throttlefilters'], value: 'x4711, x11' },
  diskBlockSizes: { elements: ['blockio'], value: { logical_block_size: 4711, physical_block_size: 47_110 } },
  scsiControllers: { elements: ['controller'], from: (before) => [...before, { index: 4711, model: 'x4711', iothread: 4711, queues: 471, cmd_per_lun: 47, max_sectors: 711, ioeventfd: 'x11' }] },
  blockWeight: { elements: ['weight'], value: 4711 },
  blockDevices: { elements: ['device'], from: (before) => [...before, { path: '/dev/x4711', weight: 47, read_iops_sec: 471, write_iops_sec: 11, read_bytes_sec: 4711, write_bytes_sec: 47_110 }] },
  diskThrottling: {
    elements: ['iotune'],
    value: { ...noLimits, read_bytes_sec: 4711, read_bytes_sec_max: 47_110, read_bytes_sec_max_length: 11, write_bytes_sec: 47, total_iops_sec: 471, total_iops_sec_max: 711, size_iops_sec: 4096, group_name: 'x4711' },
  },
  nics: { elements: ['interface'], from: (before) => [...before, { mac: '52:54:00:00:47:11', kind: 'direct', source: 'x4711', mode: 'private', portgroup: null, backend: null, model: 'x11', address: 'pci 0047:11:0a.3' }] },
  nicLink: { elements: ['link'], from: (before) => (before === null ? 'down' : null) },
  nicPort: { elements: ['filterref', 'vlan', 'port'], from: ({ isolated }) => ({ filter: 'x4711', parameters: 'IP=47.11.47.11, IP=11.47.11.47', isolated: !isolated, vlan: '47, 11', trunk: true }) },
  nicBandwidth: { elements: ['bandwidth'], value: { 'inbound.average': 4711, 'inbound.peak': 47_110, 'inbound.burst': 11, 'inbound.floor': 47, 'outbound.average': 711, 'outbound.peak': 7110, 'outbound.burst': 4 } },
  nicDriver: { elements: ['mtu', 'boot', 'driver'], value: { mtu: 4711, boot: 471, name: 'x4711', queues: 47, rx_queue_size: 471, tx_queue_size: 711, txmode: 'x11', ioeventfd: 'on', event_idx: 'off' } },
  guestWords: { elements: ['title', 'description'], value: { title: 'x4711', description: 'x47\n  <x11>' } },
  autostart: { elements: [], from: (before) => !before },
  lifecycle: { elements: ['on_poweroff', 'on_reboot', 'on_crash'], value: { on_poweroff: 'x4711', on_reboot: 'x11', on_crash: 'coredump-restart' } },
  channels: { elements: ['channel'], from: (before) => [...before, { type: 'pty', name: 'x4711', address: 'virtio-serial controller=47 bus=0 port=11' }] },
  watchdogs: { elements: ['watchdog'], from: (before) => [...before, { model: 'x4711', action: 'x11', address: 'pci domain=0x0047 bus=0x11' }] },
  panics: { elements: ['panic'], from: (before) => [...before, { model: 'x4711', address: 'isa iobase=0x4711' }] },
  rngs: { elements: ['rng'], from: (before) => [...before, { model: 'x4711', backend: 'random', source: '/x4711', bytes: 4711, period: 47, address: null }] },
  balloon: { elements: [], attributes: ['memballoon@model', 'memballoon@autodeflate', 'memballoon@freePageReporting'], value: { model: 'x4711', autodeflate: 'x11', freePageReporting: 'x47' } },
  filesystems: { elements: ['filesystem'], from: (before) => [...before, { driver: 'virtiofs', source: '/x4711', target: 'x11', accessmode: 'mapped', readonly: true, cache: 'always', address: 'pci domain=0x0047 bus=0x11' }] },
  hostDevices: { elements: ['hostdev'], from: (before) => [...before, { kind: 'pci', device: '0047:11:0a.3', managed: false, address: 'pci domain=0x0047 bus=0x11' }] },
  machine: { elements: [], attributes: ['type@machine'], value: 'x4711' },
  smbiosMode: { elements: ['smbios'], value: 'x4711' },
  sysinfo: { elements: ['sysinfo'], from: (before) => [...before, { entry: 'chassis x4711', text: 'x47 & 11' }] },
  seclabels: { elements: ['seclabel'], from: (before) => [...before, { model: 'x4711', type: 'static', relabel: 'no', label: 'x47', baselabel: 'x11' }] },
  tpm: { elements: ['tpm'], from: ({ backend, path }) => ({ backend: backend ?? 'passthrough', model: 'x4711', version: 'x47', path: path ?? '/dev/x4711', persistent_state: 'x11' }) },
  emulatorScheduler: { elements: ['emulatorsched'], value: { scheduler: 'rr', priority: 47 } },
};

/** A value that this one is not. */
function otherThan<K extends KnobName>(name: K, before: KnobValue<K>): KnobValue<K> {
  const { value, from }: Edit<K> = edits[name];
  const other = from === undefined ? value : from(before);
  if (other === undefined) throw new Error(`no other value of ${name} is known`);
  return other;
}

/** One unit of a knob changed and back. */
export interface Edited {
  readonly unit: Unit;
  /** Every unit as it is read once it is changed, and as it should be. */
  readonly shows: Readonly<Record<Unit, unknown>>;
  readonly should: Readonly<Record<Unit, unknown>>;
  readonly changed: string;
  readonly restored: string;
}

/** A definition with each unit of a knob changed, one at a time, and changed back. */
export function* editsOf<K extends KnobName>(name: K, text: string, isMeant: (unit: Unit, units: readonly Unit[]) => boolean = () => true): Generator<Edited> {
  const knob = knobs[name];
  const xml = DomainXml.parse(text);
  const before = knob.read(xml, facts);
  const units = Object.keys(before);
  for (const [unit, value] of Object.entries(before)) {
    // What no form takes, as 2^53-1 KiB, cannot be edited.
    if (!isMeant(unit, units) || !knob.value.safeParse(value).success) continue;
    const to = otherThan(name, value);
    knob.write(xml, unit, to);
    const shows = knob.read(xml, facts);
    const changed = xml.text();
    knob.write(xml, unit, value);
    yield { unit, shows, should: { ...before, [unit]: to }, changed, restored: xml.text() };
  }
}
