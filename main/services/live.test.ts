// Statistics of what is looked at: asked for only while somebody looks, and never by more than one loop a host.
import { Duplex } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type GuestSeries, guestSeries } from '../../app/contract/live.ts';
import { statsGroup } from '../libvirt/constants.ts';
import { programs } from '../libvirt/procedure.ts';
import { remote } from '../libvirt/procedures.ts';
import { connectedMain, connectionOf, type DemoMain, intercept, type Intercepted, uuidOf } from './demo-main.test-peer.ts';

const host = 'demo';
const everyone = { host, groups: ['cpu' as const], uuids: null };
/** What windows were told, with each guest's numbers by their names. */
const samples = ({ news }: DemoMain) => news.flatMap(({ section, told }) => (section === 'live' ? [{
  ...told,
  guests: told.guests.map((uuid, place) => ({ uuid, ...Object.fromEntries(guestSeries.map((name, column) => [name, told.values[place * guestSeries.length + column] ?? null])) as Readonly<Record<GuestSeries, number | null>> })),
}] : []));
/** Only the test moves time on from here; what is read as the time moves with it. */
const still = (): void => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
};
const tick = async (demo: DemoMain, milliseconds = 1_000): Promise<void> => {
  const before = samples(demo).length;
  await vi.advanceTimersByTimeAsync(milliseconds);
  await vi.waitFor(() => expect(samples(demo).length).toBeGreaterThan(before));
};
const stats = ({ called }: { readonly called: readonly string[] }): number => called.filter((name) => name === 'connectGetAllDomainStats').length;
const watch = async ({ main }: DemoMain, id: string, interests: readonly unknown[], gone = new AbortController()): Promise<AbortController> => {
  expect(await main.answer('live', 'watch', { interests }, { id, gone: gone.signal })).toEqual({ ok: true, value: null });
  return gone;
};

describe('live statistics', () => {
  it('are rates from the second tick on, of running guests, with the load of the host’s CPUs', async () => {
    const demo = await connectedMain();
    still();
    await watch(demo, 'one', [{ host, groups: ['cpu', 'memory', 'disk', 'network', 'vcpu', 'hostCpu'], uuids: null }]);
    await tick(demo);
    await tick(demo);
    const [first, second] = samples(demo);
    const uuid = await uuidOf(demo.ask, 'db-primary');
    expect(first?.guests.map((guest) => guest.cpu)).toEqual(first?.guests.map(() => null));
    const guest = second?.guests.find((one) => one.uuid === uuid);
    expect(guest?.cpu).toBeGreaterThan(0);
    expect(guest?.cpu).toBeLessThanOrEqual(8);
    expect([guest?.memoryUsedKiB, guest?.diskReadBytes, guest?.networkReceiveBytes].every((value) => typeof value === 'number' && value >= 0)).toBe(true);
    expect(second?.hostCpus?.length).toBe(32);
    expect(second?.hostCpus?.every((load) => load !== null && load >= 0 && load <= 1)).toBe(true);
    expect(second?.guests.map((one) => one.uuid)).not.toContain(await uuidOf(demo.ask, 'etl-night'));
  });

  it('tell where the vCPUs of a guest run, for whoever looks at that, and of guests that run', async () => {
    const demo = await connectedMain();
    still();
    const [uuid, stopped] = [await uuidOf(demo.ask, 'db-primary'), await uuidOf(demo.ask, 'etl-night')];
    const calls = intercept();
    await watch(demo, 'one', [{ host, groups: ['vcpuPlace'], uuids: [uuid, stopped] }]);
    await tick(demo);
    const told = samples(demo);
    const asked = calls.called.filter((name) => name === 'domainGetVcpus').length;
    const pins = (await demo.ask('tuning', 'read', { host, uuid })).live?.vcpuPinning ?? {};
    // Each of them is pinned to one CPU.
    expect(told[0]?.places).toEqual([{ uuid, cpus: Object.values(pins).map(Number) }]);
    expect(asked).toBe(told.length);
  });

  it('are asked for by nobody when nobody looks', async () => {
    const demo = await connectedMain();
    still();
    const calls = intercept();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(calls.called).toEqual([]);
    const one = await watch(demo, 'one', [everyone]);
    await watch(demo, 'two', [everyone]);
    await tick(demo);
    await tick(demo);
    // One loop for both, of which each hears in its turn.
    await vi.waitFor(() => expect(samples(demo).length).toBe(stats(calls) * 2));
    await watch(demo, 'two', []);
    one.abort();
    const asked = calls.called.length;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(calls.called.length - asked).toBe(0);
    await watch(demo, 'late', [everyone], one);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(calls.called.length - asked).toBe(0);
  });

  it('leave nothing on the wire but signs of life once nobody looks', async () => {
    const demo = await connectedMain();
    still();
    const written = vi.spyOn(Duplex.prototype, 'write');
    onTestFinished(() => written.mockRestore());
    await watch(demo, 'one', [{ host, groups: ['cpu', 'memory', 'disk', 'network', 'hostCpu', 'hostMemory'], uuids: null }]);
    await tick(demo);
    expect(written.mock.calls.length).toBeGreaterThan(0);
    await watch(demo, 'one', []);
    written.mockClear();
    await vi.advanceTimersByTimeAsync(60_000);
    // The second word of a message is its program.
    const sent = written.mock.calls.map(([piece]): unknown => (Buffer.isBuffer(piece) ? piece.readUInt32BE(4) : piece));
    expect(sent.filter((program) => program !== programs.keepalive)).toEqual([]);
  });

  it('are asked for by those guests alone that somebody looks at, by what is looked at of each, and each window hears of its own', async () => {
    const demo = await connectedMain();
    const [web, mail] = [await uuidOf(demo.ask, 'web-01'), await uuidOf(demo.ask, 'mail')];
    still();
    const asked: unknown[] = [];
    intercept({ connectGetAllDomainStats: async ({ args, pass }: Intercepted) => (asked.push(args), await pass()) });
    const heard: string[] = [];
    demo.main.listen(({ section }) => section === 'live' && heard.push('one'), { id: 'one', gone: new AbortController().signal });
    demo.main.listen(({ section }) => section === 'live' && heard.push('three'), { id: 'three', gone: new AbortController().signal });
    await watch(demo, 'one', [{ host, groups: ['cpu'], uuids: [web] }]);
    await watch(demo, 'two', [{ host, groups: ['disk'], uuids: [mail, '00000000-0000-4000-8000-000000000000'] }]);
    await tick(demo);
    expect(asked.slice(0, 2)).toMatchObject([{ doms: [{ uuid: web }], stats: statsGroup.cpuTotal }, { doms: [{ uuid: mail }], stats: statsGroup.block }]);
    expect(samples(demo).slice(0, 2).map(({ guests }) => guests.map(({ uuid }) => uuid))).toEqual([[web], [mail]]);
    expect(heard).toEqual(samples(demo).filter(({ guests }) => guests.some(({ uuid }) => uuid === web)).map(() => 'one'));
  });

  it('are told to one window after the other, and to none that has turned away meanwhile', async () => {
    const demo = await connectedMain();
    still();
    const heard: (readonly [window: string, at: number])[] = [];
    const windows = ['one', 'two', 'three'];
    for (const id of windows) demo.main.listen(({ section }) => section === 'live' && heard.push([id, performance.now()]), { id, gone: new AbortController().signal });
    const [, , third] = await Promise.all(windows.map(async (id) => await watch(demo, id, [everyone])));
    await vi.waitFor(() => expect(heard.length).toBeGreaterThanOrEqual(3));
    const [one, two, three] = heard;
    expect(heard.slice(0, 3).map(([id]) => id)).toEqual(windows);
    expect([(two?.[1] ?? 0) - (one?.[1] ?? 0), (three?.[1] ?? 0) - (two?.[1] ?? 0)]).toEqual([80, 80]);
    heard.length = 0;
    await vi.waitFor(() => expect(heard).toEqual([['one', expect.any(Number)]]), { interval: 10 });
    third?.abort();
    await vi.advanceTimersByTimeAsync(400);
    expect(heard.map(([id]) => id)).toEqual(['one', 'two']);
  });

  it('of a host that answers slowly are asked for less often', async () => {
    const demo = await connectedMain();
    still();
    const calls = intercept({
      connectGetAllDomainStats: async ({ pass }: Intercepted) => {
        await new Promise((resolve) => setTimeout(resolve, 2_000));
        return await pass();
      },
    });
    await watch(demo, 'one', [everyone]);
    await vi.advanceTimersByTimeAsync(40_500);
    // Each time two seconds of asking and six of rest.
    expect(stats(calls)).toBe(6);
  });

  it('go on when a guest vanishes between the list and the asking', async () => {
    const demo = await connectedMain();
    const connection = await connectionOf(demo.ask);
    const [web, mail] = [await uuidOf(demo.ask, 'ci-4711'), await uuidOf(demo.ask, 'mail')];
    still();
    intercept({
      connectGetAllDomainStats: async ({ nth, pass }: Intercepted) => {
        if (nth === 0) await connection.call(remote.domainDestroyFlags, { dom: { name: 'ci-4711', uuid: web, id: -1 }, flags: 0 });
        return await pass();
      },
    });
    await watch(demo, 'one', [{ host, groups: ['cpu'], uuids: [web, mail] }]);
    await tick(demo, 3_000);
    expect(samples(demo).at(-1)?.guests.map(({ uuid }) => uuid)).toEqual([mail]);
  });

  it('have a gap while the host is away, and go on when it is back', async () => {
    const demo = await connectedMain();
    const connection = await connectionOf(demo.ask);
    still();
    await watch(demo, 'one', [everyone]);
    await tick(demo);
    connection.close();
    await vi.advanceTimersByTimeAsync(600);
    const before = samples(demo).length;
    await demo.ask('connections', 'connect', { id: host });
    await tick(demo, 1_100);
    expect(samples(demo).length).toBeGreaterThan(before);
  });

  it('leave out a host CPU that is offline now', async () => {
    const demo = await connectedMain();
    still();
    const connection = await connectionOf(demo.ask);
    intercept({ nodeGetCpuStats: async ({ args, pass }: Intercepted) => (JSON.stringify(args).includes('"cpuNum":5,"nparams":4') ? await connection.call(remote.domainSuspend, { dom: { name: 'x', uuid: '00000000-0000-4000-8000-000000000000', id: -1 } }) : await pass()) });
    await watch(demo, 'one', [{ host, groups: ['hostCpu'], uuids: [] }]);
    await tick(demo);
    await tick(demo);
    expect(samples(demo).at(-1)?.hostCpus?.map((load, cpu) => (load === null ? cpu : -1)).filter((cpu) => cpu >= 0)).toEqual([5]);
  });

  it('have a gap instead of a spike around an answer that took eight seconds', async () => {
    const demo = await connectedMain();
    const uuid = await uuidOf(demo.ask, 'db-primary');
    still();
    const calls = intercept({
      connectGetAllDomainStats: async ({ nth, pass }: Intercepted) => {
        const told = await pass();
        // Counted at once, told late.
        if (nth === 3) await new Promise((resolve) => setTimeout(resolve, 8_000));
        return told;
      },
    });
    await watch(demo, 'one', [{ host, groups: ['cpu'], uuids: [uuid] }]);
    await vi.advanceTimersByTimeAsync(15_500);
    const cpus = samples(demo).map(({ guests: [guest] }) => guest?.cpu ?? null);
    expect(cpus.slice(0, 6).map((cpu) => cpu !== null)).toEqual([false, true, true, false, false, true]);
    expect(cpus.every((cpu) => cpu === null || (cpu >= 0 && cpu <= 8))).toBe(true);
    expect(stats(calls)).toBe(cpus.length);
    const { series, end } = await demo.ask('live', 'past', { host, uuid, range: 'minutes', after: null });
    const kept = (series.find(({ name }) => name === 'cpu')?.values ?? []).slice(-16).map((cpu) => cpu !== null);
    // The seconds in which nothing was known are seconds of the curve too.
    expect(kept.filter((known) => !known).length).toBeGreaterThan(8);
    expect(kept.at(-1)).toBe(true);
    expect(Math.abs(end - Date.now())).toBeLessThanOrEqual(1_000);
  });

  it('of a host that never answers are not asked for again, and hold up nothing else', async () => {
    const demo = await connectedMain();
    still();
    const calls = intercept({ connectGetAllDomainStats: async ({ nth, pass }: Intercepted) => (nth === 1 ? await new Promise(() => undefined) : await pass()) });
    await watch(demo, 'one', [everyone]);
    await vi.advanceTimersByTimeAsync(120_000);
    expect([stats(calls), samples(demo).length]).toEqual([2, 1]);
    // Nor by who looks away and back.
    await watch(demo, 'one', []);
    await watch(demo, 'one', [everyone]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(stats(calls)).toBe(2);
    expect((await demo.ask('guests', 'list', { host })).length).toBeGreaterThan(5);
  });

  it('have a gap where a guest was started anew, and a mark', async () => {
    const demo = await connectedMain();
    const uuid = await uuidOf(demo.ask, 'mail');
    still();
    await watch(demo, 'one', [{ host, groups: ['cpu'], uuids: [uuid] }]);
    await tick(demo);
    await tick(demo);
    await demo.ask('guests', 'act', { host, uuid, action: 'destroy', confirm: 'mail' });
    await demo.ask('guests', 'act', { host, uuid, action: 'start' });
    await tick(demo);
    await tick(demo);
    await tick(demo);
    const known = samples(demo).flatMap(({ guests }) => guests.map(({ cpu }) => cpu !== null));
    expect(known).toEqual([false, true, ...known.slice(2, -2), ...known.slice(-2)]);
    expect(known.slice(2)).toContain(false);
    expect(known.at(-1)).toBe(true);
    const { marks } = await demo.ask('live', 'past', { host, uuid, range: 'minutes', after: null });
    expect(marks.map(({ what }) => what)).toEqual(['stopped', 'started']);
    expect((await demo.ask('live', 'past', { host, uuid: null, range: 'minutes', after: null })).marks).toEqual(marks.map((mark) => ({ ...mark, guest: 'mail' })));
  });

  it.each([['forward', 3_600_000], ['a little forward', 10_000], ['back', -3_600_000]])('have a gap where the clock was set %s, and go on', async (_, by) => {
    const demo = await connectedMain();
    const uuid = await uuidOf(demo.ask, 'db-primary');
    still();
    await watch(demo, 'one', [{ host, groups: ['cpu'], uuids: [uuid] }]);
    await tick(demo);
    await tick(demo);
    vi.setSystemTime(Date.now() + by);
    await tick(demo);
    await tick(demo);
    const cpus = samples(demo).map(({ guests: [guest] }) => guest?.cpu ?? null);
    expect(cpus.slice(0, 2).map((cpu) => cpu !== null)).toEqual([false, true]);
    expect(cpus.filter((cpu) => cpu === null)).toHaveLength(2);
    expect(cpus.at(-1)).not.toBeNull();
    expect(cpus.every((cpu) => cpu === null || (cpu >= 0 && cpu <= 8))).toBe(true);
    const { end } = await demo.ask('live', 'past', { host, uuid, range: 'minutes', after: null });
    expect(Math.abs(end - Date.now())).toBeLessThanOrEqual(1_000);
  });

  it('are not compared with those from before nobody looked', async () => {
    const demo = await connectedMain();
    const uuid = await uuidOf(demo.ask, 'db-primary');
    still();
    const interests = [{ host, groups: ['cpu' as const], uuids: [uuid] }];
    let release: () => void = () => undefined;
    let answered = false;
    const calls = intercept({
      connectGetAllDomainStats: async ({ nth, pass }: Intercepted) => {
        if (nth === 1) await new Promise<void>((resolve) => (release = resolve));
        const told = await pass();
        answered = nth === 1;
        return told;
      },
    });
    await watch(demo, 'one', interests);
    await tick(demo);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stats(calls)).toBe(2);
    await watch(demo, 'one', []);
    release();
    await vi.waitFor(() => expect(answered).toBe(true));
    await vi.advanceTimersByTimeAsync(5_000);
    expect([stats(calls), samples(demo).length]).toEqual([2, 1]);
    await watch(demo, 'one', interests);
    await tick(demo, 100);
    expect(samples(demo).at(-1)?.guests[0]?.cpu).toBeNull();
  });

  it('of the host itself are kept too: its CPUs together and each, its memory and that of its nodes', async () => {
    const demo = await connectedMain();
    still();
    const calls = intercept();
    await watch(demo, 'one', [{ host, groups: ['hostCpu', 'hostMemory'], uuids: [] }]);
    for (let count = 0; count < 3; count += 1) await tick(demo);
    const { series } = await demo.ask('live', 'past', { host, uuid: null, range: 'minutes', after: null });
    const last = new Map(series.map(({ name, values }) => [name, values.at(-1) ?? null]));
    const { topology, memoryKiB } = await demo.ask('hosts', 'describe', { host });
    const cpus = [...last].flatMap(([name, load]) => (name.startsWith('cpu.') && load !== null ? [load] : []));
    expect(cpus).toHaveLength(topology.cells.flatMap((cell) => cell.cpus).length);
    expect(last.get('cpu')).toBeCloseTo(cpus.reduce((sum, load) => sum + load, 0), 1);
    expect([...last.keys()].filter((name) => name.startsWith('node.'))).toHaveLength(topology.cells.length);
    expect(last.get('memoryUsedKiB')).toBeGreaterThan(0);
    expect(last.get('memoryUsedKiB')).toBeLessThan(memoryKiB);
    // Nobody looks at guests.
    expect(stats(calls)).toBe(0);
  });
});
