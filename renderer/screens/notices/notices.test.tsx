// @vitest-environment happy-dom
// Notices in the window: what is new, where it leads, how loud each kind is, and what the system is told.
import { ThemeProvider } from '@mui/material/styles';
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Notice } from '../../../app/contract/notices.ts';
import { ApiProvider, createApi } from '../../api/api.tsx';
import { standIn } from '../../stand-in/bridge.ts';
import { theme } from '../../ui/theme.ts';
import { NoticeMenu } from './notice-menu.tsx';
import { NoticesCard } from './notices-card.tsx';

beforeEach(() => {
  window.location.hash = '#/';
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const show = (part: ReactNode) => {
  const bridge = standIn({ guests: 0, hosts: true, pace: 0 });
  render(<ThemeProvider theme={theme}><ApiProvider api={createApi({ up: () => true, onChange: () => () => undefined, bridge })}>{part}</ApiProvider></ThemeProvider>);
  return { bridge, told: (ask: string) => bridge.asked.filter((one) => one.ask === ask).map(({ takes }) => takes) };
};
const crash: Notice = { id: 'n1', kind: 'guestCrashed', at: 1, title: 'web-02 crashed', text: 'On atlas.', host: 'atlas', uuid: 'u', read: false };

it('the bell counts what is new; what was listed is seen once the list is closed', async () => {
  const { told } = show(<NoticeMenu />);
  fireEvent.click(await screen.findByRole('button', { name: 'Notices: 2 new' }));
  const list = within(screen.getByRole('dialog', { name: 'Notices' })).getByRole('list', { name: 'Notices' });
  expect(within(list).getAllByRole('link').map((link) => link.getAttribute('href'))).toEqual(['#/hosts/atlas', '#/hosts/cumulus', '#/tasks', '#/certificates']);
  expect(told('notices.read')).toEqual([]);
  fireEvent.keyDown(list, { key: 'Escape' });
  await screen.findByRole('button', { name: 'Notices: nothing new' });
  expect(told('notices.read')).toEqual([{ ids: ['n1', 'n2'] }]);
});

it('one that is chosen outside of the window leads there', async () => {
  const { bridge } = show(<NoticeMenu />);
  await screen.findByRole('button', { name: 'Notices: 2 new' });
  act(() => bridge.tell({ section: 'notices', name: 'chosen', told: { id: 'n2' } }));
  expect(window.location.hash).toBe('#/hosts/cumulus');
});

it.each([['taskEnded', true, 1], ['taskEnded', false, 0], ['guestCrashed', true, 0]] as const)('a %s while the window is looked at: %s, is seen at once: %i', async (kind, isLookedAt, seen) => {
  vi.spyOn(document, 'hasFocus').mockReturnValue(isLookedAt);
  const { bridge, told } = show(<NoticeMenu />);
  await screen.findByRole('button', { name: 'Notices: 2 new' });
  await act(async () => {
    bridge.tell({ section: 'notices', name: 'raised', told: { notice: { ...crash, kind }, system: false } });
    // Asking takes no longer than this turn.
    await new Promise((resolve) => setImmediate(resolve));
  });
  expect(told('notices.read')).toHaveLength(seen);
});

/** The system's notifications, stood in for. */
const system = (permission: NotificationPermission) => {
  const shown: { readonly title: string; readonly click: () => void }[] = [];
  class Shown extends EventTarget {
    static readonly permission = permission;
    constructor(title: string) {
      super();
      shown.push({ title, click: () => void this.dispatchEvent(new Event('click')) });
    }
    close(): void {
      shown.length = 0;
    }
  }
  vi.stubGlobal('Notification', Shown);
  return shown;
};

it.each([
  ['granted', false, true, ['web-02 crashed']], ['granted', true, true, []], ['granted', false, false, []], ['denied', false, true, []],
] as const)('with permission %s, the window looked at: %s, loud: %s, the system is told %j', async (permission, isLookedAt, loud, titles) => {
  const shown = system(permission);
  vi.spyOn(document, 'hasFocus').mockReturnValue(isLookedAt);
  const { bridge, told } = show(<NoticeMenu />);
  await waitFor(() => expect(told('program.about')).toHaveLength(1));
  await screen.findByRole('button', { name: 'Notices: 2 new' });
  act(() => bridge.tell({ section: 'notices', name: 'raised', told: { notice: crash, system: loud } }));
  expect(shown.map(({ title }) => title)).toEqual(titles);
  act(() => shown[0]?.click());
  expect(window.location.hash).toBe(titles.length > 0 ? '#/guests/atlas/u/overview' : '#/');
});

it('each kind is as loud as is said', async () => {
  const { told } = show(<NoticesCard />);
  expect((await screen.findByRole('combobox', { name: 'A host is back' })).textContent).toBe('In the list');
  fireEvent.mouseDown(screen.getByRole('combobox', { name: 'A guest crashes' }));
  fireEvent.click(await screen.findByRole('option', { name: 'Not told' }));
  await waitFor(() => expect(told('program.setPreferences')).toEqual([{ preferences: { notices: { guestCrashed: 'off' } } }]));
  await waitFor(() => expect(screen.getByRole('combobox', { name: 'A guest crashes' }).textContent).toBe('Not told'));
});
