// Links from outside: what they say, and what is not taken for one.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type DeepLink, deepLink, deepLinkOf, linkAddress, linkAt, parseDeepLink, parseTarget } from './deep-link.ts';

const part = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((text) => deepLink.shape.host.safeParse(text).success);
const links = fc.record({ host: part, guest: part, tab: fc.option(part) }) satisfies fc.Arbitrary<DeepLink>;

it('every link is read as what it was made of', () => {
  fc.assert(fc.property(links, (to) => {
    expect([parseDeepLink(deepLinkOf(to)), linkAt(linkAddress(to))]).toEqual([to, to]);
  }));
});

it.each([
  ['guestdeck://atlas/web-01', { host: 'atlas', guest: 'web-01', tab: null }],
  ['GuestDeck://atlas/web-01/', { host: 'atlas', guest: 'web-01', tab: null }],
  ['guestdeck://Demo%20host/db-primary/cpu', { host: 'Demo host', guest: 'db-primary', tab: 'cpu' }],
  ['guestdeck://a%2Fb/c%3Fd%23e', { host: 'a/b', guest: 'c?d#e', tab: null }],
])('%s points at a guest', (text, to) => expect(parseDeepLink(text)).toEqual(to));

it('on a command line names stand as they are', () => {
  expect(parseTarget('Demo host/db-primary')).toEqual({ host: 'Demo host', guest: 'db-primary', tab: null });
});

it.each([
  '', 'atlas', 'guestdeck:', 'guestdeck://', 'guestdeck://atlas', 'guestdeck://atlas/', 'guestdeck:///web-01', 'guestdeck://a/b/c/d', 'guestdeck://app/#/settings', 'guestdeck://app/?nonce=x',
  'guestdeckx://atlas/web-01', 'https://atlas/web-01', 'javascript:alert(1)', ' guestdeck://atlas/web-01', 'guestdeck://atlas/%zz', 'guestdeck://atlas/%00', 'guestdeck://atlas/a%0Ab',
  'guestdeck://atlas/%E2%80%AEgpj', 'guestdeck://atlas/%20web', 'guestdeck://atlas\\web/01', `guestdeck://atlas/${'a'.repeat(256)}`, `guestdeck://atlas/${'%61'.repeat(700)}`,
])('%j is no link', (text) => expect(parseDeepLink(text)).toBeNull());

it('no text at all makes reading it fail', () => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.constantFrom(0x25, 0x2f, 0x30), fc.integer({ min: 0, max: 0xffff }))), (signs) => {
    const read = parseDeepLink(`guestdeck://${String.fromCharCode(...signs)}`);
    expect(read === null || deepLink.safeParse(read).success).toBe(true);
  }));
});
