// @vitest-environment happy-dom
// Tasks in the top bar: how many, what became of them, and stopping one.
import { ThemeProvider } from '@mui/material/styles';
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { ApiProvider, createApi } from '../../api/api.tsx';
import { standIn } from '../../stand-in/bridge.ts';
import { theme } from '../../ui/theme.ts';
import { TaskMenu } from './task-menu.tsx';

afterEach(cleanup);

it('says how many are under way, lists those first, and cancels one', async () => {
  const bridge = standIn({ guests: 0, hosts: true, pace: 0 });
  render(<ThemeProvider theme={theme}><ApiProvider api={createApi({ up: () => true, onChange: () => () => undefined, bridge })}><TaskMenu /></ApiProvider></ThemeProvider>);
  fireEvent.click(await screen.findByRole('button', { name: 'Tasks: 1 under way' }));
  const list = within(screen.getByRole('dialog', { name: 'Tasks' })).getByRole('list', { name: 'Tasks' });
  expect(within(list).getAllByRole('listitem').map((line) => line.querySelector('strong')?.textContent)).toEqual(['Save web-02', 'Set up borealis', 'Restore ci-4711']);
  expect(within(list).getByRole('progressbar', { name: 'Progress: Save web-02' })).toBeTruthy();
  expect(list.textContent).toContain('no space left');
  fireEvent.click(within(list).getByRole('button', { name: 'Cancel Save web-02' }));
  await within(list).findByText('cancelled');
  expect(within(list).queryByRole('button')).toBeNull();
  expect(bridge.asked.filter(({ ask }) => ask === 'tasks.cancel').map(({ takes }) => takes)).toEqual([{ id: 't1' }]);
});
