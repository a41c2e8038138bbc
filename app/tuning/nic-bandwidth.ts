// What a NIC may take in and send out: <interface><bandwidth>, https://libvirt.org/formatnetwork.html#quality-of-service
import { z } from '../domain/schema.ts';
import type { XmlElement } from '../xml/domain-xml.ts';
import { numberOf, putAttribute } from './attributes.ts';
import type { Facts, Field, Finding, Knob, Measure } from './knob.ts';
import { printMeasure } from './measure.ts';
import { childOf, dropChild, eachNic, error, kindOf, macAddress, nicName, nicsByMac } from './nic-element.ts';
import type { Step } from './steps.ts';

/**
 * libvirt's fields are unsigned 32-bit numbers of kilobytes a second, and for bursts of kilobytes. It hands them to tc as kbps and kb,
 * of which the first counts 1000 bytes and the second 1024: an average of 12500 is held to 100 Mbit/s.
 */
const most = 4_294_967_295;
const amount = z.int().min(0).max(most).nullable();
const bandwidth = z.strictObject({
  'inbound.average': amount, 'inbound.peak': amount, 'inbound.burst': amount, 'inbound.floor': amount,
  'outbound.average': amount, 'outbound.peak': amount, 'outbound.burst': amount,
}).readonly();
type Bandwidth = z.infer<typeof bandwidth>;
type Name = keyof Bandwidth;

/** libvirt's names in the order in which it answers them; the part before the point is the element, the part after it the attribute. */
const names = ['inbound.average', 'inbound.peak', 'inbound.burst', 'inbound.floor', 'outbound.average', 'outbound.peak', 'outbound.burst'] as const satisfies readonly Name[];
const directions = ['inbound', 'outbound'] as const;
type Direction = (typeof directions)[number];
const namesOf = (direction: Direction): readonly Name[] => names.filter((name) => name.startsWith(direction));
const measureOf = (name: Name): Measure => (name.endsWith('.burst') ? 'KiB' : 'kB/s');
const attributeOf = (name: Name): string => name.slice(name.indexOf('.') + 1);

/** Kinds of NIC that libvirt can limit (virNetDevSupportsBandwidth). */
const limited = ['network', 'bridge', 'ethernet', 'direct'];

const field = (name: Name, label: string, hint: string): Field & { readonly label: string; readonly hint: string } =>
  ({ kind: 'number', least: 1, most, measure: measureOf(name), absent: name.endsWith('.average') ? 'unlimited' : 'none', label, hint });

const peakHint = 'What it may reach for the length of a burst. libvirt counts it, as the average, in kB/s.';
const burstHint = 'How much may pass at the peak before the average holds again.';

/** 0 is how libvirt writes that nothing is set; without average or floor there is nothing to shape. */
function readBandwidth(nic: XmlElement): Bandwidth {
  const value = (name: Name): number | null => numberOf(nic.element('bandwidth', name.slice(0, name.indexOf('.'))), attributeOf(name)) || null;
  return {
    'inbound.average': value('inbound.average'), 'inbound.peak': value('inbound.peak'), 'inbound.burst': value('inbound.burst'), 'inbound.floor': value('inbound.floor'),
    'outbound.average': value('outbound.average'), 'outbound.peak': value('outbound.peak'), 'outbound.burst': value('outbound.burst'),
  };
}

/** The limit of one direction of a NIC in bytes a second, for pictures; null = unlimited. */
export const averageOf = (nic: XmlElement, direction: Direction): number | null => {
  const kilobytes = readBandwidth(nic)[`${direction}.average`];
  return kilobytes === null ? null : kilobytes * 1000;
};

/** The unit is the NIC's MAC address; kB a second and KiB, null = no limit. */
export const nicBandwidth: Knob<Bandwidth> = {
  label: 'Bandwidth',
  panel: 'network',
  card: 'Bandwidth',
  control: () => ({
    kind: 'fields',
    hint: 'Seen from the guest: inbound is what it receives. Written as 12.5 MB/s or 100 Mbit/s; a bare number is in libvirt’s kB/s. Empty takes a limit away.',
    fields: {
      'inbound.average': field('inbound.average', 'Inbound average', 'What the guest may receive in the long run.'),
      'inbound.peak': field('inbound.peak', 'Inbound peak', peakHint),
      'inbound.burst': field('inbound.burst', 'Inbound burst', burstHint),
      'inbound.floor': field('inbound.floor', 'Inbound floor', 'What the guest is promised at least, of what its network has: only on a network with a limit of its own.'),
      'outbound.average': field('outbound.average', 'Outbound average', 'What the guest may send in the long run; what is more is dropped.'),
      'outbound.peak': field('outbound.peak', 'Outbound peak', peakHint),
      'outbound.burst': field('outbound.burst', 'Outbound burst', burstHint),
    },
  }),
  unit: macAddress,
  value: bandwidth,

  read: (xml) => eachNic(xml, readBandwidth),

  write(xml, unit, value) {
    const nic = nicsByMac(xml).get(unit);
    if (nic === undefined) return;
    const has = readBandwidth(nic);
    for (const direction of directions) {
      const changed = namesOf(direction).filter((name) => has[name] !== value[name]);
      if (changed.length === 0) continue;
      const group = childOf(nic, 'bandwidth');
      const element = group.element(direction) ?? group.add(direction, { order: directions });
      for (const name of changed) putAttribute(element, attributeOf(name), value[name]);
      if (namesOf(direction).every((name) => value[name] === null)) group.remove(element);
    }
    const left = nic.element('bandwidth');
    if (left !== null && left.children.length === 0) dropChild(nic, 'bandwidth');
  },

  check(value, unit, _truth, facts, after) {
    const nic = nicsByMac(after).get(unit);
    const findings: Finding[] = [];
    if (names.every((name) => value[name] === null)) return findings;
    if (nic !== undefined && !limited.includes(kindOf(nic))) {
      findings.push(error(`libvirt cannot limit a NIC of kind ${kindOf(nic)}: only those of ${limited.join(', ')}.`));
    }
    for (const name of names) if (value[name] === 0) findings.push(error('A limit of nothing would be no limit: empty means unlimited.', name));
    for (const direction of directions) {
      const [average, peak, burst] = [value[`${direction}.average`], value[`${direction}.peak`], value[`${direction}.burst`]];
      if (average === null && peak !== null) findings.push(error('A peak needs an average that it rises above.', `${direction}.peak`));
      if (average === null && burst !== null) findings.push(error('A burst needs an average that it rises above.', `${direction}.burst`));
      if (average !== null && peak !== null && peak < average) findings.push(error(`The peak is below the average, ${printMeasure(average, 'kB/s')}.`, `${direction}.peak`));
    }
    const floor = value['inbound.floor'];
    const against = floor === null || nic === undefined ? null : againstFloor(nic, facts);
    if (against !== null) findings.push(error(against, 'inbound.floor'));
    return findings;
  },

  step(unit, value, scope, _facts, xml): Step | readonly Step[] | null {
    const nic = nicsByMac(xml).get(unit);
    // The call that takes the last saved limit away leaves an empty <bandwidth> behind; a definition does not.
    if (nic === undefined || (scope !== 'live' && names.every((name) => value[name] === null))) return null;
    const has = readBandwidth(nic);
    // libvirt sets a direction that is named anew: what is left out of it is none. For both truths at once both are told, since they may differ now.
    const told = directions.filter((direction) => scope === 'both' || namesOf(direction).some((name) => has[name] !== value[name]));
    return { kind: 'setInterface', device: unit, params: Object.fromEntries(told.flatMap(namesOf).map((name) => [name, value[name] ?? 0])), scope };
  },

  about(unit, xml) {
    const nic = nicsByMac(xml).get(unit);
    const value = nic === undefined ? null : readBandwidth(nic);
    // libvirt's own numbers, as virsh domiftune prints them.
    const said = value === null ? [] : names.flatMap((name) => (value[name] === null ? [] : [`${name} ${value[name]} ${measureOf(name)}`]));
    return said.length === 0 ? null : said.join(', ');
  },
  say: (value) => {
    const said = names.flatMap((name) => {
      const own = value[name];
      return own === null ? [] : [`${name.replace('.', ' ')} ${printMeasure(own, measureOf(name))}`];
    });
    return said.length === 0 ? 'unlimited' : said.join(', ');
  },
  name: nicName,
};

/** Why a NIC cannot have a floor; null = it can, as far as is known. */
function againstFloor(nic: XmlElement, facts: Facts): string | null {
  if (kindOf(nic) !== 'network') return `A floor is a part of what a network has, and this NIC is of kind ${kindOf(nic)}.`;
  const name = nic.element('source')?.attribute('network') ?? '';
  const network = facts.hostNetwork?.networks?.find((each) => each.name === name);
  return network === undefined || network.inbound !== null ? null : `A floor is a part of what the network ${name} has, and that has no inbound limit of its own.`;
}
