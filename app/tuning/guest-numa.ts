// The NUMA cells a guest sees: <numa>, https://libvirt.org/formatdomain.html#guest-numa-topology
import { CpuSet, CpuSetError } from '../domain/cpu-set.ts';
import { z } from '../domain/schema.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { dropEmpty, putAttribute } from './attributes.ts';
import { type Finding, itemField, type Knob, wholeGuest } from './knob.ts';
import { guestCells, initialMemory, kibOf, sayKib, totalMemory } from './memory-size.ts';
import { mostMemory } from './memory.ts';
import { maximumVcpus } from './vcpu-count.ts';

const path = ['cpu', 'numa', 'cell'] as const;
const word = z.string().min(1).max(16).nullable();
/** `cpus` null = memory alone; `memory` in KiB. In the order of libvirt's attributes. */
const guestCell = z.strictObject({ cpus: z.string().max(65_536).nullable(), memory: z.int().min(0).max(mostMemory), memAccess: word, discard: word }).readonly();
type Cell = z.infer<typeof guestCell>;

const normalCpus = (text: string | null): string | null => {
  const set = text === null || text.trim() === '' ? null : CpuSet.read(text);
  return set instanceof CpuSet ? set.toString() : text;
};

const readCell = (element: XmlElement, memory: number): Cell =>
  ({ cpus: normalCpus(element.attribute('cpus')), memory, memAccess: element.attribute('memAccess'), discard: element.attribute('discard') });

/** Cells go by their place: the first is 0. Distances and caches of a cell that stays are kept. */
export const guestNuma: Knob<readonly Cell[]> = {
  label: 'NUMA cells',
  panel: 'cpu',
  card: 'Topology',
  only: ['qemu', 'xen'],
  control: () => ({
    kind: 'list',
    item: 'cell',
    most: 128,
    nowFixed: 'Changes at the next start.',
    hint: 'Every vCPU in one cell, and all of the memory in them together.',
    fresh: { cpus: null, memory: 0, memAccess: null, discard: null },
    fields: {
      cpus: { kind: 'text', label: 'vCPUs', absent: 'none', example: '0-3' },
      memory: { kind: 'number', label: 'Memory', least: 1, most: mostMemory, measure: 'KiB', absent: null },
      memAccess: { kind: 'choice', label: 'Access', absent: 'as memory backing says', options: [{ value: 'shared', label: 'shared' }, { value: 'private', label: 'private' }] },
      discard: { kind: 'choice', label: 'Discard', absent: 'as memory backing says', options: [{ value: 'yes', label: 'yes' }, { value: 'no', label: 'no' }] },
    },
  }),
  takesAway: true,
  unit: wholeGuest,
  value: z.array(guestCell).max(1024).readonly(),

  read: (xml) => ({ '': guestCells(xml).map(({ element, memory }) => readCell(element, memory)) }),

  write(xml, _unit, value) {
    const had = guestCells(xml);
    for (const { element } of had.slice(value.length)) xml.remove(path, (each) => each === element);
    forgetDistances(xml, value.length);
    // libvirt refuses nodes of the host for a cell that is not there.
    xml.remove(['numatune', 'memnode'], (each) => Number(each.attribute('cellid')) >= value.length);
    value.forEach((cell, place) => {
      const old = had[place];
      const element = old?.element ?? xml.add(path, { id: `${place}` });
      const has = old === undefined ? { cpus: null, memory: null, memAccess: null, discard: null } : readCell(element, old.memory);
      if (has.cpus !== normalCpus(cell.cpus)) putAttribute(element, 'cpus', normalCpus(cell.cpus));
      if (has.memory !== cell.memory) {
        element.setAttribute('memory', `${cell.memory}`);
        element.setAttribute('unit', 'KiB');
      }
      if (has.memAccess !== cell.memAccess) putAttribute(element, 'memAccess', cell.memAccess);
      if (has.discard !== cell.discard) putAttribute(element, 'discard', cell.discard);
    });
  },

  check(value, _unit, truth, _facts, after) {
    if (truth === 'live' || value.length === 0) return [];
    const findings: Finding[] = [];
    const find = (level: Finding['level'], message: string, field?: string): void => void findings.push({ level, message, ...(field !== undefined && { field }) });
    const maximum = maximumVcpus(after);
    let held = CpuSet.none;
    for (const [place, { cpus, memory }] of value.entries()) {
      const set = cpus === null ? CpuSet.none : CpuSet.read(cpus);
      if (set instanceof CpuSetError) {
        find('error', `Cell ${place}: ${set.message}.`, itemField(place, 'cpus'));
        continue;
      }
      const twice = set.intersection(held);
      if (twice.size > 0) find('error', `vCPU ${twice.toString()} is in two cells.`, itemField(place, 'cpus'));
      if (set.highest >= maximum) find('error', `Cell ${place} holds vCPU ${set.highest}, and the last there can be is ${maximum - 1}.`, itemField(place, 'cpus'));
      if (memory < 1) find('error', `Cell ${place} needs memory.`, itemField(place, 'memory'));
      held = held.union(set);
    }
    const free = CpuSet.range(0, maximum - 1).without(held);
    if (free.size > 0) find('warning', `vCPU ${free.toString()} is in no cell: libvirt puts what is left into cell 0.`);
    const total = kibOf(after.element('memory'));
    const plugged = totalMemory(after) - initialMemory(after);
    const sum = value.reduce((all, { memory }) => all + memory, 0);
    if (total !== null && sum !== total - plugged) find('error', `The cells hold ${sayKib(sum)} together, and the guest starts with ${sayKib(total - plugged)}: make them the same.`);
    return findings;
  },

  step: () => null,
  // QEMU starts a guest with whole MiB in each cell.
  runsAs: (live, saved) => live.length === saved.length && live.every((cell, place) => {
    const other = saved[place];
    return other !== undefined && cell.cpus === other.cpus && cell.memory === Math.ceil(other.memory / 1024) * 1024 && cell.memAccess === other.memAccess && cell.discard === other.discard;
  }),
  say: (value) => (value.length === 0 ? 'none' : value.map(({ cpus, memory }, place) => `${place}: ${cpus === null ? 'no vCPU' : `vCPU ${cpus}`}, ${sayKib(memory)}`).join('; ')),
  name: () => 'NUMA cells',
};

/** Distances to cells that are not there any more are refused by libvirt. */
function forgetDistances(xml: DomainXml, cells: number): void {
  for (const distances of xml.elements(...path, 'distances')) {
    for (const sibling of distances.elements('sibling')) if (Number(sibling.attribute('id')) >= cells) distances.remove(sibling);
    dropEmpty(distances);
  }
}
