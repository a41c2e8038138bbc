// @vitest-environment happy-dom
// The history as it is looked at again: what was read before is not shown once something else was done.
import { ThemeProvider } from '@mui/material/styles';
import { cleanup, render, screen } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, expect, it } from 'vitest';
import type { Bridge, News } from '../../../app/contract/contract.ts';
import type { Listed } from '../../../app/contract/history.ts';
import { ApiProvider, createApi } from '../../api/api.tsx';
import { theme } from '../../ui/theme.ts';
import { HistoryList } from './history-list.tsx';

const host = 'one';
const uuid = '00000000-0000-4000-8000-000000000000';
const entry = (id: string, title: string): Listed => ({
  id, at: 0, user: 'ann', host: { id: host, name: 'One' }, guest: { uuid, name: 'web' }, kind: 'tuning', title, outcome: 'complete', steps: [], changes: [], undoes: null, undoneBy: null,
});

afterEach(cleanup);

it('of a guest is read anew before it is shown again', async () => {
  const hearers = new Set<(news: News) => void>();
  let done = [entry('1', 'First change')];
  /** Answers of the history wait for this. */
  let gate = Promise.resolve();
  const bridge: Bridge = {
    ask: async (section) => {
      if (section !== 'history') return { ok: true, value: [] };
      await gate;
      return { ok: true, value: done };
    },
    listen: (hear) => {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
    open: () => ({ send: async () => undefined, took: () => undefined, close: () => undefined }),
  };
  const api = createApi({ bridge, up: () => true, onChange: () => () => undefined });
  const page = (tab: ReactNode): ReactNode => <ThemeProvider theme={theme}><ApiProvider api={api}>{tab}</ApiProvider></ThemeProvider>;
  const list = <HistoryList of={{ host, uuid }} withGuest={false} />;
  const { rerender } = render(page(list));
  await screen.findByText('First change');

  rerender(page(null));
  done = [entry('2', 'Second change'), ...done];
  let open = (): void => undefined;
  gate = new Promise((resolve) => void (open = resolve));
  const stale = new Promise<void>((resolve) => {
    const stop = api.queries.getQueryCache().subscribe(({ query }) => {
      if (!query.state.isInvalidated) return;
      stop();
      resolve();
    });
  });
  for (const hear of hearers) hear({ section: 'history', name: 'changed', told: { id: '2' } });
  await stale;
  rerender(page(list));
  expect(screen.getByRole('progressbar', { name: 'Reading the history' })).toBeDefined();
  expect(screen.queryByText('First change')).toBeNull();

  open();
  await screen.findByText('Second change');
  expect(screen.getByText('First change')).toBeDefined();

  // What nothing was added to is there at once.
  rerender(page(null));
  rerender(page(list));
  expect(screen.getByText('First change')).toBeDefined();
});
