// When the system tells what happened, and what a click does; Electron itself is stood in for.
import { expect, it } from 'vitest';
import type { News } from '../../../app/contract/contract.ts';
import type { Notice } from '../../../app/contract/notices.ts';
import { standIn } from '../stand-in.test-main.ts';
import { guestOf, showNotices, type ShownNotice } from './notices.ts';

const notice: Notice = { id: 'n', kind: 'hostLost', at: 1, title: 'atlas is lost', text: 'The connection ended.', host: 'atlas', uuid: null, read: false };
const raised = (system: boolean): News => ({ section: 'notices', name: 'raised', told: { notice, system } });

const start = (isLookedAt: boolean) => {
  const main = standIn();
  const shown: unknown[] = [];
  const chosen: Notice[] = [];
  const clicks: (() => void)[] = [];
  const stop = showNotices(main, {
    isLookedAt: () => isLookedAt,
    make: (told): ShownNotice => ({ on: (event, hear) => (event === 'click' ? clicks.push(hear) : undefined), show: () => shown.push(told) }),
    choose: (one) => chosen.push(one),
  });
  const tell = (news: News): void => {
    for (const hear of main.hearers) hear(news);
  };
  return { shown, chosen, clicks, stop, tell, main };
};

it('it is shown while nobody looks, and a click leads to what it is about', () => {
  const { shown, chosen, clicks, tell } = start(false);
  tell(raised(true));
  expect([shown, chosen]).toEqual([[{ title: 'atlas is lost', body: 'The connection ended.' }], []]);
  clicks[0]?.();
  expect(chosen).toEqual([notice]);
});

it.each([['somebody looks', true, true], ['it is for the list alone', false, false]])('it is not shown where %s', (_why, isLookedAt, system) => {
  const { shown, tell } = start(isLookedAt);
  tell(raised(system));
  expect(shown).toEqual([]);
});

it('the guest it is about is known, where it is about one', () => {
  expect([guestOf(notice), guestOf({ ...notice, kind: 'guestCrashed', uuid: 'u' }), guestOf({ ...notice, kind: 'taskEnded', uuid: 'u' })]).toEqual([null, { host: 'atlas', guest: 'u', tab: null }, null]);
});

it('it is not shown where the system shows none, nor once the shell ends', () => {
  const main = standIn();
  showNotices(main, { isLookedAt: () => false, make: null, choose: () => expect.unreachable() });
  for (const hear of main.hearers) hear(raised(true));
  const { stop, main: other } = start(false);
  stop();
  expect(other.hearers.size).toBe(0);
});
