// Silence: when it is broken by a ping, when it means death, and when it means nothing.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dedicatedKeepalive, Keepalive, keepaliveDefaults } from './keepalive.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const watched = (options = keepaliveDefaults as { readonly interval: number; readonly count: number }) => {
  const [ping, dead] = [vi.fn<() => void>(), vi.fn<() => void>()];
  return { ping, dead, keepalive: new Keepalive(options, ping, dead) };
};

describe('keepalive', () => {
  it('pings after 5 s of silence, and again, and gives the peer up at the third', () => {
    const { ping, dead } = watched();
    vi.advanceTimersByTime(4_999);
    expect(ping).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(ping).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(9_999);
    expect([ping.mock.calls.length, dead.mock.calls.length]).toEqual([2, 0]);
    vi.advanceTimersByTime(1);
    expect(dead).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes any message as a sign of life and counts anew', () => {
    const { keepalive, dead } = watched();
    for (let time = 0; time < 60; time++) {
      vi.advanceTimersByTime(14_000);
      keepalive.heard();
    }
    expect(dead).not.toHaveBeenCalled();
    vi.advanceTimersByTime(20_000);
    expect(dead).toHaveBeenCalledTimes(1);
  });

  it('does not ping a peer that talks', () => {
    const { keepalive, ping } = watched();
    for (let time = 0; time < 60; time++) {
      vi.advanceTimersByTime(4_000);
      keepalive.heard();
    }
    expect(ping).not.toHaveBeenCalled();
  });

  it('passes no verdict while nothing is read, and starts anew after it', () => {
    const { keepalive, ping, dead } = watched();
    vi.advanceTimersByTime(14_000);
    keepalive.deaf(true);
    vi.advanceTimersByTime(600_000);
    keepalive.deaf(false);
    expect(ping).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(15_000);
    expect(dead).not.toHaveBeenCalled();
    vi.advanceTimersByTime(5_000);
    expect(dead).toHaveBeenCalledTimes(1);
  });

  it('waits a minute for a peer that writes an upload to disk', () => {
    const { dead } = watched(dedicatedKeepalive);
    vi.advanceTimersByTime(59_000);
    expect(dead).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(dead).toHaveBeenCalledTimes(1);
  });

  it('leaves no timer once stopped, however often', () => {
    const { keepalive, ping } = watched();
    keepalive.stop();
    keepalive.stop();
    vi.advanceTimersByTime(60_000);
    expect([vi.getTimerCount(), ping.mock.calls.length]).toEqual([0, 0]);
  });
});
