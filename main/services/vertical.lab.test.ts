// The whole of main against the lab's real libvirtd, over each transport: list, start, pin, witness, undo.
import { copyFile, mkdir, mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { News } from '../../app/contract/contract.ts';
import { stopGuest } from '../../e2e/lab/guests.ts';
import type { Lab } from '../../e2e/lab/state.ts';
import { labUp } from '../../e2e/lab/tier1.ts';
import { qemuThreads, virsh } from '../../e2e/lab/witness.ts';
import { driverUri, parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { openConnection } from '../libvirt/open.ts';
import { remote } from '../libvirt/procedures.ts';
import { openTransport } from '../transport/open-transport.ts';
import { asking, type Asking } from './asking.test-peer.ts';
import { createMain } from './main.ts';
import type { Main } from './services.ts';

let lab: Lab;
let folder: string;
let main: Main;
let ask: Asking;
const news: News[] = [];
const uuid = (): string => lab.guests.find(({ name }) => name === 'lab-one')?.uuid ?? '';

const cputune = async (...flags: readonly string[]): Promise<string> => /<cputune>[^]*<\/cputune>/.exec(await virsh(lab, 'dumpxml', 'lab-one', ...flags))?.[0] ?? '';
/** What virsh says a vCPU may run on. */
const pinned = async (vcpu: number, which: '--live' | '--config'): Promise<string> => {
  const table = await virsh(lab, 'vcpupin', 'lab-one', which);
  return new RegExp(`^ ${vcpu}\\s+(\\S+)$`, 'm').exec(table)?.[1] ?? table;
};
const threads = async (): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries((await qemuThreads(lab, 'lab-one')).map(({ comm, cpusAllowed }) => [comm.replace(/\/.*/, ''), cpusAllowed]));

beforeAll(async () => {
  lab = await labUp();
  folder = await mkdtemp(join(tmpdir(), 'guestdeck-vertical-'));
  await mkdir(join(folder, 'home', '.ssh'), { recursive: true, mode: 0o700 });
  await mkdir(join(folder, 'data'), { mode: 0o700 });
  await copyFile(lab.ssh.knownHosts, join(folder, 'home', '.ssh', 'known_hosts'));
  main = await createMain({ dataFolder: join(folder, 'data'), shell: 'web', version: 'test', home: join(folder, 'home'), env: {} });
  ask = asking(main);
  main.listen((one) => news.push(one));
});
afterAll(async () => {
  await main.close();
  await stopGuest(lab, 'lab-one');
  await rm(folder, { recursive: true });
});

describe.each([
  ['unix', () => `qemu:///system?socket=${lab.unix.socket}`],
  ['ssh', () => `qemu+ssh://root@127.0.0.1:${lab.ssh.port}/system?keyfile=${lab.ssh.keyFile}`],
  ['tls', () => `qemu+tls://127.0.0.1:${lab.tls.port}/system?pkipath=${lab.tls.pkiDir}`],
])('over %s', (_, uri) => {
  let host: string;

  it('connects and lists the guests that virsh lists', async () => {
    host = (await ask('connections', 'add', { uri: uri() })).id;
    await ask('connections', 'connect', { id: host });
    const names = (await ask('guests', 'list', { host })).map((guest) => guest.name);
    const listed = await virsh(lab, 'list', '--all', '--name');
    expect(names.toSorted()).toEqual(listed.split('\n').filter((name) => name !== '').toSorted());
  });

  it('answers many calls at once without waiting for a keepalive to push them on', async () => {
    const parsed = parseConnectionUri(uri());
    const { signal } = new AbortController();
    const surroundings = { ask: async () => ({ kind: 'declined' as const }), report: () => undefined, home: join(folder, 'home'), env: {}, isRoot: true };
    const link = await openTransport(parsed, surroundings, signal);
    const { connection } = await openConnection(await link.open(signal), { name: driverUri(parsed), keepalive: { interval: 600_000, count: 1 } });
    const versions = new Set<bigint>();
    for (let round = 0; round < 30; round++) {
      const answers = await Promise.all(Array.from({ length: 12 }, async () => await connection.call(remote.connectGetLibVersion, {}, { limit: 5_000 })));
      for (const { lib_ver } of answers) versions.add(lib_ver);
    }
    expect(versions.size).toBe(1);
    connection.close();
    link.close();
  });

  it('starts a guest, and tells so by an event', async () => {
    await stopGuest(lab, 'lab-one');
    await expect.poll(async () => (await ask('guests', 'list', { host })).find((guest) => guest.name === 'lab-one')?.state, { timeout: 20_000 }).toBe('shutoff');
    news.length = 0;
    await ask('guests', 'act', { host, uuid: uuid(), action: 'start' });
    expect(await virsh(lab, 'domstate', 'lab-one')).toContain('running');
    expect((await ask('guests', 'list', { host })).find((guest) => guest.name === 'lab-one')?.state).toBe('running');
    expect(news).toContainEqual({ section: 'guests', name: 'changed', told: { host, uuids: [uuid()] } });
  });

  it('pins a vCPU and the emulator now and for the next start, as virsh and the kernel see it, and undoes it', async () => {
    const [liveBefore, savedBefore] = [await cputune(), await cputune('--inactive')];
    const before = await ask('tuning', 'read', { host, uuid: uuid() });
    const wanted = { vcpuPinning: { '1': '1' }, emulatorPinning: { '': '0' }, cpuShares: { '': 512 } };
    const applied = await ask('tuning', 'apply', { host, uuid: uuid(), wanted: { live: wanted, saved: wanted }, basis: before.basis });
    expect(applied.steps.map(({ outcome, virsh: command }) => [outcome, command])).toEqual([
      ['done', 'virsh vcpupin lab-one 1 1 --live --config'],
      ['done', 'virsh emulatorpin lab-one 0 --live --config'],
      ['done', 'virsh schedinfo lab-one --set cpu_shares=512 --live --config'],
    ]);
    expect(applied.outcome).toBe('complete');

    expect([await pinned(1, '--live'), await pinned(1, '--config')]).toEqual(['1', '1']);
    const seen = await threads();
    expect([seen['CPU 1'], seen['qemu-system-x86']]).toEqual(['1', '0']);
    expect(await virsh(lab, 'schedinfo', 'lab-one')).toMatch(/cpu_shares\s*: 512/);

    const [entry] = await ask('history', 'list', { host });
    expect(entry?.id).toBe(applied.entry);
    const undo = await ask('history', 'undo', { id: entry?.id ?? '' });
    const undone = await ask('tuning', 'apply', { host, uuid: uuid(), wanted: undo.wanted, basis: undo.basis });
    expect(undone.outcome).toBe('complete');
    expect(undone.reading.live).toEqual(before.live);
    expect(await cputune('--inactive')).toBe(savedBefore);
    expect((await threads())['CPU 1']).toBe('0-1');
    // Live there is no way to unset: the guest floats on every CPU by a pin to all of them.
    expect((await cputune()) === liveBefore || (await pinned(1, '--live')) === '0-1').toBe(true);
    expect((await ask('history', 'list', { host, limit: 1 }))[0]).toMatchObject({ kind: 'undo', undoes: applied.entry });
  });

  it('refuses to overwrite what virsh changed meanwhile', async () => {
    const { basis } = await ask('tuning', 'read', { host, uuid: uuid() });
    await virsh(lab, 'vcpupin', 'lab-one', '0', '0', '--live');
    await expect(ask('tuning', 'apply', { host, uuid: uuid(), wanted: { live: { vcpuPinning: { '0': '1' } } }, basis })).rejects.toMatchObject({ refusal: { code: 'changed-meanwhile' } });
    expect(await pinned(0, '--live')).toBe('0');
    await virsh(lab, 'vcpupin', 'lab-one', '0', '0-1', '--live');
  });

  it('says what could not be put back when libvirtd cannot write the saved definition', async () => {
    const definition = await virsh(lab, 'dumpxml', 'lab-one', '--inactive', '--security-info');
    const before = await ask('tuning', 'read', { host, uuid: uuid() });
    // Where libvirtd would write stands a folder: the live half of a step works, the saved half stays in its memory alone.
    const obstacle = join(lab.dir, 'root', 'etc', 'libvirt', 'qemu', 'lab-one.xml.new');
    await mkdir(obstacle);
    try {
      const wanted = { live: { vcpuPinning: { '0': '1', '1': '0' } }, saved: { vcpuPinning: { '1': '0' } } };
      const applied = await ask('tuning', 'apply', { host, uuid: uuid(), wanted, basis: before.basis });
      expect([applied.outcome, ...applied.steps.map(({ outcome }) => outcome)]).toEqual(['partial', 'put-back', 'not-put-back']);
      expect(applied.steps[1]?.refusal).toMatchObject({ code: 'libvirt', message: expect.stringContaining('lab-one.xml.new') });
      expect(applied.reading.live).toEqual(before.live);
      expect(applied.reading.saved?.vcpuPinning['1']).toBe('0');
    } finally {
      await rmdir(obstacle);
      await writeFile(join(folder, 'lab-one.xml'), definition);
      await virsh(lab, 'define', join(folder, 'lab-one.xml'));
    }
    expect([await pinned(0, '--live'), await pinned(1, '--live')]).toEqual(['0-1', '0-1']);
    expect((await threads())['CPU 1']).toBe('0-1');
    expect((await ask('tuning', 'read', { host, uuid: uuid() })).saved).toEqual(before.saved);
  });

  it('refuses a value out of range before the host is asked', async () => {
    const { basis } = await ask('tuning', 'read', { host, uuid: uuid() });
    const attempt = ask('tuning', 'apply', { host, uuid: uuid(), wanted: { live: { vcpuPinning: { '0': '1' }, cpuShares: { '': 300_000 } } }, basis });
    await expect(attempt).rejects.toMatchObject({ refusal: { code: 'plan-invalid', field: 'wanted.live.cpuShares' } });
    expect(await pinned(0, '--live')).toBe('0-1');
  });

  it('names a guest that is gone, and forces off only with its name', async () => {
    await expect(ask('guests', 'describe', { host, uuid: '00000000-0000-4000-8000-000000000000' })).rejects.toMatchObject({ refusal: { code: 'unknown-guest' } });
    await expect(ask('guests', 'act', { host, uuid: uuid(), action: 'destroy' })).rejects.toMatchObject({ refusal: { code: 'confirmation' } });
    await ask('guests', 'act', { host, uuid: uuid(), action: 'destroy', confirm: 'lab-one' });
    expect(await virsh(lab, 'domstate', 'lab-one')).toContain('shut off');
  });
});
