// What the palette finds for typed words: guests, hosts, what can be done, and settings of guests.
import { parseDeepLink } from '../../../app/domain/deep-link.ts';
import type { Fleet, FleetGuest } from '../../api/fleet.ts';
import { keyOf } from '../fleet/rows.ts';
import { fitOf, fits, type Named, rank, type Scored, scoreOf, wordsOf } from './ranking.ts';
import { type Deed, type Verb, verbs } from './verbs.ts';

export type Kind = 'Recent' | 'Guests' | 'Hosts' | 'Actions' | 'Settings';

/** One line of what was found. */
export interface Choice {
  readonly key: string;
  readonly kind: Kind;
  readonly label: string;
  readonly detail: string;
  /** Why it cannot be done now; null = it can. */
  readonly unable: string | null;
  readonly deed: Deed;
  /** What it is about, for its mark. */
  readonly of?: Pick<FleetGuest, 'state'> | Fleet['connections'][number];
}

/** What can be done wherever one is. */
export interface Command {
  readonly key: string;
  readonly label: string;
  readonly detail: string;
  /** Why it cannot be done now; left out, it can. */
  readonly unable?: string;
  readonly act: () => void;
}

interface Entry extends Named {
  readonly isUnable: boolean;
  readonly choice: () => Choice;
}

interface GuestEntry extends Entry {
  readonly guest: FleetGuest;
}

/** Everything that can be found, ready for words. */
export interface Findables {
  readonly guests: readonly GuestEntry[];
  readonly others: readonly Entry[];
}

/** What cannot be done now comes after what can and fits as well: less than there is between two fits. */
const lessUnable = 5;

/** Lines in all, and of one kind: whoever needs the next one types another letter. */
const most = { all: 40, kind: 12, recent: 8, guestsOfVerb: 6 } as const;

const entry = (choice: Choice, also = ''): Entry => ({ key: choice.key, name: choice.label.toLowerCase(), also: also.toLowerCase(), isUnable: choice.unable !== null, choice: () => choice });

const guestChoice = (guest: FleetGuest): Choice => ({
  key: `guest:${keyOf(guest)}`, kind: 'Guests', label: guest.name, detail: guest.hostName, unable: null, of: guest,
  deed: { does: 'go', place: { at: 'guest', host: guest.host, uuid: guest.uuid, tab: 'overview' } },
});

const verbChoice = (verb: Verb, guest: FleetGuest): Choice => ({
  key: `${verb.key}:${keyOf(guest)}`, kind: verb.kind, label: `${verb.label} ${guest.name}`, detail: `${guest.hostName} · ${verb.detail}`, unable: verb.unable(guest), of: guest, deed: verb.deed(guest),
});

const hostEntries = (connection: Fleet['connections'][number]): readonly Entry[] => {
  const { id, name, uri, group, tags, state: { phase } } = connection;
  const about = [uri, group, ...tags].filter((text) => text !== '').join(' · ');
  const isOff = phase === 'off' || phase === 'failed';
  const line = (does: 'connect' | 'disconnect', label: string, unable: string | null): Entry =>
    entry({ key: `${does}:${id}`, kind: 'Actions', label: `${label} ${name}`, detail: uri, unable, of: connection, deed: { does, host: id } }, `host ${about}`);
  return [
    entry({ key: `host:${id}`, kind: 'Hosts', label: name, detail: about, unable: null, of: connection, deed: { does: 'go', place: { at: 'host', host: id } } }, about),
    line('connect', 'Connect', isOff || phase === 'lost' ? null : phase === 'ready' ? `${name} is connected` : `${name} is being connected`),
    line('disconnect', 'Disconnect', isOff ? `${name} is not connected` : null),
  ];
};

/** Gets all that is there ready for words. */
export const findablesOf = (fleet: Fleet, commands: readonly Command[]): Findables => ({
  guests: fleet.guests.map((guest) => ({ key: `guest:${keyOf(guest)}`, name: guest.name.toLowerCase(), also: `${guest.hostName} ${guest.uuid}`.toLowerCase(), isUnable: false, guest, choice: () => guestChoice(guest) })),
  others: [
    ...fleet.connections.flatMap(hostEntries),
    ...commands.map(({ key, label, detail, unable = null, act }) => entry({ key: `command:${key}`, kind: 'Actions', label, detail, unable, deed: { does: 'call', call: act } }, detail)),
  ],
});

const guestsFirst = (guests: readonly GuestEntry[], recent: readonly string[], here: string | null): readonly GuestEntry[] => {
  const keys = [...(here === null ? [] : [`guest:${here}`]), ...recent];
  const known = keys.flatMap((key) => guests.find((one) => one.key === key) ?? []);
  return [...new Set([...known, ...rank(guests.map((found) => ({ found, score: 1 })), []).map(({ found }) => found)])];
};

/** Settings and actions of guests: words that begin a word of what is wanted are about that, all others about the guest. */
const verbEntries = (words: readonly string[], { guests }: Findables, recent: readonly string[], here: string | null): readonly Scored<Entry>[] => {
  const byRest = new Map<string, readonly Scored<GuestEntry>[]>();
  const guestsFor = (rest: readonly string[]): readonly Scored<GuestEntry>[] => {
    const key = rest.join(' ');
    const known = byRest.get(key) ?? (rest.length === 0
      ? guestsFirst(guests, recent, here).slice(0, most.guestsOfVerb).map((found) => ({ found, score: 0 }))
      : rank(guests.map((found) => ({ found, score: scoreOf(rest, found) })), recent).slice(0, most.guestsOfVerb));
    byRest.set(key, known);
    return known;
  };
  return verbs.flatMap((verb) => {
    const label = verb.label.toLowerCase();
    const fit = (word: string): number => {
      const [own, also] = [fitOf(word, label), fitOf(word, verb.also)];
      return Math.max(own < fits.wordStart ? 0 : 2 * own, also < fits.wordStart ? 0 : also);
    };
    const each = words.map((word) => [word, fit(word)] as const);
    const own = each.reduce((sum, [, score]) => sum + score, 0);
    // A single letter begins too much.
    if (!each.some(([word, score]) => score > 0 && word.length > 1)) return [];
    const rest = each.filter(([, score]) => score === 0).map(([word]) => word);
    return guestsFor(rest).map(({ found: { key, guest }, score }, at): Scored<Entry> => ({
      // Without words about a guest, those that come first stay first.
      score: own + score - (rest.length === 0 ? at / most.guestsOfVerb : 0) - (verb.unable(guest) === null ? 0 : lessUnable),
      found: { key: `${verb.key}:${key.slice('guest:'.length)}`, name: `${label} ${guest.name.toLowerCase()}`, also: '', isUnable: verb.unable(guest) !== null, choice: () => verbChoice(verb, guest) },
    }));
  });
};

/** Lines of one kind together, in the order of the best of each, none of them too many. */
const gathered = (choices: readonly Choice[]): readonly Choice[] => {
  const kinds = new Map<Kind, readonly Choice[]>();
  for (const choice of choices) {
    const same = kinds.get(choice.kind) ?? [];
    if (same.length < most.kind) kinds.set(choice.kind, [...same, choice]);
  }
  return [...kinds.values()].flat().slice(0, most.all);
};

/** What was chosen lately and is there still, last one first. */
const lately = ({ guests, others }: Findables, recent: readonly string[]): readonly Choice[] => recent.flatMap((key) => {
  const known = others.find((one) => one.key === key) ?? guests.find((one) => one.key === key);
  if (known !== undefined) return [{ ...known.choice(), kind: 'Recent' as const }];
  const verb = verbs.find((one) => key.startsWith(`${one.key}:`));
  const guest = verb === undefined ? undefined : guests.find((one) => key === `${verb.key}:${one.key.slice('guest:'.length)}`)?.guest;
  return verb === undefined || guest === undefined ? [] : [{ ...verbChoice(verb, guest), kind: 'Recent' as const }];
}).slice(0, most.recent);

/**
 * What fits what was typed, the best first and those of one kind together; with nothing typed, what was chosen lately and all that can be done anywhere.
 * @param recent keys of what was chosen lately, the last one first.
 * @param here the guest that is shown now, as `HOST/UUID`; null = none.
 */
export const find = (all: Findables, typed: string, recent: readonly string[], here: string | null): readonly Choice[] => {
  const to = parseDeepLink(typed.trim());
  if (to !== null) return [{ key: 'link', kind: 'Guests', label: `${to.guest} on ${to.host}`, detail: 'go to', unable: null, deed: { does: 'go', place: { at: 'link', to } } }];
  const words = wordsOf(typed);
  if (words.length === 0) {
    const first = lately(all, recent);
    const keys = new Set(first.map(({ key }) => key));
    return [...first, ...gathered(all.others.map(({ choice }) => choice()).filter(({ key, unable }) => unable === null && !keys.has(key)))];
  }
  const plain = [...all.guests, ...all.others].map((found: Entry): Scored<Entry> => ({ found, score: scoreOf(words, found) - (found.isUnable ? lessUnable : 0) }));
  return gathered(rank([...plain, ...verbEntries(words, all, recent, here)], recent).slice(0, 4 * most.all).map(({ found }) => found.choice()));
};
