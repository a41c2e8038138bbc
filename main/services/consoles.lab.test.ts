// A real guest's serial line over every way to its host: its shell runs a command, and all goes through the connection that is there.
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startGuest, stopGuest } from '../../e2e/lab/guests.ts';
import { mustRun } from '../../e2e/lab/processes.ts';
import type { Lab } from '../../e2e/lab/state.ts';
import { labUp } from '../../e2e/lab/tier1.ts';
import { virsh } from '../../e2e/lab/witness.ts';
import { asking } from './asking.test-peer.ts';
import { createMain } from './main.ts';
import { opening } from './page-channels.test-peer.ts';

let lab: Lab;
let folder: string;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const uuidOf = (name: string): string => lab.guests.find((guest) => guest.name === name)?.uuid ?? '';

beforeAll(async () => {
  lab = await labUp();
  folder = await mkdtemp(join(tmpdir(), 'gd-consoles-'));
  await mkdir(join(folder, '.ssh'), { mode: 0o700 });
  await copyFile(lab.ssh.knownHosts, join(folder, '.ssh', 'known_hosts'));
  await startGuest(lab, 'lab-one');
});
afterAll(async () => {
  await stopGuest(lab, 'lab-one');
  await rm(folder, { recursive: true });
});

const established = async (): Promise<number> => (await mustRun('ss', ['-Htn', 'state', 'established', `( dport = :${lab.ssh.port} )`])).split('\n').filter((line) => line !== '').length;

const start = async (uri: string) => {
  const main = await createMain({ dataFolder: await mkdtemp(join(folder, 'data-')), shell: 'web', version: 'test', home: folder, env: { PATH: process.env['PATH'] } });
  onTestFinished(async () => await main.close());
  const ask = asking(main);
  const { id: host } = await ask('connections', 'add', { uri, autoConnect: false });
  await ask('connections', 'connect', { id: host });
  const gone = new AbortController();
  const open = opening(main, gone.signal);
  return { ask, host, gone, serial: (name: string, force = false, hear?: (piece: Uint8Array) => void) => open('consoles', 'serial', { host, uuid: uuidOf(name), device: 'serial0', kind: 'console', force }, hear) };
};

const ways = {
  unix: () => `qemu:///system?socket=${lab.unix.socket}`,
  ssh: () => `qemu+ssh://root@127.0.0.1:${lab.ssh.port}/system?keyfile=${lab.ssh.keyFile}`,
  'ssh, by the program': () => `qemu+ssh://root@127.0.0.1:${lab.ssh.port}/system?keyfile=${lab.ssh.keyFile}&known_hosts=${lab.ssh.knownHosts}&command=ssh`,
  tls: () => `qemu+tls://127.0.0.1:${lab.tls.port}/system?pkipath=${lab.tls.pkiDir}`,
} as const;

describe.each(Object.entries(ways))('a serial line over %s', (way, uri) => {
  it('runs a command in the guest and shows what it says', async () => {
    const { serial } = await start(uri());
    const line = serial('lab-one');
    await expect.poll(() => line.opened()).toBe(true);
    await line.send(bytes('echo $((6*7))-$(hostname)\n'));
    await line.until('42-lab-one');
    if (way.startsWith('ssh')) expect(await established()).toBe(1);
    line.close();
  });

  it('is taken over by force, and given back when the page goes', async () => {
    const { serial, gone } = await start(uri());
    const line = serial('lab-one');
    await expect.poll(() => line.opened()).toBe(true);
    const other = await start(ways.unix());
    const refused = other.serial('lab-one');
    await expect.poll(() => refused.ended()).toMatchObject({ code: 'console-taken' });
    const taking = other.serial('lab-one', true);
    await expect.poll(() => [taking.opened(), line.ended()]).toMatchObject([true, { code: 'connection-lost' }]);
    taking.close();
    const again = serial('lab-one', true);
    await expect.poll(() => again.opened()).toBe(true);
    gone.abort();
    // The daemon learns of it in its own time; nothing forces it here.
    let last = other.serial('lab-one');
    await expect.poll(() => {
      if (last.ended() !== undefined) last = other.serial('lab-one');
      return last.opened();
    }).toBe(true);
  });
});

it('shows what a guest prints without end, keeps every byte in order until it is stopped, and leaves memory flat and the host free for others', async () => {
  const { serial, ask, host } = await start(ways.ssh());
  const line = serial('lab-one', true);
  await expect.poll(() => line.opened()).toBe(true);
  await line.send(bytes('stty -onlcr -echo; i=0; trap "break" INT; while :; do i=$((i+1)); echo line $i of so many that a guest prints without end; done; trap - INT; echo last-$i; stty onlcr echo\n'));
  await line.until('line 1 of');
  const before = process.memoryUsage().rss;
  const wanted = 1024 * 1024;
  for (let seen = 0; seen < wanted; seen = line.bytes().length) await ask('guests', 'describe', { host, uuid: uuidOf('lab-one') });
  // What came is held by this test itself.
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  await line.send(bytes('\x03'));
  await line.until('last-');
  await line.until('# ');
  const numbers = [...line.text().matchAll(/^line (\d+) of so many/gm)].map(([, number]) => Number(number));
  const last = Number(/^last-(\d+)/m.exec(line.text())?.[1]);
  expect(numbers).toEqual(Array.from({ length: last }, (_, at) => at + 1));
  line.close();
}, 170_000);

it('ends with the guest', async () => {
  const { serial } = await start(ways.unix());
  const line = serial('lab-one', true);
  await expect.poll(() => line.opened()).toBe(true);
  await virsh(lab, 'destroy', 'lab-one');
  await expect.poll(() => line.ended()).toBeNull();
});
