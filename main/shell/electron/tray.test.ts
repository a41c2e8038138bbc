// The menu beside the clock, and when it is made anew; Electron itself is stood in for.
import type { MenuItemConstructorOptions } from 'electron';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Connection } from '../../../app/contract/connections.ts';
import type { GuestSummary } from '../../../app/contract/guests.ts';
import type { DeepLink } from '../../../app/domain/deep-link.ts';
import { standIn } from '../stand-in.test-main.ts';
import { keepTray, trayMenu } from './tray.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const host = (name: string, state: Connection['state']): Connection => ({
  id: `id-${name}`, name, uri: 'qemu:///system', transport: 'unix', group: '', color: null, tags: [], readOnly: false, autoConnect: true, allowPlain: false, warnings: [], state,
});
const ready = { phase: 'ready', since: 1 } as const;
const guest = (name: string, state: GuestSummary['state'] = 'running'): GuestSummary => ({
  host: 'id-atlas', uuid: `uuid-${name}`, name, state, vcpus: 1, vcpusMaximum: 1, memoryKiB: 1, memoryMaximumKiB: 1, persistent: true, autostart: false, managedSave: false,
});
const labels = (menu: readonly MenuItemConstructorOptions[]) => menu.map(({ label, enabled }) => [label, enabled]);
const inside = ({ submenu }: MenuItemConstructorOptions): readonly MenuItemConstructorOptions[] => (Array.isArray(submenu) ? submenu : []);
const click = (item: MenuItemConstructorOptions | undefined): void => void Reflect.apply(item?.click ?? (() => expect.unreachable('nothing to click')), undefined, []);

it('lists the running guests of each host by name, and says of others how they fare', () => {
  const led: (DeepLink | null)[] = [];
  let quits = 0;
  const menu = trayMenu([
    { host: host('atlas & co', ready), guests: [guest('web-02'), guest('off', 'shutoff'), guest('web-01', 'paused')] },
    { host: host('borealis', ready), guests: [] },
    { host: host('cumulus', { phase: 'off' }), guests: null },
  ], { lead: (to) => led.push(to), quit: () => void (quits += 1) });
  expect(labels(menu)).toEqual([['atlas && co: 2 running', true], ['borealis: 0 running', false], ['cumulus: not connected', false], [undefined, undefined], ['Open Guestdeck', undefined], ['Quit', undefined]]);
  const [first, , , , open, quit] = menu;
  expect(labels(inside(first ?? {}))).toEqual([['web-01', undefined], ['web-02', undefined]]);
  click(inside(first ?? {})[0]);
  click(open);
  click(quit);
  expect([led, quits]).toEqual([[{ host: 'id-atlas & co', guest: 'uuid-web-01', tab: null }, null], 1]);
});

it('of many guests only some are listed', () => {
  const many = Array.from({ length: 25 }, (_, at) => guest(`web-${String(at).padStart(2, '0')}`));
  const [first] = trayMenu([{ host: host('atlas', ready), guests: many }], { lead: () => undefined, quit: () => undefined });
  expect(inside(first ?? {}).map(({ label }) => label).slice(-2)).toEqual(['web-19', '5 more…']);
});

it('is made anew once for a storm of news, and not any more when it ends', async () => {
  const main = standIn(async (section) => ({ ok: true, value: section === 'connections' ? [host('atlas', ready)] : [guest('web-01')] }));
  const tips: string[] = [];
  const complaints: unknown[] = [];
  const stop = keepTray(main, { setToolTip: (text) => tips.push(text), setMenu: () => undefined, on: () => undefined }, { lead: () => undefined, quit: () => undefined }, (error) => complaints.push(error));
  await vi.advanceTimersByTimeAsync(0);
  expect(tips).toEqual(['Guestdeck: 1 guest running']);
  const storm = (): void => {
    for (let at = 0; at < 100; at += 1) for (const hear of main.hearers) hear({ section: 'guests', name: 'changed', told: { host: 'id-atlas', uuids: null } });
  };
  storm();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([tips.length, complaints]).toEqual([2, []]);
  storm();
  stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([tips.length, main.hearers.size, vi.getTimerCount()]).toEqual([2, 0, 0]);
});
