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
  it('pings after 4 s of silence, and again, and gives the peer up 12 s after its last word', () => {
    const { ping, dead, keepalive } = watched();
    vi.advanceTimersByTime(1_500);
    keepalive.heard();
    vi.advanceTimersByTime(3_999);
    expect(ping).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(ping).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(7_999);
    expect([ping.mock.calls.length, dead.mock.calls.length]).toEqual([2, 0]);
    vi.advanceTimersByTime(1);
    expect(dead).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('finds a dead peer within 15 s of its last word, whenever that was', () => {
    for (let last = 0; last <= 8_000; last += 250) {
      const { dead, keepalive } = watched();
      vi.advanceTimersByTime(last);
      keepalive.heard();
      vi.advanceTimersByTime(11_999);
      expect(dead).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(dead).toHaveBeenCalledTimes(1);
    }
  });

  it('takes any byte as a sign of life and counts anew', () => {
    const { keepalive, dead } = watched();
    for (let time = 0; time < 60; time++) {
      vi.advanceTimersByTime(11_000);
      keepalive.heard();
    }
    expect(dead).not.toHaveBeenCalled();
    vi.advanceTimersByTime(12_000);
    expect(dead).toHaveBeenCalledTimes(1);
  });

  it('does not ping a peer that talks', () => {
    const { keepalive, ping } = watched();
    for (let time = 0; time < 60; time++) {
      vi.advanceTimersByTime(3_900);
      keepalive.heard();
    }
    expect(ping).not.toHaveBeenCalled();
  });

  it('passes no verdict while nothing is read, and starts anew after it', () => {
    const { keepalive, ping, dead } = watched();
    vi.advanceTimersByTime(11_000);
    keepalive.deaf(true);
    vi.advanceTimersByTime(600_000);
    keepalive.probe();
    keepalive.deaf(false);
    expect(ping).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(11_000);
    expect(dead).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(dead).toHaveBeenCalledTimes(1);
  });

  it('asked to probe pings at once, and takes silence of one interval for death', () => {
    const { keepalive, ping, dead } = watched();
    vi.advanceTimersByTime(1_000);
    keepalive.probe();
    expect(ping).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(3_999);
    expect(dead).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect([ping.mock.calls.length, dead.mock.calls.length, vi.getTimerCount()]).toEqual([1, 1, 0]);
    keepalive.probe();
    expect([ping.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it('after a probe that was answered watches as ever', () => {
    const { keepalive, ping, dead } = watched();
    keepalive.probe();
    vi.advanceTimersByTime(50);
    keepalive.heard();
    vi.advanceTimersByTime(11_999);
    expect([ping.mock.calls.length, dead.mock.calls.length]).toEqual([3, 0]);
    vi.advanceTimersByTime(1);
    expect(dead).toHaveBeenCalledTimes(1);
  });

  it('does not condemn a peer for the time this machine slept: it is asked first', () => {
    const { ping, dead } = watched();
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 3_600_000);
    vi.advanceTimersByTime(4_000);
    expect([ping.mock.calls.length, dead.mock.calls.length]).toEqual([1, 0]);
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
