// What a NIC may take in and send out: <interface><bandwidth>, https://libvirt.org/formatnetwork.html#quality-of-service
import type { XmlElement } from '../xml/domain-xml.ts';
import { type Bandwidth, bandwidth, bandwidthField, bandwidthFindings, bandwidthNames, bandwidthNumbers, burstHint, directions, namesOf, peakHint, readBandwidth, sayBandwidth, writeBandwidth } from './bandwidth.ts';
import type { Facts, Finding, Knob } from './knob.ts';
import { eachNic, error, kindOf, macAddress, nicName, nicOrder, nicsByMac } from './nic-element.ts';
import type { Step } from './steps.ts';

/** Kinds of NIC that libvirt can limit (virNetDevSupportsBandwidth). */
const limited = ['network', 'bridge', 'ethernet', 'direct'];

/** The limit of one direction of a NIC in bytes a second, for pictures; null = unlimited. */
export const averageOf = (nic: XmlElement, direction: (typeof directions)[number]): number | null => {
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
      'inbound.average': bandwidthField('inbound.average', 'What the guest may receive in the long run.'),
      'inbound.peak': bandwidthField('inbound.peak', peakHint),
      'inbound.burst': bandwidthField('inbound.burst', burstHint),
      'inbound.floor': bandwidthField('inbound.floor', 'What the guest is promised at least, of what its network has: only on a network with a limit of its own.'),
      'outbound.average': bandwidthField('outbound.average', 'What the guest may send in the long run; what is more is dropped.'),
      'outbound.peak': bandwidthField('outbound.peak', peakHint),
      'outbound.burst': bandwidthField('outbound.burst', burstHint),
    },
  }),
  unit: macAddress,
  value: bandwidth,

  read: (xml) => eachNic(xml, readBandwidth),

  write(xml, unit, value) {
    const nic = nicsByMac(xml).get(unit);
    if (nic !== undefined) writeBandwidth(nic, value, { order: nicOrder });
  },

  check(value, unit, _truth, facts, after) {
    const nic = nicsByMac(after).get(unit);
    const findings: Finding[] = [];
    if (bandwidthNames.every((name) => value[name] === null)) return findings;
    if (nic !== undefined && !limited.includes(kindOf(nic))) {
      findings.push(error(`libvirt cannot limit a NIC of kind ${kindOf(nic)}: only those of ${limited.join(', ')}.`));
    }
    findings.push(...bandwidthFindings(value));
    const floor = value['inbound.floor'];
    const against = floor === null || nic === undefined ? null : againstFloor(nic, facts);
    if (against !== null) findings.push(error(against, 'inbound.floor'));
    return findings;
  },

  step(unit, value, scope, _facts, xml): Step | readonly Step[] | null {
    const nic = nicsByMac(xml).get(unit);
    // The call that takes the last saved limit away leaves an empty <bandwidth> behind; a definition does not.
    if (nic === undefined || (scope !== 'live' && bandwidthNames.every((name) => value[name] === null))) return null;
    const has = readBandwidth(nic);
    // libvirt sets a direction that is named anew: what is left out of it is none. For both truths at once both are told, since they may differ now.
    const told = directions.filter((direction) => scope === 'both' || namesOf(direction).some((name) => has[name] !== value[name]));
    return { kind: 'setInterface', device: unit, params: Object.fromEntries(told.flatMap(namesOf).map((name) => [name, value[name] ?? 0])), scope };
  },

  about(unit, xml) {
    const nic = nicsByMac(xml).get(unit);
    const said = nic === undefined ? [] : bandwidthNumbers(readBandwidth(nic));
    return said.length === 0 ? null : said.join(', ');
  },
  say: (value) => sayBandwidth(value),
  name: nicName,
};

/** Why a NIC cannot have a floor; null = it can, as far as is known. */
function againstFloor(nic: XmlElement, facts: Facts): string | null {
  if (kindOf(nic) !== 'network') return `A floor is a part of what a network has, and this NIC is of kind ${kindOf(nic)}.`;
  const name = nic.element('source')?.attribute('network') ?? '';
  const network = facts.hostNetwork?.networks?.find((each) => each.name === name);
  return network === undefined || network.inbound !== null ? null : `A floor is a part of what the network ${name} has, and that has no inbound limit of its own.`;
}
