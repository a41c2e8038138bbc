// The network interfaces that a guest has: added, removed and connected elsewhere, https://libvirt.org/formatdomain.html#network-interfaces
import { z } from '../domain/schema.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { type Facts, type Finding, itemField, type Knob, type Option, wholeGuest } from './knob.ts';
import { freshMac, isConnectedAlike, mayBe, type Nic, nic, readNic, sayNic, writeNic } from './nic.ts';
import { error, nicPath } from './nic-element.ts';
import type { Step } from './steps.ts';

/** What becomes of each element, and what is added before which. */
interface Moves {
  readonly kept: readonly { readonly element: XmlElement; readonly wanted: Nic }[];
  readonly added: readonly { readonly wanted: Nic; readonly before: XmlElement | null }[];
  readonly gone: readonly XmlElement[];
}

/**
 * Each wanted NIC is the element with its address; one without an address the first that it may be. In a saved definition with as many
 * as before, one with another address at the place of an old one is that one, told anew.
 */
function movesTo(xml: DomainXml, wanted: readonly Nic[]): Moves {
  const elements = xml.elements(...nicPath);
  const had = elements.map(readNic);
  const left = new Set(elements.keys());
  const places = new Map<number, number>();
  const pair = (fits: (had: Nic, wanted: Nic, place: number, at: number) => boolean): void => {
    wanted.forEach((one, at) => {
      const place = places.has(at) ? undefined : [...left].find((each) => had[each] !== undefined && fits(had[each], one, each, at));
      if (place === undefined) return;
      left.delete(place);
      places.set(at, place);
    });
  };
  pair((is, one) => is.mac !== null && is.mac === one.mac);
  pair((is, one) => (is.mac === null || one.mac === null) && mayBe(is, one));
  if (xml.root.attribute('id') === null && wanted.length === elements.length) pair((_, one, place, at) => place === at && one.mac !== null);
  const elementAt = (at: number): XmlElement | null => {
    const place = places.get(at);
    return place === undefined ? null : (elements[place] ?? null);
  };
  return {
    kept: wanted.flatMap((one, at) => {
      const element = elementAt(at);
      return element === null ? [] : [{ element, wanted: one }];
    }),
    added: wanted.flatMap((one, at) => (elementAt(at) === null ? [{ wanted: one, before: wanted.map((_, after) => (after > at ? elementAt(after) : null)).find((each) => each !== null) ?? null }] : [])),
    gone: [...left].flatMap((place) => elements[place] ?? []),
  };
}

/** With an address for each that was left without. */
function named(xml: DomainXml, wanted: readonly Nic[]): readonly Nic[] {
  const taken = new Set([...wanted.flatMap(({ mac }) => mac ?? []), ...xml.elements(...nicPath).flatMap((element) => readNic(element).mac ?? [])]);
  return wanted.map((one) => {
    if (one.mac !== null) return one;
    const mac = freshMac(xml, taken);
    taken.add(mac);
    return { ...one, mac };
  });
}

const kinds: readonly Option[] = [
  { value: 'network', label: 'network', hint: 'One of the host’s virtual networks.' },
  { value: 'bridge', label: 'bridge', hint: 'A bridge of the host.' },
  { value: 'direct', label: 'direct (macvtap)', hint: 'A device of the host, shared by macvtap. Guest and host do not reach each other.' },
  { value: 'vdpa', label: 'vDPA', hint: 'A vDPA device of the host.' },
  { value: 'user', label: 'user', hint: 'Connections go out as those of a program of the host; nothing comes in by itself.' },
  { value: 'ethernet', label: 'ethernet', hint: 'A tap device that something else connects.' },
];
const choice = (values: readonly string[]): readonly Option[] => values.map((value) => ({ value, label: value }));

/** In the order of the definition; what is not read of an element stays as it is. */
export const nics: Knob<readonly Nic[]> = {
  label: 'Network interfaces',
  panel: 'network',
  card: 'Network interfaces',
  control: () => ({
    kind: 'list',
    item: 'NIC',
    most: 32,
    fresh: { mac: null, kind: 'network', source: 'default', mode: null, portgroup: null, backend: null, model: 'virtio', address: null },
    hint: 'While the guest runs, NICs are plugged and unplugged, and those on networks and bridges are connected to others. Address and model of one that is there change at the next start.',
    fields: {
      mac: { kind: 'text', absent: 'made for it', example: '52:54:00:12:34:56', label: 'MAC address' },
      kind: { kind: 'choice', absent: null, options: kinds, label: 'Connected to' },
      source: { kind: 'text', absent: 'none', example: 'default', label: 'Name', hint: 'Of the network, the bridge or the host’s device.' },
      mode: { kind: 'choice', absent: 'none', options: choice(['bridge', 'vepa', 'private', 'passthrough']), label: 'macvtap mode', hint: 'bridge: guests on one device reach each other. vepa: by way of the switch. private: not at all. passthrough: the device is this guest’s alone.' },
      portgroup: { kind: 'text', absent: 'none', example: 'trusted', label: 'Port group', hint: 'A set of settings that the network has for its ports.' },
      backend: { kind: 'choice', absent: 'QEMU itself', options: [{ value: 'passt', label: 'passt', hint: 'A program of its own: faster, and with IPv6. libvirt 9.0 and newer.' }], label: 'By way of' },
      model: { kind: 'text', absent: 'libvirt’s choice', example: 'virtio', label: 'Model', hint: 'virtio is the fastest; e1000e, rtl8139 and others are for guests without its driver.' },
    },
  }),
  unit: wholeGuest,
  value: z.array(nic).max(32).readonly(),

  read: (xml) => ({ '': xml.elements(...nicPath).map(readNic) }),

  write(xml, _unit, value) {
    const { kept, added, gone } = movesTo(xml, value);
    const fresh = named(xml, added.map(({ wanted }) => wanted));
    for (const { element, wanted } of kept) writeNic(element, wanted);
    added.forEach(({ before }, at) => {
      const wanted = fresh[at];
      if (wanted !== undefined) writeNic(before?.parent?.add('interface', { before }) ?? xml.add(nicPath, {}), wanted);
    });
    for (const element of gone) element.parent?.remove(element);
  },

  check: (value, _unit, truth, facts) => value.flatMap((one, item) => nicFindings(one, item, value, truth, facts)),

  step(_unit, value, scope, _facts, xml) {
    if (scope !== 'live') return null;
    const { kept, added, gone } = movesTo(xml, value);
    const moved = kept.filter(({ element, wanted }) => !mayBe(readNic(element), wanted));
    // Only its connection can be changed of one that is plugged in.
    if (moved.some(({ element, wanted }) => !isSameButConnected(readNic(element), wanted))) return null;
    return [
      ...gone.map((element): Step => ({ kind: 'detachDevice', device: sayNic(readNic(element)), xml: element.toString(), scope })),
      ...moved.map(({ element, wanted }): Step => {
        const draft = element.copy();
        writeNic(draft, wanted);
        return { kind: 'updateDevice', device: sayNic(wanted), xml: draft.toString(), scope };
      }),
      ...named(xml, added.map(({ wanted }) => wanted)).map((wanted): Step => {
        const draft = xml.clone().add(nicPath, {});
        writeNic(draft, wanted);
        return { kind: 'attachDevice', device: sayNic(wanted), xml: draft.toString(), scope };
      }),
    ];
  },

  takesAway: true,
  arrives: 'A guest lets a NIC go once its system has unplugged it, or never.',
  alike: (one, other) => {
    const left = [...other];
    return one.length === other.length && one.every((each) => {
      const at = left.findIndex((candidate) => mayBe(each, candidate));
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    });
  },
  say: (value) => (value.length === 0 ? 'none' : value.map(sayNic).join('; ')),
  name: () => 'Network interfaces',
};

/** libvirt moves running NICs between networks and bridges alone. */
const movable = ['network', 'bridge'];
const isSameButConnected = (is: Nic, wanted: Nic): boolean => mayBe({ ...is, kind: wanted.kind, source: wanted.source, portgroup: wanted.portgroup }, wanted) && [is, wanted].every(({ kind }) => movable.includes(kind));

/** What speaks against one of them. */
function nicFindings(one: Nic, item: number, all: readonly Nic[], truth: 'live' | 'saved', { hostNetwork, pluggedNics }: Facts): readonly Finding[] {
  const findings: Finding[] = [];
  const refuse = (message: string, key: keyof Nic): void => void findings.push(error(message, itemField(item, key)));
  const { mac, kind, source, mode, portgroup, backend } = one;
  if (mac !== null && Number.parseInt(mac.slice(0, 2), 16) % 2 === 1) refuse('The first pair of digits is odd: that is the address of a group, not of a NIC.', 'mac');
  if (mac === '00:00:00:00:00:00') refuse('An address of nothing but zeros is none.', 'mac');
  if (mac !== null && all.findIndex((other) => other.mac === mac) < item) refuse('Another NIC of this guest has this address.', 'mac');
  const owner = mac === null ? undefined : hostNetwork?.macs[mac];
  if (owner !== undefined) findings.push({ level: 'warning', message: `${owner} has a NIC with this address too: on one network, neither is reached reliably.`, field: itemField(item, 'mac') });
  if (['network', 'bridge', 'direct', 'vdpa'].includes(kind) && source === null) refuse(`A NIC of kind ${kind} needs the name of what it is connected to.`, 'source');
  if (kind === 'network' && source !== null) findings.push(...networkFindings(source, portgroup, item, truth, hostNetwork));
  if (kind === 'vdpa' && source !== null && !source.startsWith('/')) refuse('A vDPA device is given by its path, as /dev/vhost-vdpa-0.', 'source');
  if (kind === 'user' && source !== null && backend === null) refuse('User networking goes by a device of its own only with passt.', 'source');
  if (kind === 'ethernet' && source !== null) refuse('A NIC of kind ethernet has no name: what connects it finds its tap device.', 'source');
  if (mode !== null && kind !== 'direct') refuse('Only NICs of kind direct have a macvtap mode.', 'mode');
  if (portgroup !== null && kind !== 'network') refuse('Only networks have port groups.', 'portgroup');
  if (backend !== null && kind !== 'user') refuse('Only user networking goes by way of something.', 'backend');
  const plugged = truth === 'saved' || mac === null ? undefined : pluggedNics?.find((is) => is.mac === mac);
  if (plugged !== undefined && plugged.model !== one.model) refuse('A NIC that is plugged in keeps its model. Change it for the next start, or remove the NIC and add another.', 'model');
  if (plugged !== undefined && !isConnectedAlike(plugged, one) && !isSameButConnected({ ...plugged, model: one.model }, one)) {
    refuse(`While the guest runs, a NIC moves between networks and bridges only; this one is of kind ${plugged.kind}.`, 'kind');
  }
  return findings;
}

function networkFindings(source: string, portgroup: string | null, item: number, truth: 'live' | 'saved', hostNetwork: Facts['hostNetwork']): readonly Finding[] {
  const networks = hostNetwork?.networks ?? null;
  if (networks === null) return [];
  const network = networks.find(({ name }) => name === source);
  const names = networks.map(({ name }) => name).join(', ');
  // A saved definition may name what is made later; the guest does not start before.
  const level = truth === 'live' ? 'error' : 'warning';
  if (network === undefined) return [{ level, message: `The host has no network ${source}${names === '' ? '' : `; it has ${names}`}.`, field: itemField(item, 'source') }];
  if (!network.active) return [{ level, message: `The network ${source} is not active.`, field: itemField(item, 'source') }];
  return portgroup === null || network.portgroups.includes(portgroup) ? [] : [{ level: 'warning', message: `The network ${source} has no port group ${portgroup}.`, field: itemField(item, 'portgroup') }];
}
