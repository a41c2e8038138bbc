import { DOMParser, type Node } from '@xmldom/xmldom';
import { describe, expect, it } from 'vitest';
import { topologyFromNodeInfo } from '../domain/topology.ts';
import { DomainXml } from '../xml/domain-xml.ts';
import { type Facts, unknownFacts } from './knob.ts';
import { knobNames, knobs, readSettings, settings, wanted, type KnobName, type KnobValue } from './knobs.ts';

const fixtures = Object.entries(import.meta.glob<string>('../xml/fixtures/*.xml', { query: '?raw', import: 'default', eager: true })).map(
  ([path, text]): readonly [string, string] => [path.replace(/^.*\/|\.xml$/g, ''), text],
);

/** A second parser's view: names, sorted attributes, text, comments, CDATA; white space between elements left out. */
function tree(node: Node): unknown {
  if (node.nodeType !== 1) return `${node.nodeName}:${(node.nodeValue ?? '').trim()}`;
  const element = node as unknown as { readonly attributes: Iterable<{ readonly name: string; readonly value: string }> };
  const attributes = [...element.attributes].map(({ name, value }) => `${name}=${value}`);
  return [node.nodeName, attributes, [...node.childNodes].filter((child) => child.nodeType !== 3 || (child.nodeValue ?? '').trim() !== '').map(tree)];
}
const treeOf = (text: string): unknown => {
  const document = new DOMParser().parseFromString(text, 'text/xml');
  return [...document.childNodes].map(tree);
};

/** The text without what a knob is allowed to touch. */
const without = (text: string, names: readonly string[], attributes: readonly string[] = []): unknown => {
  const document = new DOMParser().parseFromString(text, 'text/xml');
  const tuned = [...document.getElementsByTagName('*')];
  for (const path of attributes) for (const element of tuned) if (path.startsWith(`${element.nodeName}@`)) element.removeAttribute(path.slice(element.nodeName.length + 1));
  for (const element of tuned) if (names.includes(element.nodeName)) element.parentNode?.removeChild(element);
  for (const element of tuned) if (['cputune', 'memtune', 'memoryBacking', 'numatune', 'devices', 'cpu'].includes(element.nodeName) && element.attributes.length === 0 && [...element.childNodes].every((child) => (child.nodeValue ?? '').trim() === '' && child.nodeType === 3)) element.parentNode?.removeChild(element);
  return [...document.childNodes].map(tree);
};

const facts: Facts = {
  ...unknownFacts('any'),
  topology: topologyFromNodeInfo({ cpus: 32, memory: 1024, nodes: 1, sockets: 2, cores: 8, threads: 2 }),
  cpuSharesDefault: 100,
  domainCapabilities: { maximumVcpus: null, modes: [], models: [], hostModel: { model: 'Cascadelake-Server', vendor: 'Intel', features: [] } },
};

interface Edit<K extends KnobName> {
  readonly elements: readonly string[];
  /** Its own attributes of elements that are not its own: `cpu@mode`. */
  readonly attributes?: readonly string[];
  readonly value?: KnobValue<K>;
  readonly from?: (before: KnobValue<K>) => KnobValue<K>;
}

/** Each knob's own elements and a value that no fixture has, or how one is made from the value before. */
const edits: { readonly [K in KnobName]: Edit<K> } = {
  vcpuPinning: { elements: ['vcpupin'], value: '17,29' },
  emulatorPinning: { elements: ['emulatorpin'], value: '17,29' },
  cpuShares: { elements: ['shares'], value: 4711 },
  cpuQuota: { elements: ['global', '', 'emulator', 'iothread'].flatMap((set) => ['period', 'quota'].map((name) => `${set}_${name}`.replace(/^_/, ''))), value: { period: 47_110, quota: 4711 } },
  ioThreads: { elements: ['iothreads', 'iothreadids'], value: [1, 2, 3, 5, 4711].map((id) => ({ id })) },
  ioThreadPinning: { elements: ['iothreadpin'], value: '17,29' },
  ioThreadPolling: { elements: ['iothreadids'], value: { poll_max_ns: 4711, poll_grow: 47, poll_shrink: 11, thread_pool_min: 4, thread_pool_max: 711 } },
  defaultIoThread: { elements: ['defaultiothread'], value: { thread_pool_min: 47, thread_pool_max: 4711 } },
  vcpuScheduler: { elements: ['vcpusched'], value: { scheduler: 'rr', priority: 47 } },
  ioThreadScheduler: { elements: ['iothreadsched'], value: { scheduler: 'rr', priority: 47 } },
  memory: { elements: ['memory', 'currentMemory', 'numa'], value: 4_710_400 },
  currentMemory: { elements: ['currentMemory'], value: 4711 },
  memoryStatsPeriod: { elements: ['stats'], value: 4711 },
  memoryLimits: { elements: ['hard_limit', 'soft_limit', 'swap_hard_limit', 'min_guarantee'], value: { hard_limit: 4711, soft_limit: 47, swap_hard_limit: 471_147, min_guarantee: 11 } },
  maxMemory: { elements: ['maxMemory'], value: { size: 471_147_114, slots: 47 } },
  memoryDevices: {
    elements: ['memory', 'currentMemory'],
    from: (before) => [...before, { model: 'virtio-mem', size: 4_718_592, node: 47, requested: 2048, block: 4096, pagesize: 2048, nodemask: '4,7', access: 'shared', discard: 'no' }],
  },
  hugepages: { elements: ['hugepages'], from: (before) => [...before, { size: 4711, nodeset: '47' }] },
  memoryBacking: { elements: ['memoryBacking'], from: ({ locked, nosharepages, discard }) => ({ locked: !locked, nosharepages: !nosharepages, source: 'file', access: 'private', allocation: 'ondemand', threads: 47, discard: !discard }) },
  numaMemory: { elements: ['memory'], value: { mode: 'interleave', nodeset: '11,47', placement: null } },
  memnode: { elements: ['memnode'], value: { mode: 'interleave', nodeset: '11,47' } },
  partition: { elements: ['resource'], value: '/machine/x4711' },
  cacheTune: { elements: ['cachetune'], from: (before) => [...before, { vcpus: '47', level: 4, id: 11, type: 'code', size: 4711 }] },
  memoryTune: { elements: ['memorytune'], from: (before) => [...before, { vcpus: '47', id: 11, bandwidth: 47 }] },
  vcpus: { elements: ['vcpu', 'vcpus'], from: ({ maximum }) => ({ current: maximum + 1, maximum: maximum + 3 }) },
  vcpuState: { elements: ['vcpu', 'vcpus'], from: ({ enabled }) => ({ enabled: false, hotpluggable: enabled, order: null }) },
  cpuModel: {
    elements: ['model'], attributes: ['cpu@mode', 'cpu@match', 'cpu@check', 'cpu@migratable'],
    value: { mode: 'custom', model: 'Knights-4711', fallback: 'allow', match: 'strict', check: 'full', migratable: null },
  },
  cpuFeatures: { elements: ['feature'], value: [{ name: 'x4711', policy: 'force' }, { name: 'x11', policy: 'forbid' }] },
  nestedVirtualization: { elements: ['feature'], value: 'forbid' },
  cpuTopology: { elements: ['topology'], value: { sockets: 47, dies: 11, clusters: 2, cores: 7, threads: 3 } },
  cpuCache: { elements: ['cache'], value: { level: 2, mode: 'emulate' } },
  guestNuma: {
    elements: ['numa'],
    from: (before) => (before.length > 0 ? before.map((cell) => ({ ...cell, memory: cell.memory + 4711 })) : [{ cpus: '0', memory: 4711, memAccess: 'shared', discard: 'yes' }]),
  },
  emulatorScheduler: { elements: ['emulatorsched'], value: { scheduler: 'rr', priority: 47 } },
};

/** A value that this one is not. */
function otherThan<K extends KnobName>(name: K, before: KnobValue<K>): KnobValue<K> {
  const { value, from }: Edit<K> = edits[name];
  const other = from === undefined ? value : from(before);
  if (other === undefined) throw new Error(`no other value of ${name} is known`);
  return other;
}

function edited<K extends KnobName>(name: K, text: string, back: boolean): readonly string[] {
  const knob = knobs[name];
  const xml = DomainXml.parse(text);
  const before = knob.read(xml, facts);
  return Object.entries(before).flatMap(([unit, value]) => {
    const to = otherThan(name, value);
    knob.write(xml, unit, to);
    expect(knob.read(xml, facts)).toEqual({ ...before, [unit]: to });
    const changed = xml.text();
    knob.write(xml, unit, value);
    return back ? [xml.text()] : [changed];
  });
}

describe('a definition', () => {
  describe.each(knobNames)('with %s changed', (name) => {
    it.each(fixtures)('%s keeps everything else', (_, text) => {
      for (const changed of edited(name, text, false)) {
        const { elements, attributes } = edits[name];
        expect(without(changed, elements, attributes)).toEqual(without(text, elements, attributes));
        expect(treeOf(changed)).not.toEqual(treeOf(text));
      }
    });

    it.each(fixtures.filter(([fixture]) => !fixture.startsWith('hand-') && fixture !== 'live'))('and back, %s is what it was to the byte', (_, text) => {
      for (const restored of edited(name, text, true)) expect(restored).toBe(text);
    });
  });
});

describe('settings from elsewhere', () => {
  const some = { ...readSettings(DomainXml.parse('<domain/>'), facts), vcpuPinning: { 0: '1', 12: null }, emulatorPinning: { '': null }, cpuShares: { '': 5 } };

  it('are taken when every knob, unit and value has its form', () => {
    expect(settings.parse(some)).toEqual(some);
    expect(wanted.parse({ live: { cpuShares: { '': 7 } } })).toEqual({ live: { cpuShares: { '': 7 } } });
  });

  it.each([
    ['an unknown knob', { ...some, teleport: { '': 1 } }],
    ['a missing knob', { vcpuPinning: {}, emulatorPinning: {} }],
    ['a vCPU that is no number', { ...some, vcpuPinning: { first: '1' } }],
    ['a vCPU with a leading zero', { ...some, vcpuPinning: { '01': '1' } }],
    ['a unit of what has none', { ...some, cpuShares: { 0: 5 } }],
    ['a number for a cpuset', { ...some, vcpuPinning: { 0: 1 } }],
    ['shares that are not a number', { ...some, cpuShares: { '': '5' } }],
  ])('are refused with %s', (_, foreign) => expect(settings.safeParse(foreign).success).toBe(false));

  it('are refused as wanted with an unknown truth or knob', () => {
    expect([wanted.safeParse({ now: {} }).success, wanted.safeParse({ live: { teleport: {} } }).success]).toEqual([false, false]);
  });
});
