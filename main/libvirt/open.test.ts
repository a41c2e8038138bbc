// Opening: the order of the steps, what a daemon may ask, and every way it goes wrong before a driver is open.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createDemoHost } from '../demo/demo-host.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { authType, driverFeature } from './constants.ts';
import { openConnection, type Opened, type OpenOptions } from './open.ts';
import { remote } from './procedures.ts';
import { errorOf, Peer } from './scripted.test-peer.ts';

afterEach(() => vi.useRealTimers());

const opening = (options: Partial<OpenOptions> = {}): { readonly peer: Peer; readonly asked: Promise<Opened> } => {
  const peer = new Peer();
  const asked = openConnection(peer.near, { name: 'qemu:///system', ...options });
  // A test looks at it later; until then its failure is nobody's fault.
  asked.catch(() => undefined);
  return { peer, asked };
};
const refusalOf = async (asked: Promise<Opened>): Promise<unknown> => await asked.then(() => 'opened', (error: unknown) => (error instanceof Refused ? error.refusal : error));
const types = (...kinds: readonly number[]) => ({ types: kinds });
/** Plays the daemon from CONNECT_OPEN on. */
const playOpen = async (peer: Peer): Promise<{ readonly name: string | null; readonly flags: number }> => {
  const { args } = await peer.answer(remote.connectOpen, {});
  const asked = [await peer.answer(remote.connectSupportsFeature, { supported: 1 }), await peer.answer(remote.connectSupportsFeature, { supported: 1 })];
  expect(asked.map((feature) => feature.args.feature)).toEqual([driverFeature.remoteEventCallback, driverFeature.remoteCloseCallback]);
  await peer.answer(remote.connectRegisterCloseCallback, {});
  return args;
};

describe('opening', () => {
  it('asks for the authentication first, then keepalive, then the driver, then what it can', async () => {
    const { peer, asked } = opening();
    await peer.answer(remote.authList, types(authType.none));
    expect((await peer.answer(remote.connectSupportsFeature, { supported: 1 })).args).toEqual({ feature: 10 });
    expect(await playOpen(peer)).toEqual({ name: 'qemu:///system', flags: 0 });
    const { connection, closeCallback } = await asked;
    expect([connection.isOpen, closeCallback, await peer.sentByNow()]).toEqual([true, true, []]);
    connection.close();
  });

  it.each([[true, '', 1], [false, 'test:///default', 0]])('says read-only %s and the name "%s" as they are', async (readOnly, name, flags) => {
    const { peer, asked } = opening({ readOnly, name });
    await peer.answer(remote.authList, types(authType.none));
    await peer.answer(remote.connectSupportsFeature, { supported: 1 });
    expect(await playOpen(peer)).toEqual({ name, flags });
    (await asked).connection.close();
  });

  it('refuses a daemon that asks for no login where nothing else protects what is sent', async () => {
    const { peer, asked } = opening({ mustAuthenticate: true });
    await peer.answer(remote.authList, types(authType.none));
    expect(await refusalOf(asked)).toMatchObject({ code: 'insecure', stage: 'sasl', remedy: expect.stringContaining('auth_tcp') });
    expect(peer.near.destroyed).toBe(true);
  });

  it('a connection for streams does not ask for the server’s pings, which it may not be able to answer', async () => {
    const { peer, asked } = opening({ dedicated: true });
    await peer.answer(remote.authList, types(authType.none));
    await playOpen(peer);
    (await asked).connection.close();
  });

  it('sends no pings to a daemon that says it knows none', async () => {
    vi.useFakeTimers();
    const { peer, asked } = opening();
    await peer.answer(remote.authList, types(authType.none));
    await peer.answer(remote.connectSupportsFeature, { supported: 0 });
    await playOpen(peer);
    const { connection } = await asked;
    await vi.advanceTimersByTimeAsync(60_000);
    connection.probe();
    expect([connection.isOpen, await peer.sentByNow()]).toEqual([true, []]);
    connection.close();
  });

  it('does without a close callback where there is none', async () => {
    const { peer, asked } = opening();
    await peer.answer(remote.authList, types(authType.none));
    await peer.answer(remote.connectSupportsFeature, { supported: 1 });
    await peer.answer(remote.connectOpen, {});
    await peer.answer(remote.connectSupportsFeature, { supported: 1 });
    await peer.answer(remote.connectSupportsFeature, { supported: 0 });
    expect((await asked).closeCallback).toBe(false);
    (await asked).connection.close();
  });

  it('refuses a server without events by callback', async () => {
    const { peer, asked } = opening();
    await peer.answer(remote.authList, types(authType.none));
    await peer.answer(remote.connectSupportsFeature, { supported: 1 });
    await peer.answer(remote.connectOpen, {});
    await peer.answer(remote.connectSupportsFeature, { supported: 0 });
    await peer.answer(remote.connectSupportsFeature, { supported: 0 });
    expect(await refusalOf(asked)).toMatchObject({ code: 'driver-refused', stage: 'driver' });
  });

  it('works with the demo host', async () => {
    const host = createDemoHost();
    const { connection } = await openConnection(host.connect(), { name: 'qemu:///system' });
    expect((await connection.call(remote.connectGetType, {})).type).toBe('QEMU');
    connection.close();
    host.close();
  });
});

describe('authentication', () => {
  it('by polkit comes before anything else, and may take as long as a person does', async () => {
    vi.useFakeTimers();
    const { peer, asked } = opening({ keepalive: { interval: 36_000_000, count: 1 } });
    await peer.answer(remote.authList, types(authType.polkit));
    const waiting = peer.call(remote.authPolkit);
    await vi.advanceTimersByTimeAsync(600_000);
    await waiting;
    expect(vi.getTimerCount()).toBe(1);
    vi.useRealTimers();
    peer.end();
    expect(await refusalOf(asked)).toMatchObject({ code: 'connection-lost' });
  });

  it('by polkit that succeeds goes on', async () => {
    const { peer, asked } = opening();
    await peer.answer(remote.authList, types(authType.polkit));
    await peer.answer(remote.authPolkit, { complete: 1 });
    await peer.answer(remote.connectSupportsFeature, { supported: 1 });
    await playOpen(peer);
    (await asked).connection.close();
  });

  it.each([[45, 7], [79, 7], [94, 7], [1, 47]])('by polkit that is refused with %i of domain %i says what to do on the host', async (code, domain) => {
    const { peer, asked } = opening();
    await peer.answer(remote.authList, types(authType.polkit));
    await peer.refuse(remote.authPolkit, errorOf(code, 'no agent', { domain }));
    expect(await refusalOf(asked)).toMatchObject({ code: 'auth-failed', stage: 'libvirt', libvirt: { code, domain }, remedy: expect.stringContaining('libvirt') });
    expect(peer.near.destroyed).toBe(true);
  });

  it.each([[authType.sasl, 'SASL authentication'], [9, 'authentication of kind 9']])('of kind %i is refused: %s is not supported', async (type, named) => {
    const { peer, asked } = opening();
    await peer.answer(remote.authList, types(type));
    expect(await refusalOf(asked)).toMatchObject({ code: 'auth-unsupported', stage: 'sasl', message: expect.stringContaining(named) });
    expect(peer.near.destroyed).toBe(true);
  });
});

describe('what is no libvirt daemon', () => {
  it('is one that stays silent for 10 s', async () => {
    vi.useFakeTimers();
    const { asked } = opening();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await refusalOf(asked)).toMatchObject({ code: 'not-libvirt', stage: 'libvirt', message: expect.stringContaining('within 10 s') });
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([['answers in HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'], ['greets as SSH', 'SSH-2.0-OpenSSH_9.2\r\n'], ['sends a TLS alert', '\x15\x03\x03\x00\x02\x02\x46']])('is one that %s', async (_, greeting) => {
    const { peer, asked } = opening();
    peer.send(Buffer.from(greeting, 'latin1'));
    expect(await refusalOf(asked)).toMatchObject({ code: 'not-libvirt', stage: 'libvirt' });
    expect(peer.near.destroyed).toBe(true);
  });

  it('is one that hangs up', async () => {
    const { peer, asked } = opening();
    peer.end();
    expect(await refusalOf(asked)).toMatchObject({ code: 'not-libvirt', message: 'No libvirt daemon answered: The host closed the connection.' });
  });

  it('is not said of a way that broke and knows why', async () => {
    const { peer, asked } = opening();
    peer.near.destroy(new Refused('connection-lost', 'The SSH session ended.', { remedy: 'Check the network.' }));
    expect(await refusalOf(asked)).toEqual({ code: 'connection-lost', message: 'The SSH session ended.', remedy: 'Check the network.' });
  });
});

describe('a driver that does not open', () => {
  it('is told with libvirt’s own words and numbers', async () => {
    const { peer, asked } = opening({ name: 'xen:///system' });
    await peer.answer(remote.authList, types(authType.none));
    await peer.answer(remote.connectSupportsFeature, { supported: 1 });
    await peer.refuse(remote.connectOpen, errorOf(5, 'no connection driver available for xen:///system', { domain: 0 }));
    expect(await refusalOf(asked)).toMatchObject({
      code: 'driver-refused', stage: 'driver', libvirt: { code: 5, domain: 0 },
      message: 'The daemon did not open xen:///system: no connection driver available for xen:///system',
    });
    expect(peer.near.destroyed).toBe(true);
  });
});

describe('giving up', () => {
  it('ends the connection, whatever step it was at', async () => {
    for (const steps of [0, 1, 2]) {
      const abort = new AbortController();
      const { peer, asked } = opening({ signal: abort.signal });
      if (steps > 0) await peer.answer(remote.authList, types(authType.none));
      if (steps > 1) await peer.answer(remote.connectSupportsFeature, { supported: 1 });
      await peer.next();
      abort.abort();
      expect(await refusalOf(asked)).toMatchObject({ code: 'cancelled' });
      expect(peer.near.destroyed).toBe(true);
    }
  });
});
