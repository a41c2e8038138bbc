// All that is done with a host over SSH goes through one connection, as `ss` counts them: ten guests' pages, statistics, a second connection of libvirt's, a file each way, two guests' displays and serial lines.
import { createHash, randomBytes } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { defineLightGuests } from '../../e2e/lab/guests.ts';
import { mustRun } from '../../e2e/lab/processes.ts';
import type { LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown } from '../../e2e/lab/tier1.ts';
import { startTinyGuest, typewriter } from '../../e2e/lab/tiny-guests.ts';
import { virsh } from '../../e2e/lab/witness.ts';
import { remote } from '../libvirt/procedures.ts';
import { asking } from './asking.test-peer.ts';
import { Connections } from './connections.ts';
import type { HostSession } from './host-session.ts';
import { createMain } from './main.ts';
import { opening } from './page-channels.test-peer.ts';

const name = 'one-connection';
const megabytes = 24;
let lab: LabDaemon;
let folder: string;
/** Guests with a display and a serial line. */
let shown: readonly string[];

beforeAll(async () => {
  lab = await extraDaemon(name);
  await defineLightGuests(lab, 10);
  folder = await mkdtemp(join(tmpdir(), 'gd-one-'));
  await mkdir(join(folder, '.ssh'), { mode: 0o700 });
  await copyFile(lab.ssh.knownHosts, join(folder, '.ssh', 'known_hosts'));
  await mkdir(join(lab.dir, 'pool'));
  await virsh(lab, 'pool-create-as', 'pool', 'dir', '--target', join(lab.dir, 'pool'));
  await virsh(lab, 'start', 'light-0001');
  shown = await Promise.all([
    startTinyGuest(lab, 'shown-by-port', typewriter),
    startTinyGuest(lab, 'shown-by-socket', typewriter, "<graphics type='vnc'><listen type='socket'/></graphics>"),
  ]);
});
afterAll(async () => {
  await extraDaemonDown(name);
  await rm(folder, { recursive: true });
});

/** Established connections to the lab's sshd, from the client's side, as the kernel has them. */
const established = async (): Promise<readonly string[]> =>
  (await mustRun('ss', ['-Htnp', 'state', 'established', `( dport = :${lab.ssh.port} )`])).split('\n').filter((line) => line !== '');

describe.each([
  ['in this process', '', /"node|"MainThread/],
  ['by the ssh program', '&command=ssh', /"ssh"/],
] as const)('a host over SSH %s', (_, parameters, owner) => {
  it('is reached by one connection, whatever is done with it', async () => {
    const main = await createMain({ dataFolder: await mkdtemp(join(folder, 'data-')), shell: 'web', version: 'test', home: folder, env: { PATH: process.env['PATH'] } });
    onTestFinished(async () => await main.close());
    // Nothing of the contract moves files yet: the session that main holds is asked itself.
    const sessions = vi.spyOn(Connections.prototype, 'session');
    onTestFinished(() => sessions.mockRestore());
    const ask = asking(main);
    const host = (await ask('connections', 'add', { uri: `qemu+ssh://root@127.0.0.1:${lab.ssh.port}/system?keyfile=${lab.ssh.keyFile}&known_hosts=${lab.ssh.knownHosts}${parameters}`, autoConnect: false })).id;
    await ask('connections', 'connect', { id: host });
    const guests = await ask('guests', 'list', { host });
    expect(guests.length).toBe(12);
    const samples = new Promise<void>((resolve) => {
      let heard = 0;
      main.listen((news) => void (news.section === 'live' && ++heard === 2 && resolve()));
    });
    await ask('live', 'watch', { interests: [{ host, groups: ['cpu', 'memory', 'disk', 'network', 'vcpu', 'hostCpu'], uuids: null }] });
    const session: HostSession | undefined = await sessions.mock.results.at(-1)?.value;
    if (session === undefined) throw new Error('main has no session');
    const pool = { name: 'pool', uuid: (await session.reached.connection.call(remote.storagePoolLookupByName, { name: 'pool' })).pool.uuid };
    const file = randomBytes(megabytes * 1_048_576);
    const counts: number[] = [];
    const count = async (): Promise<void> => void counts.push((await established()).length);

    const open = opening(main);
    const consoles = shown.flatMap((uuid) => [
      { heard: open('consoles', 'screen', { host, uuid, display: 0 }), says: 'RFB 003.008\n' },
      { heard: open('consoles', 'serial', { host, uuid, device: 'serial0', kind: 'console', force: false }), says: 'x' },
    ]);
    const watched = consoles.map(async ({ heard, says }) => {
      await expect.poll(() => heard.opened()).toBe(true);
      // A display speaks first, a serial line when it is spoken to.
      if (says === 'x') await heard.send(new TextEncoder().encode(says));
      await heard.until(says);
    });
    const transfer = async (): Promise<string> => {
      const slow = await session.slow();
      const { vol } = await slow.call(remote.storageVolCreateXml, { pool, xml: `<volume><name>${parameters === '' ? 'a' : 'b'}</name><capacity>${file.length}</capacity><target><format type='raw'/></target></volume>`, flags: 0 });
      const up = await slow.stream(remote.storageVolUpload, { vol, offset: 0n, length: 0n, flags: 0 });
      for (let at = 0; at < file.length; at += 1_048_576) {
        await up.stream.write(file.subarray(at, at + 1_048_576));
        if (at === 4 * 1_048_576) await count();
      }
      await up.stream.finish();
      const hash = createHash('sha256');
      const down = await slow.stream(remote.storageVolDownload, { vol, offset: 0n, length: 0n, flags: 0 });
      for await (const piece of down.stream) if (piece.kind === 'data') hash.update(piece.data);
      await count();
      return hash.digest('hex');
    };
    const pages = guests.map(async ({ uuid }) => {
      await Promise.all([ask('guests', 'describe', { host, uuid }), ask('tuning', 'read', { host, uuid })]);
      await count();
    });
    const [sum] = await Promise.all([transfer(), ...pages, ask('hosts', 'describe', { host }), ask('guests', 'badges', { host, uuids: guests.map(({ uuid }) => uuid) }), samples, ...watched]);

    expect(sum).toBe(createHash('sha256').update(file).digest('hex'));
    expect(counts).toEqual(Array.from({ length: guests.length + 2 }, () => 1));
    // All of them stand now.
    expect(consoles.map(({ heard }) => [heard.opened(), heard.ended()])).toEqual(consoles.map(() => [true, undefined]));
    expect(await established()).toEqual([expect.stringMatching(owner)]);
    for (const { heard } of consoles) heard.close();
    await ask('connections', 'disconnect', { id: host });
    await expect.poll(established).toEqual([]);
  });
});
