// The machine that the demo host pretends to be: its sockets are NUMA nodes of 128 GiB each.
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { Element } from './xml.ts';

export const hostname = 'demo';
/** How many CPUs a machine has, and how they lie. */
export interface Machine {
  readonly sockets: number;
  readonly coresPerSocket: number;
  readonly threadsPerCore: number;
}
/** `usual` has 32 CPUs, `large` 128, for tests of size. */
export const machines = {
  usual: { sockets: 2, coresPerSocket: 8, threadsPerCore: 2 },
  large: { sockets: 2, coresPerSocket: 32, threadsPerCore: 2 },
} as const satisfies Readonly<Record<string, Machine>>;
export type MachineName = keyof typeof machines;
export const cpuCountOf = ({ sockets, coresPerSocket, threadsPerCore }: Machine): number => sockets * coresPerSocket * threadsPerCore;
/** MHz of every CPU. */
export const frequency = 3100;
/** KiB of each node. */
export const nodeMemory = 128 * 1_048_576;
/** 1,000,000·major + 1,000·minor + release. */
export const libvirtVersion = 11_003_000n;
export const qemuVersion = 9_002_000n;
export const hostUuid = '6b9a1f0c-52d3-4c0e-9d7a-0f6d1c5e8a21';

/** Pages of a node by size in KiB: 48 GiB are set aside as 1 GiB pages, 8 GiB as 2 MiB pages. */
export const hugepages: readonly { readonly size: number; readonly count: number }[] = [
  { size: 2048, count: 4096 },
  { size: 1_048_576, count: 48 },
];
/** Page size in KiB → how many are set aside, of one node. */
export type PagePools = ReadonlyMap<number, number>;

export interface HostCpu {
  readonly id: number;
  readonly node: number;
  readonly core: number;
  readonly siblings: string;
}

/** The threads of a core are as many CPUs apart as there are cores, as the firmware of such machines numbers them. */
export const hostCpusOf = (machine: Machine): readonly HostCpu[] => Array.from({ length: cpuCountOf(machine) }, (_, id) => {
  const cores = machine.sockets * machine.coresPerSocket;
  const first = id % cores;
  const siblings = Array.from({ length: machine.threadsPerCore }, (__, thread) => first + thread * cores);
  return { id, node: Math.floor(first / machine.coresPerSocket), core: first % machine.coresPerSocket, siblings: siblings.join() };
});

const element = (name: string, attributes: Readonly<Record<string, string | number>>, children: readonly (Element | string)[] = []): Element =>
  new Element(name, Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, String(value)])), children);

const cell = (machine: Machine, node: number, pools: PagePools): Element =>
  element('cell', { id: node }, [
    element('memory', { unit: 'KiB' }, [String(nodeMemory)]),
    element('pages', { unit: 'KiB', size: 4 }, [String((nodeMemory - [...pools].reduce((sum, [size, count]) => sum + size * count, 0)) / 4)]),
    ...[...pools].map(([size, count]) => element('pages', { unit: 'KiB', size }, [String(count)])),
    element('distances', {}, Array.from({ length: machine.sockets }, (_, other) => element('sibling', { id: other, value: other === node ? 10 : 21 }))),
    element(
      'cpus',
      { num: cpuCountOf(machine) / machine.sockets },
      hostCpusOf(machine).filter((cpu) => cpu.node === node).map((cpu) => element('cpu', { id: cpu.id, socket_id: cpu.node, die_id: 0, cluster_id: 0, core_id: cpu.core, siblings: cpu.siblings })),
    ),
  ]);

const cpusOf = (machine: Machine, node: number): string => CpuSet.of(hostCpusOf(machine).filter((cpu) => cpu.node === node).map(({ id }) => id)).toString();
/** Both can be divided: the cache by its 20 ways, the bandwidth by tenths. */
const cache = (machine: Machine, node: number): Element =>
  element('bank', { id: node, level: 3, type: 'both', size: 30, unit: 'MiB', cpus: cpusOf(machine, node) }, [element('control', { granularity: 1536, min: 1536, unit: 'KiB', type: 'both', maxAllocs: 16 })]);
const bandwidth = (machine: Machine, node: number): Element => element('node', { id: node, cpus: cpusOf(machine, node) }, [element('control', { granularity: 10, min: 10, maxAllocs: 8 })]);

const features = ['ss', 'vmx', 'hypervisor', 'tsc_adjust', 'umip', 'pku', 'md-clear', 'stibp', 'arch-capabilities', 'ibpb', 'amd-ssbd'];

/** CPU models that guests can be given by name, and what this machine lacks for them. */
const models: readonly { readonly name: string; readonly vendor: string; readonly blockers: readonly string[] }[] = [
  ...['qemu64', 'kvm64'].map((name) => ({ name, vendor: 'unknown', blockers: [] })),
  ...['Westmere', 'Nehalem', 'SandyBridge', 'IvyBridge', 'Haswell-noTSX', 'Broadwell-noTSX', 'Skylake-Server-noTSX-IBRS', 'Cascadelake-Server-noTSX', 'Icelake-Server-noTSX'].map((name) => ({ name, vendor: 'Intel', blockers: [] })),
  ...['Haswell', 'Skylake-Server', 'Icelake-Server'].map((name) => ({ name, vendor: 'Intel', blockers: ['hle', 'rtm'] })),
  { name: 'SapphireRapids', vendor: 'Intel', blockers: ['hle', 'rtm', 'avx512-bf16', 'amx-tile', 'amx-int8', 'amx-bf16'] },
  ...['EPYC', 'EPYC-Rome', 'EPYC-Milan'].map((name) => ({ name, vendor: 'AMD', blockers: ['npt', 'nrip-save', 'sse4a', 'misalignsse', 'svm'] })),
];

const guestKind = (): Element =>
  element('guest', {}, [
    element('os_type', {}, ['hvm']),
    element('arch', { name: 'x86_64' }, [
      element('wordsize', {}, ['64']),
      element('emulator', {}, ['/usr/bin/qemu-system-x86_64']),
      element('machine', { maxCpus: 4096 }, ['pc-q35-9.2']),
      element('machine', { maxCpus: 1024 }, ['pc-q35-8.2']),
      element('machine', { maxCpus: 255, deprecated: 'yes' }, ['pc-i440fx-2.12']),
      element('machine', { canonical: 'pc-q35-9.2', maxCpus: 4096 }, ['q35']),
      element('machine', { maxCpus: 255 }, ['pc-i440fx-9.2']),
      element('machine', { canonical: 'pc-i440fx-9.2', maxCpus: 255 }, ['pc']),
      element('domain', { type: 'qemu' }),
      element('domain', { type: 'kvm' }),
    ]),
    element('features', {}, [
      element('acpi', { default: 'on', toggle: 'yes' }),
      element('apic', { default: 'on', toggle: 'no' }),
      element('cpuselection', {}),
      element('deviceboot', {}),
      element('disksnapshot', { default: 'on', toggle: 'no' }),
    ]),
  ]);

/** What CONNECT_GET_CAPABILITIES answers (https://libvirt.org/formatcaps.html). `pools` are those of each node. */
export const capabilities = (machine: Machine, pools: readonly PagePools[]): string =>
  element('capabilities', {}, [
    element('host', {}, [
      element('uuid', {}, [hostUuid]),
      element('cpu', {}, [
        element('arch', {}, ['x86_64']),
        element('model', {}, ['Icelake-Server-noTSX']),
        element('vendor', {}, ['Intel']),
        element('microcode', { version: 218_104_785 }),
        element('signature', { family: 6, model: 106, stepping: 6 }),
        element('counter', { name: 'tsc', frequency: 3_099_998_000, scaling: 'yes' }),
        element('topology', { sockets: 1, dies: 1, clusters: 1, cores: machine.coresPerSocket, threads: machine.threadsPerCore }),
        element('maxphysaddr', { mode: 'emulate', bits: 46 }),
        ...features.map((name) => element('feature', { name })),
        element('pages', { unit: 'KiB', size: 4 }),
        element('pages', { unit: 'KiB', size: 2048 }),
        element('pages', { unit: 'KiB', size: 1_048_576 }),
      ]),
      element('power_management', {}, [element('suspend_mem', {})]),
      element('iommu', { support: 'yes' }),
      element('migration_features', {}, [
        element('live', {}),
        element('uri_transports', {}, [element('uri_transport', {}, ['tcp']), element('uri_transport', {}, ['rdma'])]),
      ]),
      element('topology', {}, [element('cells', { num: machine.sockets }, pools.map((pool, node) => cell(machine, node, pool)))]),
      element('cache', {}, pools.map((_, node) => cache(machine, node))),
      element('memory_bandwidth', {}, pools.map((_, node) => bandwidth(machine, node))),
      element('secmodel', {}, [element('model', {}, ['apparmor']), element('doi', {}, ['0'])]),
      element('secmodel', {}, [element('model', {}, ['dac']), element('doi', {}, ['0'])]),
    ]),
    guestKind(),
  ]).print();

/** What CONNECT_GET_DOMAIN_CAPABILITIES answers, its short form. */
export const domainCapabilities = (machine: string, virttype: string): string =>
  element('domainCapabilities', {}, [
    element('path', {}, ['/usr/bin/qemu-system-x86_64']),
    element('domain', {}, [virttype]),
    element('machine', {}, [machine]),
    element('arch', {}, ['x86_64']),
    element('vcpu', { max: 4096 }),
    element('iothreads', { supported: 'yes' }),
    element('os', { supported: 'yes' }, [element('enum', { name: 'firmware' }, [element('value', {}, ['efi'])])]),
    element('cpu', {}, [
      element('mode', { name: 'host-passthrough', supported: 'yes' }),
      element('mode', { name: 'maximum', supported: 'yes' }),
      element('mode', { name: 'host-model', supported: 'yes' }, [
        element('model', { fallback: 'forbid' }, ['Icelake-Server-noTSX']),
        element('vendor', {}, ['Intel']),
        ...features.map((name) => element('feature', { policy: 'require', name })),
      ]),
      element('mode', { name: 'custom', supported: 'yes' }, models.flatMap(({ name, vendor, blockers }) => [
        element('model', { usable: blockers.length === 0 ? 'yes' : 'no', deprecated: 'no', vendor, canonical: `${name}-v1` }, [name]),
        ...(blockers.length === 0 ? [] : [element('blockers', { model: name }, blockers.map((feature) => element('feature', { name: feature })))]),
      ])),
    ]),
    element('memoryBacking', { supported: 'yes' }, [
      element('enum', { name: 'sourceType' }, ['file', 'anonymous', 'memfd'].map((value) => element('value', {}, [value]))),
    ]),
  ]).print();
