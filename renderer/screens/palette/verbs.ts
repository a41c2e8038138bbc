// What can be wanted of any guest: its tabs, its settings, and what can be done to it.
import { type GuestAction, guestActionNames, guestActions, whyNotAllowed } from '../../../app/domain/guest.ts';
import { knobNames, knobs } from '../../../app/tuning/knobs.ts';
import type { FleetGuest } from '../../api/fleet.ts';
import { type GuestTab, guestTabNames, guestTabs, type Place } from '../place.ts';

/** What choosing something does. */
export type Deed =
  | { readonly does: 'go'; readonly place: Place }
  | { readonly does: 'act'; readonly guest: FleetGuest; readonly action: GuestAction }
  | { readonly does: 'connect' | 'disconnect'; readonly host: string }
  | { readonly does: 'call'; readonly call: () => void };

/** Something of a guest: `CPU shares of` and the guest's name. */
export interface Verb {
  readonly key: string;
  readonly kind: 'Actions' | 'Settings';
  readonly label: string;
  /** What else it is found by, in lower case. */
  readonly also: string;
  /** Where it is or what it does, in a few words. */
  readonly detail: string;
  /** Why it cannot be done to this guest now; null = it can. */
  readonly unable: (guest: FleetGuest) => string | null;
  readonly deed: (guest: FleetGuest) => Deed;
}

const able = (): null => null;
const goTo = (tab: GuestTab, more: { readonly setting?: (typeof knobNames)[number] } = {}) => ({ host, uuid }: FleetGuest): Deed => ({ does: 'go', place: { at: 'guest', host, uuid, tab, ...more } });

/** Why this cannot be done to a guest now, as a person is told; null = it can. */
const whyNot = (guest: FleetGuest, action: GuestAction): string | null => {
  if (guest.fixed !== null) return guest.fixed;
  if (guest.seen !== null) return `${guest.hostName} does not answer`;
  const why = whyNotAllowed(guest, action);
  return why === null ? null : `${guest.name} ${why}`;
};

/** Everything, each under a key of its own. */
export const verbs: readonly Verb[] = [
  ...guestActionNames.map((action): Verb => {
    const { label, effect, destructive } = guestActions[action];
    return { key: `act:${action}`, kind: 'Actions', label, also: '', detail: destructive ? `${effect} Asks first.` : effect, unable: (guest) => whyNot(guest, action), deed: (guest) => ({ does: 'act', guest, action }) };
  }),
  ...guestTabs.map((tab): Verb => ({ key: `tab:${tab}`, kind: 'Actions', label: `${guestTabNames[tab]} of`, also: 'open show go to tab', detail: 'go to', unable: able, deed: goTo(tab) })),
  ...knobNames.map((name): Verb => {
    const { label, panel, card } = knobs[name];
    const where = `${guestTabNames[panel]} · ${card}`;
    return { key: `set:${name}`, kind: 'Settings', label: `${label} of`, also: `set change setting ${where}`.toLowerCase(), detail: where, unable: able, deed: goTo(panel, { setting: name }) };
  }),
];
