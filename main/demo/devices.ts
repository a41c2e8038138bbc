// Devices that are plugged, taken away and changed: what a call names goes to the kind of device it is.
import { affect } from '../libvirt/constants.ts';
import type { Definition } from './definition.ts';
import { checkFlags, Fault } from './fault.ts';
import type { Guest } from './guest.ts';
import { impactOf } from './impact.ts';
import type { Inventory } from './inventory.ts';
import type { Handlers } from './serve.ts';
import { type Element, parseXml, XmlSyntaxError } from './xml.ts';

/** A definition that a call acts on. */
export interface DevicePlace {
  readonly definition: Definition;
  readonly isLive: boolean;
}

type Act = (guest: Guest, device: Element, places: readonly DevicePlace[]) => void;

/** What can be done with one kind of device. Each looks at every place before it changes any. */
export interface DeviceKind {
  readonly attach: Act;
  readonly detach: Act;
  readonly update: Act;
}

const readDevice = (xml: string): Element => {
  try {
    return parseXml(xml);
  } catch (error) {
    if (error instanceof XmlSyntaxError) throw new Fault('xmlDetail', 'domain', `(device_definition): ${error.message}`);
    throw error;
  }
};

/** @param kinds by the name of their element. */
export const deviceHandlers = (inventory: Inventory, kinds: Readonly<Record<string, DeviceKind>>): Handlers => {
  const act = (what: keyof DeviceKind, guest: Guest, xml: string, flags: number): void => {
    const device = readDevice(xml);
    const kind = kinds[device.name];
    if (kind === undefined) throw new Fault('configUnsupported', 'qemu', `unsupported configuration: live ${what} of device '${device.name}' is not supported`);
    checkFlags(flags, affect.live | affect.config);
    const { live, saved } = impactOf(guest, flags);
    kind[what](guest, device, [...(live === null ? [] : [{ definition: live, isLive: true }]), ...(saved === null ? [] : [{ definition: saved, isLive: false }])]);
  };
  return {
    domainAttachDeviceFlags: ({ dom, xml, flags }) => act('attach', inventory.find(dom), xml, flags),
    domainDetachDeviceFlags: ({ dom, xml, flags }) => act('detach', inventory.find(dom), xml, flags),
    domainUpdateDeviceFlags: ({ dom, xml, flags }) => act('update', inventory.find(dom), xml, flags),
  };
};
