// What counts as a sleep of the machine, and what does not.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { onClockJump } from './clock-jump.ts';

let awake: ReturnType<typeof vi.fn<() => void>>;
let stop: () => void;
beforeEach(() => {
  vi.useFakeTimers();
  awake = vi.fn<() => void>();
  stop = onClockJump(awake);
});
afterEach(() => {
  stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});
/** The timers stand still meanwhile, as those of a sleeping machine do. */
const sleep = (milliseconds: number): void => void vi.setSystemTime(Date.now() + milliseconds);

it('tells of a sleep of a minute once, at the next look', () => {
  vi.advanceTimersByTime(25_000);
  sleep(60_000);
  expect(awake).not.toHaveBeenCalled();
  vi.advanceTimersByTime(5_000);
  expect(awake).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(600_000);
  expect(awake).toHaveBeenCalledTimes(1);
  sleep(31_000);
  vi.advanceTimersByTime(10_000);
  expect(awake).toHaveBeenCalledTimes(2);
});

it('says nothing of a program that was busy, nor of a clock that is set back', () => {
  sleep(29_000);
  vi.advanceTimersByTime(10_000);
  sleep(-3_600_000);
  vi.advanceTimersByTime(20_000);
  expect(awake).not.toHaveBeenCalled();
});
