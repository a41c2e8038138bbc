// The host's topology out of libvirt's capabilities XML, https://libvirt.org/formatcaps.html
import { cpuIndex, kib } from '../domain/brands.ts';
import { CpuSet } from '../domain/cpu-set.ts';
import { topologyFromNodeInfo, topologyOf, type HostCpu, type NodeInfo, type NumaCell, type Topology } from '../domain/topology.ts';
import { XmlError, type XmlElement } from './document.ts';
import { readXml } from './read-xml.ts';

/**
 * The topology of CONNECT_GET_CAPABILITIES. Where it names no CPU, as some drivers and containers do, the counts of
 * NODE_GET_INFO stand in.
 * @throws XmlError when the text is not capabilities XML.
 */
export function topologyFromCapabilities(text: string, info: NodeInfo): Topology {
  const { before, root } = readXml(text);
  if (root.name !== 'capabilities') throw new XmlError(`The root element is <${root.name}>, not <capabilities>`, text, before.length);
  const elements = root.elements('host', 'topology', 'cells', 'cell');
  const cells = elements.map(cellOf).toSorted((one, other) => one.id - other.id);
  if (cells.every(({ cpus }) => cpus.length === 0)) return topologyFromNodeInfo(info);
  const offline = elements.flatMap((cell) => cell.elements('cpus', 'cpu')).filter((cpu) => !isOnline(cpu));
  return topologyOf(cells, CpuSet.of(offline.map((cpu) => number(cpu, 'id')).filter((id) => id !== null)));
}

function cellOf(cell: XmlElement): NumaCell {
  const memory = cell.element('memory');
  return {
    id: number(cell, 'id') ?? 0,
    memory: memory === null || !/^\d+$/.test(memory.text) ? null : kib(Number(memory.text)),
    distances: cell.elements('distances', 'sibling').map((to) => ({ cell: number(to, 'id') ?? 0, value: number(to, 'value') ?? 0 })),
    pages: cell.elements('pages').map((pages) => ({ size: kib(number(pages, 'size') ?? 0), count: Number(/^\d+$/.test(pages.text) ? pages.text : 0) })),
    cpus: cell.elements('cpus', 'cpu').filter(isOnline).flatMap(cpuOf).toSorted((one, other) => one.id - other.id),
  };
}

/** libvirt tells an offline CPU's number and nothing else. */
const isOnline = (cpu: XmlElement): boolean => cpu.attribute('siblings') !== null;

function cpuOf(cpu: XmlElement): readonly HostCpu[] {
  const id = number(cpu, 'id');
  if (id === null) return [];
  const siblings = cpu.attribute('siblings') ?? `${id}`;
  return [{
    id: cpuIndex(id),
    socket: number(cpu, 'socket_id') ?? 0,
    die: number(cpu, 'die_id') ?? 0,
    core: number(cpu, 'core_id') ?? id,
    siblings: CpuSet.parse(siblings).toString(),
  }];
}

/** An attribute that is a number from 0; libvirt writes -1 or nothing for what the kernel does not tell. */
function number(element: XmlElement, attribute: string): number | null {
  const text = element.attribute(attribute);
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}
