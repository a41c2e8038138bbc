// @vitest-environment happy-dom
// The table of all guests as it is used: rows that stay while values change, and what is not known until it is asked for.
import { ThemeProvider } from '@mui/material/styles';
import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiProvider, createApi } from '../../api/api.tsx';
import { useFleet } from '../../api/fleet.ts';
import { type StandIn, standIn } from '../../stand-in/bridge.ts';
import { theme } from '../../ui/theme.ts';
import { FleetScreen } from './fleet-screen.tsx';

const Screen = (): ReactNode => <FleetScreen fleet={useFleet()} onAddHost={() => undefined} />;

let bridge: StandIn;
const show = (): void => {
  render(<ThemeProvider theme={theme}><ApiProvider api={createApi({ bridge, up: () => true, onChange: () => () => undefined })}><Screen /></ApiProvider></ThemeProvider>);
};
const table = (): HTMLElement => screen.getByLabelText('Guests');
/** The names of all rows from above to below. */
const names = (): readonly string[] => [...table().querySelectorAll('.guest')].toSorted((one, other) => Number(one.getAttribute('aria-rowindex')) - Number(other.getAttribute('aria-rowindex'))).map((row) => row.querySelector('a')?.textContent ?? '');
const totals = (): string | null => screen.getByLabelText('Totals').textContent;
const search = (text: string): void => {
  fireEvent.change(screen.getByLabelText('Search guests'), { target: { value: text } });
};
const watched = (): string => JSON.stringify(bridge.asked.findLast(({ ask }) => ask === 'live.watch')?.takes ?? null);

beforeEach(async () => {
  // A page under test has no sizes of its own.
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1300);
  bridge = standIn({ guests: 16, hosts: true, pace: 0 });
  show();
  await waitFor(() => expect(names().length).toBeGreaterThan(10));
});
afterEach(() => {
  cleanup();
  sessionStorage.clear();
  vi.restoreAllMocks();
});

describe('the table of all guests', () => {
  it('puts rows in order by use when that is asked for, and leaves them there until it is asked for again', async () => {
    fireEvent.click(screen.getByText('use'));
    await waitFor(() => expect(watched()).toContain('"uuids":null'));
    act(() => bridge.sample());
    // Those that are off use nothing: they come first for as long as nothing is known of the others.
    await waitFor(() => expect(names()[0]).not.toBe('etl-night'));
    const first = names();
    // What the guests use wanders far in so many samples; that the totals have changed twice tells that the rows had their turn.
    for (let round = 0; round < 2; round += 1) {
      const before = totals();
      act(() => {
        for (let count = 0; count < 12; count += 1) bridge.sample();
      });
      await waitFor(() => expect(totals()).not.toBe(before));
    }
    expect(names()).toEqual(first);
    fireEvent.click(screen.getByText('Again'));
    await waitFor(() => expect(names()).not.toEqual(first));
  });

  it('does not guess what is tuned: it says of how many that is not known, and reads it when that is asked for', async () => {
    search('tuned:pinned -nobody');
    await screen.findByText(/more may fit: their settings are not read\./);
    const asked = bridge.asked.length;
    fireEvent.click(screen.getByText('Read them'));
    await waitFor(() => expect(names()).toEqual(['db-primary', 'db-replica']));
    expect(bridge.asked.slice(asked).filter(({ ask }) => ask === 'guests.badges').length).toBeGreaterThan(0);
    await waitFor(() => expect(screen.queryByText(/more may fit/)).toBeNull());
    // Who comes back from a guest finds what was searched for.
    cleanup();
    show();
    expect(screen.getByLabelText<HTMLInputElement>('Search guests').value).toBe('tuned:pinned -nobody');
  });

  it('folds groups by keys, and keeps the row the keys are at when rows come before it', async () => {
    fireEvent.mouseDown(screen.getByRole('combobox', { name: 'Groups' }));
    fireEvent.click(await screen.findByRole('option', { name: 'By state' }));
    const headings = (): readonly string[] => [...table().querySelectorAll('.heading')].map((row) => `${row.getAttribute('aria-expanded')} ${row.textContent}`);
    await waitFor(() => expect(headings().length).toBeGreaterThan(0));
    fireEvent.keyDown(table(), { key: 'ArrowLeft' });
    await waitFor(() => expect(headings()).toEqual(['false Running13 guests · 13 running', 'true Paused1 guest · 1 running', 'true Shut off2 guests · 0 running']));
    fireEvent.keyDown(table(), { key: 'End' });
    const at = (): string | undefined => table().querySelector('[data-current=true]')?.textContent ?? undefined;
    expect(at()).toContain('etl-night');
    fireEvent.click(table().querySelector('.heading') ?? table());
    fireEvent.keyDown(table(), { key: 'ArrowRight' });
    await waitFor(() => expect(headings()[0]).toBe('true Running13 guests · 13 running'));
  });
});
