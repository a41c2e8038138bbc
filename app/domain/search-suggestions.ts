// What could be written next into a search field: keys, and the values that there are.
import { type SearchKey, searchFlags, searchKeyNames, searchKeys, searchStates } from './guest-search.ts';
import { quoted, scan } from './search-pieces.ts';

/** One way to go on: `text` takes the place of the piece from `at` to `end`, and the caret goes behind it. */
export interface Suggestion {
  readonly at: number;
  readonly end: number;
  readonly text: string;
  readonly says: string;
}

/** The values that guests have, for the keys that cannot know them. */
export type SearchValues = Readonly<Record<'host' | 'tag' | 'tuned', readonly string[]>>;

/** More than these nobody reads: one letter more leaves fewer. */
const most = 10;

const valuesOf = (key: SearchKey, values: SearchValues): readonly string[] => {
  if (key === 'host' || key === 'tag' || key === 'tuned') return values[key];
  if (key === 'state') return searchStates;
  return key === 'is' ? Object.keys(searchFlags) : [];
};

/** A key with the operator that is used with it most: `mem>`. */
const opening = (key: SearchKey): string => /^[a-z]+[:<>=]+/.exec(searchKeys[key].example)?.[0] ?? `${key}:`;

/** Those that begin with what is typed, then those that have it somewhere. */
const ranked = (values: readonly string[], typed: string): readonly string[] => {
  const wanted = typed.toLowerCase();
  const having = values.filter((value) => value.toLowerCase().includes(wanted));
  return [...having.filter((value) => value.toLowerCase().startsWith(wanted)), ...having.filter((value) => !value.toLowerCase().startsWith(wanted))];
};

/** What could stand where the caret is, the likeliest first. A value that is written in full already is not told again. */
export const suggestions = (text: string, caret: number, values: SearchValues): readonly Suggestion[] => {
  const piece = scan(text).find(({ at, end }) => at <= caret && caret <= end) ?? { at: caret, end: caret, not: false, key: null, operator: null, parts: [{ at: caret, end: caret, text: '' }] };
  const { at, end, not, operator } = piece;
  const sign = not ? '-' : '';
  const key = searchKeyNames.find((name) => name === piece.key?.toLowerCase());
  if (key !== undefined && operator !== null) {
    const part = piece.parts.find((one) => one.at <= caret && caret <= one.end);
    if (part === undefined) return [];
    return ranked(valuesOf(key, values), part.text).filter((value) => value.toLowerCase() !== part.text.toLowerCase()).slice(0, most)
      .map((value) => ({ at: part.at, end: part.end, text: quoted(value), says: '' }));
  }
  const typed = piece.parts[0]?.text ?? '';
  const keys = searchKeyNames.filter((name) => name.startsWith(typed.toLowerCase())).map((name): Suggestion => ({ at, end, text: `${sign}${opening(name)}`, says: `${searchKeys[name].says}, as in ${searchKeys[name].example}` }));
  const whole = typed === '' ? [] : (['state', 'host', 'tag', 'tuned', 'is'] as const).flatMap((name) =>
    valuesOf(name, values).filter((value) => value.toLowerCase().startsWith(typed.toLowerCase())).slice(0, 3).map((value): Suggestion => ({ at, end, text: `${sign}${name}:${quoted(value)}`, says: searchKeys[name].says })));
  return [...keys, ...whole].slice(0, most);
};

/** The text with a suggestion taken, and where the caret goes: behind it, with a space after what is whole. */
export const withSuggestion = (text: string, { at, end, text: put }: Suggestion): { readonly text: string; readonly caret: number } => {
  const space = /[:<>=]$/.test(put) || /^\s/.test(text.slice(end)) ? '' : ' ';
  return { text: `${text.slice(0, at)}${put}${space}${text.slice(end)}`, caret: at + put.length + (space === '' && /^\s/.test(text.slice(end)) ? 1 : space.length) };
};
