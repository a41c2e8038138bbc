// One NIC as a value: what it is connected to and what it is to the guest; read from its element, written as one, and told apart from others:
// <devices><interface>, https://libvirt.org/formatdomain.html#network-interfaces
import { z } from '../domain/schema.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { putAttribute } from './attributes.ts';
import { childOf, dropChild, kindOf, macAddress, macOf } from './nic-element.ts';

const word = z.string().max(1024).nullable();

/** null where nothing is written. Kinds that are not known here keep their source as it is. */
export const nic = z.strictObject({
  mac: macAddress.nullable(),
  kind: z.string().min(1, 'must not be empty').max(64),
  source: word,
  /** Of kind `direct`: how it shares the host's device. */
  mode: word,
  portgroup: word,
  /** Of kind `user`: what does the host's side of it. */
  backend: word,
  model: word,
  /** Where it is plugged, `pci 0000:01:00.0`, so that one that was taken away comes back there; null = where libvirt finds room. */
  address: word,
}).readonly();
export type Nic = z.infer<typeof nic>;

/** Kinds whose source is known here, and the attribute it stands in. */
const sources: Readonly<Record<string, string>> = { network: 'network', bridge: 'bridge', direct: 'dev', vdpa: 'dev', user: 'dev' };
/** What a running NIC's source holds beside, and goes with it. */
const foundByLibvirt = ['portid', 'bridge', 'dev', 'mode'];

const pciParts = ['domain', 'bus', 'slot', 'function'] as const;
const pciForm = /^pci ([0-9a-f]{4,8}):([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$/;

function addressOf(element: XmlElement): string | null {
  const address = element.element('address');
  const [domain = 0, bus = 0, slot = 0, at = 0] = pciParts.map((part) => Number(address?.attribute(part) ?? 0));
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  const isPlain = address?.attribute('type') === 'pci' && address.attributes.length === 1 + pciParts.length;
  return isPlain ? `pci ${hex(domain, 4)}:${hex(bus, 2)}:${hex(slot, 2)}.${at}` : null;
}

/** The NIC that an element describes. */
export function readNic(element: XmlElement): Nic {
  const kind = kindOf(element);
  const attribute = sources[kind];
  const source = element.element('source');
  return {
    mac: macAddress.safeParse(macOf(element)).data ?? null,
    kind,
    source: attribute === undefined ? null : (source?.attribute(attribute) ?? null),
    mode: kind === 'direct' ? (source?.attribute('mode') ?? null) : null,
    portgroup: kind === 'network' ? (source?.attribute('portgroup') ?? null) : null,
    backend: kind === 'user' ? (element.element('backend')?.attribute('type') ?? null) : null,
    model: element.element('model')?.attribute('type') ?? null,
    address: addressOf(element),
  };
}

/** What two NICs have to have in common to be connected alike. */
const connection = ({ kind, source, mode, portgroup, backend }: Nic): string => JSON.stringify([kind, source, mode, portgroup, backend]);
export const isConnectedAlike = (one: Nic, other: Nic): boolean => connection(one) === connection(other);

function connect(element: XmlElement, wanted: Nic): void {
  const attribute = sources[wanted.kind] ?? null;
  const given = new Map<string, string | null>([
    ...(attribute === null ? [] : [[attribute, wanted.source] as const]), ['mode', wanted.kind === 'direct' ? wanted.mode : null], ['portgroup', wanted.kind === 'network' ? wanted.portgroup : null],
  ]);
  // What else the source of another kind held means nothing here.
  if (kindOf(element) !== wanted.kind) dropChild(element, 'source');
  element.setAttribute('type', wanted.kind);
  const source = childOf(element, 'source');
  for (const name of [...Object.values(sources), ...foundByLibvirt]) if (!given.has(name)) source.removeAttribute(name);
  for (const [name, value] of given) putAttribute(source, name, value);
  if (source.attributes.length === 0 && source.children.length === 0) dropChild(element, 'source');
  const backend = element.element('backend');
  if (wanted.backend !== null) childOf(element, 'backend').setAttribute('type', wanted.backend);
  else if (backend?.attribute('type') != null) dropChild(element, 'backend');
}

function place(element: XmlElement, address: string): void {
  const parts = pciForm.exec(address)?.slice(1);
  if (parts === undefined) return;
  const at = childOf(element, 'address');
  at.setAttribute('type', 'pci');
  pciParts.forEach((name, index) => at.setAttribute(name, `0x${parts[index] ?? '0'}`));
}

/** Makes an element say what is wanted; what it says already, and everything else of it, stays. */
export function writeNic(element: XmlElement, wanted: Nic): void {
  const has = readNic(element);
  // A new element says nothing of itself yet.
  if (wanted.mac !== null && has.mac !== wanted.mac) childOf(element, 'mac').setAttribute('address', wanted.mac);
  if (element.attribute('type') === null || !isConnectedAlike(has, wanted)) connect(element, wanted);
  if (has.model !== wanted.model) {
    if (wanted.model === null) dropChild(element, 'model');
    else childOf(element, 'model').setAttribute('type', wanted.model);
  }
  if (wanted.address !== null && has.address !== wanted.address) place(element, wanted.address);
}

/** FNV-1a over some words: the same for the same guest and number. */
const hash = (text: string): number => {
  let sum = 0x81_1c_9d_c5;
  for (const sign of text) sum = Math.imul(sum ^ (sign.codePointAt(0) ?? 0), 0x01_00_01_93);
  return sum >>> 0;
};

/**
 * An address that no NIC of this definition has, under QEMU's prefix. It follows from the guest alone, so that a NIC that is added to
 * the running guest and to its definition is one.
 */
export function freshMac(xml: DomainXml, taken: ReadonlySet<string>): string {
  for (let number = 0; ; number += 1) {
    const digits = hash(`${xml.textOf('uuid') ?? xml.textOf('name') ?? ''} ${number}`).toString(16).padStart(8, '0');
    const mac = `52:54:00:${digits.slice(2, 4)}:${digits.slice(4, 6)}:${digits.slice(6, 8)}`;
    if (!taken.has(mac)) return mac;
  }
}

/** Whether libvirt may have made the one of the other: it finds addresses that are left to it. */
export const mayBe = (one: Nic, other: Nic): boolean =>
  isConnectedAlike(one, other) && one.model === other.model && [one.mac === other.mac, one.mac === null, other.mac === null].includes(true)
  && [one.address === other.address, one.address === null, other.address === null].includes(true);

const where: Readonly<Record<string, (of: Nic) => string>> = {
  network: ({ source, portgroup }) => `on network ${source ?? ''}${portgroup === null ? '' : `, port group ${portgroup}`}`,
  bridge: ({ source }) => `on bridge ${source ?? ''}`,
  direct: ({ source, mode }) => `on ${source ?? ''} as macvtap${mode === null ? '' : `, ${mode}`}`,
  vdpa: ({ source }) => `on vDPA device ${source ?? ''}`,
  user: ({ backend }) => (backend === null ? 'of user networking' : `of ${backend}`),
};

/** `NIC 52:54:00:00:00:01 on network default, virtio` */
export const sayNic = (of: Nic): string =>
  `${of.mac === null ? 'NIC' : `NIC ${of.mac}`} ${where[of.kind]?.(of) ?? `of kind ${of.kind}`}${of.model === null ? '' : `, ${of.model}`}`;
