// Hundreds of connections lost and made again leave nothing: no memory, no open file, no listener.
import { getEventListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { queryObjects, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from '../../app/contract/schema.ts';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { faultyHost, held, heldBeyond } from '../../e2e/lab/faulty-host.ts';
import { defineLightGuests } from '../../e2e/lab/guests.ts';
import type { LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown } from '../../e2e/lab/tier1.ts';
import { isLong } from '../../e2e/lab/long.ts';
import { Connection } from '../libvirt/connection.ts';
import { openTransport } from '../transport/open-transport.ts';
import { Inventory } from './inventory.ts';

const name = 'reconnects';
let lab: LabDaemon;
let folder: string;

beforeAll(async () => {
  lab = await extraDaemon(name);
  await defineLightGuests(lab, 3);
  folder = await mkdtemp(join(tmpdir(), 'gd-reconnects-'));
});
afterAll(async () => {
  await extraDaemonDown(name);
  await rm(folder, { recursive: true });
});

setFlagsFromString('--expose-gc');
const collect: () => void = z.custom<() => void>((gc) => typeof gc === 'function').parse(runInNewContext('gc'));
/** Bytes in use once what nobody holds is gone, and bytes of the process. */
const memory = async (): Promise<{ readonly heap: number; readonly rss: number }> => {
  // What a first collection frees may hold, through finalizers, what only a second one does.
  for (let round = 0; round < 3; round++) {
    collect();
    await nextTurn();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
};
/** Bytes by which values grow from one measurement to the next: the middle of the slopes of all pairs, so that no single value decides. */
const slope = (values: readonly number[]): number => {
  const slopes = values.flatMap((value, at) => values.slice(at + 1).map((later, ahead) => (later - value) / (ahead + 1))).toSorted((left, right) => left - right);
  return slopes[slopes.length >> 1] ?? 0;
};
/** How many of what lives as long as a connection are alive: none is held by anything that outlives it. */
const alive = (): readonly number[] => [Connection, Inventory, Socket, AbortSignal].map((kind) => queryObjects(kind, { format: 'count' }));
const listeners = (): number => process.eventNames().reduce((sum, event) => sum + process.listenerCount(event), 0);

// Two hundred in a row; over the transports that encrypt fewer show the same, unless there is time.
describe.each([['unix', 200], ['tls', isLong ? 200 : 60], ['ssh', isLong ? 60 : 30]] as const)('a host over %s that is lost and reached again %i times', (transport, times) => {
  it('holds as much as it held', async () => {
    const host = await faultyHost(transport, lab, folder, { stageLimit: 30_000 });
    const again = async (): Promise<void> => {
      host.proxy.strike({ kind: 'reset' });
      await host.becomes('lost');
      host.proxy.heal();
      await host.session.connect();
    };
    try {
      await host.session.connect();
      // What is made once for good, and code that is compiled when it is used often, are there before it is measured.
      for (let round = 0; round < 20; round++) await again();
      const taken = [await memory()];
      const [before, listening, living] = [await held(), listeners(), alive()];
      const part = times / 10;
      for (let round = 0; round < times; round++) {
        await again();
        if ((round + 1) % part === 0) taken.push(await memory());
      }
      const growth = { heap: slope(taken.map(({ heap }) => heap)) / part, rss: slope(taken.map(({ rss }) => rss)) / part };
      process.stdout.write(`${transport}: ${times} times; bytes each time: heap ${Math.round(growth.heap)}, process ${Math.round(growth.rss)}; heap ${taken.map(({ heap }) => (heap / 1e6).toFixed(2)).join(' ')} MB; process ${taken.map(({ rss }) => (rss / 1e6).toFixed(0)).join(' ')} MB\n`);
      expect(alive()).toEqual(living);
      // Code that is compiled meanwhile takes some, however many times it is; a session forgotten once a time would cost tens of thousands.
      expect(growth.heap).toBeLessThan(600_000 / times);
      // A process takes its pages by the megabyte.
      expect(growth.rss).toBeLessThan(Math.max(150_000, 7_500_000 / times));
      expect(listeners()).toBe(listening);
      await expect.poll(async () => await heldBeyond(before), { timeout: 10_000 }).toEqual({});
      expect(host.complaints).toEqual([]);
    } finally {
      await host.close();
    }
  }, 120_000);
});

describe('a signal that outlives many links', () => {
  it.each([
    ['unix', () => `qemu:///system?socket=${lab.unix.socket}`],
    ['tls', () => `qemu+tls://127.0.0.1:${lab.tls.port}/system?pkipath=${lab.tls.pkiDir}`],
    ['ssh', () => `qemu+ssh://root@127.0.0.1:${lab.ssh.port}/system?keyfile=${lab.ssh.keyFile}&known_hosts=${lab.ssh.knownHosts}`],
    ['the ssh program', () => `qemu+ssh://root@127.0.0.1:${lab.ssh.port}/system?keyfile=${lab.ssh.keyFile}&known_hosts=${lab.ssh.knownHosts}&command=ssh`],
  ] as const)('is listened to by none of them in the end, over %s', async (_, uri) => {
    const { signal } = new AbortController();
    for (let round = 0; round < 5; round++) {
      const link = await openTransport(parseConnectionUri(uri()), { ask: async () => ({ kind: 'declined' }), report: () => undefined, home: folder, env: { PATH: process.env['PATH'] }, isRoot: true }, signal);
      const stream = await link.open(signal);
      stream.on('error', () => undefined);
      link.close();
      await link.closed;
    }
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
