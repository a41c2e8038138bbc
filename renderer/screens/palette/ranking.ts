// How well typed words fit a name, and what comes first: the same for the same words, in whatever order things are given.

/** A name as words are compared with it. */
export interface Named {
  /** Unlike all others. */
  readonly key: string;
  /** In lower case. */
  readonly name: string;
  /** What else it can be found by, in lower case: counts half. */
  readonly also: string;
}

/** How good a fit is. Apart, so that no sum of worse fits of one word passes a better one. */
export const fits = { whole: 100, start: 80, wordStart: 60, inside: 40, scattered: 20 } as const;

/** The words of what was typed, in lower case. */
export const wordsOf = (typed: string): readonly string[] => typed.toLowerCase().split(/\s+/).filter((word) => word !== '');

/** Whether this sign begins a word: what is before it is no letter and no digit. */
const beginsWord = (text: string, at: number): boolean => at === 0 || !/[\p{L}\p{N}]/u.test(text.charAt(at - 1));

/** Signs that lie between those of a word, found one after the other from `from`; null where they are not all there. */
const spreadFrom = (word: string, text: string, from: number): number | null => {
  let at = from;
  for (const sign of word.slice(1)) {
    at = text.indexOf(sign, at + 1);
    if (at < 0) return null;
  }
  return at - from + 1 - word.length;
};

/** The letters of a word in order, the first at the start of a word: `wb01` in `web-01`. The closer they are, the better. */
const scattered = (word: string, text: string): number => {
  let best = 0;
  for (let at = text.indexOf(word.charAt(0)); at >= 0; at = text.indexOf(word.charAt(0), at + 1)) {
    if (!beginsWord(text, at)) continue;
    const spread = spreadFrom(word, text, at);
    // Further on there are only fewer signs left.
    if (spread === null) break;
    best = Math.max(best, fits.scattered - Math.min(spread, fits.scattered - 1));
  }
  return best;
};

/** How well one word fits a text, both in lower case, as one of `fits`; less than `scattered` where letters are far apart, 0 = not at all. */
export const fitOf = (word: string, text: string): number => {
  const first = text.indexOf(word);
  if (first < 0) return word.length > 1 ? scattered(word, text) : 0;
  if (first === 0) return word.length === text.length ? fits.whole : fits.start;
  for (let at = first; at >= 0; at = text.indexOf(word, at + 1)) if (beginsWord(text, at)) return fits.wordStart;
  return fits.inside;
};

/** How well all words fit; 0 = one of them does not. Letters that are apart count in names only. */
export const scoreOf = (words: readonly string[], { name, also }: Named): number => {
  let sum = 0;
  for (const word of words) {
    const inAlso = also.includes(word) ? fitOf(word, also) : 0;
    const fit = Math.max(2 * fitOf(word, name), inAlso);
    if (fit === 0) return 0;
    sum += fit;
  }
  return sum;
};

/** Something found, and how well it fits. */
export interface Scored<N extends Named> {
  readonly found: N;
  readonly score: number;
}

/** The better fit first; then what was chosen lately, the shorter name, the alphabet. No two are alike, since no two keys are. */
const compare = <N extends Named>(recent: readonly string[]) => {
  const places = new Map(recent.map((key, at) => [key, at]));
  const place = ({ key }: N): number => places.get(key) ?? recent.length;
  const text = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
  return (one: Scored<N>, other: Scored<N>): number => other.score - one.score || place(one.found) - place(other.found)
    || one.found.name.length - other.found.name.length || text(one.found.name, other.found.name) || text(one.found.key, other.found.key);
};

/** Everything that all words fit, the best first. @param recent keys of what was chosen lately, the last one first. */
export const rank = <N extends Named>(scored: readonly Scored<N>[], recent: readonly string[]): readonly Scored<N>[] =>
  scored.filter(({ score }) => score > 0).toSorted(compare(recent));
