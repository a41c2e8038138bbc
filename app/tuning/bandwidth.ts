// What may pass each way each second, of a NIC or of a whole network: <bandwidth>, https://libvirt.org/formatnetwork.html#quality-of-service
import type { RateUnit } from '../domain/bytes.ts';
import { z } from '../domain/schema.ts';
import type { Place, XmlElement } from '../xml/document.ts';
import { numberOf, putAttribute } from './attributes.ts';
import type { Fields, Finding, Measure } from './knob.ts';
import { printMeasure } from './measure.ts';
import { error } from './nic-element.ts';

/**
 * libvirt's fields are unsigned 32-bit numbers of kilobytes a second, and for bursts of kilobytes. It hands them to tc as kbps and kb,
 * of which the first counts 1000 bytes and the second 1024: an average of 12500 is held to 100 Mbit/s.
 */
const most = 4_294_967_295;
const amount = z.int().min(0).max(most).nullable();
export const bandwidth = z.strictObject({
  'inbound.average': amount, 'inbound.peak': amount, 'inbound.burst': amount, 'inbound.floor': amount,
  'outbound.average': amount, 'outbound.peak': amount, 'outbound.burst': amount,
}).readonly();
export type Bandwidth = z.infer<typeof bandwidth>;
export type BandwidthName = keyof Bandwidth;

/** libvirt's names in the order in which it answers them; the part before the point is the element, the part after it the attribute. */
export const bandwidthNames = ['inbound.average', 'inbound.peak', 'inbound.burst', 'inbound.floor', 'outbound.average', 'outbound.peak', 'outbound.burst'] as const satisfies readonly BandwidthName[];
export const directions = ['inbound', 'outbound'] as const;
type Direction = (typeof directions)[number];
export const namesOf = (direction: Direction): readonly BandwidthName[] => bandwidthNames.filter((name) => name.startsWith(direction));
const measureOf = (name: BandwidthName): Measure => (name.endsWith('.burst') ? 'KiB' : 'kB/s');
const attributeOf = (name: BandwidthName): string => name.slice(name.indexOf('.') + 1);

const labels: Readonly<Record<BandwidthName, string>> = {
  'inbound.average': 'Inbound average', 'inbound.peak': 'Inbound peak', 'inbound.burst': 'Inbound burst', 'inbound.floor': 'Inbound floor',
  'outbound.average': 'Outbound average', 'outbound.peak': 'Outbound peak', 'outbound.burst': 'Outbound burst',
};

/** A field for one number. @param hint what it means of what is limited. */
export const bandwidthField = (name: BandwidthName, hint: string): Fields[string] & { readonly kind: 'number' } =>
  ({ kind: 'number', least: 1, most, measure: measureOf(name), absent: name.endsWith('.average') ? 'unlimited' : 'none', label: labels[name], hint });

export const peakHint = 'What it may reach for the length of a burst. libvirt counts it, as the average, in kB/s.';
export const burstHint = 'How much may pass at the peak before the average holds again.';

/** Of a NIC or a network. 0 is how libvirt writes that nothing is set; without average or floor there is nothing to shape. */
export function readBandwidth(of: XmlElement): Bandwidth {
  const value = (name: BandwidthName): number | null => numberOf(of.element('bandwidth', name.slice(0, name.indexOf('.'))), attributeOf(name)) || null;
  return {
    'inbound.average': value('inbound.average'), 'inbound.peak': value('inbound.peak'), 'inbound.burst': value('inbound.burst'), 'inbound.floor': value('inbound.floor'),
    'outbound.average': value('outbound.average'), 'outbound.peak': value('outbound.peak'), 'outbound.burst': value('outbound.burst'),
  };
}

/** Writes what differs from what is there, and leaves no empty element. @param place where libvirt prints `<bandwidth>` in it. */
export function writeBandwidth(of: XmlElement, wanted: Bandwidth, place: Place): void {
  const has = readBandwidth(of);
  for (const direction of directions) {
    const changed = namesOf(direction).filter((name) => has[name] !== wanted[name]);
    if (changed.length === 0) continue;
    const group = of.element('bandwidth') ?? of.add('bandwidth', place);
    const element = group.element(direction) ?? group.add(direction, { order: directions });
    for (const name of changed) putAttribute(element, attributeOf(name), wanted[name]);
    if (namesOf(direction).every((name) => wanted[name] === null)) group.remove(element);
  }
  const left = of.element('bandwidth');
  if (left !== null && left.children.length === 0) of.remove(left);
}

/** What speaks against it, whatever it is of. */
export const bandwidthFindings = (value: Bandwidth): readonly Finding[] => [
  ...bandwidthNames.filter((name) => value[name] === 0).map((name) => error('A limit of nothing would be no limit: empty means unlimited.', name)),
  ...directions.flatMap((direction) => {
    const [average, peak, burst] = [value[`${direction}.average`], value[`${direction}.peak`], value[`${direction}.burst`]];
    return [
      ...(average === null && peak !== null ? [error('A peak needs an average that it rises above.', `${direction}.peak`)] : []),
      ...(average === null && burst !== null ? [error('A burst needs an average that it rises above.', `${direction}.burst`)] : []),
      ...(average !== null && peak !== null && peak < average ? [error(`The peak is below the average, ${printMeasure(average, 'kB/s')}.`, `${direction}.peak`)] : []),
    ];
  }),
];

/** In libvirt's own numbers, as virsh prints them; nothing where nothing is limited. */
export const bandwidthNumbers = (value: Bandwidth): readonly string[] => bandwidthNames.flatMap((name) => (value[name] === null ? [] : [`${name} ${value[name]} ${measureOf(name)}`]));

/** In words. @param rates how those of networks are written. */
export const sayBandwidth = (value: Bandwidth, rates: RateUnit = 'bytes'): string => {
  const said = bandwidthNames.flatMap((name) => {
    const own = value[name];
    return own === null ? [] : [`${name.replace('.', ' ')} ${printMeasure(own, measureOf(name), rates)}`];
  });
  return said.length === 0 ? 'unlimited' : said.join(', ');
};
