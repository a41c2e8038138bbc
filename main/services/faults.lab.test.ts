// Main against a real libvirtd and sshd that are wrong, stopped, killed and started again.
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ConnectionState } from '../../app/contract/connections.ts';
import type { RefusalCode, Stage } from '../../app/contract/refusal.ts';
import { restartLibvirtd } from '../../e2e/lab/daemon.ts';
import { defineLightGuests } from '../../e2e/lab/guests.ts';
import { freePorts, processesUnder, processFile } from '../../e2e/lab/processes.ts';
import type { LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown } from '../../e2e/lab/tier1.ts';
import { virsh } from '../../e2e/lab/witness.ts';
import { asking, type Asking } from './asking.test-peer.ts';
import { createMain } from './main.ts';
import type { Main } from './services.ts';

const name = 'faults';
let lab: LabDaemon;
let folder: string;
let deadPort: number;

beforeAll(async () => {
  lab = await extraDaemon(name);
  await defineLightGuests(lab, 3);
  folder = await mkdtemp(join(tmpdir(), 'guestdeck-faults-'));
  await mkdir(join(folder, '.ssh'), { mode: 0o700 });
  await copyFile(lab.ssh.knownHosts, join(folder, '.ssh', 'known_hosts'));
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'other-key')]);
  [deadPort = 0] = await freePorts(1);
});
afterAll(async () => {
  await extraDaemonDown(name);
  await rm(folder, { recursive: true });
});

interface Scene {
  readonly main: Main;
  readonly ask: Asking;
  /** Adds a host and answers its id. */
  readonly add: (uri: string) => Promise<string>;
  readonly state: (id: string) => Promise<ConnectionState>;
  /** Resolves when news tells that the host is in this phase. */
  readonly becomes: (id: string, phase: ConnectionState['phase']) => Promise<ConnectionState>;
}
/** Main in a folder of its own, soon to find that a host is dead; whatever it asks a person is declined. */
const scene = async (): Promise<Scene> => {
  const data = await mkdtemp(join(folder, 'data-'));
  const main = await createMain({ dataFolder: data, shell: 'cli', version: 'test', home: folder, env: {}, keepalive: { interval: 300, count: 2 } });
  onTestFinished(async () => await main.close());
  const ask = asking(main);
  const state = async (id: string): Promise<ConnectionState> => (await ask('connections', 'list', {})).find((one) => one.id === id)?.state ?? { phase: 'off' };
  return {
    main, ask, state,
    add: async (uri) => (await ask('connections', 'add', { uri, autoConnect: false })).id,
    becomes: async (id, phase) => await new Promise((resolve) => {
      const look = (): void => void state(id).then((now) => {
        if (now.phase !== phase) return;
        stop();
        resolve(now);
      });
      const stop = main.listen(look);
      look();
    }),
  };
};
const unix = (): string => `qemu:///system?socket=${lab.unix.socket}`;
const ssh = (parameters: string, port = lab.ssh.port): string => `qemu+ssh://root@127.0.0.1:${port}/system?${parameters}`;
const tls = (pki: string, host = '127.0.0.1', port = lab.tls.port): string => `qemu+tls://${host}:${port}/system?pkipath=${pki}`;
const namesListed = async (): Promise<readonly string[]> => (await virsh(lab, 'list', '--all', '--name')).split('\n').filter((line) => line !== '').toSorted();

const wrong: readonly (readonly [string, () => string, RefusalCode, Stage])[] = [
  ['a socket that is not there', () => 'qemu:///system?socket=/nowhere/libvirt-sock', 'socket-missing', 'socket'],
  ['a driver that is not there', () => `xen:///system?socket=${lab.unix.socket}`, 'driver-refused', 'driver'],
  ['a path the driver does not know', () => `qemu:///nonsense?socket=${lab.unix.socket}`, 'driver-refused', 'driver'],
  ['a name that does not resolve', () => tls(lab.tls.pkiDir, 'no-such-host.invalid'), 'name-unresolved', 'name'],
  ['a dead port, by TCP', () => `qemu+tcp://127.0.0.1:${deadPort}/system`, 'unreachable', 'port'],
  ['a dead port, by SSH', () => ssh(`keyfile=${lab.ssh.keyFile}`, deadPort), 'unreachable', 'port'],
  ['a dead port, by TLS', () => tls(lab.tls.pkiDir, '127.0.0.1', deadPort), 'unreachable', 'port'],
  ['a wrong key', () => ssh(`keyfile=${join(folder, 'other-key')}`), 'login-failed', 'login'],
  ['a key file that is not there', () => ssh(`keyfile=${join(folder, 'no-key')}`), 'key-unreadable', 'login'],
  ['a host key that changed', () => ssh(`keyfile=${lab.ssh.keyFile}&known_hosts=${lab.ssh.knownHostsChanged}`), 'host-key-changed', 'hostKey'],
  ['a host key that nobody knows', () => ssh(`keyfile=${lab.ssh.keyFile}&known_hosts=${join(folder, 'no-hosts')}`), 'host-key-unknown', 'hostKey'],
  ['a socket that is not there on the far side', () => ssh(`keyfile=${lab.ssh.keyFile}&socket=/nowhere/libvirt-sock`), 'socket-missing', 'socket'],
  ['libvirt’s port for SSH', () => ssh(`keyfile=${lab.ssh.keyFile}`, lab.tcp.port), 'unreachable', 'hostKey'],
  ['a foreign authority', () => tls(lab.tls.foreignPkiDir), 'certificate-untrusted', 'certificate'],
  ['a certificate for other names', () => tls(lab.tls.pkiDir, '127.1'), 'certificate-name', 'certificate'],
  ['a client certificate of another authority', () => tls(lab.tls.strangerPkiDir), 'certificate-refused', 'certificate'],
  ['no client certificate', () => tls(lab.tls.anonymousPkiDir), 'certificate-refused', 'certificate'],
  ['no certificates at all', () => tls(join(folder, 'no-pki')), 'certificate-missing', 'certificate'],
  ['a TLS port that speaks no TLS', () => tls(lab.tls.pkiDir, '127.0.0.1', lab.tcp.port), 'not-tls', 'tls'],
  ['SSH’s port for libvirt', () => `qemu+tcp://127.0.0.1:${lab.ssh.port}/system`, 'not-libvirt', 'libvirt'],
  ['a daemon that wants a password', () => `qemu+tcp://127.0.0.1:${lab.tcp.port}/system`, 'auth-failed', 'sasl'],
];

describe('connecting to', () => {
  it.each(wrong)('%s is refused with code, stage and remedy', async (_, uri, code, stage) => {
    const { ask, add, state } = await scene();
    const id = await add(uri());
    const refusal = { code, stage, message: expect.stringMatching(/\w+/), remedy: expect.stringMatching(/\w+/) };
    await expect(ask('connections', 'connect', { id })).rejects.toMatchObject({ refusal });
    expect(await state(id)).toMatchObject({ phase: 'failed', refusal, stages: expect.arrayContaining([expect.objectContaining({ outcome: 'failed', stage, refusal: expect.objectContaining(refusal) })]) });
  });

  it.each(['nonsense', 'qemu+pigeon:///system', 'qemu://user:secret@host/system', 'qemu+ssh://host:99999/system', 'qemu+ssh://-oProxyCommand=x/system'])('%s is refused before anything is tried', async (uri) => {
    const { ask } = await scene();
    const refusal = { code: 'bad-uri', stage: 'uri', field: 'uri', message: expect.not.stringContaining('secret'), remedy: expect.stringMatching(/\w+/) };
    await expect(ask('connections', 'add', { uri })).rejects.toMatchObject({ refusal });
  });
});

describe.each([
  ['unix', unix],
  ['ssh', () => ssh(`keyfile=${lab.ssh.keyFile}`)],
  ['tls', () => tls(lab.tls.pkiDir)],
])('a host over %s', (_, uri) => {
  it('whose libvirtd is killed in mid-call says so, and comes back by itself with a list that is true', async () => {
    const { main, add, ask, state, becomes } = await scene();
    const id = await add(uri());
    await ask('connections', 'connect', { id });
    const before = await ask('guests', 'list', { host: id });
    // Stopped, it has the call and cannot answer it any more.
    process.kill(lab.pids.libvirtd, 'SIGSTOP');
    const pending = main.answer('hosts', 'describe', { host: id }, { id: 'test', gone: new AbortController().signal });
    process.kill(lab.pids.libvirtd, 'SIGKILL');
    expect(await pending).toMatchObject({ ok: false, refusal: { code: 'connection-lost' } });
    await becomes(id, 'lost');
    lab = await restartLibvirtd(lab);
    await virsh(lab, 'undefine', before[0]?.name ?? '');
    await becomes(id, 'ready');
    expect((await ask('guests', 'list', { host: id })).map((guest) => guest.name).toSorted()).toEqual(await namesListed());
    expect((await state(id)).phase).toBe('ready');
    await defineLightGuests(lab, 3);
    await expect.poll(async () => (await ask('guests', 'list', { host: id })).map((guest) => guest.name).toSorted()).toEqual(await namesListed());
  });

  it('whose libvirtd hangs is found dead by keepalive, and is back when it goes on', async () => {
    const { main, add, ask, becomes } = await scene();
    const id = await add(uri());
    await ask('connections', 'connect', { id });
    process.kill(lab.pids.libvirtd, 'SIGSTOP');
    try {
      const pending = main.answer('hosts', 'describe', { host: id }, { id: 'test', gone: new AbortController().signal });
      expect(await becomes(id, 'lost')).toMatchObject({ refusal: { code: 'connection-lost', message: 'The host stopped answering.' } });
      expect(await pending).toMatchObject({ ok: false, refusal: { code: 'connection-lost' } });
    } finally {
      process.kill(lab.pids.libvirtd, 'SIGCONT');
    }
    await becomes(id, 'ready');
    expect((await ask('guests', 'list', { host: id })).length).toBe(3);
  });
});

describe('a host over SSH', () => {
  it('whose sshd is killed is lost and comes back through a new session', async () => {
    const { add, ask, becomes } = await scene();
    const id = await add(ssh(`keyfile=${lab.ssh.keyFile}`));
    await ask('connections', 'connect', { id });
    const sessions = await Promise.all((await processesUnder(lab.dir)).map(async (pid) => ({ pid, comm: (await processFile(pid, 'comm'))?.trim() })));
    const ours = sessions.filter(({ pid, comm }) => comm === 'sshd' && pid !== lab.pids.sshd && pid !== lab.pids.sshdNoForward);
    expect(ours.length).toBeGreaterThan(0);
    for (const { pid } of ours) process.kill(pid, 'SIGKILL');
    expect(await becomes(id, 'lost')).toMatchObject({ refusal: { code: 'connection-lost' } });
    await becomes(id, 'ready');
    expect((await ask('guests', 'list', { host: id })).length).toBe(3);
  });
});

describe('a hundred connections', () => {
  it('one after the other leave as many open files as there were', async () => {
    const { add, ask } = await scene();
    const id = await add(unix());
    const cycle = async (): Promise<void> => {
      await ask('connections', 'connect', { id });
      await ask('connections', 'disconnect', { id });
    };
    const files = async (): Promise<number> => (await readdir('/proc/self/fd')).length;
    await cycle();
    const before = await files();
    for (let round = 0; round < 100; round++) await cycle();
    await expect.poll(files).toBeLessThanOrEqual(before);
  });
});
