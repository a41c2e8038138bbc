// @vitest-environment happy-dom
import { act, cleanup, render, screen } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useAfterPaint } from './after-paint.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['requestAnimationFrame', 'cancelAnimationFrame', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const Late = ({ found }: { readonly found: string }): ReactNode => <p>{found} {useAfterPaint(found)}</p>;
const shown = (): string | null => screen.getByText(/./).textContent;

it('stays what it was until the page was drawn, and is the latest then', () => {
  const { rerender } = render(<Late found="a" />);
  expect(shown()).toBe('a a');
  rerender(<Late found="b" />);
  rerender(<Late found="c" />);
  expect(shown()).toBe('c a');
  act(() => void vi.advanceTimersToNextFrame());
  expect(shown()).toBe('c a');
  act(() => void vi.runAllTimers());
  expect(shown()).toBe('c c');
});
