// What the memory bar shows, in KiB from 0 to the most a guest can ever have; and how its balloon fares, in words.
import type { MemorySample } from '../../app/contract/live.ts';
import type { Facts } from '../../app/tuning/knob.ts';
import { readMemoryDevice, sayMemoryDevice } from '../../app/tuning/memory-device.ts';
import { initialMemory, kibOf, sayKib, totalMemory } from '../../app/tuning/memory-size.ts';
import type { DomainXml } from '../../app/xml/domain-xml.ts';

/** A stretch of the bar. */
export interface Part {
  readonly kind: 'used' | 'caches' | 'free' | 'given back' | 'room';
  readonly from: number;
  readonly to: number;
}

export interface MemoryParts {
  /** The end of the bar: what plugging can lead to, else what there is. */
  readonly most: number;
  readonly total: number;
  readonly actual: number;
  readonly parts: readonly Part[];
  /** Where each plugged device begins, in order; the first one begins where what the guest started with ends. */
  readonly devices: readonly { readonly at: number; readonly size: number; readonly words: string }[];
  /** Slots that no DIMM is in. */
  readonly freeSlots: number;
}

/**
 * @param balloon KiB that the balloon leaves the guest.
 * @param told what the guest told last; null = nothing, or it does not run.
 */
export function memoryParts(xml: DomainXml, balloon: number, told: MemorySample | null): MemoryParts {
  const total = totalMemory(xml);
  const most = Math.max(kibOf(xml.element('maxMemory')) ?? 0, total, 1);
  const actual = Math.min(balloon, total);
  // What firmware and kernel keep for themselves is not counted by the guest: it is in use.
  const free = Math.min(told?.usable ?? told?.unused ?? 0, actual);
  const caches = Math.min(told?.caches ?? 0, free);
  const used = told?.available == null ? 0 : actual - free;
  const stretches: readonly Part[] = [
    { kind: 'used', from: 0, to: used },
    { kind: 'caches', from: used, to: used + (told?.available == null ? 0 : caches) },
    { kind: 'free', from: used + (told?.available == null ? 0 : caches), to: actual },
    { kind: 'given back', from: actual, to: total },
    { kind: 'room', from: total, to: most },
  ];
  let at = initialMemory(xml);
  const elements = xml.elements('devices', 'memory');
  const devices = elements.map((element) => {
    const size = kibOf(element.element('target', 'size')) ?? 0;
    const device = readMemoryDevice(element);
    const placed = { at, size, words: device === null ? `${element.attribute('model') ?? 'memory'} of ${sayKib(size)}` : sayMemoryDevice(device) };
    at += size;
    return placed;
  });
  const slots = Number(xml.element('maxMemory')?.attribute('slots') ?? 0);
  const dimms = elements.filter((element) => element.attribute('model') === 'dimm').length;
  return { most, total, actual, parts: stretches.filter(({ from, to }) => to > from), devices, freeSlots: Math.max(0, slots - dimms) };
}

/** Milliseconds after which a balloon that did not move is taken for one that nobody drives, and one that stopped for one that has ended. */
const patience = 10_000;

/** How a balloon that was asked for something fares; null where nothing is asked. */
export function balloonWords(balloon: Facts['balloon'], actual: number, now: number): { readonly level: 'info' | 'warning'; readonly text: string } | null {
  if (balloon === null || balloon.target === actual) return null;
  const { target, asked, moved } = balloon;
  if (now - (moved ?? asked) < patience) return { level: 'info', text: `On its way to ${sayKib(target)}: the guest has ${sayKib(actual)}.` };
  return moved === null
    ? { level: 'warning', text: `The guest was asked for ${sayKib(target)} and does not move: no balloon driver answers in it.` }
    : { level: 'warning', text: `The guest stopped at ${sayKib(actual)}: it can give back no more of what was asked, ${sayKib(target)}.` };
}

/** By how much a key moves the balloon: a two-hundredth of the bar or so, in a round number of MiB. */
export const balloonStep = (total: number): number => 2 ** Math.max(10, Math.round(Math.log2(Math.max(1, total / 200))));
