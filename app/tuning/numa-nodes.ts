// The host's NUMA nodes as memory settings name them: which there are, and which page sizes they have.
import { CpuSet, CpuSetError } from '../domain/cpu-set.ts';
import type { Facts, Finding } from './knob.ts';

/** The host's nodes; empty while they are not known. */
export const hostNodes = ({ topology }: Facts): CpuSet => CpuSet.of(topology.cells.map((cell) => cell.id));

/** Of these nodes, those the host does not have; none while it tells nothing. */
export const missingNodes = (nodes: CpuSet, facts: Facts): CpuSet => (facts.topology.cells.length === 0 ? CpuSet.none : nodes.without(hostNodes(facts)));

/** Sizes of pages in KiB, the usual one first; empty while they are not known. */
export const hostPageSizes = ({ topology }: Facts): readonly number[] =>
  [...new Set(topology.cells.flatMap((cell) => cell.pages.map((page) => page.size)))].toSorted((one, other) => one - other);

/** What speaks against a nodeset on this host. */
export function checkNodes(text: string, facts: Facts): readonly Finding[] {
  const nodes = text.trim() === '' ? CpuSet.none : CpuSet.read(text);
  if (nodes instanceof CpuSetError) return [{ level: 'error', message: `${nodes.message}.` }];
  if (nodes.size === 0) return [{ level: 'error', message: 'Name at least one node of the host.' }];
  const missing = missingNodes(nodes, facts);
  return missing.size === 0 ? [] : [{ level: 'error', message: `The host has no node ${missing.toString()}; its nodes are ${hostNodes(facts).toString()}.` }];
}

/** A nodeset in libvirt's spelling; one that cannot be read stays as it is. */
export function normalNodes(text: string | null): string | null {
  const nodes = text === null || text.trim() === '' ? null : CpuSet.read(text);
  return nodes instanceof CpuSet ? nodes.toString() : text;
}
