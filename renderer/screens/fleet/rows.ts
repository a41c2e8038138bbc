// Which guests the fleet table shows, and in which order.
import { type GuestState, guestStates } from '../../../app/domain/guest.ts';
import type { FleetGuest } from '../../api/fleet.ts';

export type SortColumn = 'name' | 'state' | 'host' | 'vcpus' | 'memory';

export interface View {
  /** Words that all have to be in the guest's or its host's name. */
  readonly text: string;
  /** Empty = every state. */
  readonly states: readonly GuestState[];
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

/** The guests to show. Equal ones are in the order of their names, then of their keys, so that rows never jump. */
export const rowsOf = (guests: readonly FleetGuest[], { text, states, hosts, sort, descending }: View): readonly FleetGuest[] => {
  const words = text.toLocaleLowerCase().split(/\s+/).filter((word) => word !== '');
  const sign = descending ? -1 : 1;
  return guests
    .filter((guest) => (states.length === 0 || states.includes(guest.state)) && (hosts.length === 0 || hosts.includes(guest.host)))
    .filter((guest) => {
      const whole = `${guest.name} ${guest.hostName}`.toLocaleLowerCase();
      return words.every((word) => whole.includes(word));
    })
    .toSorted((one, other) => sign * (compare[sort](one, other) || collator.compare(one.name, other.name)) || (keyOf(one) < keyOf(other) ? -1 : 1));
};
