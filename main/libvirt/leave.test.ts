// Leaving: who hangs up, and how long a daemon that does not answer is waited for.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDemoHost } from '../demo/demo-host.ts';
import { Connection } from './connection.ts';
import { leave } from './leave.ts';
import { openConnection } from './open.ts';
import { remote } from './procedures.ts';
import { errorFrame, errorOf, Peer } from './scripted.test-peer.ts';

let peer: Peer;
let connection: Connection;
beforeEach(() => {
  vi.useFakeTimers();
  peer = new Peer();
  connection = new Connection(peer.near);
});
afterEach(() => {
  connection.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('leaving', () => {
  it('says so and lets the daemon hang up', async () => {
    const left = leave(connection);
    await peer.answer(remote.connectClose, {});
    expect(connection.isOpen).toBe(true);
    peer.end();
    await left;
    expect([connection.isOpen, peer.near.destroyed]).toEqual([false, true]);
  });

  it.each<readonly [string, () => Promise<void>]>([
    ['the daemon does not answer', async () => undefined],
    ['the daemon answers and does not hang up', async () => void (await peer.answer(remote.connectClose, {}))],
  ])('waits a second, and no longer, when %s', async (_, play) => {
    const left = leave(connection);
    await play();
    await vi.advanceTimersByTimeAsync(999);
    expect(connection.isOpen).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    await left;
    expect(connection.isOpen).toBe(false);
  });

  it('leaves a daemon that refuses, that hangs up without a word, and one that was left already', async () => {
    const refused = leave(connection);
    peer.send(errorFrame((await peer.call(remote.connectClose)).header, errorOf(1, 'No.')));
    await refused;
    expect(connection.isOpen).toBe(false);
    await leave(connection);
    peer = new Peer();
    connection = new Connection(peer.near);
    const dropped = leave(connection);
    await peer.call(remote.connectClose);
    peer.end();
    await dropped;
    expect(connection.isOpen).toBe(false);
  });

  it('comes to its turn though every place at the server is taken, or ends all the same', async () => {
    const asked = Array.from({ length: 4 }, async () => await connection.call(remote.connectGetHostname, {}).catch(() => 'ended'));
    const left = leave(connection);
    await vi.advanceTimersByTimeAsync(1_000);
    await left;
    expect(await Promise.all(asked)).toEqual(['ended', 'ended', 'ended', 'ended']);
  });

  it('works with the demo host', async () => {
    const demo = createDemoHost();
    const opened = await openConnection(demo.connect(), { name: 'qemu:///system' });
    await leave(opened.connection);
    expect(await opened.connection.closed).toMatchObject({ message: 'The host closed the connection.' });
    demo.close();
  });
});
