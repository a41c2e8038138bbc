// What a search field offers next, and the text once it is taken.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suggestions, withSuggestion } from './search-suggestions.ts';

const values = { host: ['atlas', 'borealis', 'hall two'], tag: ['db', 'front end'], tuned: ['hugepages', 'pinned'] };
const offered = (text: string, caret = text.length): readonly string[] => suggestions(text, caret, values).map((one) => one.text);
const taken = (text: string, wanted: string, caret = text.length): string => {
  const one = suggestions(text, caret, values).find(({ text: put }) => put === wanted);
  if (one === undefined) return `${wanted} is not offered`;
  const after = withSuggestion(text, one);
  return `${after.text.slice(0, after.caret)}|${after.text.slice(after.caret)}`;
};

describe('suggestions', () => {
  it('are the keys where nothing is typed yet', () => {
    expect(offered('')).toEqual(['name:', 'host:', 'state:', 'tag:', 'tuned:', 'is:', 'mem>', 'used>', 'vcpus>=', 'cpu>']);
    expect(offered('web ')).toEqual(offered(''));
  });

  it('are keys and whole terms that begin with the letters that are typed, turned round where the word is', () => {
    expect(offered('ho')).toEqual(['host:']);
    expect(offered('p')).toEqual(['state:paused', 'state:pmsuspended', 'tuned:pinned', 'is:persistent']);
    expect(offered('web -pin')).toEqual(['-tuned:pinned']);
  });

  it('are the values there are after a key, those first that begin so; none that is there in full', () => {
    expect(offered('host:')).toEqual(['atlas', 'borealis', '"hall two"']);
    expect(offered('host:al')).toEqual(['borealis', '"hall two"']);
    expect(offered('tuned:p')).toEqual(['pinned', 'hugepages']);
    expect(offered('state:p')).toEqual(['paused', 'pmsuspended']);
    expect(offered('host:atlas')).toEqual([]);
    expect(offered('cpu>')).toEqual([]);
    expect(offered('host:atlas,bo')).toEqual(['borealis']);
  });

  it('take the place of the piece at the caret alone, and leave the caret where typing goes on', () => {
    expect(taken('ta', 'tag:')).toBe('tag:|');
    expect(taken('web tag:fr', '"front end"')).toBe('web tag:"front end" |');
    expect(taken('host:at mem>1G', 'atlas', 7)).toBe('host:atlas |mem>1G');
    expect(taken('host:atlas,bo', 'borealis')).toBe('host:atlas,borealis |');
  });

  it('leave all that stands before and behind as it is', () => {
    const text = fc.array(fc.constantFrom('web', 'ho', '-p', 'host:', 'tag:d', 'state:', 'tuned:"pi', ' ', ' ', 'mem>1G', 'is:a,'), { maxLength: 6 }).map((parts) => parts.join(''));
    fc.assert(fc.property(text, fc.nat({ max: 30 }), (before, place) => {
      const caret = Math.min(place, before.length);
      for (const one of suggestions(before, caret, values)) {
        const after = withSuggestion(before, one);
        expect(one.at <= caret && caret <= one.end).toBe(true);
        expect([after.text.startsWith(before.slice(0, one.at) + one.text), after.text.endsWith(before.slice(one.end)), after.caret <= after.text.length]).toEqual([true, true, true]);
      }
    }));
  });
});
