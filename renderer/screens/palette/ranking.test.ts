// Words and the names they fit.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fitOf, fits, type Named, rank, scoreOf, wordsOf } from './ranking.ts';

const named = (name: string, key = name, also = ''): Named => ({ key, name, also });
const found = (typed: string, all: readonly Named[], recent: readonly string[] = []): readonly string[] =>
  rank(all.map((one) => ({ found: one, score: scoreOf(wordsOf(typed), one) })), recent).map(({ found: { key } }) => key);

// Few letters, so that words and names have much in common.
const name = fc.oneof(fc.stringMatching(/^[abc1]{1,5}([- ][abc1]{1,4}){0,2}$/), fc.constantFrom('a', 'a b', 'ab-1'));
const typed = fc.stringMatching(/^[abc1]{1,3}( [abc1]{1,3})?$/);
const many = fc.uniqueArray(fc.record({ key: fc.string(), name, also: name }), { selector: ({ key }) => key, maxLength: 30 });

it.each([
  ['web-01', 'web-01', fits.whole], ['web', 'web-01', fits.start], ['01', 'web-01', fits.wordStart], ['eb', 'web-01', fits.inside],
  ['wb', 'web-01', fits.scattered - 1], ['w01', 'web-01', fits.scattered - 3], ['b1', 'web-01', 0], ['10', 'web-01', 0], ['web-012', 'web-01', 0],
])('%s fits %s by %i', (word, text, fit) => expect(fitOf(word, text)).toBe(fit));

it('what fits better comes first, and of equals what was chosen lately, then the shorter name', () => {
  const all = ['web-10', 'my-web', 'cobweb', 'wide-belt', 'web', 'web-1'].map((one) => named(one));
  expect(found('web', all)).toEqual(['web', 'web-1', 'web-10', 'my-web', 'cobweb', 'wide-belt']);
  expect(found('web', all, ['web-10'])).toEqual(['web', 'web-10', 'web-1', 'my-web', 'cobweb', 'wide-belt']);
});

it('what else something is found by counts less than its name', () => {
  expect(found('atlas', [named('web-01', 'guest', 'atlas'), named('atlas', 'host')])).toEqual(['host', 'guest']);
});

it('the order in which things are given does not matter', () => {
  fc.assert(fc.property(many, typed, fc.array(fc.string(), { maxLength: 5 }), fc.infiniteStream(fc.nat()), (all, words, recent, random) => {
    const shuffled = all.map((one) => ({ one, at: random.next().value })).toSorted((one, other) => one.at - other.at).map(({ one }) => one);
    expect(found(words, shuffled, recent)).toEqual(found(words, all, recent));
  }));
});

it('another letter never finds what was not there before it', () => {
  fc.assert(fc.property(many, typed, fc.constantFrom('a', 'b', '1'), (all, words, letter) => {
    const before = new Set(found(words, all));
    expect(found(`${words}${letter}`, all).filter((key) => !before.has(key))).toEqual([]);
  }));
});

it('a name is found by its own words, and before all that are not called so', () => {
  fc.assert(fc.property(many, name, (all, wanted) => {
    const others = all.filter((one) => one.name !== wanted && one.key !== 'wanted').map((one) => ({ ...one, also: '' }));
    const [word = ''] = wordsOf(wanted);
    const result = found(word, [...others, named(word, 'wanted')]);
    expect(others.some((one) => one.name === word) || result[0] === 'wanted').toBe(true);
  }));
});

it('everything found has the letters of each word in order', () => {
  const has = (word: string, text: string): boolean => new RegExp(word.split('').join('.*')).test(text);
  fc.assert(fc.property(many, typed, (all, words) => {
    for (const key of found(words, all)) {
      const one = all.find((other) => other.key === key);
      expect(wordsOf(words).every((word) => has(word, one?.name ?? '') || has(word, one?.also ?? ''))).toBe(true);
    }
  }));
});
