// Two edits of one text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { merge } from './merge.ts';

const text = (...lines: readonly string[]): string => lines.join('\n');
const base = text('one', 'two', 'three', 'four', 'five');

describe('two edits of one text', () => {
  it('are both in what comes of them', () => {
    expect(merge(base, text('one', '2', 'three', 'four', 'five'), text('one', 'two', 'three', 'five', 'six'))).toBe(text('one', '2', 'three', 'five', 'six'));
  });

  it('may stand right beside each other', () => {
    expect(merge(base, text('one', '2', 'three', 'four', 'five'), text('one', 'two', '3', 'four', 'five'))).toBe(text('one', '2', '3', 'four', 'five'));
    expect(merge(base, text('one', '2', 'three', 'four', 'five'), text('one', 'new', 'two', 'three', 'four', 'five'))).toBe(text('one', 'new', '2', 'three', 'four', 'five'));
  });

  it('cannot be put together where they change the same lines, or put in at the same place', () => {
    expect(merge(base, text('one', '2', 'three', 'four', 'five'), text('one', 'zwei', 'three', 'four', 'five'))).toBeNull();
    expect(merge(base, text('one', '2', '3', 'four', 'five'), text('one', 'two', 'four', 'five'))).toBeNull();
    expect(merge(base, text('one', 'a', 'two', 'three', 'four', 'five'), text('one', 'b', 'two', 'three', 'four', 'five'))).toBeNull();
  });

  it('count once where both are the same', () => {
    const both = text('one', 'a', 'two', 'four', 'five');
    expect(merge(base, both, both)).toBe(both);
  });

  const someText = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 }).map((lines) => lines.join('\n'));
  it('leave the other as it is where one changes nothing, and come to the same whichever is first', () => {
    fc.assert(fc.property(someText, someText, someText, (start, one, other) => {
      expect(merge(start, one, start)).toBe(one);
      expect(merge(start, start, one)).toBe(one);
      expect(merge(start, one, other)).toBe(merge(start, other, one));
    }));
  });
});
