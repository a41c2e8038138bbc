// Which guests the fleet table shows, and in which order.
import { type GuestState, guestStates } from '../../../app/domain/guest.ts';
import type { FleetGuest } from '../../api/fleet.ts';

export type SortColumn = 'name' | 'state' | 'host' | 'vcpus' | 'memory';

export interface View {
  /** Words that all have to be in the guest's or its host's name. */
  readonly text: string;
  /** Empty = every state. */
  readonly states: readonly GuestState[];
  /** Only guests of which settings wait for a restart. */
  readonly pending: boolean;
  /** Host ids; empty = every host. */
  readonly hosts: readonly string[];
  readonly sort: SortColumn;
  readonly descending: boolean;
}

export const keyOf = ({ host, uuid }: { readonly host: string; readonly uuid: string }): string => `${host}/${uuid}`;

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

const compare: Readonly<Record<SortColumn, (one: FleetGuest, other: FleetGuest) => number>> = {
  name: () => 0,
  state: (one, other) => collator.compare(guestStates[one.state].label, guestStates[other.state].label),
  host: (one, other) => collator.compare(one.hostName, other.hostName),
  vcpus: (one, other) => one.vcpus - other.vcpus,
  memory: (one, other) => one.memoryKiB - other.memoryKiB,
};

/**
 * All guests in order; equal ones by their names, then by their keys, so that rows never jump.
 * Apart from choosing, since comparing thousands of names takes longer than a key press may.
 */
export const inOrder = (guests: readonly FleetGuest[], { sort, descending }: Pick<View, 'sort' | 'descending'>): readonly FleetGuest[] => {
  const sign = descending ? -1 : 1;
  return guests.toSorted((one, other) => sign * (compare[sort](one, other) || collator.compare(one.name, other.name)) || (keyOf(one) < keyOf(other) ? -1 : 1));
};

/** The guests to show, in the order they come in. @param waiting the keys of those of which settings wait for a restart. */
export const chosen = (guests: readonly FleetGuest[], { text, states, hosts, pending }: Pick<View, 'text' | 'states' | 'hosts' | 'pending'>, waiting: ReadonlySet<string>): readonly FleetGuest[] => {
  const words = text.toLocaleLowerCase().split(/\s+/).filter((word) => word !== '');
  return guests.filter((guest) => {
    if ((states.length > 0 && !states.includes(guest.state)) || (hosts.length > 0 && !hosts.includes(guest.host)) || (pending && !waiting.has(keyOf(guest)))) return false;
    if (words.length === 0) return true;
    const whole = `${guest.name} ${guest.hostName}`.toLocaleLowerCase();
    return words.every((word) => whole.includes(word));
  });
};
