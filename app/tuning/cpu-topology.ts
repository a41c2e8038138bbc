// The sockets, cores and threads a guest sees: <topology>, https://libvirt.org/formatdomain.html#cpu-model-and-topology
import { CpuSet } from '../domain/cpu-set.ts';
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { numberOf, putAttributes } from './attributes.ts';
import { type Finding, type Knob, wholeGuest } from './knob.ts';
import { maximumVcpus } from './vcpu-count.ts';

const path = ['cpu', 'topology'] as const;
const some = z.int().min(1).max(65_536).nullable();
/** In libvirt's order. */
const topologyValue = z.strictObject({ sockets: some, dies: some, clusters: some, cores: some, threads: some }).readonly();
type Topology = z.infer<typeof topologyValue>;
const needed = ['sockets', 'cores', 'threads'] as const;

function readTopology(xml: DomainXml): Topology {
  const element = xml.element(...path);
  const value = (name: keyof Topology): number | null => {
    const number = numberOf(element, name);
    return number === null || number < 1 ? null : number;
  };
  return { sockets: value('sockets'), dies: value('dies'), clusters: value('clusters'), cores: value('cores'), threads: value('threads') };
}

const isNone = (value: Topology): boolean => Object.values(value).every((each) => each === null);
const vcpusOf = (value: Topology): number => Object.values(value).reduce<number>((product, each) => product * (each ?? 1), 1);

/** What of topology and cells does not fit the most vCPUs this definition allows. */
export function checkVcpuMaximum(xml: DomainXml): readonly string[] {
  const maximum = maximumVcpus(xml);
  const topology = readTopology(xml);
  const cells = xml.elements('cpu', 'numa', 'cell').map((cell) => CpuSet.read(cell.attribute('cpus') ?? '')).filter((set) => set instanceof CpuSet);
  const highest = Math.max(-1, ...cells.map((set) => set.highest));
  return [
    ...(isNone(topology) || vcpusOf(topology) === maximum ? [] : [`The topology (${sayTopology(topology)}) is one of ${vcpusOf(topology)} vCPUs, and the guest has at most ${maximum}: make them the same.`]),
    ...(highest < maximum ? [] : [`The guest's NUMA cells hold vCPUs up to ${highest}, and with at most ${maximum} the last is ${maximum - 1}.`]),
  ];
}

const field = (label: string, absent: string) => ({ kind: 'number', label, least: 1, most: 65_536, measure: 'count', absent }) as const;

/** All null = none is written, and each vCPU is a socket. */
export const cpuTopology: Knob<Topology> = {
  label: 'Topology',
  panel: 'cpu',
  card: 'Topology',
  only: ['qemu'],
  control: () => ({
    kind: 'fields',
    nowFixed: 'Changes at the next start.',
    hint: 'Sockets × dies × clusters × cores × threads is the most vCPUs the guest can have. Systems licensed by socket count these.',
    fields: { sockets: field('Sockets', 'none'), dies: field('Dies', '1'), clusters: field('Clusters', '1'), cores: field('Cores', 'none'), threads: field('Threads', 'none') },
  }),
  unit: wholeGuest,
  value: topologyValue,

  read: (xml) => ({ '': readTopology(xml) }),
  write: (xml, _unit, value) => putAttributes(xml, path, readTopology(xml), value),

  check(value, _unit, _truth, facts, after) {
    if (isNone(value)) return [];
    const missing = needed.filter((name) => value[name] === null);
    if (missing.length > 0) return missing.map((name): Finding => ({ level: 'error', field: name, message: 'Sockets, cores and threads go together: fill in all three, or none.' }));
    const maximum = maximumVcpus(after);
    return [
      ...(vcpusOf(value) === maximum ? [] : [error(`${sayTopology(value)} is ${vcpusOf(value)} vCPUs, and the guest has at most ${maximum}: make them the same.`)]),
      ...((value.clusters ?? 1) > 1 && facts.libvirtVersion !== null && facts.libvirtVersion < 10_001_000 ? [{ ...error("This host's libvirt knows no clusters: from 10.1.0 on it does."), field: 'clusters' }] : []),
    ];
  },

  step: () => null,
  alike: (one, other) => sayTopology(one) === sayTopology(other),
  say: (value) => sayTopology(value),
  name: () => 'CPU topology',
};

/** Dies and clusters only where there are several. */
function sayTopology({ sockets, dies, clusters, cores, threads }: Topology): string {
  const parts = [[sockets, 'socket'], [(dies ?? 1) > 1 ? dies : null, 'die'], [(clusters ?? 1) > 1 ? clusters : null, 'cluster'], [cores, 'core'], [threads, 'thread']] as const;
  return parts.flatMap(([count, name]) => (count === null ? [] : [`${count} ${name}${count === 1 ? '' : 's'}`])).join(' × ') || 'none';
}

const error = (message: string): Finding => ({ level: 'error', message });
