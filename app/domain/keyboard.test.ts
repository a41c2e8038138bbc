// Which keys make which characters.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { combinationOf, combinations, layoutNames, strokesFor } from './keyboard.ts';

const codes = (text: string, layout: 'us' | 'gb' | 'de' | 'fr'): readonly string[] => strokesFor(text, layout).strokes.map((keys) => keys.map(({ code }) => code).join('+'));

it.each([
  ['us', 'aZ@ ~|\\\n', ['KeyA', 'ShiftLeft+KeyZ', 'ShiftLeft+Digit2', 'Space', 'ShiftLeft+Backquote', 'ShiftLeft+Backslash', 'Backslash', 'Enter']],
  ['gb', '@"#~\\|£€', ['ShiftLeft+Quote', 'ShiftLeft+Digit2', 'Backslash', 'ShiftLeft+Backslash', 'IntlBackslash', 'ShiftLeft+IntlBackslash', 'ShiftLeft+Digit3', 'AltRight+Digit4']],
  ['de', 'yZ@{\\|~€ßÄ', ['KeyZ', 'ShiftLeft+KeyY', 'AltRight+KeyQ', 'AltRight+Digit7', 'AltRight+Minus', 'AltRight+IntlBackslash', 'AltRight+BracketRight', 'AltRight+KeyE', 'Minus', 'ShiftLeft+Quote']],
  ['fr', 'aQ1é@]}€', ['KeyQ', 'ShiftLeft+KeyA', 'ShiftLeft+Digit1', 'Digit2', 'AltRight+Digit0', 'AltRight+Minus', 'AltRight+Equal', 'AltRight+KeyE']],
] as const)('types on a keyboard of %s', (layout, text, keys) => {
  expect(codes(text, layout)).toEqual(keys);
});

it('has every letter and digit, and what shells want, on every layout', () => {
  const wanted = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 \n\t!"#$%&\'()*+,-./:;<=>?@[\\]_{|}~';
  for (const layout of layoutNames) expect([layout, strokesFor(wanted, layout).missing]).toEqual([layout, []]);
});

it('names each character that it has no keys for once, and types the others', () => {
  expect(strokesFor('a→b→\u{1f600}', 'us')).toMatchObject({ strokes: [[{ code: 'KeyA' }], [{ code: 'KeyB' }]], missing: ['→', '\u{1f600}'] });
});

it('types as many characters as there are, or misses them', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...layoutNames), (text, layout) => {
    const { strokes, missing } = strokesFor(text, layout);
    const signs = Array.from(text.replaceAll(/\r\n?/g, '\n'));
    expect(strokes.length).toBe(signs.filter((sign) => !missing.includes(sign)).length);
  }));
});

it('presses F11 and F12 by their own numbers, which do not follow on F10', () => {
  const pressed = (label: string) => combinations.find((one) => one.label === label)?.keys.at(-1)?.linux;
  expect([pressed('Ctrl+Alt+F1'), pressed('Ctrl+Alt+F10'), pressed('Ctrl+Alt+F11'), pressed('Ctrl+Alt+F12')]).toEqual([59, 68, 87, 88]);
});

it('reads combinations as people write them', () => {
  const codes = (text: string) => combinationOf(text)?.map(({ code, linux, keysym }) => `${code} ${linux} ${keysym.toString(16)}`) ?? null;
  expect(codes('Ctrl+Alt+F12')).toEqual(['ControlLeft 29 ffe3', 'AltLeft 56 ffe9', 'F12 88 ffc9']);
  expect(codes(' control + SHIFT+k ')).toEqual(['ControlLeft 29 ffe3', 'ShiftLeft 42 ffe1', 'KeyK 37 6b']);
  expect(codes('Win+.')).toEqual(['MetaLeft 125 ffeb', 'Period 52 2e']);
  expect(['', 'Ctrl+', 'Ctrl+Hyper', 'Ctrl+Control+A', 'A+B+C+D+E+F'].map(combinationOf)).toEqual([null, null, null, null, null]);
  for (const { label, keys } of combinations) expect([label, combinationOf(label)]).toEqual([label, keys]);
});
