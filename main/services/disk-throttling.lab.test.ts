// Disks of a real guest: their size on the host, and whether a limit holds: what a guest inside reads each second, by its own clock, with a limit of bytes and with one of operations.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DiskLimits, noLimits } from '../../app/tuning/disk-limits.ts';
import { startGuest, stopGuest } from '../../e2e/lab/guests.ts';
import { labMain, type LabMain } from '../../e2e/lab/lab-main.ts';
import { virsh } from '../../e2e/lab/witness.ts';
import { isLong } from '../../e2e/lab/long.ts';
import type { Asking } from './asking.test-peer.ts';

const guest = 'lab-one';
/** How far from its limit a disk may be. */
const tolerance = 0.15;

let started: LabMain;
let lab: LabMain['lab'];
let ask: Asking;
let which: { readonly host: string; readonly uuid: string };

beforeAll(async () => {
  started = await labMain(async (up) => {
    await stopGuest(up, guest);
    await startGuest(up, guest);
  });
  ({ lab, ask } = started);
  which = { host: started.host, uuid: started.uuidOf(guest) };
}, 240_000);
afterAll(async () => {
  await started.close();
  await stopGuest(lab, guest);
});

const agent = async (command: string, args: object): Promise<unknown> =>
  JSON.parse(await virsh(lab, 'qemu-agent-command', guest, '--timeout', '60', JSON.stringify({ execute: command, arguments: args })));
const field = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce((at, key) => (typeof at === 'object' && at !== null ? Object.entries(at).find(([name]) => name === key)?.[1] : undefined), value);

/** Reads from the start of the disk past the guest's cache; how many seconds that took there. The guest sees a plugged disk a while after the host. */
const readDisk = async (blockSize: number, count: number, device = 'vda'): Promise<number> => {
  const started = await agent('guest-exec', { path: '/bin/sh', arg: ['-c', `until test -b /dev/${device}; do sleep 0.1; done; time dd if=/dev/${device} of=/dev/null bs=${blockSize} count=${count} iflag=direct`], 'capture-output': true });
  const pid = field(started, 'return', 'pid');
  let ended: unknown;
  // The agent tells no event: it has to be asked.
  await expect.poll(async () => {
    ended = await agent('guest-exec-status', { pid });
    return field(ended, 'return', 'exited');
  }, { timeout: 120_000, interval: 500 }).toBe(true);
  const told = field(ended, 'return', 'err-data');
  const said = Buffer.from(typeof told === 'string' ? told : '', 'base64').toString();
  expect(field(ended, 'return', 'exitcode'), said).toBe(0);
  const [, minutes, seconds] = /real\s+(\d+)m\s*([\d.]+)s/.exec(said) ?? [];
  return Number(minutes) * 60 + Number(seconds);
};

/** What QEMU counts of the disk. */
const counted = async (): Promise<{ readonly requests: number; readonly bytes: number }> => {
  const text = await virsh(lab, 'domblkstat', guest, 'vda');
  const number = (name: string): number => Number(new RegExp(`${name} (\\d+)`).exec(text)?.[1] ?? Number.NaN);
  return { requests: number('rd_req'), bytes: number('rd_bytes') };
};

const limit = async (limits: Partial<DiskLimits>): Promise<void> => {
  const { basis } = await ask('tuning', 'read', which);
  expect(await ask('tuning', 'apply', { ...which, basis, wanted: { live: { diskThrottling: { vda: { ...noLimits, ...limits } } } } })).toMatchObject({ outcome: 'complete', unconfirmed: [] });
};

/** Bytes and requests each second, over a read of so much. */
const rates = async (blockSize: number, count: number): Promise<{ readonly bytes: number; readonly requests: number }> => {
  const before = await counted();
  const seconds = await readDisk(blockSize, count);
  const after = await counted();
  return { bytes: (after.bytes - before.bytes) / seconds, requests: (after.requests - before.requests) / seconds };
};

describe('a disk of a running guest', () => {
  it('is told as libvirt tells it, and made larger', async () => {
    const sizeOf = async (): Promise<number> => Number(/Capacity:\s*(\d+)/.exec(await virsh(lab, 'domblkinfo', guest, 'vda'))?.[1]);
    const before = await sizeOf();
    expect(await ask('guests', 'disks', which)).toMatchObject([{ target: 'vda', source: expect.stringContaining('lab-one.qcow2'), format: 'qcow2', capacity: before, allocation: expect.any(Number), chain: [] }]);
    await ask('guests', 'growDisk', { ...which, target: 'vda', capacity: before + 1_048_576 });
    expect(await sizeOf()).toBe(before + 1_048_576);
  });

  it('is held on no device that the host does not have: libvirt says so, and nothing is changed', async () => {
    const { basis, live } = await ask('tuning', 'read', which);
    const none = { path: '/dev/none', weight: null, read_iops_sec: null, write_iops_sec: null, read_bytes_sec: 5_000_000, write_bytes_sec: null };
    const applied = await ask('tuning', 'apply', { ...which, basis, wanted: { live: { blockDevices: { '': [none] } } } });
    expect(applied).toMatchObject({ outcome: 'put-back', steps: [{ outcome: 'failed', refusal: { code: 'libvirt', message: expect.stringContaining("Path '/dev/none' is not accessible") } }] });
    expect(applied.reading.live?.blockDevices).toEqual(live?.blockDevices);
  });

  it('is plugged, seen by the guest, and taken away again by undoing it', async () => {
    const image = join(started.folder, 'more.raw');
    await writeFile(image, Buffer.alloc(4_194_304));
    const { basis, live, saved } = await ask('tuning', 'read', which);
    const vdb = { target: 'vdb', device: 'disk', source: image, format: 'raw', bus: 'virtio', readonly: false };
    const wanted = { live: { diskList: { '': [...(live?.diskList[''] ?? []), vdb] } }, saved: { diskList: { '': [...(saved?.diskList[''] ?? []), vdb] } } };
    const applied = await ask('tuning', 'apply', { ...which, basis, wanted });
    expect(applied).toMatchObject({ outcome: 'complete', unconfirmed: [] });
    const block = async (): Promise<string> => await virsh(lab, 'domblklist', guest);
    expect([await block(), await virsh(lab, 'domblklist', guest, '--inactive')]).toEqual([expect.stringMatching(`vdb\\s+${image}`), expect.stringMatching(`vdb\\s+${image}`)]);
    await readDisk(65_536, 64, 'vdb');
    expect(await virsh(lab, 'domblkstat', guest, 'vdb')).toMatch(/rd_bytes [1-9]\d{6}/);

    const undo = await ask('history', 'undo', { id: applied.entry ?? '' });
    const undone = await ask('tuning', 'apply', { ...which, wanted: undo.wanted, basis: undo.basis });
    expect(['complete', 'unconfirmed']).toContain(undone.outcome);
    await expect.poll(block, { timeout: 60_000 }).not.toContain('vdb');
    expect(undone.reading.savedXml).not.toContain('vdb');
  });
});

describe('a guest that reads as fast as it can', () => {
  const more = [
    ['2 MB a second', { total_bytes_sec: 2_000_000 }, 65_536, 320, 'bytes', 2_000_000],
    ['50 operations a second', { total_iops_sec: 50 }, 4096, 500, 'requests', 50],
  ] as const;
  it.each([
    ...(isLong ? more : []),
    ['4 MB read a second', { read_bytes_sec: 4_000_000 }, 65_536, 640, 'bytes', 4_000_000],
    ['operations of 4 KiB, 100 a second', { read_iops_sec: 100, size_iops_sec: 4096 }, 16_384, 250, 'requests', 25],
  ] as const)('is held to %s, and let go again', async (_, limits, blockSize, count, what, most) => {
    await limit(limits);
    const held = (await rates(blockSize, count))[what];
    expect(Math.abs(held - most) / most, `${held} instead of ${most}`).toBeLessThan(tolerance);
    await limit({});
    expect((await rates(blockSize, count))[what]).toBeGreaterThan(most * 1.5);
  }, 240_000);
});
