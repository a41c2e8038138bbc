// Where the window is: a place and its address after the `#`, so that links can point into the program.
import { useSyncExternalStore } from 'react';
import { type DeepLink, deepLink, deepLinkOf, linkAddress, linkAt } from '../../app/domain/deep-link.ts';
import { type KnobName, knobNames } from '../../app/tuning/knobs.ts';

/** The tabs of a guest, as they are called. */
export const guestTabNames = { overview: 'Overview', console: 'Console', cpu: 'CPU', memory: 'Memory', disks: 'Disks', network: 'Network', devices: 'Devices', xml: 'XML', history: 'History' } as const;
export type GuestTab = keyof typeof guestTabNames;
export const guestTabs = Object.keys(guestTabNames) as readonly GuestTab[];

/** What of a host's page can be looked for. */
export const hostParts = ['connection', 'daemon'] as const;
export type HostPart = (typeof hostParts)[number];

export type Place =
  | { readonly at: 'fleet' }
  /** `host`: of this host alone. */
  | { readonly at: 'history'; readonly host?: string }
  | { readonly at: 'tasks' }
  | { readonly at: 'profiles' }
  | { readonly at: 'settings' }
  /** `setUp`: the wizard is open, for a saved host; '' = for none yet. `certificate`: the one of a host that is to be installed. */
  | { readonly at: 'certificates'; readonly setUp?: string; readonly certificate?: string }
  /** `part`: what of the page is looked for. */
  | { readonly at: 'host'; readonly host: string; readonly part?: HostPart }
  /** `setting`: the one of that tab that is looked for. `alone`: nothing else is in this window, nor are other tabs. */
  | { readonly at: 'guest'; readonly host: string; readonly uuid: string; readonly tab: GuestTab; readonly setting?: KnobName; readonly alone?: true }
  /** A guest as a link from outside names it. */
  | { readonly at: 'link'; readonly to: DeepLink };

/** The last part of the address of what has a window to itself. */
const alone = 'alone';

/** The address of a place. */
export const addressOf = (place: Place): string => {
  if (place.at === 'host') return `#/hosts/${encodeURIComponent(place.host)}${place.part === undefined ? '' : `/${place.part}`}`;
  if (place.at === 'history') return `#/history${place.host === undefined ? '' : `/${encodeURIComponent(place.host)}`}`;
  if (place.at === 'certificates') return `#/certificates${place.setUp === undefined ? '' : `/set-up/${encodeURIComponent(place.setUp)}${place.certificate === undefined ? '' : `/${encodeURIComponent(place.certificate)}`}`}`;
  if (place.at === 'guest') return `#/guests/${encodeURIComponent(place.host)}/${place.uuid}/${place.tab}${place.alone === true ? `/${alone}` : place.setting === undefined ? '' : `/${place.setting}`}`;
  if (place.at === 'link') return linkAddress(place.to);
  return place.at === 'fleet' ? '#/' : `#/${place.at}`;
};

const decode = (part: string): string | null => {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
};

/** The place of an address; what cannot be understood is the fleet. */
export const placeAt = (address: string): Place => {
  const parts = address.replace(/^#?\//, '').split('/').map(decode);
  const [first, host, uuid, tab, last] = parts;
  if (parts.includes(null)) return { at: 'fleet' };
  if (first === 'history') return { at: first, ...(typeof host === 'string' && host !== '' && { host }) };
  if (first === 'tasks' || first === 'profiles' || first === 'settings') return { at: first };
  if (first === 'certificates') return { at: 'certificates', ...(host === 'set-up' && { setUp: uuid ?? '', ...(typeof tab === 'string' && tab !== '' && { certificate: tab }) }) };
  if (first === 'hosts' && typeof host === 'string' && host !== '') {
    const part = hostParts.find((known) => known === uuid);
    return { at: 'host', host, ...(part !== undefined && { part }) };
  }
  if (first === 'guests' && typeof host === 'string' && host !== '' && typeof uuid === 'string' && uuid !== '') {
    const setting = knobNames.find((known) => known === last);
    return { at: 'guest', host, uuid, tab: guestTabs.find((known) => known === tab) ?? 'overview', ...(setting !== undefined && { setting }), ...(last === alone && { alone: true as const }) };
  }
  const to = linkAt(address);
  return to === null ? { at: 'fleet' } : { at: 'link', to };
};

/** The link from outside to a guest: by the names that people know, or by ids where no link can carry those. */
export const linkTo = ({ host, uuid, tab }: Extract<Place, { at: 'guest' }>, names: { readonly host: string; readonly guest: string }): string => {
  const word = (name: string, id: string): string => (deepLink.shape.host.safeParse(name).success ? name : id);
  return deepLinkOf({ host: word(names.host, host), guest: word(names.guest, uuid), tab: tab === 'overview' ? null : tab });
};

export const go = (place: Place): void => {
  window.location.hash = addressOf(place);
};

const subscribe = (tell: () => void): (() => void) => {
  window.addEventListener('hashchange', tell);
  return () => window.removeEventListener('hashchange', tell);
};

/** The place the window is at. */
export const usePlace = (): Place => placeAt(useSyncExternalStore(subscribe, () => window.location.hash));
