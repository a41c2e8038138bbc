// Links that reach a program that runs; Electron itself is stood in for.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { type DeepLink, linkScheme } from '../../../app/domain/deep-link.ts';
import { handOver, hearLinks, type LinkApp, pageAt } from './links.ts';
import { isPage } from './scheme.ts';

const start = () => {
  const hearers = new Map<string, (...told: never[]) => void>();
  const app: LinkApp = { on: (event: string, hear: (...told: never[]) => void) => hearers.set(event, hear) };
  const led: (DeepLink | null)[] = [];
  hearLinks(app, (to) => led.push(to));
  const tell = (event: string, ...told: unknown[]): void => hearers.get(event)?.(...(told as never[]));
  return { led, tell };
};
const to: DeepLink = { host: 'Demo host', guest: 'web/01', tab: 'cpu' };

it('a later start hands its guest over, and one without brings the window to the front', () => {
  const { led, tell } = start();
  tell('second-instance', {}, ['guestdeck', 'guestdeck://evil/words'], '/', handOver(to));
  tell('second-instance', {}, [], '/', handOver(null));
  expect(led).toEqual([to, null]);
});

it.each([undefined, null, 'text', { link: 'guestdeck://a/b' }, { link: { host: 'a' } }, { link: { ...to, guest: 'a\nb' } }])('what another program hands over, such as %j, leads nowhere', (data) => {
  const { led, tell } = start();
  tell('second-instance', {}, [], '/', data);
  expect(led).toEqual([null]);
});

it('macOS hands over the link itself', () => {
  const { led, tell } = start();
  let prevented = 0;
  const event = { preventDefault: () => void (prevented += 1) };
  tell('open-url', event, 'guestdeck://Demo%20host/web%2F01/cpu');
  tell('open-url', event, 'guestdeck://app/#/settings');
  expect([led, prevented]).toEqual([[to, null], 2]);
});

it('packages register the scheme', () => {
  expect(readFileSync(fileURLToPath(new URL('../../../electron-builder.yml', import.meta.url)), 'utf8')).toContain(`schemes: [${linkScheme}]`);
});

it('whatever a link names, the window stays at the page', () => {
  for (const one of [null, to, { host: '../x', guest: '#?\\', tab: null }]) expect(isPage(pageAt(one))).toBe(true);
});
