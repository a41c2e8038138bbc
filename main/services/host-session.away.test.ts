// A host that was away: tried at once when the network or the machine is back, waited for, and read anew when it is another one.
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createDemoHost } from '../demo/demo-host.ts';
import { openConnection } from '../libvirt/open.ts';
import { remote } from '../libvirt/procedures.ts';
import { intercept } from './demo-main.test-peer.ts';
import { becomes, domNamed, refused, type Scene, scene, still } from './host-session.test-peer.ts';

describe('a session whose network or machine was away', () => {
  it('tries a lost host at once, and from then on as often as at first', async () => {
    const made = await scene();
    await made.session.connect();
    still();
    made.obstacle = refused('unreachable');
    made.streams[0]?.destroy();
    await becomes(made.session, 'lost');
    for (let round = 0; round < 6; round++) {
      await vi.advanceTimersToNextTimerAsync();
      await becomes(made.session, 'lost');
    }
    made.phases.length = 0;
    made.session.awake();
    await becomes(made.session, 'lost');
    expect(made.phases).toEqual(['connecting', 'lost']);
    const { state } = made.session;
    expect(state.phase === 'lost' && state.nextTry - Date.now()).toBeLessThan(1_300);
    made.obstacle = null;
    made.session.awake();
    await becomes(made.session, 'ready');
    await made.session.disconnect();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('finds at once that a connected host is gone, on both its connections', async () => {
    const { session, streams, phases } = await scene();
    await session.connect();
    const slow = await session.slow();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    for (const stream of streams) stream.pause();
    session.awake();
    // No connection was made for this clock, so that only what was just asked runs by it.
    await vi.advanceTimersByTimeAsync(4_000);
    expect([slow.isOpen, phases.includes('lost')]).toEqual([false, true]);
    await session.disconnect();
  });

  it('keeps a connected host that answers', async () => {
    const { session, phases } = await scene();
    await session.connect();
    session.awake();
    await session.reached.connection.call(remote.connectGetLibVersion, {});
    expect(phases).toEqual(['connecting', 'ready']);
  });

  it('tries a host that never was there only where it is to be there, and not when a person is needed', async () => {
    const made = await scene();
    made.obstacle = refused('unreachable');
    await expect(made.session.connect()).rejects.toThrow('Not now.');
    made.session.awake();
    expect(made.session.state.phase).toBe('failed');
    made.obstacle = refused('login-failed');
    made.session.awake({ retryFailed: true });
    expect(made.session.state.phase).toBe('connecting');
    await becomes(made.session, 'failed');
    made.obstacle = null;
    made.session.awake({ retryFailed: true });
    expect(made.session.state.phase).toBe('failed');
    await made.session.disconnect();
    made.session.awake({ retryFailed: true });
    expect(made.session.state.phase).toBe('off');
  });
});

describe('waiting for a session to come back', () => {
  const patient = new AbortController().signal;

  it('ends at once where it is there, or never was', async () => {
    const { session } = await scene();
    expect(await session.comeBack(patient)).toBe(false);
    await session.connect();
    expect(await session.comeBack(patient)).toBe(true);
  });

  it('ends when it is back, however many tries that takes', async () => {
    const made = await scene();
    await made.session.connect();
    still();
    made.obstacle = refused('unreachable');
    made.streams[0]?.destroy();
    await becomes(made.session, 'lost');
    const back = made.session.comeBack(patient);
    await vi.advanceTimersToNextTimerAsync();
    await becomes(made.session, 'lost');
    made.obstacle = null;
    await vi.advanceTimersToNextTimerAsync();
    expect([await back, made.session.state.phase]).toEqual([true, 'ready']);
  });

  it.each<readonly [string, (made: Scene, patience: AbortController) => unknown]>([
    ['somebody disconnects it', ({ session }) => void session.disconnect()],
    ['only a person can help', async (made) => {
      made.obstacle = refused('host-key-changed');
      await made.session.connect().catch(() => undefined);
    }],
    ['patience ends', (_, patience) => patience.abort()],
  ])('ends when %s', async (_, end) => {
    const made = await scene();
    await made.session.connect();
    still();
    made.streams[0]?.destroy();
    await becomes(made.session, 'lost');
    const patience = new AbortController();
    const back = made.session.comeBack(patience.signal);
    await end(made, patience);
    expect(await back).toBe(false);
  });
});

describe('a daemon that is another one when it is back', () => {
  it('is read anew: its guests, its capabilities, what it can', async () => {
    const made = await scene();
    await made.session.connect();
    const before = made.session.reached.facts;
    await before.topology();
    const upgraded = createDemoHost({ scale: 3 });
    onTestFinished(() => upgraded.close());
    vi.spyOn(made.demo, 'connect').mockImplementation(() => {
      const stream = upgraded.connect();
      made.streams.push(stream);
      return stream;
    });
    const other = await openConnection(upgraded.connect(), { name: 'qemu:///system' });
    const gone = domNamed(made.session, 'web-03');
    await other.connection.call(remote.domainDestroyFlags, { dom: gone, flags: 0 }).catch(() => undefined);
    await other.connection.call(remote.domainUndefineFlags, { dom: gone, flags: 0 });
    other.connection.close();
    const old = made.session.guests.list().map(({ name }) => name);
    made.changed.length = 0;
    const { called } = intercept();
    made.streams[0]?.destroy();
    made.session.awake();
    await becomes(made.session, 'lost');
    made.session.awake();
    await becomes(made.session, 'ready');
    expect(called.filter((name) => name === 'connectSupportsFeature').length).toBe(3);
    expect(called.filter((name) => name === 'connectDomainEventCallbackRegisterAny').length).toBeGreaterThanOrEqual(8);
    const now = made.session.guests.list().map(({ name }) => name);
    expect([old.filter((name) => !now.includes(name)), now.filter((name) => !old.includes(name)).length, made.changed]).toEqual([['web-03'], 3, [null]]);
    expect(made.session.reached.facts).not.toBe(before);
    await made.session.reached.facts.topology();
    expect(called).toContain('connectGetCapabilities');
  });
});
