// What passes between a NIC and its network: filter, isolation and VLANs, https://libvirt.org/formatdomain.html#network-interfaces
import { z } from '../domain/schema.ts';
import type { XmlElement } from '../xml/domain-xml.ts';
import { wholeNumber } from './attributes.ts';
import type { Finding, Knob } from './knob.ts';
import { childOf, dropChild, eachNic, error, macAddress, nicName, nicsByMac, updateNic } from './nic-element.ts';

const text = z.string().max(4096).nullable();
const port = z.strictObject({ filter: text, parameters: text, isolated: z.boolean(), vlan: text, trunk: z.boolean() }).readonly();
type Port = z.infer<typeof port>;

/** `NAME=value` of a filter's variables; several values of one name are several of these. */
const parameterForm = /^([A-Za-z0-9_]+)=([^\s,='"<>&]+)$/;
/** A tag, and how the native one of a trunk leaves the guest: `42`, `42:untagged`. */
const tagForm = /^(\d+)(?::(tagged|untagged))?$/;
const lastTag = 4095;

const partsOf = (list: string | null): readonly string[] => (list ?? '').split(',').map((part) => part.trim()).filter((part) => part !== '');
/** `''` is nothing. */
const joined = (parts: readonly string[]): string | null => (parts.length === 0 ? null : parts.join(', '));

const readPort = (nic: XmlElement): Port => {
  const parameters = nic.elements('filterref', 'parameter').map((each) => `${each.attribute('name') ?? ''}=${each.attribute('value') ?? ''}`);
  const tags = nic.elements('vlan', 'tag').map((tag) => [tag.attribute('id'), tag.attribute('nativeMode')].filter((part) => part !== null).join(':'));
  return {
    filter: nic.element('filterref')?.attribute('filter') ?? null,
    parameters: joined(parameters),
    isolated: nic.element('port')?.attribute('isolated') === 'yes',
    vlan: joined(tags),
    // libvirt takes several tags for a trunk, and writes so.
    trunk: nic.element('vlan')?.attribute('trunk') === 'yes' || tags.length > 1,
  };
};

function writeFilter(nic: XmlElement, filter: string | null, parameters: string | null): void {
  if (filter === null) {
    dropChild(nic, 'filterref');
    return;
  }
  const element = childOf(nic, 'filterref');
  element.setAttribute('filter', filter);
  if (joined(partsOf(parameters)) === readPort(nic).parameters) return;
  for (const old of element.elements('parameter')) element.remove(old);
  for (const part of partsOf(parameters)) {
    const [, name = '', value = ''] = parameterForm.exec(part) ?? [];
    element.add('parameter', {}, { name, value });
  }
}

function writeVlan(nic: XmlElement, vlan: string | null, trunk: boolean): void {
  dropChild(nic, 'vlan');
  const tags = partsOf(vlan);
  if (tags.length === 0) return;
  const element = childOf(nic, 'vlan');
  if (trunk) element.setAttribute('trunk', 'yes');
  for (const tag of tags) {
    const [, id = '', nativeMode] = tagForm.exec(tag) ?? [];
    element.add('tag', {}, { id, ...(nativeMode !== undefined && { nativeMode }) });
  }
}

/** The unit is the NIC's MAC address. */
export const nicPort: Knob<Port> = {
  label: 'Filter and VLAN',
  panel: 'network',
  card: 'Link and filter',
  control: ({ hostNetwork }) => {
    const filters = hostNetwork?.filters ?? null;
    const filter = filters === null
      ? { kind: 'text' as const, absent: 'none', example: 'clean-traffic' }
      : { kind: 'choice' as const, absent: 'none', options: filters.map((name) => ({ value: name, label: name })) };
    return {
      kind: 'fields',
      hint: 'These change while the guest runs, where what the NIC is connected to can do it.',
      fields: {
        filter: { ...filter, label: 'Filter', hint: 'Which packets pass, by one of the host’s network filters.' },
        parameters: { kind: 'text', absent: 'none', example: 'IP=192.168.122.5, CTRL_IP_LEARNING=dhcp', label: 'Filter values', hint: 'What the filter’s variables stand for: NAME=value, separated by commas; several values of a name are written one by one.' },
        isolated: { kind: 'switch', label: 'Isolated', hint: 'It reaches the host and beyond, and no other isolated NIC of its bridge.' },
        vlan: { kind: 'text', absent: 'none', example: '42', label: 'VLAN tags', hint: 'Open vSwitch, some bridges and SR-IOV NICs take them; several make a trunk, of which one may be native: 42:untagged, 47.' },
        trunk: { kind: 'switch', label: 'VLAN trunk', hint: 'The guest sees the tags.' },
      },
    };
  },
  unit: macAddress,
  value: port,

  read: (xml) => eachNic(xml, readPort),

  write(xml, unit, value) {
    const nic = nicsByMac(xml).get(unit);
    if (nic === undefined) return;
    const has = readPort(nic);
    if (has.filter !== value.filter || has.parameters !== value.parameters) writeFilter(nic, value.filter, value.parameters);
    if (has.vlan !== value.vlan || has.trunk !== value.trunk) writeVlan(nic, value.vlan, value.trunk);
    if (has.isolated !== value.isolated) {
      if (value.isolated) childOf(nic, 'port').setAttribute('isolated', 'yes');
      else dropChild(nic, 'port');
    }
  },

  check({ filter, parameters, isolated, vlan, trunk }, unit, _truth, { hostNetwork }, after) {
    const findings: Finding[] = [];
    const filters = hostNetwork?.filters ?? null;
    const kind = nicsByMac(after).get(unit)?.attribute('type') ?? '';
    if (filter !== null && filters !== null && !filters.includes(filter)) findings.push(error(`The host has no network filter ${filter}.`, 'filter'));
    if (filter === null && parameters !== null) findings.push(error('Values are for a filter, and there is none.', 'parameters'));
    const odd = partsOf(parameters).find((part) => !parameterForm.test(part));
    if (odd !== undefined) findings.push(error(`Values are written as NAME=value, and ${odd} is not.`, 'parameters'));
    const tags = partsOf(vlan);
    const numbers = tags.map((tag) => wholeNumber(tagForm.exec(tag)?.[1]));
    const wrong = tags.find((_, at) => (numbers[at] ?? lastTag + 1) > lastTag);
    if (wrong !== undefined) findings.push(error(`VLAN tags are numbers from 0 to ${lastTag}, separated by commas; ${wrong} is none.`, 'vlan'));
    if (new Set(numbers).size < numbers.length) findings.push(error('A tag stands there twice.', 'vlan'));
    if (tags.length > 1 && !trunk) findings.push(error('Several tags make a trunk.', 'trunk'));
    if (tags.length === 0 && trunk) findings.push(error('A trunk needs tags.', 'vlan'));
    if (['user', 'ethernet'].includes(kind)) {
      if (isolated) findings.push(error(`Only NICs at a bridge can be isolated, and this one is of kind ${kind}.`, 'isolated'));
      if (tags.length > 0) findings.push(error(`A NIC of kind ${kind} has no VLANs.`, 'vlan'));
    }
    return findings;
  },

  step: (unit, value, scope, _facts, xml) => (scope === 'live' ? updateNic(xml, unit, (draft) => nicPort.write(draft, unit, value)) : null),

  say: ({ filter, parameters, isolated, vlan, trunk }) => {
    const said = [
      ...(filter === null ? [] : [`filter ${filter}${parameters === null ? '' : ` with ${parameters}`}`]), ...(isolated ? ['isolated'] : []),
      ...(vlan === null ? [] : [`${trunk ? 'VLAN trunk' : 'VLAN'} ${vlan}`]),
    ];
    return said.length === 0 ? 'no filter, no VLAN' : said.join(', ');
  },
  name: nicName,
};
