// Which guests the fleet table shows, in which order, under which headings.
import type { FleetGrouping, FleetView } from '../../../app/contract/fleet.ts';
import { type GuestState, guestStates, isActive } from '../../../app/domain/guest.ts';
import { type Beside, fits, type Search } from '../../../app/domain/guest-search.ts';
import type { FleetGuest } from '../../api/fleet.ts';
import type { Usage } from '../../api/samples.ts';

export const keyOf = ({ host, uuid }: { readonly host: string; readonly uuid: string }): string => `${host}/${uuid}`;

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** The places of texts in the order in which people count: web-2 before web-10. Worked out again only when a text is new, since comparing thousands of names takes longer than a frame may. */
export class Ranks {
  #places: ReadonlyMap<string, number> = new Map();

  /** The place of each of these, and of others that were asked for before. */
  of(texts: Iterable<string>): ReadonlyMap<string, number> {
    const wanted = new Set(texts);
    if ([...wanted].some((text) => !this.#places.has(text))) {
      const sorted = [...wanted].toSorted(collator.compare);
      let place = 0;
      this.#places = new Map(sorted.map((text, index) => {
        if (index > 0 && collator.compare(sorted[index - 1] ?? '', text) !== 0) place = index;
        return [text, place];
      }));
    }
    return this.#places;
  }
}

const states = Object.keys(guestStates) as readonly GuestState[];
/** Those whose guests run before those whose do not; otherwise as libvirt counts them. */
const statePlaces = new Map(states.toSorted((one, other) => Number(isActive(other)) - Number(isActive(one))).map((state, place) => [state, place]));

/**
 * All guests in order; equal ones by their names, then by their keys, so that rows never jump. What is not known comes last either way.
 * Apart from choosing, so that a key press need not put them in order again.
 * @param usage what was measured when the order was asked for.
 */
export const inOrder = (guests: readonly FleetGuest[], { order, descending }: Pick<FleetView, 'order' | 'descending'>, names: Ranks, usage: (guest: FleetGuest) => Usage): readonly FleetGuest[] => {
  const places = names.of(guests.flatMap(({ name, hostName }) => [name, hostName]));
  const placeOf = (text: string): number => places.get(text) ?? 0;
  const values: Readonly<Record<FleetView['order'], (guest: FleetGuest) => number | null>> = {
    name: ({ name }) => placeOf(name),
    state: ({ state }) => statePlaces.get(state) ?? 0,
    host: ({ hostName }) => placeOf(hostName),
    vcpus: ({ vcpus }) => vcpus,
    memory: ({ memoryKiB }) => memoryKiB,
    cpu: (guest) => (isActive(guest.state) ? usage(guest).cpu : 0),
    used: (guest) => (isActive(guest.state) ? usage(guest).usedKiB : 0),
  };
  const value = values[order];
  const sign = descending ? -1 : 1;
  return guests.map((guest) => ({ guest, value: value(guest), name: placeOf(guest.name), key: keyOf(guest) })).toSorted((one, other) => {
    if (one.value !== other.value) return one.value === null ? 1 : other.value === null ? -1 : sign * (one.value - other.value);
    return sign * (one.name - other.name) || (one.key < other.key ? -1 : 1);
  }).map(({ guest }) => guest);
};

/** The guests to show, in the order they come in, and how many more there may be: what is searched for is not known of them. */
export interface Chosen {
  readonly guests: readonly FleetGuest[];
  readonly unknown: readonly FleetGuest[];
}

/** @param waiting whether settings of a guest wait for a restart; null = not known. */
export const chosen = (guests: readonly FleetGuest[], { states: ofStates, hosts, running, pending }: Pick<FleetView, 'states' | 'hosts' | 'running' | 'pending'>, search: Search, beside: Beside<FleetGuest>, waiting: (guest: FleetGuest) => boolean | null): Chosen => {
  const unknown: FleetGuest[] = [];
  const found = guests.filter((guest) => {
    if ((running && !isActive(guest.state)) || (ofStates.length > 0 && !ofStates.includes(guest.state)) || (hosts.length > 0 && !hosts.includes(guest.host))) return false;
    const waits = pending ? waiting(guest) : true;
    const fit = waits === false ? false : fits(search, guest, beside);
    if (fit === true && waits === true) return true;
    if (fit !== false) unknown.push(guest);
    return false;
  });
  return { guests: found, unknown };
};

/** A line of the table: a guest, or the heading of those below it. A guest of two tags has a line under each. */
export type Line =
  | { readonly kind: 'guest'; readonly key: string; readonly guest: FleetGuest }
  | { readonly kind: 'heading'; readonly key: string; readonly label: string; readonly guests: number; readonly running: number; readonly isFolded: boolean };

interface Group {
  readonly label: string;
  /** Where it stands: smaller ones first, equal ones by their labels. */
  readonly place: number;
}

const groupsOf: Readonly<Record<Exclude<FleetGrouping, 'none'>, (guest: FleetGuest, tags: readonly string[]) => readonly (readonly [key: string, group: Group])[]>> = {
  host: ({ host, hostName }) => [[host, { label: hostName, place: 0 }]],
  state: ({ state }) => [[state, { label: guestStates[state].label, place: statePlaces.get(state) ?? 0 }]],
  tag: (_, tags) => (tags.length === 0 ? [['', { label: 'No tag', place: 1 }]] : tags.map((tag) => [`tag ${tag}`, { label: tag, place: 0 }])),
};

/** A guest's line where nothing is grouped: to make thousands anew with each key in the search keeps the garbage collector busy. */
const plainLines = new WeakMap<FleetGuest, Line>();
const plainLine = (guest: FleetGuest): Line => {
  const line = plainLines.get(guest) ?? { kind: 'guest', key: keyOf(guest), guest };
  plainLines.set(guest, line);
  return line;
};

/** The lines of these guests: groups by their names, guests within them as they come. Headings of folded groups stand alone. */
export const linesOf = (guests: readonly FleetGuest[], grouping: FleetGrouping, folded: ReadonlySet<string>, tags: (guest: FleetGuest) => readonly string[]): readonly Line[] => {
  if (grouping === 'none') return guests.map(plainLine);
  const groups = new Map<string, Group & { readonly guests: FleetGuest[] }>();
  for (const guest of guests) {
    for (const [key, group] of groupsOf[grouping](guest, tags(guest))) {
      const held = groups.get(key) ?? { ...group, guests: [] };
      groups.set(key, held);
      held.guests.push(guest);
    }
  }
  return [...groups].toSorted(([, one], [, other]) => one.place - other.place || collator.compare(one.label, other.label)).flatMap(([group, { label, guests: members }]): readonly Line[] => {
    const key = `${grouping} ${group}`;
    const heading: Line = { kind: 'heading', key, label, guests: members.length, running: members.filter(({ state }) => isActive(state)).length, isFolded: folded.has(key) };
    return heading.isFolded ? [heading] : [heading, ...members.map((guest): Line => ({ kind: 'guest', key: `${key} ${keyOf(guest)}`, guest }))];
  });
};

/** What these guests come to. */
export interface Totals {
  readonly guests: number;
  readonly vcpus: number;
  readonly memoryKiB: number;
  /** How many are in each state, in the order of states; none that no guest is in. */
  readonly states: readonly (readonly [state: GuestState, count: number])[];
  /** CPUs and KiB in use by the running guests of which it is known, and how many those are. KiB are null where memory is measured of none: no column in view asks for it. */
  readonly cpu: number;
  readonly usedKiB: number | null;
  readonly measured: number;
  readonly running: number;
}

/** @param usage what is measured of a guest at this moment. */
export const totalsOf = (guests: readonly FleetGuest[], usage: (guest: FleetGuest) => Usage): Totals => {
  const counts = new Map<GuestState, number>();
  let [vcpus, memoryKiB, cpu, measured, running] = [0, 0, 0, 0, 0];
  let usedKiB: number | null = null;
  for (const guest of guests) {
    counts.set(guest.state, (counts.get(guest.state) ?? 0) + 1);
    vcpus += guest.vcpus;
    memoryKiB += guest.memoryKiB;
    if (!isActive(guest.state)) continue;
    running += 1;
    const now = usage(guest);
    if (now.cpu === null) continue;
    measured += 1;
    cpu += now.cpu;
    if (now.usedKiB !== null) usedKiB = (usedKiB ?? 0) + now.usedKiB;
  }
  return { guests: guests.length, vcpus, memoryKiB, cpu, usedKiB, measured, running, states: [...statePlaces.keys()].flatMap((state) => (counts.has(state) ? [[state, counts.get(state) ?? 0] as const] : [])) };
};
