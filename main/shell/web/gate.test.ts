// How long nonces live, and that cookies of two servers in one browser do not meet.
import { expect, it } from 'vitest';
import { gateOf, nonceLife } from './gate.ts';

it('forgets a nonce when its time is over', () => {
  let now = 0;
  const gate = gateOf(1000, () => now);
  const [long, short] = [gate.newNonce(), gate.newNonce(50)];
  now = 50;
  expect([gate.redeem(short), gate.expectsSomeone()]).toEqual([undefined, true]);
  now = nonceLife - 1;
  expect(gate.redeem(long)).toContain('HttpOnly');
  expect(gate.expectsSomeone()).toBe(false);
});

it('knows its own cookie among others, and not that of another server', () => {
  const [one, other] = [gateOf(1000), gateOf(2000)];
  const cookieOf = (gate: typeof one): string => gate.redeem(gate.newNonce())?.split(';')[0] ?? '';
  const cookie = `theme=dark; ${cookieOf(other)}; ${cookieOf(one)}`;
  expect([one.isKnown({ cookie }), other.isKnown({ cookie })]).toEqual([true, true]);
  expect(one.isKnown({ cookie: cookieOf(other).replace('guestdeck-2000', 'guestdeck-1000') })).toBe(false);
});

it('never gives the same secret twice', () => {
  const gate = gateOf(1000);
  expect(new Set(Array.from({ length: 100 }, () => gate.newNonce())).size).toBe(100);
});
