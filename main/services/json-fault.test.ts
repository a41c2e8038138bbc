// Finding the place where a text ceases to be JSON, against JSON.parse.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFault } from './json-fault.ts';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
};

describe('the fault in a text that is to be JSON', () => {
  it.each([
    ['', 1, 1],
    ['  \n', 2, 1],
    ['nonsense', 1, 1],
    ['{"a": 1,}', 1, 9],
    ['[1, 2', 1, 6],
    ['{\n  "a": "b"\n  "c": 1\n}', 3, 3],
    ['[1] x', 1, 5],
    ['{"a" 1}', 1, 6],
    ["{'a': 1}", 1, 2],
    ['[01]', 1, 3],
    ['["a\nb"]', 1, 2],
    ['[}', 1, 2],
  ])('of %j is at line %i, column %i', (text, line, column) => expect(jsonFault(text)).toEqual({ line, column }));

  it('is found exactly where JSON.parse finds one', () => {
    const pieces = fc.array(fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"\\u00e9"', '"', '1', '-', '0', '.5', 'e3', 'true', 'null', ' ', '\n', '\u00a0')).map((some) => some.join(''));
    fc.assert(fc.property(fc.oneof(fc.json(), fc.json().map((text) => text.slice(0, -1)), pieces, fc.string()), (text) => {
      expect(jsonFault(text) === null).toBe(isJson(text));
    }), { numRuns: 3000 });
  });

  it('is found in a text of any depth', () => {
    expect(jsonFault('['.repeat(200_000))).toEqual({ line: 1, column: 200_001 });
  });
});
