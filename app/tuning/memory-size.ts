// Amounts of memory in domain XML, and what a guest's memory is made of: what it starts with and what is plugged.
import { parseBytes, printBytes, toKib } from '../domain/bytes.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';

/** Memory in words: `1.5 GiB`. */
export const sayKib = (kib: number): string => printBytes(kib * 1024);

/** The KiB an element says, in whatever unit it says them (https://libvirt.org/formatdomain.html#memory-allocation); null when it is none. */
export function kibOf(element: XmlElement | null): number | null {
  const bytes = element === null ? null : parseBytes(`${element.text} ${element.attribute('unit') ?? ''}`, 'KiB');
  return bytes === null ? null : toKib(bytes);
}

/** Makes an element say that many KiB, unless it does already. One that says no unit counts in KiB. */
export function setKib(element: XmlElement, kib: number): void {
  if (kibOf(element) === kib) return;
  if (element.attribute('unit') !== null || element.text === '') element.setAttribute('unit', 'KiB');
  element.setText(`${kib}`);
}

/** One of the guest's NUMA cells; its number, where it is not written, goes by its place. */
export interface GuestCell {
  readonly id: string;
  readonly memory: number;
  readonly element: XmlElement;
}

/** In the order of their numbers, as libvirt writes them. */
export const guestCells = (xml: DomainXml): readonly GuestCell[] =>
  xml.elements('cpu', 'numa', 'cell').map((element, place) => ({
    id: element.attribute('id') ?? `${place}`,
    memory: toKib(parseBytes(`${element.attribute('memory') ?? '0'} ${element.attribute('unit') ?? ''}`, 'KiB') ?? 0),
    element,
  })).toSorted((one, other) => Number(one.id) - Number(other.id));

/** KiB of every memory device together, of whatever model. */
const pluggedMemory = (xml: DomainXml): number => xml.elements('devices', 'memory').reduce((sum, device) => sum + (kibOf(device.element('target', 'size')) ?? 0), 0);

/** KiB the guest has at most without more being plugged: what it starts with and every memory device. */
export const totalMemory = (xml: DomainXml): number => initialMemory(xml) + pluggedMemory(xml);

/** KiB the guest starts with, memory devices left out: its cells together, since libvirt goes by them where there are any. */
export function initialMemory(xml: DomainXml): number {
  const cells = guestCells(xml);
  if (cells.length > 0) return cells.reduce((sum, { memory }) => sum + memory, 0);
  return Math.max(0, (kibOf(xml.element('memory')) ?? 0) - pluggedMemory(xml));
}

/** What the memory of a guest with cells has to be a multiple of, in KiB, so that each keeps its part of it in whole MiB; 1 without cells. */
export function memoryStep(xml: DomainXml): number {
  const sizes = guestCells(xml).map(({ memory }) => memory);
  const divisor = sizes.reduce(greatestDivisor, 0);
  return divisor === 0 ? 1 : (sizes.reduce((sum, size) => sum + size, 0) / divisor) * 1024;
}
const greatestDivisor = (one: number, other: number): number => (other === 0 ? one : greatestDivisor(other, one % other));

/** Sets what a guest starts with: its cells in proportion, and the total by as much as that moves. */
export function setInitialMemory(xml: DomainXml, kib: number): void {
  const before = initialMemory(xml);
  const total = xml.ensure('memory');
  setKib(total, (kibOf(total) ?? before) + kib - before);
  const cells = guestCells(xml);
  let left = kib;
  cells.forEach(({ element, memory }, place) => {
    const share = Math.round(before === 0 ? kib / cells.length : (kib * memory) / before);
    const own = place === cells.length - 1 ? left : Math.min(left, share);
    left -= own;
    if (own === memory) return;
    element.setAttribute('memory', `${own}`);
    element.setAttribute('unit', 'KiB');
  });
}
