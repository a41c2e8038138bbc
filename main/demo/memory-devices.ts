// Memory that is plugged into a guest and taken away: DIMMs and virtio-mem, by libvirt's rules for where there is room.
import type { Definition } from './definition.ts';
import type { DeviceKind } from './devices.ts';
import type { Events } from './events.ts';
import { Fault } from './fault.ts';
import { Element } from './xml.ts';

const unsupported = (message: string): Fault => new Fault('configUnsupported', 'qemu', `unsupported configuration: ${message}`);

const sizeOf = (device: Element, name = 'size'): number => Number(device.at('target', name)?.text ?? 0);
const cellsOf = (root: Element): readonly Element[] => root.at('cpu', 'numa')?.all('cell') ?? [];
const devicesOf = (root: Element): readonly Element[] => root.at('devices')?.all('memory') ?? [];

/** KiB of a definition's cells, or null without cells; and of its memory devices. */
const sumsOf = (root: Element): { readonly cells: number | null; readonly plugged: number } => ({
  cells: cellsOf(root).length === 0 ? null : cellsOf(root).reduce((sum, cell) => sum + Number(cell.get('memory') ?? 0), 0),
  plugged: devicesOf(root).reduce((sum, device) => sum + sizeOf(device), 0),
});

/** Gives each DIMM without one the lowest free slot. */
const placeDimms = (root: Element): void => {
  const dimms = devicesOf(root).filter((device) => device.get('model') === 'dimm');
  const taken = new Set(dimms.map((device) => device.at('address')?.get('slot')));
  for (const device of dimms.filter((one) => one.at('address') === undefined)) {
    let slot = 0;
    while (taken.has(`${slot}`)) slot += 1;
    taken.add(`${slot}`);
    device.add(new Element('address', { type: 'dimm', slot: `${slot}` }));
  }
};

/** Refuses a memory device that has no room, as libvirt does when it is defined or plugged. */
const checkRoom = (root: Element, device: Element, others: readonly Element[]): void => {
  const most = Number(root.at('maxMemory')?.text ?? 0);
  const slots = Number(root.at('maxMemory')?.get('slots') ?? 0);
  const cells = cellsOf(root);
  const node = Number(device.at('target', 'node')?.text ?? 0);
  if (cells.length === 0) throw new Fault('configUnsupported', 'qemu', "can't add memory backend as guest has no NUMA nodes configured");
  if (node >= cells.length) throw new Fault('configUnsupported', 'qemu', `can't add memory backend for guest node '${node}' as the guest has only '${cells.length}' NUMA nodes configured`);
  if (most === 0) throw unsupported('cannot use/hotplug a memory device when domain \'maxMemory\' is not defined');
  const dimms = others.filter((one) => one.get('model') === 'dimm').length;
  if (device.get('model') === 'dimm' && dimms >= slots) throw unsupported(`memory device count '${dimms + 1}' exceeds slots count '${slots}'`);
  const { cells: initial, plugged } = sumsOf(root);
  const already = (initial ?? 0) + plugged - (others.length === devicesOf(root).length ? 0 : sizeOf(device));
  if (already + sizeOf(device) > most) throw unsupported(`Attaching memory device with size '${sizeOf(device)}' would exceed domain's maxMemory config size '${most}'`);
  const block = sizeOf(device, 'block');
  if (device.get('model') === 'virtio-mem' && (block < 1 || !Number.isInteger(Math.log2(block)))) throw unsupported('block size must be a power of two');
  if (sizeOf(device, 'requested') > sizeOf(device)) throw unsupported('requested size must be smaller than or equal to @size');
};

/** What libvirt's parser makes of a definition's memory: the total is that of the cells and the devices, and DIMMs have slots. */
export const completeMemory = (root: Element): void => {
  const devices = devicesOf(root);
  devices.forEach((device, place) => checkRoom(root, device, devices.slice(0, place)));
  if (root.at('maxMemory') !== undefined && cellsOf(root).length === 0) throw unsupported('At least one numa node has to be configured when enabling memory hotplug');
  placeDimms(root);
  const { cells, plugged } = sumsOf(root);
  if (cells === null) return;
  const total = cells + plugged;
  root.ensure('memory').set('unit', 'KiB').text = `${total}`;
  const current = root.at('currentMemory');
  if (current !== undefined && Number(current.text) > total) current.text = `${total}`;
};

/** Moves the total of a definition, and of a saved one its balloon with it, by as much as was plugged. */
const count = (root: Element, kib: number, isSaved: boolean): void => {
  for (const name of isSaved ? ['memory', 'currentMemory'] : ['memory']) {
    const element = root.at(name);
    if (element !== undefined) element.text = `${Number(element.text) + kib}`;
  }
};

/** The devices that are the same but for what libvirt adds to them, and what is asked of them. */
const isLike = (device: Element, wanted: Element): boolean => {
  const same = (path: readonly string[]): boolean => device.at(...path)?.text === wanted.at(...path)?.text;
  const alias = wanted.at('alias')?.get('name');
  return device.get('model') === wanted.get('model') && same(['target', 'size']) && same(['target', 'node']) && (alias === undefined || device.at('alias')?.get('name') === alias);
};

const findIn = (definition: Definition, wanted: Element): Element => {
  const found = devicesOf(definition.root).find((device) => isLike(device, wanted));
  if (found === undefined) throw new Fault('deviceMissing', 'qemu', 'device not found: matching memory device was not found');
  return found;
};

export const memoryDevices = (events: Events): DeviceKind => ({
  attach: (guest, device, places) => {
    for (const { definition } of places) checkRoom(definition.root, device, devicesOf(definition.root));
    for (const { definition, isLive } of places) {
      const own = device.clone();
      const model = own.get('model') === 'virtio-mem' ? 'virtiomem' : 'dimm';
      const used = devicesOf(definition.root).map((one) => one.at('alias')?.get('name'));
      let number = 0;
      while (used.includes(`${model}${number}`)) number += 1;
      definition.edit((root) => {
        root.ensure('devices').add(own);
        placeDimms(root);
        count(root, sizeOf(own), !isLive);
      });
      if (!isLive) continue;
      own.add(new Element('alias', { name: `${model}${number}` }));
      // The guest has a driver here, and takes what it is given at once.
      if (model === 'virtiomem') own.ensure('target', 'current').set('unit', 'KiB').text = `${sizeOf(own, 'requested')}`;
      events.deviceAdded(guest.object, `${model}${number}`);
    }
  },
  detach: (guest, device, places) => {
    for (const { definition, isLive, found } of places.map((place) => ({ ...place, found: findIn(place.definition, device) }))) {
      definition.edit((root) => {
        root.ensure('devices').remove(found);
        count(root, -sizeOf(found), !isLive);
      });
      if (isLive) events.deviceRemoved(guest.object, found.at('alias')?.get('name') ?? '');
    }
  },
  update: (guest, device, all) => {
    const places = all.map((place) => ({ ...place, found: findIn(place.definition, device) }));
    const requested = sizeOf(device, 'requested');
    for (const { found } of places) {
      if (found.get('model') !== 'virtio-mem') throw unsupported('updating of memory device of this model is not supported');
      if (requested > sizeOf(found)) throw unsupported('requested size must be smaller than or equal to @size');
    }
    for (const { definition, isLive, found } of places) {
      definition.edit(() => {
        found.ensure('target', 'requested').set('unit', 'KiB').text = `${requested}`;
        if (isLive) found.ensure('target', 'current').set('unit', 'KiB').text = `${requested}`;
      });
      if (isLive) events.memoryDeviceSizeChange(guest.object, found.at('alias')?.get('name') ?? '', BigInt(requested) * 1024n);
    }
  },
});
