// The language in which guests are searched for: `host:atlas state:running mem>16G -name:test "free words"`.
import { parseBytes } from './bytes.ts';
import { guestStates, type GuestState, isActive } from './guest.ts';
import { type Piece, scan } from './search-pieces.ts';

/** What can be asked of a guest: what it means, for a person, and how what is asked is written. */
export const searchKeys = {
  name: { kind: 'text', says: 'a part of its name; = the whole', example: 'name:web' },
  host: { kind: 'text', says: 'a part of its host’s name; = the whole', example: 'host:atlas' },
  state: { kind: 'state', says: 'what it is doing', example: 'state:running' },
  tag: { kind: 'text', says: 'a part of one of its tags; = the whole', example: 'tag:db' },
  tuned: { kind: 'text', says: 'a part of one of its tuning marks', example: 'tuned:pinned' },
  is: { kind: 'flag', says: 'how it is kept', example: 'is:autostart' },
  mem: { kind: 'amount', says: 'memory it has', example: 'mem>16G' },
  used: { kind: 'use', says: 'memory in use, as an amount or as a share of what it has', example: 'used>80%' },
  vcpus: { kind: 'count', says: 'vCPUs it has', example: 'vcpus>=8' },
  cpu: { kind: 'percent', says: 'CPU in use, in percent of one CPU of the host', example: 'cpu>50%' },
} as const satisfies Readonly<Record<string, { readonly kind: string; readonly says: string; readonly example: string }>>;
export type SearchKey = keyof typeof searchKeys;
type KeyOf<K extends string> = { readonly [N in SearchKey]: (typeof searchKeys)[N]['kind'] extends K ? N : never }[SearchKey];

export const searchKeyNames = Object.keys(searchKeys) as readonly SearchKey[];
const keyNamed = (name: string): SearchKey | undefined => searchKeyNames.find((key) => key === name.toLowerCase());

/** What guests can be beside their state. */
export const searchFlags = {
  autostart: ({ autostart }) => autostart,
  persistent: ({ persistent }) => persistent,
  transient: ({ persistent }) => !persistent,
  saved: ({ managedSave }) => managedSave,
  active: ({ state }) => isActive(state),
} as const satisfies Readonly<Record<string, (guest: Findable) => boolean>>;
type Flag = keyof typeof searchFlags;
const flagNames = Object.keys(searchFlags) as readonly Flag[];

export const searchStates = Object.keys(guestStates) as readonly GuestState[];

const comparisons = {
  ':': (one, other) => one === other,
  '=': (one, other) => one === other,
  '>': (one, other) => one > other,
  '<': (one, other) => one < other,
  '>=': (one, other) => one >= other,
  '<=': (one, other) => one <= other,
} as const satisfies Readonly<Record<string, (one: number, other: number) => boolean>>;
type Comparison = keyof typeof comparisons;

/** What one term asks; several texts, states or flags of one term are alternatives. Texts are in lower case. */
export type SearchTest =
  | { readonly of: 'words'; readonly text: string }
  | { readonly of: 'text'; readonly key: KeyOf<'text'>; readonly whole: boolean; readonly any: readonly string[] }
  | { readonly of: 'state'; readonly any: readonly GuestState[] }
  | { readonly of: 'flag'; readonly any: readonly Flag[] }
  /** `value`: bytes of `mem` and `used`, percent of `usedShare` and `cpu`. */
  | { readonly of: 'number'; readonly key: 'mem' | 'used' | 'usedShare' | 'vcpus' | 'cpu'; readonly comparison: Comparison; readonly value: number };

/** A term, and where it stands in the text. */
export interface SearchTerm {
  readonly at: number;
  readonly end: number;
  readonly not: boolean;
  readonly test: SearchTest;
}

/** What of the text is not understood, and where; it is not searched for. */
export interface SearchProblem {
  readonly at: number;
  readonly end: number;
  readonly message: string;
}

export interface Search {
  readonly terms: readonly SearchTerm[];
  readonly problems: readonly SearchProblem[];
}

const isIn = <K extends string>(names: readonly K[], text: string): K | undefined => names.find((name) => name === text.toLowerCase());

/** A state by libvirt's name or by the one that is shown. */
const stateNamed = (text: string): GuestState | undefined => isIn(searchStates, text) ?? searchStates.find((state) => guestStates[state].label.toLowerCase() === text.toLowerCase());

const percentOf = (text: string): number | null => (/^\d+(\.\d+)?\s*%?$/.test(text) ? Number.parseFloat(text) : null);

/** Alternatives by name, or the first that is none. */
const named = <T>(texts: readonly string[], find: (text: string) => T | undefined, what: string): { readonly any: readonly T[] } | string => {
  const any: T[] = [];
  for (const text of texts) {
    const found = find(text);
    if (found === undefined) return `“${text}” is ${what}`;
    any.push(found);
  }
  return { any };
};

/** What a piece with a key asks, or in words what is wrong with it. */
const testOf = (key: SearchKey, operator: string, texts: readonly string[]): SearchTest | string => {
  const { kind, example } = searchKeys[key];
  const [value = ''] = texts;
  if (value === '' || texts.includes('')) return `nothing is said after ${key}${operator}, as in ${example}`;
  const isOrder = operator !== ':' && operator !== '=';
  if (kind === 'text' || kind === 'state' || kind === 'flag') {
    if (isOrder) return `${key} cannot be compared by ${operator}, but as in ${example}`;
    if (kind === 'text') return { of: 'text', key: key as KeyOf<'text'>, whole: operator === '=', any: texts.map((text) => text.toLowerCase()) };
    if (kind === 'state') {
      const states = named(texts, stateNamed, `no state: there are ${searchStates.join(', ')}`);
      return typeof states === 'string' ? states : { of: 'state', ...states };
    }
    const flags = named(texts, (text) => isIn(flagNames, text), `nothing that a guest is: there are ${flagNames.join(', ')}`);
    return typeof flags === 'string' ? flags : { of: 'flag', ...flags };
  }
  const comparison = (Object.keys(comparisons) as readonly Comparison[]).find((one) => one === operator);
  if (comparison === undefined || texts.length > 1) return `${key} is compared with one number, as in ${example}`;
  const number = numberOf(kind, key, value);
  return number === null ? `“${value}” is no ${noun[kind]}, as in ${example}` : { of: 'number', comparison, ...number };
};

const noun = { amount: 'amount with a unit', use: 'amount with a unit or share', count: 'whole number', percent: 'percentage' } as const;

const numberOf = (kind: keyof typeof noun, key: SearchKey, text: string): Pick<Extract<SearchTest, { of: 'number' }>, 'key' | 'value'> | null => {
  if (kind === 'count') return /^\d{1,9}$/.test(text) ? { key: 'vcpus', value: Number(text) } : null;
  const percent = percentOf(text);
  if (kind === 'percent') return percent === null ? null : { key: 'cpu', value: percent };
  if (kind === 'use' && percent !== null && text.endsWith('%')) return { key: 'usedShare', value: percent };
  // A bare number of bytes is meant by nobody.
  const bytes = /^[\d.]*$/.test(text) ? null : parseBytes(text);
  return bytes === null ? null : { key: key === 'mem' ? 'mem' : 'used', value: bytes };
};

const understood = (piece: Piece): SearchTest | string => {
  const { key: name, operator, parts } = piece;
  const texts = parts.map(({ text }) => text);
  if (name === null || operator === null) return texts[0] === undefined || texts[0] === '' ? 'nothing to search for is said here' : { of: 'words', text: texts[0].toLowerCase() };
  const key = keyNamed(name);
  return key === undefined ? `there is no “${name}” to search by; "${name}${operator}…" in quotes is searched for as it stands` : testOf(key, operator, texts);
};

/**
 * Reads what is searched for. Terms stand beside each other, all of them have to hold; `-` before one turns it round; alternatives of one
 * stand between commas; what has spaces in it stands in quotes. What is not understood is a problem with its place, and is left out.
 */
export const parseSearch = (text: string): Search => {
  const terms: SearchTerm[] = [];
  const problems: SearchProblem[] = [];
  for (const piece of scan(text)) {
    const { at, end, not, isOpen } = piece;
    const test = understood(piece);
    if (typeof test === 'string') problems.push({ at, end, message: test });
    else terms.push({ at, end, not, test });
    if (isOpen) problems.push({ at, end, message: 'the quote is not closed, so that all that follows belongs to it' });
  }
  return { terms, problems };
};

/** What a guest says of itself. */
export interface Findable {
  readonly name: string;
  readonly hostName: string;
  readonly state: GuestState;
  readonly vcpus: number;
  readonly memoryKiB: number;
  readonly persistent: boolean;
  readonly autostart: boolean;
  readonly managedSave: boolean;
}

/** What is known of guests from elsewhere; null where it is not known. Asked for only where a term is about it. */
export interface Beside<G> {
  readonly tags: (guest: G) => readonly string[];
  readonly tuned: (guest: G) => readonly string[] | null;
  /** CPUs in use. */
  readonly cpu: (guest: G) => number | null;
  readonly usedKiB: (guest: G) => number | null;
}

const holds = <G extends Findable>(test: SearchTest, guest: G, beside: Beside<G>): boolean | null => {
  switch (test.of) {
    case 'words': return [guest.name, guest.hostName, ...beside.tags(guest)].some((text) => text.toLowerCase().includes(test.text));
    case 'state': return test.any.includes(guest.state);
    case 'flag': return test.any.some((flag) => searchFlags[flag](guest));
    case 'text': {
      const texts = { name: () => [guest.name], host: () => [guest.hostName], tag: () => beside.tags(guest), tuned: () => beside.tuned(guest) }[test.key]();
      return texts === null ? null : texts.map((text) => text.toLowerCase()).some((text) => test.any.some((wanted) => (test.whole ? text === wanted : text.includes(wanted))));
    }
    case 'number': {
      const value = numbers[test.key](guest, beside);
      return value === null ? null : comparisons[test.comparison](value, test.value);
    }
  }
};

/** A guest that does not run uses nothing. */
const used = <G extends Findable>(guest: G, of: (guest: G) => number | null): number | null => (isActive(guest.state) ? of(guest) : 0);

const numbers: { readonly [K in Extract<SearchTest, { of: 'number' }>['key']]: <G extends Findable>(guest: G, beside: Beside<G>) => number | null } = {
  vcpus: ({ vcpus }) => vcpus,
  mem: ({ memoryKiB }) => memoryKiB * 1024,
  used: (guest, { usedKiB }) => scaled(used(guest, usedKiB), 1024),
  usedShare: (guest, { usedKiB }) => scaled(used(guest, usedKiB), 100 / Math.max(1, guest.memoryKiB)),
  cpu: (guest, { cpu }) => scaled(used(guest, cpu), 100),
};
const scaled = (value: number | null, by: number): number | null => (value === null ? null : value * by);

/** Whether a guest is what is searched for; null = that depends on what is not known of it. */
export const fits = <G extends Findable>({ terms }: Search, guest: G, beside: Beside<G>): boolean | null => {
  let answer: boolean | null = true;
  for (const { not, test } of terms) {
    const held = holds(test, guest, beside);
    if (held === not) return false;
    if (held === null) answer = null;
  }
  return answer;
};

/** What has to be looked up before all guests can be told apart. */
export const needs = ({ terms }: Search): { readonly tuned: boolean; readonly cpu: boolean; readonly used: boolean } => {
  const keys = new Set(terms.flatMap(({ test }) => (test.of === 'text' || test.of === 'number' ? [test.key] : [])));
  return { tuned: keys.has('tuned'), cpu: keys.has('cpu'), used: keys.has('used') || keys.has('usedShare') };
};
