// How long certificates last, in words and colours.
import { expect, it } from 'vitest';
import { lifetimeShare, lifetimeTone, lifetimeWords, warningWords } from './lifetimes.ts';

it.each([
  ['valid', 3401, '3\u202f401 days', 'good'],
  ['valid', 60, '60 days', 'good'],
  ['expiring', 59, '59 days', 'warn'],
  ['expiring', 29, '29 days', 'bad'],
  ['expiring', 1, '1 day', 'bad'],
  ['expiring', 0, 'expires today', 'bad'],
  ['expired', 0, 'expired today', 'bad'],
  ['expired', 12, 'expired 12 days ago', 'bad'],
  ['notYetValid', 2, 'valid in 2 days', 'warn'],
] as const)('%s, %i days: %s', (state, days, words, tone) => {
  const one = { expiry: { state, days } };
  expect([lifetimeWords(one), lifetimeTone(one)]).toEqual([words, tone]);
});

it('what was revoked or replaced frightens nobody', () => {
  expect(lifetimeTone({ expiry: { state: 'expired', days: 3 }, revokedAt: 1, replacedBy: null })).toBe('quiet');
  expect(lifetimeTone({ expiry: { state: 'expired', days: 3 }, revokedAt: null, replacedBy: 'x' })).toBe('quiet');
});

it.each([
  ['authority', 'expired', 4, 'The authority one expired 4 days ago.'],
  ['host', 'expiring', 19, 'The certificate of the host one expires in 19 days.'],
  ['client', 'expiring', 0, 'The certificate of the client one expires today.'],
] as const)('warns of the %s', (kind, state, days, words) => {
  expect(warningWords({ kind, label: 'one', expiry: { state, days } })).toBe(words);
});

it.each([['valid', 100, 1], ['valid', 75, 0.75], ['expiring', 25, 0.25], ['expired', 25, 0], ['notYetValid', 5, 1], ['valid', 101, 1]] as const)('%s with %i of 100 days: the share left is %f', (state, days, share) => {
  expect(lifetimeShare({ notBefore: 0, notAfter: 100 * 86_400_000, expiry: { state, days } })).toBe(share);
});
