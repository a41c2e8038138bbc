// @vitest-environment happy-dom
// The ways to go on come a frame after the text: what is picked meanwhile was offered for another one.
import { ThemeProvider } from '@mui/material/styles';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { type ReactNode, useState } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { theme } from '../../ui/theme.ts';
import { SearchField } from './search-field.tsx';

const values = { host: ['atlas'], tag: [], tuned: [] };
const Field = (): ReactNode => {
  const [text, setText] = useState('');
  return <SearchField text={text} onText={setText} problems={[]} values={values} onDown={() => undefined} says={null} handle={null} />;
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['requestAnimationFrame', 'cancelAnimationFrame', 'setTimeout', 'clearTimeout'] });
  render(<ThemeProvider theme={theme}><Field /></ThemeProvider>);
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const field = (): HTMLInputElement => screen.getByLabelText('Search guests');
/** The caret is at the end, as it is after typing. */
const type = (value: string): void => {
  field().focus();
  fireEvent.change(field(), { target: { value } });
};
const option = (): HTMLElement => screen.getByRole('option', { name: /^state:/ });
const painted = (): void => act(() => void vi.runAllTimers());

it('puts in what is offered for the text, and nothing that was offered for the one before', () => {
  type('sta');
  painted();
  type('web sta');
  fireEvent.click(option());
  expect(field().value).toBe('web sta');
  painted();
  fireEvent.click(option());
  expect(field().value).toBe('web state:');
});
