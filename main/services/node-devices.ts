// The host's devices that guests can be given: what they are, who has them, and taking them from their driver and back.
import type { HostDevice } from '../../app/contract/hosts.ts';
import { hostDeviceElement } from '../../app/tuning/host-device.ts';
import { readDevices } from '../../app/tuning/device-list.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { readNodeDevice } from '../../app/xml/node-device.ts';
import { errorCode } from '../libvirt/constants.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import { remote } from '../libvirt/procedures.ts';
import { domOf } from './context.ts';
import type { HostSession } from './host-session.ts';

/** VIR_CONNECT_LIST_NODE_DEVICES_CAP_PCI_DEV, _USB_DEV and _MDEV. */
const listed = 2 | 4 | 16_384;
/** How many guests are looked at for who has what: each costs some calls, unless it was read lately. */
const mostGuests = 300;

/** It went while it was asked about, as USB devices do. */
const vanished = (error: unknown): null => {
  if (error instanceof LibvirtError && error.error.code === errorCode.noNodeDevice) return null;
  throw error;
};

/** Guests by what they have, under its kind and name: running now, or from their next start on. */
const usersOf = async ({ reached: { facts, inventory } }: HostSession): Promise<ReadonlyMap<string, HostDevice['users']>> => {
  const users = new Map<string, HostDevice['users']>();
  const guests = inventory.list().slice(0, mostGuests);
  const texts = await Promise.all(guests.map(async (guest) => await facts.keptDefinitions(domOf(guest))));
  for (const [at, guest] of guests.entries()) {
    const [live, saved] = [texts[at]?.live, texts[at]?.saved].map((text) => (text == null ? [] : readDevices(hostDeviceElement, DomainXml.parse(text)).map(({ kind, device }) => `${kind} ${device}`)));
    for (const key of new Set([...(live ?? []), ...(saved ?? [])])) users.set(key, [...(users.get(key) ?? []), { uuid: guest.uuid, name: guest.name, now: live?.includes(key) === true }]);
  }
  return users;
};

const byKindAndName = (one: HostDevice, other: HostDevice): number => one.kind.localeCompare(other.kind) || one.device.localeCompare(other.device);

/** By kind, then name. @throws LibvirtError where the host does not tell of its devices. */
export const nodeDevicesOf = async (session: HostSession): Promise<HostDevice[]> => {
  const { connection } = session.reached;
  const told = await connection.call(remote.connectListAllNodeDevices, { need_results: 1, flags: listed });
  const [texts, users] = await Promise.all([Promise.all(told.devices.map(async ({ name }) => await connection.call(remote.nodeDeviceGetXmlDesc, { name, flags: 0 }).catch(vanished))), usersOf(session)]);
  return texts.flatMap((text): readonly HostDevice[] => {
    const device = text === null ? null : readNodeDevice(text.xml);
    if (device === null) return [];
    const names = [device.device, ...(device.place === null ? [] : [device.place])];
    return [{ ...device, companions: [...device.companions], users: names.flatMap((name) => users.get(`${device.kind} ${name}`) ?? []) }];
  }).toSorted(byKindAndName);
};

/** Takes a PCI device from its driver, so that a guest can have it unmanaged, or gives it back. */
export const drive = async ({ reached: { connection } }: HostSession, name: string, byHost: boolean): Promise<void> => {
  await (byHost ? connection.call(remote.nodeDeviceReAttach, { name }) : connection.call(remote.nodeDeviceDetachFlags, { name, driverName: null, flags: 0 }));
};
