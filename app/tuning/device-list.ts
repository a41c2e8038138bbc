// Devices of one kind as a list that is added to and taken from: which element is which item, what moves, and how a running guest is given it.
// https://libvirt.org/formatdomain.html#devices
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { z } from '../domain/schema.ts';
import { putAttribute } from './attributes.ts';
import type { Knob, Truth } from './knob.ts';
import { same } from './same.ts';
import type { Step } from './steps.ts';

/** What kinds of devices have in common as values. */
export type Device = Readonly<Record<string, unknown>> & {
  /** Where it is plugged, so that one that was taken away comes back there; null = where libvirt finds room. Some are plugged nowhere. */
  readonly address?: string | null;
};

/** One kind of device. */
export interface DeviceKind<V extends Device> {
  readonly element: string;
  /** Where it stands; left out, below `<devices>`. */
  readonly path?: readonly [...string[], string];
  /** The children of the element in libvirt's order. */
  readonly order: readonly string[];
  /** null = of a form that is not known here, and stays as it is. */
  readonly read: (element: XmlElement) => V | null;
  /** Makes an element say what is wanted; the rest of it stays. The address is not its concern. */
  readonly write: (element: XmlElement, wanted: V) => void;
  /** What libvirt fills in where it is left to it, beside the address. */
  readonly open?: readonly (keyof V)[];
  /** What a plugged device is known by beside its address: with that it is the same, told anew. */
  readonly known?: readonly (keyof V)[];
  readonly say: (device: V) => string;
}

/** An address as one text, `pci domain=0x0000 bus=0x01 slot=0x00 function=0x0`: its type and its other attributes. */
export const deviceAddress = z.string().max(256).regex(/^[\w-]+( [\w-]+=[\w.:-]+)*$/, 'is no address of a device').nullable();

function readAddress(element: XmlElement): string | null {
  const address = element.element('address');
  if (address === null || address.children.length > 0) return null;
  const rest = address.attributes.filter(({ name }) => name !== 'type').map(({ name, value }) => ` ${name}=${value}`);
  return deviceAddress.safeParse(`${address.attribute('type') ?? ''}${rest.join('')}`).data ?? null;
}

function place(element: XmlElement, text: string, order: readonly string[]): void {
  const [type = '', ...rest] = text.split(' ');
  const address = element.element('address') ?? element.add('address', { order });
  for (const { name } of address.attributes) address.removeAttribute(name);
  address.setAttribute('type', type);
  for (const part of rest) {
    const at = part.indexOf('=');
    address.setAttribute(part.slice(0, at), part.slice(at + 1));
  }
}

/** The child of this name, put in libvirt's place where it is not there. */
export const childIn = (element: XmlElement, name: string, { order }: Pick<DeviceKind<Device>, 'order'>): XmlElement => element.element(name) ?? element.add(name, { order });

/** Sets attributes of a child, which comes and goes with them; what stands there already is not touched. */
export function putChild(element: XmlElement, name: string, wanted: Readonly<Record<string, string | number | null>>, kind: Pick<DeviceKind<Device>, 'order'>): void {
  const child = element.element(name);
  const changed = Object.entries(wanted).filter(([key, value]) => (child?.attribute(key) ?? null) !== (value === null ? null : `${value}`));
  if (changed.length === 0) return;
  const there = childIn(element, name, kind);
  for (const [key, value] of changed) putAttribute(there, key, value);
  if (there.attributes.length === 0 && there.children.length === 0 && there.text === '') element.remove(there);
}

const pathOf = ({ element, path = ['devices', element] }: Pick<DeviceKind<Device>, 'element' | 'path'>): readonly string[] => path;

/** The device that an element describes, with its address. */
const readDevice = <V extends Device>(kind: DeviceKind<V>, element: XmlElement): V | null => {
  const device = kind.read(element);
  return device === null || device.address === undefined ? device : { ...device, address: readAddress(element) };
};

export const readDevices = <V extends Device>(kind: DeviceKind<V>, xml: DomainXml): readonly V[] =>
  xml.elements(...pathOf(kind)).map((element) => readDevice(kind, element)).filter((device) => device !== null);

/** Whether libvirt may have made the one of the other. */
function mayBe<V extends Device>(kind: DeviceKind<V>, one: V, other: V): boolean {
  const open = new Set<keyof V>([...(kind.open ?? []), 'address']);
  const keys = Object.keys(one) as (keyof V)[];
  return keys.every((key) => same(one[key], other[key]) || (open.has(key) && (one[key] === null || other[key] === null)));
}

const isKnownAs = <V extends Device>({ known = [] }: DeviceKind<V>, one: V, other: V): boolean =>
  (one.address != null && one.address === other.address) || (known.length > 0 && known.every((key) => same(one[key], other[key])));

interface Moves<V> {
  readonly kept: readonly { readonly element: XmlElement; readonly had: V; readonly wanted: V }[];
  readonly added: readonly { readonly wanted: V; readonly before: XmlElement | null }[];
  readonly gone: readonly { readonly element: XmlElement; readonly had: V }[];
}

/**
 * Each wanted device is the first element like it, then the first that it may be, then the one that is known by the same. In a saved definition
 * with as many as before, what is left is the one at its place, told anew; a running guest's is another device.
 */
function movesTo<V extends Device>(kind: DeviceKind<V>, xml: DomainXml, wanted: readonly V[]): Moves<V> {
  const had = xml.elements(...pathOf(kind)).flatMap((element) => {
    const device = readDevice(kind, element);
    return device === null ? [] : [{ element, had: device }];
  });
  const left = new Set(had.keys());
  const places = new Map<number, number>();
  const pair = (fits: (one: V, other: V, place: number, at: number) => boolean): void => wanted.forEach((one, at) => {
    const found = places.has(at) ? undefined : [...left].find((each) => had[each] !== undefined && fits(had[each].had, one, each, at));
    if (found === undefined) return;
    left.delete(found);
    places.set(at, found);
  });
  pair((is, one) => same(is, one));
  pair((is, one) => mayBe(kind, is, one));
  pair((is, one) => isKnownAs(kind, is, one));
  if (xml.root.attribute('id') === null && wanted.length === had.length) pair((_is, _one, at, other) => at === other);
  const elementAt = (at: number): (typeof had)[number] | undefined => had[places.get(at) ?? -1];
  return {
    kept: wanted.flatMap((one, at) => {
      const found = elementAt(at);
      return found === undefined ? [] : [{ ...found, wanted: one }];
    }),
    added: wanted.flatMap((one, at) => (elementAt(at) === undefined ? [{ wanted: one, before: wanted.map((_, after) => (after > at ? elementAt(after)?.element : undefined)).find((each) => each !== undefined) ?? null }] : [])),
    gone: [...left].flatMap((at) => had[at] ?? []),
  };
}

function fill<V extends Device>(kind: DeviceKind<V>, element: XmlElement, wanted: V): void {
  kind.write(element, wanted);
  if (wanted.address != null && readAddress(element) !== wanted.address) place(element, wanted.address, kind.order);
}

function writeDevices<V extends Device>(kind: DeviceKind<V>, xml: DomainXml, wanted: readonly V[]): void {
  const { kept, added, gone } = movesTo(kind, xml, wanted);
  for (const { element, had, wanted: one } of kept) if (!same(had, one)) fill(kind, element, one);
  for (const { wanted: one, before } of added) fill(kind, before?.parent?.add(kind.element, { before }) ?? xml.add(pathOf(kind), {}), one);
  for (const { element } of gone) element.parent?.remove(element);
}

/** Takes away first: what that frees may be what the new ones need. null where a plugged device would have to become another, or stays plugged. */
function plugging<V extends Device>(kind: DeviceKind<V>, xml: DomainXml, value: readonly V[], plugs: (device: V) => boolean): readonly Step[] | null {
  const { kept, added, gone } = movesTo(kind, xml, value);
  if (kept.some(({ had, wanted }) => !mayBe(kind, had, wanted)) || gone.some(({ had }) => !plugs(had)) || added.some(({ wanted }) => !plugs(wanted))) return null;
  return [
    ...gone.map(({ element, had }): Step => ({ kind: 'detachDevice', device: kind.say(had), xml: element.toString(), scope: 'live' })),
    ...added.map(({ wanted }): Step => {
      const draft = xml.clone().add(pathOf(kind), {});
      fill(kind, draft, wanted);
      return { kind: 'attachDevice', device: kind.say(wanted), xml: draft.toString(), scope: 'live' };
    }),
  ];
}

type ListParts<V> = Pick<Knob<readonly V[]>, 'read' | 'write' | 'step' | 'alike' | 'say'>;

/** The parts of a knob that are the same for every kind. @param plugs which devices can be plugged into a running guest, and taken away from it. */
export const listOf = <V extends Device>(kind: DeviceKind<V>, plugs: (device: V) => boolean): ListParts<V> => ({
  read: (xml) => ({ '': readDevices(kind, xml) }),
  write: (xml, _unit, value) => writeDevices(kind, xml, value),
  step: (_unit, value, scope, _facts, xml) => (scope === 'live' ? plugging(kind, xml, value, plugs) : null),
  alike: (one, other) => {
    const left = [...other];
    return one.length === other.length && one.every((each) => {
      const at = left.findIndex((candidate) => mayBe(kind, each, candidate));
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    });
  },
  say: (value) => (value.length === 0 ? 'none' : value.map(kind.say).join('; ')),
});

export const always = (): boolean => true;
export const never = (): boolean => false;

/** What is said of devices that a running guest is to let go. */
export const letsGo = 'A guest lets a device go once its system has released it, or never.';

/** Whether a device would be plugged into the running guest: libvirt has no name for it yet. @param after the definition with it. */
export const isNew = <V extends Device>(kind: DeviceKind<V>, item: V, truth: Truth, after: DomainXml): boolean =>
  truth === 'live' && after.elements(...pathOf(kind)).some((element) => element.element('alias') === null && same(readDevice(kind, element), item));
