// Which guests a list asks for.
import { domainState, listDomains } from '../libvirt/constants.ts';
import type { Guest } from './guest.ts';

/** Pairs and groups of filters: within a group any may hold, and every group that is asked about must. */
const filters: readonly (readonly (readonly [flag: number, holds: (guest: Guest) => boolean])[])[] = [
  [[listDomains.active, (guest) => guest.isActive], [listDomains.inactive, (guest) => !guest.isActive]],
  [[listDomains.persistent, (guest) => guest.saved !== null], [listDomains.transient, (guest) => guest.saved === null]],
  [
    [listDomains.running, (guest) => guest.state === domainState.running],
    [listDomains.paused, (guest) => guest.state === domainState.paused],
    [listDomains.shutoff, (guest) => guest.state === domainState.shutoff],
    [listDomains.other, (guest) => ![domainState.running, domainState.paused, domainState.shutoff].some((state) => state === guest.state)],
  ],
  [[listDomains.managedsave, (guest) => guest.managedSave !== null], [listDomains.noManagedsave, (guest) => guest.managedSave === null]],
  [[listDomains.autostart, (guest) => guest.autostart], [listDomains.noAutostart, (guest) => !guest.autostart]],
  [[listDomains.hasSnapshot, () => false], [listDomains.noSnapshot, () => true]],
  [[listDomains.hasCheckpoint, () => false], [listDomains.noCheckpoint, () => true]],
];

/** Whether a guest is among those that these virConnectListAllDomainsFlags ask for. */
export const isListed = (guest: Guest, flags: number): boolean =>
  filters.every((group) => {
    const asked = group.filter(([flag]) => (flags & flag) !== 0);
    return asked.length === 0 || asked.some(([, holds]) => holds(guest));
  });
