// Guests in any number for tests of size: their XML is written only when somebody reads it.
import type { Clock } from './clock.ts';
import { Definition, type Shape } from './definition.ts';
import { Guest } from './guest.ts';
import { guestXml } from './guest-xml.ts';
import type { Inventory } from './inventory.ts';
import { parseXml } from './xml.ts';

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');

/** Adds the nth light guest; every fourth one is shut off. */
export const lightGuest = (inventory: Inventory, index: number, clock: Clock): void => {
  const name = `vm-${String(index + 1).padStart(5, '0')}`;
  const uuid = `5ca1ab1e-0000-4000-8000-${hex(index + 1, 12)}`;
  const mac = `52:54:01:${[16, 8, 0].map((shift) => hex(((index + 1) >> shift) & 255, 2)).join(':')}`;
  const path = `/var/lib/libvirt/images/${name}.qcow2`;
  const vcpus = 1 + (index % 4);
  const memory = 1 + (index % 3);
  const shape: Shape = {
    vcpus, maximumVcpus: vcpus, memory: memory * 1_048_576, currentMemory: memory * 1_048_576, iothreads: [],
    disks: [{ target: 'vda', source: path, bus: 'virtio', iothread: null }], nics: [{ mac, device: null }],
  };
  const xml = (): string => guestXml({ name, uuid, memory, vcpus, agent: false, disks: [{ target: 'vda', path }], nics: [{ mac, network: 'default' }] });
  const definition = new Definition(() => parseXml(xml()), shape);
  const guest = new Guest(uuid, name, definition, { seed: 5000 + index, load: 0.05 + (index % 10) * 0.05 });
  inventory.add(guest);
  if (index % 4 !== 3) {
    inventory.bootSilently(guest, definition, shape);
    guest.began(index * 60_000, clock.now());
  }
};
