// Pages that back a guest's memory: <memoryBacking><hugepages>, https://libvirt.org/formatdomain.html#memory-backing
import { CpuSet } from '../domain/cpu-set.ts';
import { z } from '../domain/schema.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { putAttribute } from './attributes.ts';
import { itemField, wholeGuest, type Facts, type Finding, type Knob } from './knob.ts';
import { guestCells, initialMemory, sayKib } from './memory-size.ts';
import { parseBytes, toKib } from '../domain/bytes.ts';
import { hostPageSizes, normalNodes } from './numa-nodes.ts';

const path = ['memoryBacking', 'hugepages'] as const;

const page = z.strictObject({ size: z.int().min(1).max(2 ** 34).nullable(), nodeset: z.string().max(4096).nullable() }).readonly();
type Page = z.infer<typeof page>;

const sizeOf = (element: XmlElement): number | null => {
  const bytes = parseBytes(`${element.attribute('size') ?? ''} ${element.attribute('unit') ?? ''}`, 'KiB');
  return bytes === null ? null : toKib(bytes);
};
const pageOf = (element: XmlElement): Page => ({ size: sizeOf(element), nodeset: normalNodes(element.attribute('nodeset')) });

/** One item for each size: KiB, and the guest's nodes it is for; null = the host's usual hugepages, and nodes no other item names. */
export const hugepages: Knob<readonly Page[]> = {
  label: 'Hugepages',
  panel: 'memory',
  card: 'Backing',
  only: ['qemu'],
  control: (facts) => ({
    kind: 'list', item: 'page size', most: 16, fresh: { size: hostPageSizes(facts)[1] ?? 2048, nodeset: null },
    nowFixed: 'Changes at the next start.',
    hint: 'Memory from pages that the host has set aside; each size is for all nodes of the guest that no other names.',
    fields: {
      size: { kind: 'number', least: 4, most: 2 ** 30, measure: 'KiB', absent: 'usual size', label: 'Size' },
      nodeset: { kind: 'text', absent: 'all others', example: '0-1', label: 'Guest nodes' },
    },
  }),
  unit: wholeGuest,
  value: z.array(page).max(16).readonly(),

  read(xml) {
    if (xml.element(...path) === null) return { '': [] };
    const pages = xml.elements(...path, 'page').map(pageOf);
    return { '': pages.length === 0 ? [{ size: null, nodeset: null }] : pages };
  },

  write(xml, _unit, value) {
    if (value.length === 0) {
      xml.remove([...path]);
      return;
    }
    const parent = xml.ensure(...path);
    const said = value.filter(({ size, nodeset }) => size !== null || nodeset !== null);
    const had = xml.elements(...path, 'page');
    said.forEach(({ size, nodeset }, place) => {
      const old = had[place];
      const element = old ?? xml.add([...path, 'page'], {});
      if (old === undefined || sizeOf(old) !== size) {
        putAttribute(element, 'size', size);
        putAttribute(element, 'unit', size === null ? null : 'KiB');
      }
      if (normalNodes(element.attribute('nodeset')) !== nodeset) putAttribute(element, 'nodeset', nodeset);
    });
    for (const element of had.slice(said.length)) if (parent.children.length > 1 || said.length > 0) parent.remove(element);
    if (said.length === 0 && parent.children.length > 0) {
      xml.remove([...path]);
      xml.ensure(...path);
    }
  },

  check(value, _unit, _truth, facts, after) {
    const sizes = hostPageSizes(facts);
    const findings: Finding[] = value.flatMap(({ size, nodeset }, item) => [
      ...(size !== null && sizes.length > 0 && !sizes.includes(size) ? [{ ...error(`The host has no pages of ${sayKib(size)}; it has ${sizes.map(sayKib).join(', ')}.`), field: itemField(item, 'size') }] : []),
      ...nodesFindings(nodeset, after).map((finding) => ({ ...finding, field: itemField(item, 'nodeset') })),
    ]);
    if (value.filter(({ nodeset }) => nodeset === null).length > 1) findings.push(error('Only one page size can be for all nodes that no other names.'));
    if (findings.length > 0) return findings;
    return fitFindings(value, facts, after);
  },

  about: (_unit, _xml, facts) => freeWords(facts),
  step: () => null,
  say: (value) => (value.length === 0 ? 'none' : value.map(({ size, nodeset }) => `${size === null ? 'usual size' : sayKib(size)}${nodeset === null ? '' : ` for node ${nodeset}`}`).join(', ')),
  name: () => 'Hugepages',
};

const error = (message: string): Finding => ({ level: 'error', message });

function nodesFindings(nodeset: string | null, xml: DomainXml): readonly Finding[] {
  if (nodeset === null) return [];
  const nodes = CpuSet.read(nodeset);
  if (!(nodes instanceof CpuSet) || nodes.size === 0) return [error('Guest nodes are written as in 0-1,3.')];
  const cells = guestCells(xml).map(({ id }) => id);
  const missing = [...nodes].filter((node) => !cells.includes(`${node}`));
  // A guest without cells is all node 0 to libvirt.
  return missing.length === 0 || (cells.length === 0 && nodes.toString() === '0') ? [] : [error(`The guest has no node ${missing.join(', ')}.`)];
}

/** KiB wanted of each page size, by the host nodes they must come from; null = from any. */
interface Need {
  readonly size: number;
  readonly kib: number;
  readonly from: CpuSet | null;
}

/** Nodes of the host that a guest's cell, or all of it, is held to. */
function boundTo(xml: DomainXml, cell: string | null): CpuSet | null {
  const of = (element: XmlElement | null | undefined): CpuSet | null => {
    const [mode, nodeset] = [element?.attribute('mode') ?? 'strict', element?.attribute('nodeset') ?? null];
    const nodes = mode === 'strict' && nodeset !== null ? CpuSet.read(nodeset) : null;
    return nodes instanceof CpuSet ? nodes : null;
  };
  const own = xml.elements('numatune', 'memnode').find((node) => node.attribute('cellid') === cell);
  return own === undefined ? of(xml.element('numatune', 'memory')) : of(own);
}

function needsOf(value: readonly Page[], facts: Facts, xml: DomainXml): readonly Need[] {
  const usual = hostPageSizes(facts)[1] ?? null;
  const cells = guestCells(xml);
  const parts = cells.length === 0 ? [{ id: '0', memory: initialMemory(xml), bound: boundTo(xml, null) }] : cells.map(({ id, memory }) => ({ id, memory, bound: boundTo(xml, id) }));
  return parts.flatMap(({ id, memory, bound }) => {
    const own = value.find(({ nodeset }) => nodeset !== null && CpuSet.parse(nodeset).has(Number(id))) ?? value.find(({ nodeset }) => nodeset === null);
    const size = own === undefined ? null : (own.size ?? usual);
    // Pages of the usual small size are not set aside.
    return size === null || size === hostPageSizes(facts)[0] ? [] : [{ size, kib: memory, from: bound }];
  });
}

/** Whether the host has set aside enough, and whether it is free now. */
function fitFindings(value: readonly Page[], facts: Facts, xml: DomainXml): readonly Finding[] {
  const pools = facts.topology.cells.flatMap((cell) => cell.pages.map(({ size, count }) => ({ node: cell.id, size, count, free: facts.freePages?.find((one) => one.node === cell.id && one.size === size)?.free ?? count })));
  if (pools.length === 0) return [];
  const wholes = new Map<string, { readonly need: Need; kib: number }>();
  for (const need of needsOf(value, facts, xml)) {
    const key = `${need.size} ${need.from?.toString() ?? ''}`;
    const whole = wholes.get(key) ?? { need, kib: 0 };
    whole.kib += Math.ceil(need.kib / need.size) * need.size;
    wholes.set(key, whole);
  }
  return [...wholes.values()].flatMap(({ need: { size, from }, kib }): readonly Finding[] => {
    const mine = pools.filter((pool) => pool.size === size && (from === null || from.has(pool.node)));
    const [all, free] = [mine.reduce((sum, pool) => sum + pool.count, 0), mine.reduce((sum, pool) => sum + pool.free, 0)];
    const pages = kib / size;
    const where = from === null ? 'The host' : `Node ${from.toString()} of the host`;
    if (pages > all) return [error(`This takes ${pages} pages of ${sayKib(size)}. ${where} has ${all} set aside, so the guest could not start.`)];
    // A running guest gives back what it holds before it starts again.
    return pages > free && !facts.guest.running ? [{ level: 'warning', message: `This takes ${pages} pages of ${sayKib(size)}, and ${free} are free now: the guest cannot start before others give some back.` }] : [];
  });
}

/** The host's free hugepages, for reading: `node 0 60 × 2 MiB, 1 × 1 GiB; node 1 8 × 2 MiB`. */
function freeWords({ freePages, topology }: Facts): string | null {
  const usual = Math.min(...topology.cells.flatMap((cell) => cell.pages.map(({ size }) => size)));
  const huge = (freePages ?? []).filter(({ size }) => size !== usual);
  const nodes = [...new Set(huge.map(({ node }) => node))].map((node) => {
    const sizes = huge.filter((pages) => pages.node === node).map(({ size, free }) => `${free} × ${sayKib(size)}`);
    return `node ${node} ${sizes.join(', ')}`;
  });
  return nodes.length === 0 ? null : `Free on the host now: ${nodes.join('; ')}.`;
}
