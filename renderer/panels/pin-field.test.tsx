// @vitest-environment happy-dom
// The field of one row of pins: what it shows while now and after restart differ.
import { ThemeProvider } from '@mui/material/styles';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { theme } from '../ui/theme.ts';
import { PinField } from './pin-field.tsx';

afterEach(cleanup);

const show = (mixed: string | null): string[] => {
  const committed: string[] = [];
  const acts = { check: () => [], commit: (row: string, text: string) => committed.push(`${row} ${text}`), drop: () => undefined };
  render(<ThemeProvider theme={theme}><PinField row="vcpuPinning/0" label="vCPU 0" value="3" mixed={mixed} mark={null} floats="floats" acts={acts} disabled={false} /></ThemeProvider>);
  return committed;
};

it('shows both pins where they differ and are edited as one, and what is typed becomes both', () => {
  const committed = show('3 → floats');
  const field = screen.getByRole('textbox', { name: 'CPUs of vCPU 0' });
  expect([field.getAttribute('value'), field.getAttribute('placeholder')]).toEqual(['', '3 → floats']);
  fireEvent.change(field, { target: { value: '4-5' } });
  expect(committed).toEqual(['vcpuPinning/0 4-5']);
});

it('shows the pin itself where there is one', () => {
  show(null);
  expect(screen.getByRole('textbox', { name: 'CPUs of vCPU 0' })).toHaveProperty('value', '3');
});
