// Main against a real libvirtd that falls silent, is killed in the midst of an apply, and is another one when it is back.
import { execFileSync } from 'node:child_process';
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ConnectionState } from '../../app/contract/connections.ts';
import { Refused } from '../../app/contract/refusal.ts';
import type { Applied } from '../../app/contract/tuning.ts';
import { restartLibvirtd } from '../../e2e/lab/daemon.ts';
import { defineLightGuests } from '../../e2e/lab/guests.ts';
import { endProcess } from '../../e2e/lab/processes.ts';
import type { LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown } from '../../e2e/lab/tier1.ts';
import { virsh } from '../../e2e/lab/witness.ts';
import { asking, type Asking } from './asking.test-peer.ts';
import { intercept, type Intercepted } from './demo-main.test-peer.ts';
import { createMain } from './main.ts';
import type { Main } from './services.ts';

const name = 'return';
const guest = 'light-0001';
let lab: LabDaemon;
let folder: string;

beforeAll(async () => {
  lab = await extraDaemon(name);
  await defineLightGuests(lab, 3);
  await virsh(lab, 'start', guest);
  folder = await mkdtemp(join(tmpdir(), 'guestdeck-return-'));
  await mkdir(join(folder, '.ssh'), { mode: 0o700 });
  await cp(lab.ssh.knownHosts, join(folder, '.ssh', 'known_hosts'));
});
afterAll(async () => {
  await extraDaemonDown(name);
  await rm(folder, { recursive: true });
});

const unix = (): string => `qemu:///system?socket=${lab.unix.socket}`;
const ssh = (): string => `qemu+ssh://root@127.0.0.1:${lab.ssh.port}/system?keyfile=${lab.ssh.keyFile}`;
const helper = (): string => `qemu+ssh://root@127.0.0.1:${lab.ssh.port}/system?keyfile=${lab.ssh.keyFile}&proxy=netcat&socket=${lab.ssh.socket}`;
const tls = (pki = lab.tls.pkiDir): string => `qemu+tls://127.0.0.1:${lab.tls.port}/system?pkipath=${pki}`;

interface Scene {
  readonly main: Main;
  readonly ask: Asking;
  readonly data: string;
  /** Adds a host, connects it and answers its id. */
  readonly reach: (uri: string) => Promise<string>;
  readonly state: (id: string) => Promise<ConnectionState>;
  readonly becomes: (id: string, phase: ConnectionState['phase']) => Promise<ConnectionState>;
}
/** Main as it runs for a person: with its own limits. */
const scene = async (data?: string): Promise<Scene> => {
  const dataFolder = data ?? (await mkdtemp(join(folder, 'data-')));
  const main = await createMain({ dataFolder, shell: 'web', version: 'test', home: folder, env: {} });
  onTestFinished(async () => await main.close());
  const ask = asking(main);
  const state = async (id: string): Promise<ConnectionState> => (await ask('connections', 'list', {})).find((one) => one.id === id)?.state ?? { phase: 'off' };
  return {
    main, ask, state, data: dataFolder,
    reach: async (uri) => {
      const { id } = await ask('connections', 'add', { uri, autoConnect: false });
      await ask('connections', 'connect', { id });
      return id;
    },
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
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const uuidIn = async (ask: Asking, host: string): Promise<string> => (await ask('guests', 'list', { host })).find((one) => one.name === guest)?.uuid ?? '';

/** Kills libvirtd as a crash does; guests go on. Resolves when it is gone. */
const kill = async (): Promise<void> => {
  const { libvirtd } = lab.pids;
  process.kill(libvirtd, 'SIGKILL');
  await endProcess(lab.dir, libvirtd);
};

describe('a daemon that falls silent', () => {
  it('is found dead within 15 s over every transport, idle or asked, and within 5 s when the machine wakes up', async () => {
    const { main, ask, reach, becomes } = await scene();
    const caller = { id: 'test', gone: new AbortController().signal };
    const hosts = await Promise.all([['unix', unix()], ['ssh', ssh()], ['tls', tls()], ['unix, asked', unix()], ['tls, asked', tls()]].map(async ([way = '', uri = '']) => ({ way, id: await reach(uri) })));
    const stopped = async (work: (since: number) => Promise<void>): Promise<void> => {
      process.kill(lab.pids.libvirtd, 'SIGSTOP');
      try {
        await work(performance.now());
      } finally {
        process.kill(lab.pids.libvirtd, 'SIGCONT');
      }
      await Promise.all(hosts.map(async ({ id }) => await becomes(id, 'ready')));
    };
    const timed = async (since: number): Promise<readonly (readonly [string, number])[]> => await Promise.all(hosts.map(async ({ way, id }) => {
      expect(await becomes(id, 'lost')).toMatchObject({ refusal: { code: 'connection-lost', message: 'The host stopped answering.' } });
      return [way, Math.round(performance.now() - since)] as const;
    }));
    await stopped(async (since) => {
      const asked = hosts.filter(({ way }) => way.endsWith('asked')).map(async ({ id }) => await main.answer('hosts', 'describe', { host: id }, caller));
      const found = await timed(since);
      say(`dead peer found, ms after SIGSTOP: ${found.map(([way, took]) => `${way} ${took}`).join(', ')}`);
      for (const [way, took] of found) expect(took, way).toBeLessThan(15_000);
      for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ ok: false, refusal: { code: 'connection-lost' } });
    });
    await stopped(async (since) => {
      await ask('connections', 'awake', {});
      const found = await timed(since);
      say(`dead peer found, ms after waking up: ${found.map(([way, took]) => `${way} ${took}`).join(', ')}`);
      for (const [way, took] of found) expect(took, way).toBeLessThan(5_000);
    });
  });
});

/** What virsh says that vCPU 0 may run on, and the CPU shares. */
const pinned = async (which: '--live' | '--config'): Promise<string> => /^ 0\s+(\S+)$/m.exec(await virsh(lab, 'vcpupin', guest, which))?.[1] ?? 'unknown';
const shares = async (which: '--live' | '--config'): Promise<string> => /cpu_shares\s*: (\S+)/.exec(await virsh(lab, 'schedinfo', guest, which))?.[1] ?? 'unknown';
const seen = async (): Promise<readonly string[]> => [await pinned('--live'), await pinned('--config'), await shares('--live'), await shares('--config')];
const both = { vcpuPinning: { '0': '1' }, cpuShares: { '': 512 } };
const wanted = { live: both, saved: both };
const told = ({ outcome, steps }: Pick<Applied, 'outcome' | 'steps'>): readonly string[] => [outcome, ...steps.map((step) => step.outcome)];

/** The daemon dies at the second step: before it is asked, while it has been asked and has done nothing, or after it has done it. */
const deaths: Readonly<Record<string, (call: Intercepted) => Promise<unknown>>> = {
  'between two steps': async ({ pass }) => {
    await kill();
    return await pass();
  },
  'in mid-step, before it was done': async ({ pass }) => {
    process.kill(lab.pids.libvirtd, 'SIGSTOP');
    const asked = pass();
    // Whoever asked hears of it below, once libvirtd is gone for sure.
    asked.catch(() => undefined);
    await kill();
    return await asked;
  },
  'in mid-step, after it was done': async ({ pass, connection }) => {
    await pass();
    await kill();
    throw new Refused((await connection.closed)?.code ?? 'bug', 'The host closed the connection.');
  },
};

describe('an apply in whose midst libvirtd is killed', () => {
  it.each(Object.entries(deaths))('%s is told step by step when it is back, and put back, as virsh sees it', async (when, die) => {
    const { ask, reach, becomes } = await scene();
    const host = await reach(unix());
    const uuid = await uuidIn(ask, host);
    const before = await seen();
    const { basis } = await ask('tuning', 'read', { host, uuid });
    intercept({ domainSetSchedulerParametersFlags: async (call) => await (call.nth === 0 ? die(call) : call.pass()) });
    const applying = ask('tuning', 'apply', { host, uuid, wanted, basis });
    await becomes(host, 'lost');
    await expect.poll(async () => (await ask('history', 'list', { host }))[0]).toMatchObject({ outcome: 'interrupted', steps: [{ outcome: 'done' }, { outcome: 'unknown' }] });
    lab = await restartLibvirtd(lab);
    await ask('connections', 'awake', {});
    const applied = await applying;
    if (when === 'in mid-step, after it was done') {
      // It was the last one.
      expect(told(applied)).toEqual(['complete', 'done', 'done']);
      expect(await seen()).toEqual(['1', '1', '512', '512']);
      const undo = await ask('history', 'undo', { id: applied.entry ?? '' });
      expect((await ask('tuning', 'apply', { host, uuid, wanted: undo.wanted, basis: undo.basis })).outcome).toBe('complete');
    } else expect(told(applied)).toEqual(['put-back', 'put-back', 'failed']);
    expect(await seen()).toEqual(before);
    expect((await ask('history', 'list', { host })).find(({ id }) => id === applied.entry)).toMatchObject({ outcome: applied.outcome });
  });

  it('and Guestdeck with it has its end told at the next start, as virsh sees it, and nothing put back', async () => {
    const one = await scene();
    const host = await one.reach(unix());
    const uuid = await uuidIn(one.ask, host);
    const before = await seen();
    const { basis } = await one.ask('tuning', 'read', { host, uuid });
    const left = await mkdtemp(join(folder, 'left-'));
    let isDead = (): void => undefined;
    const died = new Promise<void>((resolve) => (isDead = resolve));
    intercept({
      domainSetSchedulerParametersFlags: async ({ nth, pass }) => {
        if (nth > 0) return await pass();
        // What the disk holds now is what a process leaves that is killed now.
        for (const kept of ['connections.json', 'history']) await cp(join(one.data, kept), join(left, kept), { recursive: true });
        await kill();
        isDead();
        return await pass();
      },
    });
    const applying = one.ask('tuning', 'apply', { host, uuid, wanted, basis });
    await died;
    await one.main.close();
    expect((await applying).outcome).toBe('interrupted');
    lab = await restartLibvirtd(lab);
    const two = await scene(left);
    const entry = async () => (await two.ask('history', 'list', { host }))[0];
    expect(await entry()).toMatchObject({ outcome: 'interrupted', steps: [{ outcome: 'unknown' }, { outcome: 'unknown' }] });
    await two.ask('connections', 'connect', { id: host });
    await expect.poll(entry).toMatchObject({ outcome: 'partial', steps: [{ outcome: 'done' }, { outcome: 'not-reached' }], judged: expect.any(Number) });
    expect(await seen()).toEqual(['1', '1', before[2], before[3]]);
    const undo = await two.ask('history', 'undo', { id: (await entry())?.id ?? '' });
    expect((await two.ask('tuning', 'apply', { host, uuid, wanted: undo.wanted, basis: undo.basis })).outcome).toBe('complete');
    expect(await seen()).toEqual(before);
  });
});

describe('a daemon that is another one when it is back', () => {
  it('is read anew: other guests, other events', async () => {
    const { main, ask, reach, becomes } = await scene();
    const host = await reach(unix());
    const names = async (): Promise<readonly string[]> => (await ask('guests', 'list', { host })).map((one) => one.name).toSorted();
    expect(await names()).toEqual(['light-0001', 'light-0002', 'light-0003']);
    await ask('live', 'watch', { interests: [{ host, groups: ['cpu'], uuids: null }] });
    await kill();
    await becomes(host, 'lost');
    const definitions = join(lab.dir, 'root', 'etc', 'libvirt', 'qemu');
    const third = await readFile(join(definitions, 'light-0003.xml'), 'utf8');
    await writeFile(join(definitions, 'newcomer.xml'), third.replaceAll('light-0003', 'newcomer').replace(/<uuid>[^<]*<\/uuid>/, '<uuid>4dea22b3-1d52-48f3-9516-782e98ab3fa0</uuid>'));
    await rm(join(definitions, 'light-0003.xml'));
    lab = await restartLibvirtd(lab);
    const { called } = intercept();
    await ask('connections', 'awake', {});
    await becomes(host, 'ready');
    expect(await names()).toEqual(['light-0001', 'light-0002', 'newcomer']);
    expect(called.filter((one) => one === 'connectSupportsFeature').length).toBe(3);
    expect(called.filter((one) => one === 'connectDomainEventCallbackRegisterAny').length).toBeGreaterThanOrEqual(8);
    // Statistics go on by themselves, and events are heard again.
    await new Promise<void>((resolve) => {
      const stop = main.listen((news) => {
        if (news.section !== 'live' || news.told.guests.length === 0) return;
        stop();
        resolve();
      });
    });
    await virsh(lab, 'undefine', 'newcomer');
    await expect.poll(names).toEqual(['light-0001', 'light-0002']);
    await writeFile(join(folder, 'third.xml'), third);
    await virsh(lab, 'define', join(folder, 'third.xml'));
    await expect.poll(names).toEqual(['light-0001', 'light-0002', 'light-0003']);
  });
});

describe('disconnecting', () => {
  it('leaves no error in the log of the daemon, over no transport, and takes no time', async () => {
    const { ask, reach } = await scene();
    const log = async (): Promise<readonly string[]> => (await readFile(join(lab.dir, 'log', 'libvirtd.log'), 'utf8')).split('\n');
    for (const [way, uri] of [['unix', unix()], ['ssh', ssh()], ['ssh through a program', helper()], ['tls', tls()]] as const) {
      const before = (await log()).length;
      const ids = await Promise.all([reach(uri), reach(uri), reach(uri)]);
      const since = performance.now();
      await Promise.all(ids.map(async (id) => await ask('connections', 'disconnect', { id })));
      say(`left by ${way} in ${Math.round(performance.now() - since)} ms`);
      // The daemon has logged what it has to say of a client by the time it takes the next one.
      await virsh(lab, 'version');
      expect((await log()).slice(before - 1).filter((line) => line.includes('error')), way).toEqual([]);
    }
  });
});

describe('a real libvirtd whose certificate was revoked', () => {
  it('is refused by the list of its authority, and by one that is out of date', async () => {
    const { ask } = await scene();
    const pki = await mkdtemp(join(folder, 'pki-'));
    for (const file of await readdir(lab.tls.pkiDir)) await cp(join(lab.tls.pkiDir, file), join(pki, file));
    const { id } = await ask('connections', 'add', { uri: tls(pki), autoConnect: false });
    const { certificateFile, keyFile } = lab.tls.authority;
    const configuration = join(pki, 'ca.conf');
    await writeFile(configuration, ['[ca]', 'default_ca=here', '[here]', `database=${join(pki, 'index.txt')}`, `certificate=${certificateFile}`, `private_key=${keyFile}`, 'default_md=sha256', 'default_crl_days=30', ''].join('\n'));
    await appendFile(join(pki, 'index.txt'), '');
    const openssl = (...words: readonly string[]): void => void execFileSync('openssl', ['ca', '-config', configuration, ...words], { stdio: 'pipe' });
    const list = join(pki, 'cacrl.pem');
    const connect = async (): Promise<unknown> => {
      await ask('connections', 'disconnect', { id });
      return await ask('connections', 'connect', { id }).catch((error: unknown) => (error instanceof Refused ? error.refusal : error));
    };
    openssl('-gencrl', '-out', list, '-crl_lastupdate', '20200101000000Z', '-crl_nextupdate', '20200201000000Z');
    expect(await connect()).toMatchObject({ code: 'certificate-untrusted', stage: 'certificate', message: expect.stringContaining(`the revocation list ${list} is out of date`) });
    openssl('-gencrl', '-out', list);
    expect(await connect()).toBeNull();
    openssl('-revoke', join(lab.dir, 'pki', 'host', 'servercert.pem'));
    openssl('-gencrl', '-out', list);
    expect(await connect()).toMatchObject({ code: 'certificate-untrusted', stage: 'certificate', message: expect.stringContaining(`was revoked by its authority, as the revocation list ${list} says`) });
    await expect(virsh({ ...lab, virshUri: tls(pki) }, 'list')).rejects.toThrow(/revoked/i);
  });
});
