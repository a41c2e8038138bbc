// Network interfaces that are plugged in, taken out and connected elsewhere, by libvirt's rules for what changes while a guest runs.
import { randomBytes } from 'node:crypto';
import type { Definition } from './definition.ts';
import type { DeviceKind } from './devices.ts';
import type { Events } from './events.ts';
import { Fault } from './fault.ts';
import type { Inventory } from './inventory.ts';
import { networkNames } from './networks.ts';
import { Element } from './xml.ts';

const unsupported = (message: string): Fault => new Fault('configUnsupported', 'qemu', `unsupported configuration: ${message}`);
const cannot = (what: string): Fault => new Fault('operationUnsupported', 'qemu', `Operation not supported: ${what}`);

const nicsOf = (root: Element): readonly Element[] => root.at('devices')?.all('interface') ?? [];
const macOf = (nic: Element): string => nic.at('mac')?.get('address')?.toLowerCase() ?? '';

/** What libvirt's parser makes of a NIC: an address in lower case, and its parts in order. */
export const completeNic = (nic: Element): void => {
  const mac = nic.at('mac');
  if (mac === undefined) nic.add(new Element('mac', { address: `52:54:00:${randomBytes(3).toString('hex').replaceAll(/..(?=.)/g, '$&:')}` }));
  else mac.set('address', macOf(nic));
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(macOf(nic))) throw new Fault('xmlError', 'domain', `XML error: unable to parse mac address '${macOf(nic)}'`);
  if (Number.parseInt(macOf(nic).slice(0, 2), 16) % 2 === 1) throw new Fault('xmlError', 'domain', `XML error: expected unicast mac address, found multicast '${macOf(nic)}'`);
  const type = nic.get('type') ?? '';
  const source = nic.at('source');
  if (type === 'network' && source?.get('network') === undefined) throw new Fault('xmlError', 'domain', "XML error: Missing source element for interface type 'network'");
  if (type === 'direct' && source?.attributes.has('mode') === false) source.set('mode', 'vepa');
  if (type === 'user' && nic.at('mtu') !== undefined) throw unsupported('setting MTU on interface type user is not supported yet');
  if (type === 'user' || type === 'ethernet') {
    if (nic.at('vlan') !== undefined) throw unsupported(`interface ${macOf(nic)} - vlan tag not supported for this connection type`);
    if (nic.at('port') !== undefined) throw unsupported(`interface ${macOf(nic)} - <port isolated='yes'/> is not supported for network interfaces with type='${type}'`);
  }
  if (nic.at('bandwidth', 'inbound')?.attributes.has('floor') === true && type !== 'network') throw unsupported('floor attribute is not supported for this config');
  nic.sort();
};

/** A running NIC of a network needs that network. */
const checkNetwork = (nic: Element): void => {
  const name = nic.at('source')?.get('network');
  if (name !== undefined && !networkNames.includes(name)) throw new Fault('noNetwork', 'network', `Network not found: no network with matching name '${name}'`);
};

const findIn = ({ root }: Definition, wanted: Element): Element => {
  const alias = wanted.at('alias')?.get('name');
  const found = nicsOf(root).find((nic) => macOf(nic) === macOf(wanted) && (alias === undefined || nic.at('alias') === undefined || nic.at('alias')?.get('name') === alias));
  if (found === undefined) throw new Fault('deviceMissing', 'qemu', `device not found: no device found at address '(<null>)' matching MAC address '${macOf(wanted)}' and alias '${alias ?? '(<null>)'}'`);
  return found;
};

const printed = (nic: Element, name: string): string => nic.at(name)?.print() ?? '';
/** Kinds between which a running NIC can be moved. */
const movable = ['network', 'bridge'];
const connectionOf = (nic: Element): string => JSON.stringify([nic.get('type'), ...['network', 'bridge', 'dev', 'mode', 'portgroup'].map((name) => nic.at('source')?.get(name))]);

/** Refuses what a running NIC cannot become (qemuDomainChangeNet). */
const checkChange = (old: Element, now: Element): void => {
  if (old.at('model')?.get('type') !== now.at('model')?.get('type')) throw cannot(`cannot modify network device model from ${old.at('model')?.get('type') ?? ''} to ${now.at('model')?.get('type') ?? ''}`);
  if (printed(old, 'driver') !== printed(now, 'driver')) throw cannot('cannot modify virtio network device driver attributes');
  if (printed(old, 'boot') !== printed(now, 'boot')) throw cannot('cannot modify network device boot index setting');
  if (printed(old, 'mtu') !== printed(now, 'mtu')) throw cannot('cannot modify MTU');
  if (connectionOf(old) !== connectionOf(now) && ![old, now].every((nic) => movable.includes(nic.get('type') ?? ''))) throw cannot(`unable to change config on '${now.get('type') ?? ''}' network type`);
  checkNetwork(now);
};

export const nics = (inventory: Inventory, events: Events): DeviceKind => ({
  attach: (guest, device, places) => {
    completeNic(device);
    for (const { isLive } of places) if (isLive) checkNetwork(device);
    for (const { definition, isLive } of places) {
      const own = device.clone();
      own.remove(own.at('alias'));
      const names = nicsOf(definition.root).map((nic) => nic.at('alias')?.get('name'));
      let number = 0;
      while (names.includes(`net${number}`)) number += 1;
      if (isLive) {
        own.add(new Element('alias', { name: `net${number}` }));
        if (own.get('type') !== 'user' && own.at('target') === undefined) own.add(new Element('target', { dev: inventory.nextDevice() }));
      }
      definition.edit((root) => void root.ensure('devices').add(own));
      if (isLive) events.deviceAdded(guest.object, `net${number}`);
    }
  },
  detach: (guest, device, places) => {
    for (const { definition, isLive, found } of places.map((place) => ({ ...place, found: findIn(place.definition, device) }))) {
      definition.edit((root) => root.ensure('devices').remove(found));
      if (isLive) events.deviceRemoved(guest.object, found.at('alias')?.get('name') ?? '');
    }
  },
  update: (_guest, device, places) => {
    completeNic(device);
    const found = places.map((place) => ({ ...place, nic: findIn(place.definition, device) }));
    for (const { isLive, nic } of found) if (isLive) checkChange(nic, device);
    for (const { definition, nic } of found) {
      definition.edit(() => {
        const kept = ['target', 'alias', 'address'].flatMap((name) => nic.at(name) ?? []);
        const now = device.clone();
        nic.attributes.clear();
        for (const [name, value] of now.attributes) nic.set(name, value);
        for (const child of nic.children) nic.remove(child);
        for (const child of now.children) if (!kept.some(({ name }) => name === child.name)) nic.add(child);
        for (const child of kept) nic.add(child);
        nic.sort();
      });
    }
  },
});
