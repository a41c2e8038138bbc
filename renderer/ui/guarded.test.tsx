// @vitest-environment happy-dom
// A part that cannot be drawn is told in its place, and another one is drawn again.
import { ThemeProvider } from '@mui/material/styles';
import { cleanup, render, screen } from '@testing-library/react';
import { lazy, type ReactNode, Suspense } from 'react';
import { afterEach, expect, it, vi } from 'vitest';
import { Guarded } from './guarded.tsx';
import { theme } from './theme.ts';

afterEach(cleanup);

const Broken = (): ReactNode => {
  throw new Error('no such field');
};
const Unloaded = lazy(async () => await Promise.reject<{ default: () => ReactNode }>(new Error('Failed to fetch the editor')));

const page = (at: string, shown: ReactNode): ReactNode => <ThemeProvider theme={theme}><nav>places</nav><Guarded at={at}><Suspense fallback="loading">{shown}</Suspense></Guarded></ThemeProvider>;

it('what cannot be drawn is told, what is around it stays, and another place is drawn', () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const { rerender } = render(page('one', <p>fine</p>));
  rerender(page('one', <Broken />));
  expect(screen.getByRole('alert').textContent).toContain('no such field');
  expect(screen.getByRole('alert').textContent).toContain('what you edited is kept');
  expect(screen.getByRole('navigation').textContent).toBe('places');
  expect(told).toHaveBeenCalled();
  rerender(page('one', <p>fine</p>));
  expect(screen.queryByText('fine')).toBeNull();
  rerender(page('two', <p>fine</p>));
  expect(screen.getByText('fine')).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
});

it('a part that was not loaded is told, and a press loads the page again', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const reload = vi.spyOn(window.location, 'reload').mockImplementation(() => undefined);
  render(page('one', <Unloaded />));
  expect((await screen.findByRole('alert')).textContent).toContain('Failed to fetch the editor');
  screen.getByRole('button', { name: 'Load again' }).click();
  expect(reload).toHaveBeenCalledOnce();
});
