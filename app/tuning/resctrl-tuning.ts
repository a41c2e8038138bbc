// Parts of caches and of memory bandwidth kept for vCPUs: <cachetune>, <memorytune>, https://libvirt.org/formatdomain.html#cpu-tuning
import { parseBytes } from '../domain/bytes.ts';
import { CpuSet, CpuSetError } from '../domain/cpu-set.ts';
import { z } from '../domain/schema.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { numberOf } from './attributes.ts';
import { type Control, type Facts, type Finding, type Knob, wholeGuest } from './knob.ts';
import { sayKib } from './memory-size.ts';
import { maximumVcpus } from './vcpu-count.ts';

const vcpus = z.string().max(65_536);
const count = z.int().min(0);
/** `size` in KiB; `type` both, code or data. */
const cachePart = z.strictObject({ vcpus, level: count, id: count, type: z.string().max(8), size: count }).readonly();
type CachePart = z.infer<typeof cachePart>;
/** `bandwidth` in percent of what the node has. */
const bandwidthPart = z.strictObject({ vcpus, id: count, bandwidth: count }).readonly();
type BandwidthPart = z.infer<typeof bandwidthPart>;

const error = (message: string): Finding => ({ level: 'error', message });
const normalVcpus = (text: string): string => {
  const set = text.trim() === '' ? CpuSet.none : CpuSet.read(text);
  return set instanceof CpuSet ? set.toString() : text;
};

/** Both are lists of parts in elements of vCPUs: how one part is read, found and written. */
interface Parts<V extends { readonly vcpus: string }> {
  readonly group: 'cachetune' | 'memorytune';
  readonly child: 'cache' | 'node';
  readonly read: (element: XmlElement) => Omit<V, 'vcpus'>;
  /** What tells parts of one group apart. */
  readonly key: (part: Omit<V, 'vcpus'>) => string;
  readonly attributes: (part: V) => Readonly<Record<string, string>>;
}

const cacheParts: Parts<CachePart> = {
  group: 'cachetune',
  child: 'cache',
  read: (element) => ({ level: numberOf(element, 'level') ?? 0, id: numberOf(element, 'id') ?? 0, type: element.attribute('type') ?? 'both', size: sizeOf(element) }),
  key: ({ level, id, type }) => `${level} ${id} ${type}`,
  attributes: ({ level, id, type, size }) => ({ id: `${id}`, level: `${level}`, type, size: `${size}`, unit: 'KiB' }),
};

const bandwidthParts: Parts<BandwidthPart> = {
  group: 'memorytune',
  child: 'node',
  read: (element) => ({ id: numberOf(element, 'id') ?? 0, bandwidth: numberOf(element, 'bandwidth') ?? 0 }),
  key: ({ id }) => `${id}`,
  attributes: ({ id, bandwidth }) => ({ id: `${id}`, bandwidth: `${bandwidth}` }),
};

function sizeOf(element: XmlElement): number {
  const bytes = parseBytes(`${element.attribute('size') ?? '0'} ${element.attribute('unit') ?? 'B'}`, 'B');
  return Math.round((bytes ?? 0) / 1024);
}

const groupsOf = (xml: DomainXml, group: string): readonly XmlElement[] => xml.elements('cputune', group);
const vcpusOf = (group: XmlElement): string => normalVcpus(group.attribute('vcpus') ?? '');

const readParts = <V extends { readonly vcpus: string }>(xml: DomainXml, { group, child, read }: Parts<V>): readonly (Omit<V, 'vcpus'> & { readonly vcpus: string })[] =>
  groupsOf(xml, group).flatMap((each) => each.elements(child).map((element) => ({ vcpus: vcpusOf(each), ...read(element) })));

/** Writes the parts group by group; monitors of a group stay, and so does a part that is as it should be. */
function writeParts<V extends { readonly vcpus: string }>(xml: DomainXml, wanted: readonly V[], { group, child, read, key, attributes }: Parts<V>): void {
  // Parts that libvirt would refuse for being there twice are still two.
  const left = [...wanted];
  for (const each of groupsOf(xml, group)) {
    for (const element of each.elements(child)) {
      const name = `${vcpusOf(each)} ${key(read(element))}`;
      const place = left.findIndex((one) => `${normalVcpus(one.vcpus)} ${key(one)}` === name);
      const [part] = place < 0 ? [] : left.splice(place, 1);
      if (part === undefined) each.remove(element);
      else if (!isSame(read(element), part)) for (const [attribute, value] of Object.entries(attributes(part))) element.setAttribute(attribute, value);
    }
  }
  xml.remove(['cputune', group], (each) => each.children.length === 0);
  for (const part of left) {
    const own = groupsOf(xml, group).find((each) => vcpusOf(each) === normalVcpus(part.vcpus)) ?? xml.add(['cputune', group], { vcpus: normalVcpus(part.vcpus) });
    own.add(child, { order: [child, 'monitor'] }, attributes(part));
  }
}

const isSame = (one: object, other: object): boolean => Object.entries(one).every(([name, value]) => Object.entries(other).some(([each, its]) => each === name && its === value));

/** What speaks against the vCPUs of these groups: two groups may be for the same vCPUs, or for none in common. */
function checkVcpus(groups: readonly string[], after: DomainXml): readonly Finding[] {
  const findings: Finding[] = [];
  const sets = new Map<string, CpuSet>();
  for (const text of new Set(groups.map(normalVcpus))) {
    const set = text === '' ? CpuSet.none : CpuSet.read(text);
    if (set instanceof CpuSetError) findings.push(error(`vCPUs: ${set.message}.`));
    else if (set.size === 0) findings.push(error('Name the vCPUs that each part is for: 0-3.'));
    else if (set.highest >= maximumVcpus(after)) findings.push(error(`The guest has no vCPU ${set.highest}.`));
    else {
      const other = [...sets].find(([, each]) => each.intersection(set).size > 0);
      if (other !== undefined) findings.push(error(`vCPU ${other[1].intersection(set).toString()} is in the parts of ${other[0]} and of ${text}: a vCPU belongs to one group.`));
      sets.set(text, set);
    }
  }
  return findings;
}

const onlyKvm = (after: DomainXml): readonly Finding[] => (after.root.attribute('type') === 'kvm' ? [] : [error('libvirt divides caches and bandwidth for KVM guests only.')]);

/** Why nothing can be set here; null = it can, as far as is known. */
const missing = (what: 'caches' | 'nodes', { resctrl }: Facts): string | null =>
  resctrl === null || resctrl[what].length > 0 ? null : `This host does not tell of ${what === 'caches' ? 'caches' : 'memory bandwidth'} that it can divide: its CPU, or its kernel's resctrl file system, is without.`;

const common = { panel: 'cpu', card: 'CPU time', only: ['qemu'], unit: wholeGuest, step: () => null } as const;
const vcpusField = { kind: 'text', label: 'vCPUs', absent: null, example: '0-3' } as const;

export const cacheTune: Knob<readonly CachePart[]> = {
  ...common,
  label: 'Cache parts',
  control(facts): Control {
    const first = facts.resctrl?.caches[0];
    const fixed = missing('caches', facts);
    return {
      kind: 'list', item: 'cache part', most: 64,
      nowFixed: 'Changes at the next start.',
      ...(fixed === null ? {} : { fixed }),
      hint: 'A part of a cache that only these vCPUs fill.',
      fresh: { vcpus: '0', level: first?.level ?? 3, id: first?.id ?? 0, type: first?.type ?? 'both', size: first?.minimum ?? 0 },
      fields: {
        vcpus: vcpusField,
        level: { kind: 'number', label: 'Level', least: 1, most: 4, measure: 'count', absent: null },
        id: { kind: 'number', label: 'Cache', hint: "The cache's number, as the host's capabilities have it.", least: 0, most: 1023, measure: 'count', absent: null },
        type: { kind: 'choice', label: 'For', absent: null, options: [{ value: 'both', label: 'code and data' }, { value: 'code', label: 'code' }, { value: 'data', label: 'data' }] },
        size: { kind: 'number', label: 'Size', least: first?.minimum ?? 1, most: first?.size ?? 4_194_304, measure: 'KiB', absent: null },
      },
    };
  },
  value: z.array(cachePart).max(4096).readonly(),

  read: (xml) => ({ '': readParts(xml, cacheParts) }),
  write: (xml, _unit, value) => writeParts(xml, value, cacheParts),

  check(value, _unit, truth, facts, after) {
    const reason = missing('caches', facts);
    if (truth === 'live' || value.length === 0) return [];
    if (reason !== null) return [error(reason)];
    const keys = value.map((part) => `${normalVcpus(part.vcpus)} ${cacheParts.key(part)}`);
    return [
      ...onlyKvm(after),
      ...checkVcpus(value.map((part) => part.vcpus), after),
      ...(new Set(keys).size === keys.length ? [] : [error('Two parts are of the same cache for the same vCPUs.')]),
      ...(facts.resctrl === null ? [] : value.flatMap((part) => checkCache(part, facts.resctrl?.caches ?? []))),
    ];
  },

  say: (value) => value.map((part) => `${sayKib(part.size)} of cache ${part.id} (level ${part.level}) for vCPU ${part.vcpus}`).join('; ') || 'shared with all',
  name: () => 'Cache parts',
};

function checkCache({ level, id, type, size }: CachePart, caches: NonNullable<Facts['resctrl']>['caches']): readonly Finding[] {
  const cache = caches.find((each) => each.level === level && each.id === id && each.type === type);
  if (cache === undefined) return [error(`The host has no cache ${id} of level ${level} that it divides for ${type === 'both' ? 'code and data together' : type}: there is ${caches.map((each) => `${each.id} (level ${each.level}, ${each.type})`).join(', ')}.`)];
  if (size < cache.minimum || size > cache.size) return [error(`Of cache ${id} a part is ${sayKib(cache.minimum)} to ${sayKib(cache.size)}.`)];
  return cache.granularity > 0 && size % cache.granularity !== 0 ? [error(`Parts of cache ${id} are multiples of ${sayKib(cache.granularity)}.`)] : [];
}

export const memoryTune: Knob<readonly BandwidthPart[]> = {
  ...common,
  label: 'Memory bandwidth',
  control(facts): Control {
    const first = facts.resctrl?.nodes[0];
    const fixed = missing('nodes', facts);
    return {
      kind: 'list', item: 'bandwidth', most: 64,
      nowFixed: 'Changes at the next start.',
      ...(fixed === null ? {} : { fixed }),
      hint: 'As much of the memory bandwidth of a node as these vCPUs may use at most.',
      fresh: { vcpus: '0', id: first?.id ?? 0, bandwidth: 100 },
      fields: {
        vcpus: vcpusField,
        id: { kind: 'number', label: 'Node', least: 0, most: 1023, measure: 'count', absent: null },
        bandwidth: { kind: 'number', label: 'At most', least: first?.minimum ?? 1, most: 100, measure: 'percent', absent: null },
      },
    };
  },
  value: z.array(bandwidthPart).max(4096).readonly(),

  read: (xml) => ({ '': readParts(xml, bandwidthParts) }),
  write: (xml, _unit, value) => writeParts(xml, value, bandwidthParts),

  check(value, _unit, truth, facts, after) {
    const reason = missing('nodes', facts);
    if (truth === 'live' || value.length === 0) return [];
    if (reason !== null) return [error(reason)];
    const keys = value.map((part) => `${normalVcpus(part.vcpus)} ${part.id}`);
    return [
      ...onlyKvm(after),
      ...checkVcpus(value.map((part) => part.vcpus), after),
      ...(new Set(keys).size === keys.length ? [] : [error('Two are of the same node for the same vCPUs.')]),
      ...(facts.resctrl === null ? [] : value.flatMap((part) => checkBandwidth(part, facts.resctrl?.nodes ?? []))),
    ];
  },

  say: (value) => value.map((part) => `${part.bandwidth} % of node ${part.id} for vCPU ${part.vcpus}`).join('; ') || 'no limit',
  name: () => 'Memory bandwidth',
};

function checkBandwidth({ id, bandwidth }: BandwidthPart, nodes: NonNullable<Facts['resctrl']>['nodes']): readonly Finding[] {
  const node = nodes.find((each) => each.id === id);
  if (node === undefined) return [error(`The host has no node ${id} whose bandwidth it divides.`)];
  if (bandwidth < node.minimum || bandwidth > 100) return [error(`Bandwidth goes from ${node.minimum} % to 100 %.`)];
  return node.granularity > 0 && bandwidth % node.granularity !== 0 ? [error(`Bandwidth is a multiple of ${node.granularity} %.`)] : [];
}
