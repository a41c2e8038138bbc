// What windows look at: which groups of which guests of one host, and what of a tick each window is told.
import type { Takes, Told } from '../../app/contract/contract.ts';
import type { DiskSample, Group } from '../../app/contract/live.ts';
import { guestSeries } from '../../app/contract/live.ts';
import { statsGroup } from '../libvirt/constants.ts';
import { compact } from './past.ts';
import type { GuestSample } from './rates.ts';

/** What one window looks at in one host. */
export interface Interest {
  readonly groups: ReadonlySet<Group>;
  /** null = every running guest. */
  readonly uuids: ReadonlySet<string> | null;
}

/** What one tick brought, for all windows together. */
export interface Tick {
  readonly guests: readonly GuestSample[];
  readonly disks: ReadonlyMap<string, DiskSample[]>;
  readonly hostCpus: (number | null)[] | null;
  readonly places: ReadonlyMap<string, (number | null)[]>;
}

const bits: { readonly [G in Group]: number } = {
  cpu: statsGroup.cpuTotal,
  memory: statsGroup.balloon,
  balloon: statsGroup.balloon,
  disk: statsGroup.block,
  disks: statsGroup.block,
  network: statsGroup.interface,
  nics: statsGroup.interface,
  vcpu: statsGroup.vcpu,
  vcpuPlace: 0,
  hostCpu: 0,
  hostMemory: 0,
};

/** Of one host, from what a window said that it shows. */
export const interestsIn = (host: string, told: Takes<'live', 'watch'>['interests']): readonly Interest[] =>
  told.flatMap((one) => (one.host === host ? [{ groups: new Set(one.groups), uuids: one.uuids === null ? null : new Set(one.uuids) }] : []));

const covers = ({ uuids }: Interest, uuid: string): boolean => uuids === null || uuids.has(uuid);

/** Whether a group is asked for, of one guest or, without one, of the host. */
export const wants = (interests: readonly Interest[], group: Group, uuid: string | null = null): boolean =>
  interests.some((interest) => interest.groups.has(group) && (uuid === null || covers(interest, uuid)));

/** The guests that are named for a group: what costs a call for each is never asked of all. */
export const namedFor = (interests: readonly Interest[], group: Group): readonly string[] =>
  [...new Set(interests.flatMap(({ groups, uuids }) => (groups.has(group) ? [...(uuids ?? [])] : [])))];

/** The groups of libvirt's statistics that one guest is asked for; 0 = nobody looks at it. */
export const statsWanted = (interests: readonly Interest[], uuid: string): number => {
  let stats = 0;
  for (const interest of interests) if (covers(interest, uuid)) for (const group of interest.groups) stats |= bits[group];
  return stats;
};

/** What a window is told of a tick: what it looks at, as short as it can be said. */
export const sampleFor = (interests: readonly Interest[], tick: Tick): Omit<Told<'live', 'sample'>, 'host' | 'at'> => {
  const guests = tick.guests.filter(({ uuid }) => statsWanted(interests, uuid) !== 0);
  return {
    guests: guests.map(({ uuid }) => uuid),
    values: guests.flatMap((guest) => guestSeries.map((name) => compact(guest[name]))),
    hostCpus: wants(interests, 'hostCpu') ? tick.hostCpus : null,
    places: [...tick.places].flatMap(([uuid, cpus]) => (wants(interests, 'vcpuPlace', uuid) ? [{ uuid, cpus }] : [])),
    balloons: guests.flatMap(({ uuid, memory }) => (memory !== null && wants(interests, 'balloon', uuid) ? [{ uuid, memory }] : [])),
    disks: guests.flatMap(({ uuid }) => (wants(interests, 'disks', uuid) ? [{ uuid, disks: tick.disks.get(uuid) ?? [] }] : [])),
  };
};
