// Guests that are named on a command line.
import { expect, it } from 'vitest';
import { linkIn } from './link-words.ts';

const read = (...words: readonly string[]) => {
  const faults: string[] = [];
  const to = linkIn(words, (fault) => faults.push(fault));
  return { to: to === null ? null : [to.host, to.guest, to.tab], faults: faults.length };
};

it.each([
  [['--open', 'atlas/web-01'], ['atlas', 'web-01', null]],
  [['--port', '8000', '--open=Demo host/db-primary/cpu'], ['Demo host', 'db-primary', 'cpu']],
  [['--open', 'guestdeck://atlas/web-01'], ['atlas', 'web-01', null]],
  [['--some-switch', 'guestdeck://atlas/web-01/console'], ['atlas', 'web-01', 'console']],
  [[], null], [['--no-open'], null], [['atlas/web-01'], null],
])('%j', (words, to) => expect(read(...words)).toEqual({ to, faults: 0 }));

it.each([[['--open']], [['--open=']], [['--open', 'atlas']], [['--open', 'https://evil.example/a/b']], [['guestdeck://app/#/settings']], [['guestdeck:atlas']]])('%j names no guest, and that is said', (words) => {
  expect(read(...words)).toEqual({ to: null, faults: 1 });
});
