// The table of all guests as somebody has arranged it: what it shows, in which order, under which headings.
import { guestStates, type GuestState } from '../domain/guest.ts';
import { hostIdOf } from './connections.ts';
import { z } from './schema.ts';

/** Columns that can be left out, in the order in which they stand. */
export const fleetColumns = ['state', 'host', 'vcpus', 'memory', 'disk', 'network', 'tags', 'tuning'] as const;
export type FleetColumn = (typeof fleetColumns)[number];

/** What the rows can be in order of: `cpu` and `used` are what is measured, the rest is known of every guest. */
export const fleetOrders = ['name', 'state', 'host', 'vcpus', 'cpu', 'memory', 'used'] as const;
export type FleetOrder = (typeof fleetOrders)[number];

export const fleetGroupings = ['none', 'host', 'state', 'tag'] as const;
export type FleetGrouping = (typeof fleetGroupings)[number];

const columns = z.array(z.enum(fleetColumns)).max(fleetColumns.length);

export const fleetView = z.strictObject({
  /** What is searched for, as it is typed: `app/domain/guest-search.ts`. */
  text: z.string().max(1_000),
  /** Empty = every state. */
  states: z.array(z.enum(Object.keys(guestStates) as [GuestState, ...GuestState[]])).max(8),
  /** Empty = every host. */
  hosts: z.array(hostIdOf).max(1_000),
  /** Only guests that run, and only those of which settings wait for a restart. */
  running: z.boolean(),
  pending: z.boolean(),
  order: z.enum(fleetOrders),
  descending: z.boolean(),
  grouping: z.enum(fleetGroupings),
  columns,
});
export type FleetView = z.infer<typeof fleetView>;

/** A view that is kept under a name, of which there is one. */
export const namedView = z.strictObject({ name: z.string().trim().min(1).max(64), view: fleetView });
export type NamedView = z.infer<typeof namedView>;
