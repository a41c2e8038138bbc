// Devices that are plugged in and taken out without further ado: channels, random numbers, watchdogs, file systems and the host's own devices.
import type { Definition } from './definition.ts';
import type { DeviceKind } from './devices.ts';
import type { Events } from './events.ts';
import { Fault } from './fault.ts';
import { Element } from './xml.ts';

/** How one kind is told apart, and what a running guest takes of it. */
interface Manner {
  readonly element: string;
  /** libvirt's name of a running one, before its number. */
  readonly alias: string;
  /** Why a running guest cannot be given it; null = it can. */
  readonly whyNot?: (device: Element) => string | null;
  /** Why a definition that has these already cannot have it too; null = it can. */
  readonly clash?: (device: Element, others: readonly Element[]) => string | null;
}

const nameOf = (device: Element): string | undefined => device.at('target')?.get('name') ?? device.at('target')?.get('dir');
const sourceOf = (device: Element): string => device.at('source')?.print() ?? '';

/** By the name of their element. */
const manners: Readonly<Record<string, Manner>> = {
  channel: { element: 'channel', alias: 'channel', clash: (device, others) => (others.some((one) => nameOf(one) === nameOf(device)) ? `unsupported configuration: a channel named '${nameOf(device) ?? ''}' is there already` : null) },
  rng: { element: 'rng', alias: 'rng' },
  watchdog: {
    element: 'watchdog', alias: 'watchdog',
    whyNot: (device) => (device.get('model') === 'i6300esb' ? null : `unsupported configuration: hotplug of watchdog of model ${device.get('model') ?? ''} is not supported`),
    clash: (device, others) => (others.some((one) => one.get('model') === device.get('model')) ? 'operation failed: domain already has a watchdog' : null),
  },
  filesystem: { element: 'filesystem', alias: 'fs', whyNot: (device) => (device.at('driver')?.get('type') === 'virtiofs' ? null : 'Operation not supported: only virtiofs filesystems can be hotplugged') },
  hostdev: { element: 'hostdev', alias: 'hostdev', clash: (device, others) => (others.some((one) => sourceOf(one) === sourceOf(device)) ? 'operation failed: target hostdev already exists' : null) },
};

const all = ({ root }: Definition, name: string): readonly Element[] => root.at('devices')?.all(name) ?? [];

/** All of a device but what libvirt adds to it. */
const bare = (device: Element): string => {
  const copy = device.clone();
  for (const name of ['alias', 'address']) copy.remove(copy.at(name));
  copy.at('target')?.attributes.delete('state');
  return copy.print();
};

const findIn = (definition: Definition, wanted: Element): Element => {
  const alias = wanted.at('alias')?.get('name');
  const found = all(definition, wanted.name).find((one) => (alias === undefined || one.at('alias') === undefined ? bare(one) === bare(wanted) : one.at('alias')?.get('name') === alias));
  if (found === undefined) throw new Fault('deviceMissing', 'qemu', `device not found: no ${wanted.name} that is like this one`);
  return found;
};

const kindOf = (events: Events, { element: name, alias, whyNot, clash }: Manner): DeviceKind => {
  const checkRunning = (device: Element): void => {
    const why = whyNot?.(device) ?? null;
    if (why !== null) throw new Fault('operationUnsupported', 'qemu', why);
  };
  return {
    attach: (guest, device, places) => {
      for (const { definition, isLive } of places) {
        if (isLive) checkRunning(device);
        const why = clash?.(device, all(definition, name)) ?? null;
        if (why !== null) throw new Fault('operationFailed', 'qemu', why);
      }
      for (const { definition, isLive } of places) {
        const own = device.clone();
        const used = all(definition, name).map((one) => one.at('alias')?.get('name'));
        let number = 0;
        while (used.includes(`${alias}${number}`)) number += 1;
        if (isLive) own.add(new Element('alias', { name: `${alias}${number}` }));
        definition.edit((root) => void root.ensure('devices').add(own));
        if (isLive) events.deviceAdded(guest.object, `${alias}${number}`);
      }
    },
    detach: (guest, device, places) => {
      for (const { definition, isLive, found } of places.map((place) => ({ ...place, found: findIn(place.definition, device) }))) {
        if (isLive) checkRunning(found);
        definition.edit((root) => root.ensure('devices').remove(found));
        if (isLive) events.deviceRemoved(guest.object, found.at('alias')?.get('name') ?? '');
      }
    },
    update: () => {
      throw new Fault('operationUnsupported', 'qemu', `Operation not supported: live update of device '${name}' is not supported`);
    },
  };
};

export const pluggedDevices = (events: Events): Readonly<Record<string, DeviceKind>> => Object.fromEntries(Object.entries(manners).map(([name, manner]) => [name, kindOf(events, manner)]));
