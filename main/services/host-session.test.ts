// One host through its life: reached, kept true, lost, back again, given up.
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { remote } from '../libvirt/procedures.ts';
import { intercept } from './demo-main.test-peer.ts';
import { becomes, domNamed, named, refused, scene, still } from './host-session.test-peer.ts';
import { HostSession } from './host-session.ts';

describe('a session', () => {
  it('is ready with all guests, and joins those who connect meanwhile', async () => {
    const { session, phases, streams, changed } = await scene();
    await Promise.all([session.connect(), session.connect(), session.connect()]);
    await session.connect();
    expect([phases, streams.length, changed]).toEqual([['connecting', 'ready'], 1, [null]]);
    expect(session.guests.list().map(({ name }) => name)).toContain('db-primary');
  });

  it('sees what another client does to a guest', async () => {
    const { session, second, changed } = await scene();
    await session.connect();
    const other = await second();
    const dom = domNamed(session, 'web-01');
    await other.call(remote.domainDestroyFlags, { dom, flags: 0 });
    await expect.poll(() => named(session, 'web-01').state).toBe('shutoff');
    await other.call(remote.domainUndefineFlags, { dom, flags: 0 });
    await expect.poll(() => session.guests.find(dom.uuid)).toBeNull();
    expect(changed.filter((uuids) => uuids !== null).flat()).toContain(dom.uuid);
    other.close();
  });

  it('takes a burst of a thousand events in a few calls', async () => {
    const { session, second, changed } = await scene({ scale: 4_000 });
    await session.connect();
    const { called } = intercept();
    const other = await second();
    const doms = session.guests.list().filter((guest) => guest.state === 'shutoff').map(({ name, uuid }) => ({ name, uuid, id: -1 }));
    changed.length = 0;
    await Promise.all(doms.map(async (dom) => await other.call(remote.domainCreateWithFlags, { dom, flags: 0 })));
    await expect.poll(() => session.guests.list().filter((guest) => guest.state === 'shutoff').length, { timeout: 20_000 }).toBe(0);
    expect(doms.length).toBeGreaterThanOrEqual(1_000);
    expect(changed.length).toBeLessThan(doms.length / 10);
    expect(called.filter((name) => name.startsWith('connect') || name.startsWith('domainIs')).length).toBeLessThan(doms.length);
    other.close();
  }, 60_000);

  it('that is lost says so, shows its guests as last seen, refuses calls, and comes back by itself', async () => {
    const { session, streams, phases, changed } = await scene();
    await session.connect();
    const guests = session.guests.list();
    still();
    streams[0]?.destroy();
    await becomes(session, 'lost');
    const { state } = session;
    if (state.phase !== 'lost') throw new Error(state.phase);
    expect(state.refusal.code).toBe('connection-lost');
    expect(state.nextTry - state.since).toBeGreaterThanOrEqual(750);
    expect(state.nextTry - state.since).toBeLessThanOrEqual(1_260);
    expect(session.guests.list()).toEqual(guests);
    expect(() => session.reached).toThrow('The host is not connected. The connection was closed.');
    await vi.advanceTimersByTimeAsync(1_300);
    await becomes(session, 'ready');
    expect(phases).toEqual(['connecting', 'ready', 'lost', 'connecting', 'ready']);
    expect(changed).toEqual([null, null]);
    await session.disconnect();
    expect([streams.length, vi.getTimerCount()]).toEqual([2, 0]);
  });

  it('tries again and again, less often each time, and stays lost since the first moment', async () => {
    const made = await scene();
    await made.session.connect();
    still();
    made.obstacle = refused('unreachable');
    made.streams[0]?.destroy();
    await becomes(made.session, 'lost');
    const since = 'since' in made.session.state ? made.session.state.since : 0;
    const waits: number[] = [];
    for (let round = 0; round < 9; round++) {
      const { state } = made.session;
      if (state.phase !== 'lost') throw new Error(state.phase);
      expect(state.since).toBe(since);
      waits.push(state.nextTry - Date.now());
      await vi.advanceTimersToNextTimerAsync();
      await becomes(made.session, 'lost');
    }
    expect(waits[0]).toBeLessThan(1_300);
    expect(waits[8]).toBeGreaterThan(44_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(75_000);
    made.obstacle = null;
    await made.session.connect();
    expect([made.session.state.phase, made.complaints]).toEqual(['ready', []]);
  });

  it('that was lost is tried at once when somebody asks, and goes on trying when that fails', async () => {
    const made = await scene();
    await made.session.connect();
    still();
    made.obstacle = refused('unreachable');
    made.streams[0]?.destroy();
    await becomes(made.session, 'lost');
    await expect(made.session.connect()).rejects.toMatchObject({ refusal: { code: 'unreachable', stage: 'port' } });
    expect([made.session.state.phase, vi.getTimerCount()]).toEqual(['lost', 1]);
    made.obstacle = null;
    await made.session.connect();
    expect(made.session.state.phase).toBe('ready');
    await made.session.disconnect();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes on trying when it comes back to a daemon that hangs up as if it knew our certificate no more', async () => {
    const made = await scene();
    await made.session.connect();
    still();
    made.obstacle = refused('certificate-refused');
    made.streams[0]?.destroy();
    await becomes(made.session, 'lost');
    await expect(made.session.connect()).rejects.toMatchObject({ refusal: { code: 'certificate-refused' } });
    expect([made.session.state.phase, vi.getTimerCount()]).toEqual(['lost', 1]);
  });

  it('waits for a person when only one can help', async () => {
    const made = await scene();
    await made.session.connect();
    still();
    made.obstacle = refused('host-key-changed');
    made.streams[0]?.destroy();
    await becomes(made.session, 'lost');
    await vi.advanceTimersToNextTimerAsync();
    await becomes(made.session, 'failed');
    expect(vi.getTimerCount()).toBe(0);
    expect(made.session.state).toMatchObject({ refusal: { code: 'host-key-changed' }, stages: [{ stage: 'port', outcome: 'failed' }] });
  });

  it('refuses the call in whose midst the daemon ended, and keeps no timer', async () => {
    const { session, streams } = await scene();
    await session.connect();
    still();
    streams[0]?.pause();
    const pending = session.reached.connection.call(remote.connectGetCapabilities, {});
    streams[0]?.destroy();
    await expect(pending).rejects.toMatchObject({ refusal: { code: 'connection-lost' } });
    await becomes(session, 'lost');
    await session.disconnect();
    expect([vi.getTimerCount(), session.state]).toEqual([0, { phase: 'off' }]);
  });

  it('given up while it connects lets go of everything, and can be connected anew meanwhile', async () => {
    const { session, streams, phases } = await scene();
    const stuck = intercept({
      connectListAllDomains: async ({ nth, pass }) => {
        // Nothing is heard of the daemon any more.
        if (nth === 0) streams[0]?.pause();
        return await pass();
      },
    });
    const first = expect(session.connect()).rejects.toMatchObject({ refusal: { code: 'cancelled' } });
    await vi.waitFor(() => expect(stuck.called.filter((name) => name === 'connectListAllDomains').length).toBe(3));
    const off = session.disconnect();
    const again = session.connect();
    await Promise.all([first, off, again]);
    expect([session.state.phase, phases, streams.map((stream) => stream.destroyed)]).toEqual(['ready', ['connecting', 'off', 'connecting', 'ready'], [true, false]]);
  });

  it('given up tells nothing of what the attempt still says', async () => {
    const made = await scene();
    const phases: string[] = [];
    const session = new HostSession('b', 'demo:///', {
      openTransport: async (_uri, { report }, signal) => {
        report({ outcome: 'started', stage: 'port' });
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        report({ outcome: 'failed', stage: 'port', refusal: { code: 'cancelled', message: 'Given up.' }, milliseconds: 1 });
        throw refused('cancelled');
      },
      surroundings: { ask: async () => ({ kind: 'declined' }), report: () => undefined, home: '/', env: {}, isRoot: false },
      stateChanged: () => phases.push(session.state.phase), guestsChanged: () => undefined, complain: (error) => made.complaints.push(error),
    });
    const connected = expect(session.connect()).rejects.toMatchObject({ refusal: { code: 'cancelled' } });
    await session.disconnect();
    await connected;
    expect([phases, session.state, made.complaints]).toEqual([['connecting', 'connecting', 'off'], { phase: 'off' }, []]);
  });

  it('with a URI that says nothing fails at once, and connects when it has a better one', async () => {
    const { session } = await scene();
    session.uri = 'nonsense';
    await expect(session.connect()).rejects.toMatchObject({ refusal: { code: 'bad-uri', stage: 'uri' } });
    expect(session.state).toMatchObject({ phase: 'failed', stages: [{ stage: 'uri', outcome: 'failed' }] });
    session.uri = 'demo:///';
    await session.connect();
    expect(session.state.phase).toBe('ready');
  });

  it('opens its second connection once, anew when it ended, and again after it failed', async () => {
    const { session, streams } = await scene();
    await session.connect();
    const [one, same] = await Promise.all([session.slow(), session.slow()]);
    expect([one === same, streams.length]).toEqual([true, 2]);
    streams[1]?.destroy();
    await one.closed;
    const failing = intercept({ authList: async ({ nth, pass }) => await (nth === 0 ? Promise.reject(refused('timed-out')) : pass()) });
    await expect(session.slow()).rejects.toMatchObject({ refusal: { code: 'not-libvirt' } });
    const next = await session.slow();
    expect([next === one, next.isOpen, failing.called.filter((name) => name === 'authList').length, session.state.phase]).toEqual([false, true, 2, 'ready']);
    await session.disconnect();
    await expect(session.slow()).rejects.toMatchObject({ refusal: { code: 'not-connected' } });
    expect(next.isOpen).toBe(false);
  });

  it('takes leave of the daemon on every connection when it is disconnected, and is off meanwhile', async () => {
    const { session, streams } = await scene();
    await session.connect();
    const [one, two] = [session.reached.connection, await session.slow()];
    const { called } = intercept();
    const off = session.disconnect();
    expect(session.state.phase).toBe('off');
    await off;
    expect([called, one.isOpen, two.isOpen]).toEqual([['connectClose', 'connectClose'], false, false]);
    expect(streams.every((stream) => stream.destroyed)).toBe(true);
  });

  it('is disconnected after a second from a daemon that does not hear, whatever it had begun', async () => {
    const { session, streams } = await scene();
    await session.connect();
    still();
    streams[0]?.pause();
    const stuck = session.reached.connection.call(remote.connectGetCapabilities, {}).catch((error: unknown) => error);
    const slow = session.slow().catch(() => null);
    const off = session.disconnect();
    await vi.advanceTimersByTimeAsync(1_000);
    await off;
    expect(await stuck).toMatchObject({ refusal: { code: 'connection-lost' } });
    expect((await slow)?.isOpen ?? false).toBe(false);
    expect([streams.map((stream) => stream.destroyed), vi.getTimerCount()]).toEqual([[true, true], 0]);
  });

  it('that is idle keeps one timer, which watches for silence', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const { session } = await scene();
    await session.connect();
    // The limits of the calls that were made go by.
    await vi.advanceTimersByTimeAsync(61_000);
    const { called } = intercept();
    expect([vi.getTimerCount(), session.state.phase]).toEqual([1, 'ready']);
    await vi.advanceTimersByTimeAsync(600_000);
    expect([vi.getTimerCount(), called, session.state.phase]).toEqual([1, [], 'ready']);
    await session.disconnect();
  });

  it('that was ended connects no more', async () => {
    const { session, streams } = await scene();
    await session.connect();
    await session.end();
    await expect(session.connect()).rejects.toMatchObject({ refusal: { code: 'unknown-host' } });
    expect([session.state.phase, streams.every((stream) => stream.destroyed)]).toEqual(['off', true]);
    expect(() => session.guests).toThrow('not connected');
  });

  it('says what is wrong with the daemon as stage and remedy, and complains of a bug only', async () => {
    const made = await scene();
    intercept({ connectGetAllDomainStats: async () => await Promise.reject(new TypeError('bug')) });
    await expect(made.session.connect()).rejects.toMatchObject({ refusal: { code: 'bug', stage: 'libvirt' } });
    expect(made.complaints).toMatchObject([{ message: 'bug' }]);
    expect(made.session.state).toMatchObject({ phase: 'failed', stages: [{ stage: 'libvirt', outcome: 'failed' }] });
  });
});
