// Ways of access at a real libvirtd: only looking, in the clear, and a user's own daemon that has to be started. virsh is the witness.
import { chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Takes } from '../../app/contract/contract.ts';
import { endProcesses, mustRun, processFile, run } from '../../e2e/lab/processes.ts';
import type { Lab, LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown, labUp } from '../../e2e/lab/tier1.ts';
import { virsh } from '../../e2e/lab/witness.ts';
import { asking, type Asking } from './asking.test-peer.ts';
import { createMain } from './main.ts';

let lab: Lab;
/** Asks for no login over TCP. */
let plain: LabDaemon;
let folder: string;

beforeAll(async () => {
  [lab, plain] = await Promise.all([labUp(), extraDaemon('plain', { tcpAuthentication: 'none' })]);
  folder = await mkdtemp(join(tmpdir(), 'guestdeck-access-'));
});
afterAll(async () => {
  await extraDaemonDown('plain');
  await rm(folder, { recursive: true });
});

/** Main with one saved connection. */
const withHost = async (takes: Takes<'connections', 'add'>): Promise<{ readonly ask: Asking; readonly host: string }> => {
  const data = await mkdtemp(join(folder, 'data-'));
  await writeFile(join(data, 'connections.json'), '[]');
  const main = await createMain({ dataFolder: data, shell: 'web', version: 'test', home: folder, env: {} });
  onTestFinished(async () => await main.close());
  const ask = asking(main);
  return { ask, host: (await ask('connections', 'add', { autoConnect: false, ...takes })).id };
};
const stagesOf = async (ask: Asking): Promise<readonly string[]> => {
  const [one] = await ask('connections', 'list', {});
  return one?.state.phase === 'ready' ? (one.state.stages ?? []).map((stage) => `${stage.stage} ${stage.outcome === 'done' ? stage.seen : stage.outcome}`) : [];
};

describe('for who only looks', () => {
  const overSsh = (more: string, port = lab.ssh.port): string => `qemu+ssh://root@127.0.0.1:${port}/system?keyfile=${lab.ssh.keyFile}&known_hosts=${lab.ssh.knownHosts}${more}`;
  it.each<[string, () => string, socket: () => string]>([
    ['its UNIX socket', () => `qemu:///system?socket=${lab.unix.socket}`, () => lab.unix.socket],
    ['its UNIX socket for that', () => `qemu:///system?socket=${lab.unix.readOnlySocket}`, () => lab.unix.readOnlySocket],
    ['SSH and a forwarded socket', () => overSsh('&mode=legacy'), () => `${lab.ssh.socket}-ro`],
    ['SSH and virt-ssh-helper', () => overSsh('&proxy=native'), () => 'virt-ssh-helper'],
    ['SSH and netcat', () => overSsh('&proxy=netcat&mode=legacy', lab.ssh.noForwardPort), () => `nc to ${lab.ssh.socket}-ro`],
    ['TLS', () => `qemu+tls://127.0.0.1:${lab.tls.port}/system?pkipath=${lab.tls.pkiDir}`, () => ''],
  ])('over %s the list is told, and a start refused, as to virsh', async (_, uri, socket) => {
    const { ask, host } = await withHost({ uri: uri(), readOnly: true });
    await ask('connections', 'connect', { id: host });
    expect((await ask('connections', 'list', {}))[0]).toMatchObject({ readOnly: true, state: { phase: 'ready' } });
    expect((await stagesOf(ask)).some((stage) => stage.startsWith('socket ') && stage.endsWith(socket()))).toBe(socket() !== '');
    const guests = await ask('guests', 'list', { host });
    expect(guests.map(({ name }) => name).toSorted()).toEqual((await virsh(lab, '--readonly', 'list', '--all', '--name')).split('\n').filter((name) => name !== '').toSorted());
    const stopped = guests.find(({ state }) => state === 'shutoff');
    if (stopped === undefined) throw new Error('the lab has a guest that does not run');
    await expect(ask('guests', 'act', { host, uuid: stopped.uuid, action: 'start' })).rejects.toMatchObject({ refusal: { code: 'read-only', libvirt: { code: 29 }, message: expect.stringContaining('read only access'), remedy: expect.stringMatching(/./) } });
    const { basis } = await ask('tuning', 'read', { host, uuid: stopped.uuid });
    const { steps } = await ask('tuning', 'apply', { host, uuid: stopped.uuid, wanted: { saved: { vcpuPinning: { '0': '0' } } }, basis });
    expect(steps).toMatchObject([{ outcome: 'failed', refusal: { code: 'read-only' } }]);
    await expect(virsh(lab, '--readonly', 'start', stopped.name)).rejects.toThrow(/read only access prevents/);
    expect(await virsh(lab, 'domstate', stopped.name)).toContain('shut off');
  });

  it('nothing is allowed that was allowed before, once it connects anew', async () => {
    const { ask, host } = await withHost({ uri: `qemu:///system?socket=${lab.unix.socket}` });
    await ask('connections', 'connect', { id: host });
    const uuid = lab.guests[0]?.uuid ?? '';
    const before = (await ask('guests', 'list', { host })).find((guest) => guest.uuid === uuid)?.autostart ?? false;
    await ask('guests', 'setAutostart', { host, uuid, autostart: before });
    await ask('connections', 'update', { id: host, readOnly: true });
    await ask('guests', 'setAutostart', { host, uuid, autostart: before });
    await ask('connections', 'disconnect', { id: host });
    await ask('connections', 'connect', { id: host });
    await expect(ask('guests', 'setAutostart', { host, uuid, autostart: before })).rejects.toMatchObject({ refusal: { code: 'read-only' } });
  });
});

describe('over TCP, at a daemon that asks for no login', () => {
  it('the connection is refused, and is made when somebody insists, as virsh makes it', async () => {
    const uri = `qemu+tcp://127.0.0.1:${plain.tcp.port}/system`;
    expect((await mustRun('virsh', ['-q', '-c', uri, 'list', '--all'])).trim()).toBe('');
    const { ask, host } = await withHost({ uri });
    const refusal = { code: 'insecure', stage: 'sasl', remedy: expect.stringContaining('auth_tcp') };
    await expect(ask('connections', 'connect', { id: host })).rejects.toMatchObject({ refusal });
    expect((await ask('connections', 'list', {}))[0]).toMatchObject({ warnings: [], state: { phase: 'failed', refusal, stages: expect.arrayContaining([expect.objectContaining({ stage: 'libvirt', outcome: 'done' }), expect.objectContaining({ stage: 'sasl', outcome: 'failed' })]) } });
    await ask('connections', 'update', { id: host, allowPlain: true });
    await ask('connections', 'connect', { id: host });
    expect(await ask('guests', 'list', { host })).toEqual([]);
    expect((await ask('connections', 'list', {}))[0]?.warnings).toEqual(['plain']);
  });

  it('TLS and the UNIX socket are none of that', async () => {
    for (const uri of [`qemu+tls://127.0.0.1:${plain.tls.port}/system?pkipath=${plain.tls.pkiDir}`, `qemu:///system?socket=${plain.unix.socket}`]) {
      const { ask, host } = await withHost({ uri });
      await ask('connections', 'connect', { id: host });
    }
  });
});

describe('a user’s own daemon', () => {
  const nobody = 65_534;

  it('is started where it does not run, and is the one that virsh then finds', async () => {
    const own = await mkdtemp(join(tmpdir(), 'guestdeck-own-'));
    for (const name of ['', 'run', 'data']) {
      await mkdir(join(own, name), { recursive: true, mode: 0o700 });
      await chown(join(own, name), nobody, nobody);
    }
    const pidFile = join(own, 'run', 'libvirt', 'libvirtd.pid');
    const asNobody = (...words: readonly string[]): readonly string[] => [
      '--reuid', String(nobody), '--regid', String(nobody), '--clear-groups', 'env', '-i', `HOME=${own}`, `XDG_RUNTIME_DIR=${own}/run`, `XDG_CONFIG_HOME=${own}/config`, `XDG_CACHE_HOME=${own}/cache`, `PATH=/usr/bin:/bin`, ...words,
    ];
    const started = async (): Promise<readonly number[]> => {
      const pid = Number(await readFile(pidFile, 'utf8').catch(() => '0'));
      return pid !== 0 && (await processFile(pid, 'cmdline'))?.includes('libvirtd') === true ? [pid] : [];
    };
    try {
      const { stdout, stderr } = await run('setpriv', asNobody(process.execPath, 'e2e/run.mjs', 'main/services/list-guests.test-main.ts', 'qemu:///session', join(own, 'data')));
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toMatchObject({ refusal: null, guests: [], state: { phase: 'ready', stages: expect.arrayContaining([expect.objectContaining({ stage: 'socket', seen: `${own}/run/libvirt/libvirt-sock, its daemon was started` })]) } });
      const [pid = 0] = await started();
      expect((await processFile(pid, 'cmdline'))?.split('\0')).toEqual(['/usr/sbin/libvirtd', '--daemon', '--timeout=120', '']);
      expect((await mustRun('setpriv', asNobody('virsh', '-q', '-c', 'qemu:///session', 'uri'))).trim()).toBe('qemu:///session');
      expect(await started()).toEqual([pid]);
    } finally {
      await endProcesses(started);
      await rm(own, { recursive: true });
    }
  });
});
