// SASL against a real libvirtd and Cyrus SASL: every mechanism on every way that allows it, frames of any size, and every refusal. virsh is the witness.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Question, QuestionAnswer } from '../../app/contract/questions.ts';
import { driverUri, parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { restartLibvirtd } from '../../e2e/lab/daemon.ts';
import { mustRun } from '../../e2e/lab/processes.ts';
import type { LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown } from '../../e2e/lab/tier1.ts';
import { virsh, virshAt } from '../../e2e/lab/witness.ts';
import { DigestMd5 } from '../auth/sasl/digest-md5.ts';
import type { Connection } from '../libvirt/connection.ts';
import { openConnection } from '../libvirt/open.ts';
import { remote } from '../libvirt/procedures.ts';
import { openTransport } from '../transport/open-transport.ts';
import { asking, type Asking } from './asking.test-peer.ts';
import { createMain } from './main.ts';

let daemon: LabDaemon;
/** Its only mechanism is one that nobody here takes. */
let useless: LabDaemon;
let folder: string;
const guest = 'sasl-guest';
/** Plain ones, what SCRAM escapes, what DIGEST-MD5 escapes, and what is not ASCII. */
const users = [['fred', '123456'], ['a=b,c', 'x=y,z'], ['a"b\\c', 'p"s\\s'], ['jürgen', 'pä ss'], ['密', 'пароль']] as const;

const definition = (description = ''): string =>
  `<domain type='qemu'><name>${guest}</name><uuid>5a510000-0000-4000-8000-000000000001</uuid><description>${description}</description><memory unit='MiB'>32</memory><vcpu>2</vcpu><os><type arch='x86_64'>hvm</type></os></domain>`;

/** An auth.conf for libvirt's library and for us. */
const authFile = async (user: string, password: string): Promise<string> => {
  const path = join(folder, `${randomBytes(4).toString('hex')}.conf`);
  const escaped = (text: string): string => text.replaceAll('\\', '\\\\');
  await writeFile(path, `[credentials-x]\nauthname=${escaped(user)}\npassword=${escaped(password)}\n[auth-libvirt-default]\ncredentials=x\n`, { mode: 0o600 });
  return path;
};

const ways = {
  tcp: ({ tcp }: LabDaemon) => `qemu+tcp://127.0.0.1:${tcp.port}/system?`,
  tls: ({ tls }: LabDaemon) => `qemu+tls://127.0.0.1:${tls.port}/system?pkipath=${tls.pkiDir}&`,
  unix: ({ unix }: LabDaemon) => `qemu+unix:///system?socket=${unix.socket}&`,
  ssh: ({ ssh }: LabDaemon) => `qemu+ssh://root@127.0.0.1:${ssh.port}/system?keyfile=${ssh.keyFile}&known_hosts=${ssh.knownHosts}&socket=${ssh.socket}&`,
} as const;
type WayName = keyof typeof ways;

/** Main with one saved connection; `answer` is the person, nobody when left out. */
const withHost = async (uri: string, answer?: (question: Question) => QuestionAnswer): Promise<{ readonly ask: Asking; readonly host: string; readonly questions: Question[] }> => {
  const data = await mkdtemp(join(folder, 'data-'));
  await writeFile(join(data, 'connections.json'), '[]');
  const main = await createMain({ dataFolder: data, shell: answer === undefined ? 'cli' : 'web', version: 'test', home: folder, env: {} });
  onTestFinished(async () => await main.close());
  const ask = asking(main);
  const questions: Question[] = [];
  main.listen((news) => {
    if (news.section !== 'connections' || news.name !== 'asked') return;
    void ask('connections', 'questions', {}).then(async ([first]) => {
      if (first === undefined || answer === undefined) return;
      questions.push(first.question);
      await ask('connections', 'answer', { id: first.id, answer: answer(first.question) });
    });
  });
  return { ask, host: (await ask('connections', 'add', { uri, autoConnect: false })).id, questions };
};
const stateOf = async (ask: Asking): Promise<unknown> => (await ask('connections', 'list', {}))[0]?.state;

/** A bare connection over TCP. The cipher is rc4: built with OpenSSL 3, which checks the parity of DES keys, Cyrus offers 3des and then cannot take its own keys. */
const sealed = async (): Promise<Connection> => {
  const uri = parseConnectionUri(ways.tcp(daemon));
  const { signal } = new AbortController();
  const link = await openTransport(uri, { ask: async () => ({ kind: 'declined' }), report: () => undefined, home: folder, env: {}, isRoot: true }, signal);
  const { connection } = await openConnection(await link.open(signal), {
    name: driverUri(uri),
    login: async (dialogue) => {
      expect(await dialogue.offered()).toContain('DIGEST-MD5');
      expect(await dialogue.attempt(new DigestMd5({ user: 'fred', password: '123456' }, { digestUri: 'libvirt/127.0.0.1', mustSeal: true }))).toBe(true);
    },
  });
  onTestFinished(() => {
    connection.close();
    link.close();
  });
  return connection;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guestdeck-sasl-'));
  const sasl = { tlsAuthentication: 'sasl', unixAuthentication: 'sasl' } as const;
  daemon = await extraDaemon('sasl', { ...sasl, mechanisms: ['digest-md5', 'scram-sha-512', 'scram-sha-256', 'scram-sha-1', 'plain'] });
  useless = await extraDaemon('sasl-useless', { tlsAuthentication: 'sasl', mechanisms: ['anonymous'] });
  for (const [user, password] of users) {
    await mustRun('saslpasswd2', ['-p', '-c', '-a', 'libvirt', '-f', join(daemon.dir, 'sasl', 'users.db'), user], { input: password });
  }
  await writeFile(join(folder, 'guest.xml'), definition());
  await virsh(daemon, 'define', join(folder, 'guest.xml'));
}, 120_000);
afterAll(async () => {
  await Promise.all(['sasl', 'sasl-useless'].map(extraDaemonDown));
  await rm(folder, { recursive: true });
});

const taken: readonly (readonly [WayName, string, string])[] = [
  ['tcp', '', 'DIGEST-MD5'],
  ...(['tls', 'unix'] as const).flatMap((way) => [
    [way, '', 'SCRAM-SHA-512'] as const,
    ...['SCRAM-SHA-512', 'SCRAM-SHA-256', 'SCRAM-SHA-1', 'DIGEST-MD5', 'PLAIN'].map((name) => [way, `auth=sasl.${name}&`, name] as const),
  ]),
  ['ssh', '', 'SCRAM-SHA-512'],
];

describe.each(taken)('over %s with "%s"', (way, insist, mechanism) => {
  it.each(users)(`logs %s in by ${mechanism}, as virsh does`, async (user, password) => {
    const uri = `${ways[way](daemon)}${insist}authfile=${await authFile(user, password)}`;
    // The ssh program that virsh runs would ask about the host's key.
    if (way !== 'ssh') expect((await virshAt(uri, 'list', '--all', '--name')).trim()).toBe(guest);
    const { ask, host } = await withHost(uri);
    await ask('connections', 'connect', { id: host });
    expect((await ask('guests', 'list', { host })).map(({ name }) => name)).toEqual([guest]);
  });

  it('says by which mechanism', async () => {
    const uri = `${ways[way](daemon)}${insist}`;
    const { ask, host, questions } = await withHost(uri, (question) => (question.kind === 'credentials' ? { kind: 'credentials', user: 'fred', password: '123456' } : { kind: 'hostKey', accept: 'once' }));
    await ask('connections', 'connect', { id: host });
    expect(questions.filter(({ kind }) => kind === 'credentials')).toEqual([{ kind: 'credentials', host: way === 'unix' ? 'localhost' : '127.0.0.1', mechanism, again: false }]);
  });
});

describe('over TCP', () => {
  it('carries half a megabyte both ways, and many calls at once', async () => {
    const connection = await sealed();
    const description = randomBytes(200_000).toString('hex');
    await connection.call(remote.domainDefineXmlFlags, { xml: definition(description), flags: 0 });
    const { dom } = await connection.call(remote.domainLookupByName, { name: guest });
    const { xml } = await connection.call(remote.domainGetXmlDesc, { dom, flags: 2 });
    expect(xml.includes(description)).toBe(true);
    expect((await virsh(daemon, 'dumpxml', guest)).includes(description)).toBe(true);
    const versions = await Promise.all(Array.from({ length: 60 }, async () => await connection.call(remote.connectGetLibVersion, {}, { limit: 5_000 })));
    expect(new Set(versions.map(({ lib_ver }) => lib_ver)).size).toBe(1);
    await connection.call(remote.domainDefineXmlFlags, { xml: definition(), flags: 0 });
  });

  it('pins a vCPU for the next start, as virsh sees it, and undoes it', async () => {
    const { ask, host } = await withHost(`${ways.tcp(daemon)}authfile=${await authFile('fred', '123456')}`);
    await ask('connections', 'connect', { id: host });
    const uuid = (await ask('guests', 'list', { host }))[0]?.uuid ?? '';
    const { basis } = await ask('tuning', 'read', { host, uuid });
    const applied = await ask('tuning', 'apply', { host, uuid, wanted: { saved: { vcpuPinning: { '1': '1' } } }, basis });
    expect([applied.outcome, (await virsh(daemon, 'vcpupin', guest, '--config')).match(/^ 1\s+(\S+)$/m)?.[1]]).toEqual(['complete', '1']);
    const undo = await ask('history', 'undo', { id: applied.entry ?? '' });
    expect((await ask('tuning', 'apply', { host, uuid, wanted: undo.wanted, basis: undo.basis })).outcome).toBe('complete');
    expect(await virsh(daemon, 'dumpxml', guest)).not.toContain('vcpupin');
  });
});

describe.each(['tcp', 'tls', 'unix'] as const)('a person over %s', (way) => {
  it('may correct a wrong password, on the same connection, and is not asked again in this run', async () => {
    const answers = ['wrong', 'also wrong', '123456'];
    const { ask, host, questions } = await withHost(ways[way](daemon), () => ({ kind: 'credentials', user: 'fred', password: answers.shift() ?? '' }));
    await ask('connections', 'connect', { id: host });
    expect(questions.map((question) => question.kind === 'credentials' && question.again)).toEqual([false, true, true]);
    await ask('connections', 'disconnect', { id: host });
    await ask('connections', 'connect', { id: host });
    expect([questions.length, (await ask('guests', 'list', { host })).length]).toEqual([3, 1]);
  });

  it('is asked again at the next connect when the password was changed meanwhile', async () => {
    const setPassword = async (password: string): Promise<string> => await mustRun('saslpasswd2', ['-p', '-c', '-a', 'libvirt', '-f', join(daemon.dir, 'sasl', 'users.db'), 'changing'], { input: password });
    let password = 'first';
    await setPassword(password);
    const { ask, host, questions } = await withHost(ways[way](daemon), () => ({ kind: 'credentials', user: 'changing', password }));
    await ask('connections', 'connect', { id: host });
    await ask('connections', 'disconnect', { id: host });
    await setPassword((password = 'second'));
    await ask('connections', 'connect', { id: host });
    expect(questions.map((question) => question.kind === 'credentials' && question.again)).toEqual([false, true]);
  });

  it('is refused after three wrong ones, with stage and remedy and without the password', async () => {
    const { ask, host, questions } = await withHost(ways[way](daemon), () => ({ kind: 'credentials', user: 'fred', password: 'sesame-open' }));
    const refusal = { code: 'auth-failed', stage: 'sasl', message: expect.stringMatching(/^The daemon did not accept the login by [A-Z0-9-]+\.$/), remedy: expect.stringContaining('saslpasswd2') };
    await expect(ask('connections', 'connect', { id: host })).rejects.toMatchObject({ refusal });
    const state = await stateOf(ask);
    expect(state).toMatchObject({ phase: 'failed', refusal, stages: expect.arrayContaining([expect.objectContaining({ stage: 'libvirt', outcome: 'done' }), expect.objectContaining({ stage: 'sasl', outcome: 'failed' })]) });
    expect([questions.length, JSON.stringify(state).includes('sesame-open')]).toEqual([3, false]);
  });

  it('who declines is told what was wanted', async () => {
    const { ask, host } = await withHost(ways[way](daemon), () => ({ kind: 'declined' }));
    await expect(ask('connections', 'connect', { id: host })).rejects.toMatchObject({ refusal: { code: 'auth-failed', stage: 'sasl', message: expect.stringMatching(/none were given/) } });
  });
});

describe('a URI that was changed', () => {
  it('makes its password asked for again', async () => {
    const { ask, host, questions } = await withHost(ways.unix(daemon), () => ({ kind: 'credentials', user: 'fred', password: '123456' }));
    await ask('connections', 'connect', { id: host });
    await ask('connections', 'disconnect', { id: host });
    await ask('connections', 'update', { id: host, uri: `${ways.unix(daemon)}auth=sasl` });
    await ask('connections', 'connect', { id: host });
    expect(questions.length).toBe(2);
  });
});

describe('a daemon that is restarted', () => {
  it('is logged in at again without a question', async () => {
    const { ask, host, questions } = await withHost(ways.tcp(daemon), () => ({ kind: 'credentials', user: 'fred', password: '123456' }));
    await ask('connections', 'connect', { id: host });
    process.kill(daemon.pids.libvirtd, 'SIGKILL');
    await expect.poll(async () => await stateOf(ask), { timeout: 10_000 }).toMatchObject({ phase: 'lost' });
    daemon = await restartLibvirtd(daemon);
    await expect.poll(async () => await stateOf(ask), { timeout: 30_000 }).toMatchObject({ phase: 'ready' });
    expect([questions.length, (await ask('guests', 'list', { host })).map(({ name }) => name)]).toEqual([1, [guest]]);
  });
});

describe('without a person', () => {
  it.each([['tcp', 'fred'], ['tcp', 'nobody'], ['tls', 'fred'], ['tls', 'nobody'], ['unix', 'fred'], ['unix', 'nobody']] as const)('a wrong password over %s of %s is refused, as virsh is', async (way, user) => {
    const uri = `${ways[way](daemon)}authfile=${await authFile(user, 'wrong')}`;
    await expect(virshAt(uri, 'version')).rejects.toThrow(/authentication failed/);
    const { ask, host } = await withHost(uri);
    await expect(ask('connections', 'connect', { id: host })).rejects.toMatchObject({ refusal: { code: 'auth-failed', stage: 'sasl', remedy: expect.stringMatching(/./) } });
  });

  it('a file that was named and is not there is refused', async () => {
    const { ask, host } = await withHost(`${ways.tcp(daemon)}authfile=${folder}/none.conf`);
    await expect(ask('connections', 'connect', { id: host })).rejects.toMatchObject({ refusal: { code: 'auth-failed', stage: 'sasl', message: expect.stringContaining('none.conf cannot be read (ENOENT)') } });
  });
});

describe('without a common mechanism', () => {
  it.each([
    ['tls', () => ways.tls(useless), /^The daemon offers ANONYMOUS, none of which is known here\.$/],
    ['tcp, where nothing else is offered', () => `${ways.tcp(daemon)}auth=sasl.SCRAM-SHA-256`, /^The URI insists on SCRAM-SHA-256, which is not used over plain TCP/],
    ['tls, insisting on Kerberos', () => `${ways.tls(daemon)}auth=sasl.GSSAPI`, /Kerberos/],
    ['unix, insisting on polkit', () => `${ways.unix(daemon)}auth=polkit`, /^The URI insists on polkit/],
  ])('over %s, that is said', async (_, uri, message) => {
    const { ask, host } = await withHost(uri());
    await expect(ask('connections', 'connect', { id: host })).rejects.toMatchObject({ refusal: { code: 'auth-unsupported', message: expect.stringMatching(message), remedy: expect.stringMatching(/./) } });
  });

  it('over TCP, where the daemon finds nothing to offer, it is refused', async () => {
    const uri = `${ways.tcp(useless)}authfile=${await authFile('fred', '123456')}`;
    await expect(virshAt(uri, 'version')).rejects.toThrow();
    const { ask, host } = await withHost(uri);
    await expect(ask('connections', 'connect', { id: host })).rejects.toMatchObject({ refusal: { stage: 'sasl', remedy: expect.stringMatching(/./) } });
  });
});
