// Calls, events and keepalive of one connection, against a scripted peer that speaks real frames.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Connection, type ConnectionOptions, type Traced } from './connection.ts';
import { LibvirtError } from './errors.ts';
import { frame, messageStatus, messageType } from './packets.ts';
import { type Event, type Named, programs } from './procedure.ts';
import { qemu, remote } from './procedures.ts';
import { errorOf, eventFrame, keepaliveFrame, Peer, replyFrame } from './scripted.test-peer.ts';

let peer: Peer;
let connection: Connection;
const connect = (options: ConnectionOptions = {}): void => {
  peer = new Peer();
  connection = new Connection(peer.near, options);
};
beforeEach(() => connect());
afterEach(async () => {
  vi.useRealTimers();
  connection.close();
  await connection.closed;
  // Nothing may be left that keeps the process or memory: no timer of a call, no listener for room.
  expect(peer.near.destroyed).toBe(true);
  expect(peer.near.listenerCount('drain')).toBe(0);
});

const hostname = remote.connectGetHostname;
const names = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `${index}`);

describe('a call', () => {
  it('goes out as its frame and comes back as its result', async () => {
    const asked = connection.call(remote.domainLookupByName, { name: 'web' });
    const { header, args } = await peer.call(remote.domainLookupByName);
    expect({ header, args }).toEqual({ header: { program: programs.remote, version: 1, procedure: 23, type: messageType.call, serial: 1, status: messageStatus.ok }, args: { name: 'web' } });
    const dom = { name: 'web', uuid: '4dea22b3-1d52-d8f3-2516-782e98ab3fa0', id: -1 };
    peer.send(replyFrame(header, remote.domainLookupByName.ret, { dom }));
    expect(await asked).toEqual({ dom });
  });

  it('gets its own reply when replies come out of order and in one read', async () => {
    const asked = names(4).map(async (name) => (await connection.call(remote.domainLookupByName, { name })).dom.name);
    const calls = [await peer.call(remote.domainLookupByName), await peer.call(remote.domainLookupByName), await peer.call(remote.domainLookupByName), await peer.call(remote.domainLookupByName)];
    const dom = (name: string) => ({ dom: { name, uuid: '4dea22b3-1d52-d8f3-2516-782e98ab3fa0', id: 1 } });
    peer.send(...calls.toReversed().map(({ header, args }) => replyFrame(header, remote.domainLookupByName.ret, dom(args.name))));
    expect(await Promise.all(asked)).toEqual(names(4));
  });

  it('gets its reply when that comes byte by byte', async () => {
    const asked = connection.call(hostname, {});
    const { header } = await peer.call(hostname);
    for (const byte of replyFrame(header, hostname.ret, { hostname: 'höst' })) peer.send(Buffer.of(byte));
    expect(await asked).toEqual({ hostname: 'höst' });
  });

  it('has a serial of its own', async () => {
    const asked = names(3).map(async () => await connection.call(hostname, {}));
    const serials = [await peer.answer(hostname, { hostname: '' }), await peer.answer(hostname, { hostname: '' }), await peer.answer(hostname, { hostname: '' })].map(({ header }) => header.serial);
    expect(new Set([...serials, 0]).size).toBe(4);
    await Promise.all(asked);
  });

  it('is refused with all that the error struct holds', async () => {
    const error = errorOf(38, 'Connection reset by peer', {
      domain: 7, level: 1, dom: { name: 'web', uuid: '4dea22b3-1d52-d8f3-2516-782e98ab3fa0', id: 3 }, str1: '%s', str2: 'reset', str3: '', int1: 104, int2: 0,
      net: { name: 'default', uuid: '00000000-0000-0000-0000-000000000001' },
    });
    const asked = connection.call(hostname, {}).catch((caught: unknown) => caught);
    await peer.refuse(hostname, error);
    const refused = await asked;
    expect(refused).toBeInstanceOf(LibvirtError);
    expect(refused).toMatchObject({ error, message: 'Connection reset by peer', refusal: { code: 'libvirt', libvirt: { code: 38, domain: 7 } } });
  });

  it('of the QEMU program goes to the QEMU program', async () => {
    const asked = connection.call(qemu.domainMonitorCommand, { dom: { name: 'web', uuid: '4dea22b3-1d52-d8f3-2516-782e98ab3fa0', id: 1 }, cmd: 'info', flags: 1 });
    const { header } = await peer.answer(qemu.domainMonitorCommand, { result: 'ok' });
    expect(header.program).toBe(0x20008087);
    expect(await asked).toEqual({ result: 'ok' });
  });

  it('with an argument out of its bounds names the field and sends nothing', async () => {
    const params = Array.from({ length: 17 }, () => ({ field: 'cpu_shares', value: { type: 4 as const, value: 1n } }));
    const dom = { name: 'web', uuid: '4dea22b3-1d52-d8f3-2516-782e98ab3fa0', id: 1 };
    await expect(connection.call(remote.domainSetSchedulerParametersFlags, { dom, params, flags: 1 })).rejects.toThrow('params: 17 elements where at most 16 are allowed');
    expect(await peer.sentByNow()).toEqual([]);
  });

  it('that passes descriptors or opens a stream is not made by mistake', async () => {
    const dom = { name: 'web', uuid: '4dea22b3-1d52-d8f3-2516-782e98ab3fa0', id: 1 };
    await expect(connection.call(remote.domainOpenGraphicsFd, { dom, idx: 0, flags: 0 })).rejects.toThrow('file descriptors');
    await expect(connection.call(remote.domainOpenConsole, { dom, dev_name: null, flags: 0 })).rejects.toThrow('opens a stream');
    await expect(connection.stream(hostname, {})).rejects.toThrow('opens no stream');
    expect(await peer.sentByNow()).toEqual([]);
  });
});

describe('many calls', () => {
  it('are four at the server at the most; each reply lets the next one out', async () => {
    const asked = names(6).map(async () => await connection.call(hostname, {}));
    const first = await peer.sentByNow();
    expect(first).toHaveLength(4);
    for (const call of first) peer.send(replyFrame(call, hostname.ret, { hostname: 'h' }));
    const then = await peer.sentByNow();
    expect(then).toHaveLength(2);
    for (const call of then) peer.send(replyFrame(call, hostname.ret, { hostname: 'h' }));
    await Promise.all(asked);
  });

  it('do not wait for slow ones, and go round the owners', async () => {
    const settled = (asked: Promise<unknown>): void => void asked.catch(() => undefined);
    for (const name of names(4)) settled(connection.call(remote.domainLookupByName, { name: `slow ${name}` }, { slow: true, owner: 'a' }));
    for (const name of names(3)) settled(connection.call(remote.domainLookupByName, { name: `a ${name}` }, { owner: 'a' }));
    settled(connection.call(remote.domainLookupByName, { name: 'b 0' }, { owner: 'b' }));
    const sent = (packets: Awaited<ReturnType<Peer['sentByNow']>>): readonly string[] => packets.map(({ payload }) => payload.toString('utf8', 4, 4 + payload.readUInt32BE(0)));
    const first = await peer.sentByNow();
    expect(sent(first)).toEqual(['slow 0', 'slow 1', 'a 0', 'a 1']);
    for (const call of first.slice(2)) peer.send(frame({ ...call, type: messageType.reply, status: messageStatus.error }, (to) => to.raw(Buffer.alloc(44))));
    expect(sent(await peer.sentByNow())).toEqual(['a 2', 'b 0']);
  });
});

describe('a call that is given up', () => {
  it('while it waits its turn is never sent', async () => {
    const four = names(4).map(async () => await connection.call(hostname, {}));
    const abort = new AbortController();
    const fifth = connection.call(remote.connectGetType, {}, { signal: abort.signal });
    abort.abort();
    await expect(fifth).rejects.toMatchObject({ refusal: { code: 'cancelled' } });
    for (const call of await peer.sentByNow()) peer.send(replyFrame(call, hostname.ret, { hostname: 'h' }));
    await Promise.all(four);
    expect(await peer.sentByNow()).toEqual([]);
  });

  it('before it is made is never sent', async () => {
    await expect(connection.call(hostname, {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ refusal: { code: 'cancelled' } });
    expect(await peer.sentByNow()).toEqual([]);
  });

  it('keeps its place at the server until its reply, which then goes to `late` alone', async () => {
    const abort = new AbortController();
    const [replied, late] = [vi.fn<() => void>(), vi.fn<(ret: unknown) => void>()];
    const given = connection.call(hostname, {}, { signal: abort.signal, replied, late });
    const others = names(4).map(async () => await connection.call(remote.connectGetType, {}));
    const { header } = await peer.call(hostname);
    abort.abort();
    await expect(given).rejects.toMatchObject({ refusal: { code: 'cancelled' } });
    const three = await peer.sentByNow();
    expect(three).toHaveLength(3);
    peer.send(replyFrame(header, hostname.ret, { hostname: 'late' }));
    const fourth = await peer.sentByNow();
    expect(fourth).toHaveLength(1);
    expect([replied.mock.calls, late.mock.calls]).toEqual([[], [[{ hostname: 'late' }]]]);
    for (const call of [...three, ...fourth]) peer.send(replyFrame(call, remote.connectGetType.ret, { type: 'QEMU' }));
    await Promise.all(others);
  });

  it('leaves nothing on the signal, whether it was given up or answered', async () => {
    const { signal } = new AbortController();
    const [add, remove] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
    const asked = connection.call(hostname, {}, { signal });
    await peer.answer(hostname, { hostname: 'h' });
    await asked;
    expect(add.mock.calls.map(([kind, heard]) => [kind, heard])).toEqual(remove.mock.calls.map(([kind, heard]) => [kind, heard]));
    expect(add).toHaveBeenCalledTimes(1);
  });
});

describe('a call that takes too long', () => {
  it('is refused after its limit, 60 s when it has none of its own, and never when that is null', async () => {
    vi.useFakeTimers();
    connection.close();
    connect({ keepalive: { interval: 3_600_000, count: 1 } });
    const outcomes: string[] = [];
    const watch = (name: string, asked: Promise<unknown>): void => void asked.catch((error: unknown) => outcomes.push(`${name}: ${String(error)}`));
    watch('short', connection.call(hostname, {}, { limit: 1_500 }));
    watch('usual', connection.call(hostname, {}));
    watch('endless', connection.call(hostname, {}, { limit: null }));
    await vi.advanceTimersByTimeAsync(1_500);
    expect(outcomes).toEqual(['short: Refused: The host has not answered connectGetHostname within 1.5 s.']);
    await vi.advanceTimersByTimeAsync(58_499);
    expect(outcomes).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(outcomes[1]).toBe('usual: Refused: The host has not answered connectGetHostname within 60 s.');
    await vi.advanceTimersByTimeAsync(3_000_000);
    expect(outcomes).toHaveLength(2);
    connection.close();
    await vi.advanceTimersByTimeAsync(0);
    expect(outcomes[2]).toContain('endless: Refused: The connection was closed.');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may be answered late without harm', async () => {
    vi.useFakeTimers();
    connection.close();
    connect();
    const asked = connection.call(hostname, {}, { limit: 1_000 }).catch((error: unknown) => error);
    const { header } = await peer.call(hostname);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await asked).toMatchObject({ refusal: { code: 'timed-out' } });
    peer.send(replyFrame(header, hostname.ret, { hostname: 'late' }));
    expect(await peer.sentByNow()).toEqual([]);
    expect(connection.isOpen).toBe(true);
  });
});

describe('events', () => {
  const lifecycle = remote.domainEventCallbackLifecycle;
  const happened = { callbackID: 3, msg: { dom: { name: 'web', uuid: '4dea22b3-1d52-d8f3-2516-782e98ab3fa0', id: -1 }, event: 5, detail: 1 } };

  it('are told from replies by their type, with the serial 1 that a call has too', async () => {
    const heard: unknown[] = [];
    connection.on(lifecycle, (message) => heard.push(message));
    const asked = connection.call(hostname, {});
    const { header } = await peer.call(hostname);
    expect(header.serial).toBe(1);
    peer.send(eventFrame(lifecycle, happened, 1), replyFrame(header, hostname.ret, { hostname: 'h' }), eventFrame(lifecycle, happened, 0));
    expect(await asked).toEqual({ hostname: 'h' });
    expect(heard).toEqual([happened, happened]);
  });

  it('of an unknown procedure or program, or nobody’s, are ignored', async () => {
    const heard = vi.fn<(message: unknown) => void>();
    const unlisten = connection.on(lifecycle, heard);
    const tell = (program: number, procedure: number): Buffer => frame({ program, procedure, type: messageType.message, serial: 1, status: messageStatus.ok }, (to) => to.uint(9));
    peer.send(tell(programs.remote, 9_999), tell(0x1234_5678, lifecycle.number), eventFrame(remote.domainEventCallbackReboot, { callbackID: 1, msg: { dom: happened.msg.dom } }));
    unlisten();
    peer.send(eventFrame(lifecycle, happened));
    expect(await peer.sentByNow()).toEqual([]);
    expect([connection.isOpen, heard.mock.calls]).toEqual([true, []]);
  });

  it('have one listener a kind, and may be listened to anew', () => {
    const line: Named<Event<unknown>> = lifecycle;
    const unlisten = connection.on(line, () => undefined);
    expect(() => connection.on(line, () => undefined)).toThrow('has a listener already');
    unlisten();
    expect(() => connection.on(line, () => undefined)()).not.toThrow();
  });

  it('in one read with the reply that made way for them are heard', async () => {
    const heard: unknown[] = [];
    const asked = connection.call(remote.connectDomainEventCallbackRegisterAny, { eventID: 0, dom: null }, { replied: () => void connection.on(lifecycle, (message) => heard.push(message)) });
    const { header } = await peer.call(remote.connectDomainEventCallbackRegisterAny);
    peer.send(replyFrame(header, remote.connectDomainEventCallbackRegisterAny.ret, { callbackID: 3 }), eventFrame(lifecycle, happened));
    await asked;
    expect(heard).toEqual([happened]);
  });
});

describe('keepalive', () => {
  it('answers a ping at once, even while four calls wait', async () => {
    const asked = names(4).map(async () => await connection.call(hostname, {}).catch(() => undefined));
    await peer.sentByNow();
    peer.send(keepaliveFrame(1));
    const pong = await peer.next();
    expect(pong).toEqual({ program: 0x6b656570, version: 1, procedure: 2, type: messageType.message, serial: 0, status: messageStatus.ok, payload: Buffer.alloc(0) });
    connection.close();
    await Promise.all(asked);
  });

  it('ignores a pong that nobody asked for', async () => {
    peer.send(keepaliveFrame(2));
    expect(await peer.sentByNow()).toEqual([]);
  });

  it('pings a silent peer and ends the connection when it stays silent; any packet keeps it', async () => {
    vi.useFakeTimers();
    connection.close();
    connect();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(await peer.next()).toMatchObject({ program: programs.keepalive, procedure: 1, type: messageType.message, serial: 0 });
    await vi.advanceTimersByTimeAsync(7_999);
    peer.send(eventFrame(remote.domainEventCallbackReboot, { callbackID: 0, msg: { dom: { name: '', uuid: '4dea22b3-1d52-d8f3-2516-782e98ab3fa0', id: 1 } } }));
    // It is heard as soon as the machine comes to it.
    await vi.advanceTimersByTimeAsync(0);
    await vi.advanceTimersByTimeAsync(11_999);
    expect(connection.isOpen).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(await connection.closed).toEqual({ code: 'connection-lost', message: 'The host stopped answering.' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('finds the peer dead as soon while calls wait for it', async () => {
    vi.useFakeTimers();
    connection.close();
    connect();
    const asked = Array.from({ length: 6 }, async () => await connection.call(remote.connectGetHostname, {}).catch((error: unknown) => error));
    await vi.advanceTimersByTimeAsync(12_000);
    const refusal = { code: 'connection-lost', message: 'The host stopped answering.' };
    expect(await Promise.all(asked)).toMatchObject(Array.from({ length: 6 }, () => ({ refusal })));
  });

  it('keeps a peer whose one answer takes a minute to come through', async () => {
    vi.useFakeTimers();
    connection.close();
    connect();
    const asked = connection.call(remote.connectGetHostname, {}, { limit: null });
    const { header } = await peer.call(remote.connectGetHostname);
    for (const byte of replyFrame(header, remote.connectGetHostname.ret, { hostname: 'slow' })) {
      await vi.advanceTimersByTimeAsync(6_000);
      peer.send(Buffer.of(byte));
    }
    expect(await asked).toEqual({ hostname: 'slow' });
  });

  it('asked to probe ends a connection whose peer stays silent for 4 s, and keeps one that answers', async () => {
    vi.useFakeTimers();
    connection.close();
    connect();
    connection.probe();
    expect(await peer.next()).toMatchObject({ program: programs.keepalive, procedure: 1 });
    peer.send(keepaliveFrame(2));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(connection.isOpen).toBe(true);
    connection.probe();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(connection.isOpen).toBe(false);
    connection.probe();
  });
});

describe('the trace', () => {
  it('sees every packet with its whole size and without its payload', async () => {
    connection.close();
    const seen: [string, Traced][] = [];
    connect({ trace: (direction, packet) => seen.push([direction, packet]) });
    const asked = connection.call(remote.domainLookupByName, { name: 'a secret' }).catch(() => undefined);
    await peer.refuse(remote.domainLookupByName, errorOf(42, 'a secret'));
    await asked;
    expect(seen).toEqual([
      ['sent', { program: programs.remote, version: 1, procedure: 23, type: 0, serial: 1, status: 0, bytes: 28 + 12 }],
      ['received', { program: programs.remote, version: 1, procedure: 23, type: 1, serial: 1, status: 1, bytes: 28 + 56 }],
    ]);
  });
});
