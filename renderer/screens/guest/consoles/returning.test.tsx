// @vitest-environment happy-dom
// When a console is opened again by itself, and when it waits for a person.
import { act, cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RefusalCode } from '../../../../app/contract/refusal.ts';
import { useReturning } from './returning.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const refusal = (code: RefusalCode) => ({ code, message: 'No.' });
const start = (possible = true) => renderHook((given: boolean) => useReturning(given), { initialProps: possible });
const pass = (milliseconds: number): void => act(() => void vi.advanceTimersByTime(milliseconds));

it.each([null, refusal('connection-lost'), refusal('not-connected'), refusal('unreachable')])('is tried again after an end by %j, ever later', (why) => {
  const { result } = start();
  expect(result.current.attempt).toBe(1);
  for (const [at, pause] of [500, 1000, 2000, 4000, 8000, 8000].entries()) {
    act(() => result.current.ended(why));
    expect(result.current.standing).toEqual({ phase: 'over', refusal: why, returns: true });
    pass(pause - 1);
    expect(result.current.attempt).toBe(at + 1);
    pass(1);
    expect([result.current.attempt, result.current.standing.phase, result.current.force]).toEqual([at + 2, 'opening', false]);
  }
});

it.each(['console-taken', 'libvirt', 'cancelled', 'auth-failed'] as const)('waits for a person after %s, who may force it once', (code) => {
  const { result } = start();
  act(() => result.current.ended(refusal(code)));
  pass(60_000);
  expect([result.current.attempt, result.current.standing]).toEqual([1, { phase: 'over', refusal: refusal(code), returns: false }]);
  act(() => result.current.again(true));
  expect([result.current.attempt, result.current.force]).toEqual([2, true]);
  act(() => result.current.ended(null));
  pass(500);
  expect([result.current.attempt, result.current.force]).toEqual([3, false]);
});

it('is not open while there is nothing to open, and at once when there is again', () => {
  const { result, rerender } = start();
  act(() => result.current.opened());
  rerender(false);
  expect(result.current.attempt).toBeNull();
  act(() => result.current.ended(null));
  pass(60_000);
  expect(result.current.attempt).toBeNull();
  rerender(true);
  expect([result.current.attempt, result.current.standing.phase]).toEqual([2, 'opening']);
});
