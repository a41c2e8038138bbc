// Disks that are plugged in and taken out, and media put into drives, by libvirt's rules for what changes while a guest runs.
import type { Definition } from './definition.ts';
import type { DeviceKind } from './devices.ts';
import type { Events } from './events.ts';
import { Fault } from './fault.ts';
import { diskAlias } from './live.ts';
import { Element } from './xml.ts';

const targetOf = (disk: Element): string => disk.at('target')?.get('dev') ?? '';
const busOf = (disk: Element): string => disk.at('target')?.get('bus') ?? 'virtio';
const isDrive = (disk: Element): boolean => ['cdrom', 'floppy'].includes(disk.get('device') ?? 'disk');
const canBePlugged = (disk: Element): boolean => !isDrive(disk) && ['virtio', 'scsi', 'usb'].includes(busOf(disk));

const find = ({ root }: Definition, target: string): Element | undefined => root.at('devices')?.all('disk').find((disk) => targetOf(disk) === target);
const findIn = (definition: Definition, target: string): Element => {
  const found = find(definition, target);
  if (found === undefined) throw new Fault('operationFailed', 'qemu', `operation failed: disk ${target} not found`);
  return found;
};

/** All that a running disk cannot be changed in, as text. */
const fixedParts = (disk: Element): string => ['driver', 'target', 'iotune', 'serial', 'wwn'].map((name) => disk.at(name)?.print() ?? '').join('\n');

export const disks = (events: Events): DeviceKind => ({
  attach: (guest, device, places) => {
    const target = targetOf(device);
    for (const { definition, isLive } of places) {
      if (find(definition, target) !== undefined) throw new Fault('operationFailed', 'qemu', `operation failed: target ${target} already exists`);
      if (isLive && !canBePlugged(device)) throw new Fault('configUnsupported', 'qemu', isDrive(device) ? 'unsupported configuration: cdrom/floppy device hotplug isn\'t supported' : `unsupported configuration: disk bus '${busOf(device)}' cannot be hotplugged.`);
    }
    for (const { definition, isLive } of places) {
      const own = device.clone();
      if (isLive) own.add(new Element('alias', { name: diskAlias(own) }));
      definition.edit((root) => void root.ensure('devices').add(own));
      if (isLive) events.deviceAdded(guest.object, diskAlias(own));
    }
  },
  detach: (guest, device, places) => {
    const found = places.map((place) => ({ ...place, disk: findIn(place.definition, targetOf(device)) }));
    for (const { isLive, disk } of found) if (isLive && !canBePlugged(disk)) throw new Fault('operationFailed', 'qemu', 'operation failed: This type of disk cannot be hot unplugged');
    for (const { definition, isLive, disk } of found) {
      definition.edit((root) => root.ensure('devices').remove(disk));
      if (isLive) events.deviceRemoved(guest.object, disk.at('alias')?.get('name') ?? '');
    }
  },
  update: (_guest, device, places) => {
    const found = places.map((place) => ({ ...place, disk: findIn(place.definition, targetOf(device)) }));
    for (const { isLive, disk } of found) {
      if (isLive && !isDrive(disk) && fixedParts(disk) !== fixedParts(device)) throw new Fault('operationUnsupported', 'qemu', 'Operation not supported: cannot modify this field of the disk');
    }
    for (const { definition, disk } of found) {
      definition.edit(() => {
        disk.set('type', device.get('type') ?? 'file');
        const source = device.at('source');
        disk.remove(disk.at('source'));
        if (source === undefined) return;
        const rest = [...disk.children];
        for (const child of rest) disk.remove(child);
        disk.append(...rest.filter(({ name }) => name === 'driver'), source.clone(), ...rest.filter(({ name }) => name !== 'driver'));
      });
    }
  },
});
