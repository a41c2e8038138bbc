// @vitest-environment happy-dom
// The palette as a person and a screen reader meet it.
import { ThemeProvider } from '@mui/material/styles';
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ApiProvider, createApi } from '../../api/api.tsx';
import { useFleet } from '../../api/fleet.ts';
import { standIn } from '../../stand-in/bridge.ts';
import { theme } from '../../ui/theme.ts';
import { Palette } from './palette.tsx';
import type { Command } from './search.ts';

beforeEach(() => {
  window.location.hash = '#/';
});
afterEach(cleanup);

const called: string[] = [];
const commands: readonly Command[] = [{ key: 'history', label: 'History', detail: 'go to', act: () => called.push('history') }];
const Shown = () => {
  const fleet = useFleet();
  return fleet.guests.length === 0 ? null : <Palette fleet={fleet} commands={commands} />;
};

const start = async () => {
  const bridge = standIn({ guests: 8, hosts: true, pace: 0 });
  render(<ThemeProvider theme={theme}><ApiProvider api={createApi({ up: () => true, onChange: () => () => undefined, bridge })}><Shown /></ApiProvider></ThemeProvider>);
  const field = await screen.findByRole('combobox', { name: 'Find a guest, host, setting or action' });
  return { field, told: (ask: string) => bridge.asked.filter((one) => one.ask === ask).map(({ takes }) => takes) };
};
const type = (field: HTMLElement, value: string): void => void fireEvent.change(field, { target: { value } });
/** The line that the keys are at, as a screen reader is told of it. */
const atKeys = (field: HTMLElement): string => document.getElementById(field.getAttribute('aria-activedescendant') ?? '')?.textContent ?? '';

it('Ctrl+K goes to the field and opens the list, in which the first line is chosen', async () => {
  const { field } = await start();
  act(() => void fireEvent.keyDown(window, { key: 'k', ctrlKey: true }));
  await waitFor(() => expect(field.getAttribute('aria-expanded')).toBe('true'));
  expect(document.activeElement).toBe(field);
  type(field, 'cpu shares web-01');
  await waitFor(() => expect(atKeys(field)).toContain('CPU shares of web-01'));
  const list = screen.getByRole('listbox', { name: 'Found' });
  expect(field.getAttribute('aria-controls')).toBe(list.id);
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(window.location.hash).toMatch(/^#\/guests\/.+\/cpu\/cpuShares$/);
});

it('what was chosen is offered first the next time', async () => {
  const { field, told } = await start();
  act(() => field.focus());
  type(field, 'history');
  await waitFor(() => expect(atKeys(field)).toContain('History'));
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(called).toEqual(['history']);
  await waitFor(() => expect(told('program.setPreferences')).toEqual([{ preferences: { recent: ['command:history'] } }]));
  act(() => field.focus());
  await waitFor(() => expect(within(screen.getByRole('listbox', { name: 'Found' })).getAllByRole('option')[0]?.textContent).toContain('History'));
  expect(screen.getByText('Recent')).toBeTruthy();
});

it('what cannot be done now says why where the keys are, and is not done', async () => {
  const { field, told } = await start();
  act(() => field.focus());
  type(field, 'start web-01');
  await waitFor(() => expect(atKeys(field)).toContain('Not now: web-01 is running'));
  await act(async () => {
    fireEvent.keyDown(field, { key: 'Enter' });
    // Asking takes no longer than this turn.
    await new Promise((resolve) => setImmediate(resolve));
  });
  expect(told('guests.act')).toEqual([]);
});

it('an action is done and said to be done; one that destroys asks for the name first', async () => {
  const { field, told } = await start();
  act(() => field.focus());
  type(field, 'pause web-01');
  await waitFor(() => expect(atKeys(field)).toContain('Pause web-01'));
  fireEvent.keyDown(field, { key: 'Enter' });
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('Pause web-01: done.'));
  expect(told('guests.act')).toMatchObject([{ action: 'suspend' }]);
  act(() => field.focus());
  type(field, 'force off web-01');
  await waitFor(() => expect(atKeys(field)).toContain('Force off web-01'));
  fireEvent.keyDown(field, { key: 'Enter' });
  const dialog = await screen.findByRole('dialog', { name: 'Force off: web-01?' });
  expect(told('guests.act')).toHaveLength(1);
  fireEvent.change(within(dialog).getByRole('textbox'), { target: { value: 'web-01' } });
  fireEvent.click(within(dialog).getByRole('button', { name: 'Force off' }));
  await waitFor(() => expect(told('guests.act')).toMatchObject([{}, { action: 'destroy', confirm: 'web-01' }]));
});
