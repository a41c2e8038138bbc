// The system's ssh as the transport, for what ssh2 cannot do, against Debian's own sshd: certificates, ProxyCommand, its questions, its failures.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { QuestionAnswer } from '../../app/contract/questions.ts';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { openTransport } from './open-transport.ts';
import { questionOf } from './ssh-askpass.ts';
import { streamWords } from './ssh-program-words.ts';
import { findRoute } from './ssh-route.ts';
import { makeKey, publicKey, startSshServer, type SshServer } from './ssh-server.test-peer.ts';
import { refusalOf, stagehand, type Stagehand } from './stagehand.test-peer.ts';

const never = new AbortController().signal;
const user = userInfo().username;
let folder: string;
let home: string;
let server: SshServer;
let daemon: Server;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gd-'));
  daemon = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(join(folder, 'daemon'));
  for (const key of ['key', 'certified', 'authority', 'stranger']) makeKey(join(folder, key));
  makeKey(join(folder, 'locked'), 'ed25519', 'open sesame');
  mkdirSync(join(folder, 'tools'));
  for (const tool of ['sh', 'nc']) symlinkSync(`/bin/${tool}`, join(folder, 'tools', tool));
  execFileSync('ssh-keygen', ['-q', '-s', join(folder, 'authority'), '-I', 'test', '-n', user, join(folder, 'certified.pub')]);
  server = await startSshServer(join(folder, 'server'), [
    `SetEnv PATH=${folder}/tools`, `TrustedUserCAKeys ${folder}/authority.pub`, `HostCertificate ${folder}/server/host_ed25519-cert.pub`,
  ]);
  execFileSync('ssh-keygen', ['-q', '-s', join(folder, 'authority'), '-I', 'host', '-h', '-n', '127.0.0.1', join(folder, 'server', 'host_ed25519.pub')]);
  writeFileSync(join(folder, 'server', 'authorized_keys'), ['key', 'locked'].map((name) => readFileSync(join(folder, `${name}.pub`), 'utf8')).join(''));
});
afterAll(async () => {
  await server.close();
  daemon.close();
  await once(daemon, 'close');
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  home = mkdtempSync(join(folder, 'home-'));
  mkdirSync(join(home, '.ssh'));
  mkdirSync(join(home, 'tmp'));
  // ssh's own folder for a connection is made here, so that a test sees when it is left behind.
  process.env['TMPDIR'] = join(home, 'tmp');
  env = { PATH: process.env['PATH'] ?? '' };
  know();
});
const systemTemporary = process.env['TMPDIR'];
afterEach(() => {
  if (systemTemporary === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = systemTemporary;
});

const hostKey = (): string => publicKey(join(folder, 'server', 'host_ed25519.pub'));
const knownHosts = (): string => join(home, '.ssh', 'known_hosts');
const know = (): void => writeFileSync(knownHosts(), `[127.0.0.1]:${server.port} ${hostKey()}\n`);
const configure = (...lines: readonly string[]): void =>
  writeFileSync(join(home, '.ssh', 'config'), ['Host attic', 'HostName 127.0.0.1', `Port ${server.port}`, `User ${user}`, `UserKnownHostsFile ${knownHosts()}`, ...lines, ''].join('\n'));
const uriOf = (parameters = ''): string => `qemu+ssh://attic/system?socket=${encodeURIComponent(join(folder, 'daemon'))}${parameters}`;
const left = (): readonly string[] => readdirSync(join(home, 'tmp'));

async function roundTrip(uri = uriOf(), answers: readonly QuestionAnswer[] = []): Promise<Stagehand> {
  const hand = stagehand({ home, env }, answers);
  const link = await openTransport(parseConnectionUri(uri), hand.surroundings, never);
  try {
    for (const stream of [await link.open(never), await link.open(never)]) {
      stream.write('hello');
      expect(String((await once(stream, 'data'))[0])).toBe('hello');
    }
  } finally {
    link.close();
    expect(await link.closed).toBeNull();
  }
  expect(left()).toEqual([]);
  return hand;
}

describe('the ssh program', () => {
  it('is taken for a key with a certificate, and carries all streams in one connection', async () => {
    configure(`IdentityFile ${folder}/certified`);
    const before = server.connections();
    expect((await roundTrip()).stages()).toEqual([
      'uri started', `uri done: ${user}@127.0.0.1 port ${server.port}`,
      'login started', `login done: ${user}, by the program ssh, because of the certificate ${folder}/certified-cert.pub`,
      ...Array.from({ length: 2 }, () => ['socket started', `socket done: nc to ${folder}/daemon`]).flat(),
    ]);
    expect(server.connections() - before).toBe(1);
  });

  it('makes no second connection when the first is gone', async () => {
    configure(`IdentityFile ${folder}/key`);
    const route = await findRoute(parseConnectionUri(uriOf()), stagehand({ home, env }).surroundings, never);
    const [hop] = route.hops;
    if (hop === undefined) throw new Error('no host');
    const before = server.connections();
    expect(() => execFileSync('ssh', [...streamWords(route, hop, home), 'true'], { stdio: 'ignore' })).toThrow('Command failed');
    expect(server.connections()).toBe(before);
  });

  it('is taken for a host known by its authority', async () => {
    writeFileSync(knownHosts(), `@cert-authority * ${publicKey(join(folder, 'authority.pub'))}\n`);
    configure(`IdentityFile ${folder}/key`);
    expect((await roundTrip()).stages()).toContainEqual(expect.stringContaining(`because of the certificate authority in ${knownHosts()} line 1`));
  });

  it('is taken for a ProxyCommand', async () => {
    configure(`IdentityFile ${folder}/key`, 'ProxyCommand nc %h %p');
    expect((await roundTrip()).stages()).toContainEqual(expect.stringContaining('because of a ProxyCommand'));
  });

  it('is taken for a server that speaks only what came after ssh2', async () => {
    const modern = await startSshServer(join(folder, 'modern'), [`SetEnv PATH=${folder}/tools`, 'KexAlgorithms sntrup761x25519-sha512@openssh.com']);
    copyFileSync(join(folder, 'key.pub'), join(folder, 'modern', 'authorized_keys'));
    try {
      configure(`IdentityFile ${folder}/key`, 'StrictHostKeyChecking accept-new');
      const uri = uriOf().replace('attic', `attic:${modern.port}`);
      expect((await roundTrip(uri)).stages()).toContainEqual(expect.stringContaining('because of the algorithms of the server'));
      env = { PATH: join(folder, 'tools') };
      expect(await refusalOf(roundTrip(uri))).toMatchObject({
        code: 'login-failed', message: 'The ssh program ssh is needed because of the algorithms of the server, and cannot be started: it is not installed.',
      });
    } finally {
      await modern.close();
    }
  });

  it('logs in through a jump host that needs it, too', async () => {
    configure(`IdentityFile ${folder}/key`, 'ProxyJump gate', 'Host gate', 'HostName 127.0.0.1', `Port ${server.port}`, `User ${user}`, `IdentityFile ${folder}/certified`, `UserKnownHostsFile ${knownHosts()}`);
    const before = server.connections();
    expect((await roundTrip()).stages()).toContainEqual(expect.stringContaining('because of the certificate'));
    expect(server.connections() - before).toBe(2);
  });

  it('is taken when the URI names it, or one like it, which connects for each stream', async () => {
    configure(`IdentityFile ${folder}/key`);
    expect((await roundTrip(uriOf('&command=ssh'))).stages()).toContainEqual(expect.stringContaining('because of command= in the connection URI'));
    const own = join(home, 'own');
    writeFileSync(own, `#!/bin/sh\necho "$@" >> '${home}/words'\nexec ssh -F '${home}/.ssh/config' "$@"\n`);
    chmodSync(own, 0o755);
    expect((await roundTrip(uriOf(`&command=${own}&keyfile=${folder}/key`))).stages().at(-1)).toBe(`socket done: nc to ${folder}/daemon`);
    expect(readFileSync(join(home, 'words'), 'utf8')).toMatch(new RegExp(`^-p ${server.port} -l ${user} -i ${folder}/key -T -e none -- attic sh -c `));
  });

  it('has a passphrase asked for, again when it is wrong', async () => {
    configure(`IdentityFile ${folder}/locked`);
    const hand = await roundTrip(uriOf('&command=ssh'), [{ kind: 'passphrase', passphrase: 'wrong' }, { kind: 'passphrase', passphrase: 'open sesame' }]);
    expect(hand.questions).toEqual([{ kind: 'passphrase', keyFile: `${folder}/locked`, again: false }, { kind: 'passphrase', keyFile: `${folder}/locked`, again: true }]);
  });

  it('has a new host key asked for; kept always, or for once', async () => {
    writeFileSync(knownHosts(), '');
    configure(`IdentityFile ${folder}/key`, 'HostKeyAlgorithms ssh-ed25519');
    const hand = await roundTrip(uriOf('&command=ssh'), [{ kind: 'hostKey', accept: 'once' }]);
    const [, sha256] = execFileSync('ssh-keygen', ['-l', '-f', join(folder, 'server', 'host_ed25519.pub')], { encoding: 'utf8' }).split(' ');
    expect(hand.questions).toEqual([{ kind: 'hostKey', host: 'attic', port: server.port, keyType: 'ssh-ed25519', sha256 }]);
    expect(readFileSync(knownHosts(), 'utf8')).toBe('');
    await roundTrip(uriOf('&command=ssh'), [{ kind: 'hostKey', accept: 'always' }]);
    expect(readFileSync(knownHosts(), 'utf8')).toBe(`[127.0.0.1]:${server.port} ${hostKey()}\n`);
    expect((await roundTrip(uriOf('&command=ssh'))).questions).toEqual([]);
  });

  it('that fails says at which stage, and leaves nothing behind', async () => {
    configure(`IdentityFile ${folder}/stranger`, 'IdentitiesOnly yes');
    expect(await refusalOf(roundTrip(uriOf('&command=ssh')))).toMatchObject({ code: 'login-failed', stage: 'login', message: expect.stringContaining('Permission denied') });
    writeFileSync(knownHosts(), `[127.0.0.1]:${server.port} ${publicKey(join(folder, 'stranger.pub'))}\n`);
    expect(await refusalOf(roundTrip(uriOf('&command=ssh')))).toMatchObject({ code: 'host-key-changed', stage: 'hostKey' });
    writeFileSync(knownHosts(), '');
    expect(await refusalOf(roundTrip(uriOf('&command=ssh')))).toMatchObject({ code: 'host-key-unknown', stage: 'hostKey' });
    const silent = stagehand({ home, env }, [{ kind: 'hostKey', accept: 'once' }]);
    expect(await refusalOf(openTransport(parseConnectionUri(uriOf('&command=ssh&no_tty=1')), silent.surroundings, never))).toMatchObject({ code: 'host-key-unknown' });
    expect(silent.questions).toEqual([]);
    configure('ProxyCommand none', 'Port 1');
    expect(await refusalOf(roundTrip(uriOf('&command=ssh').replace('attic', 'attic:1')))).toMatchObject({ code: 'unreachable', stage: 'port', message: expect.stringContaining('Connection refused') });
    expect(await refusalOf(roundTrip(uriOf('&command=/nowhere/ssh')))).toMatchObject({ code: 'login-failed', message: expect.stringContaining('it is not installed') });
    expect(left()).toEqual([]);
  });

  it('given up while a question is open ends at once', async () => {
    configure(`IdentityFile ${folder}/locked`);
    const caller = new AbortController();
    const hand = stagehand({
      home, env,
      ask: (_question, signal) => new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        caller.abort();
      }),
    });
    expect(await refusalOf(openTransport(parseConnectionUri(uriOf('&command=ssh')), hand.surroundings, caller.signal))).toMatchObject({ code: 'cancelled', stage: 'login' });
    await expect.poll(left).toEqual([]);
  });

  it('whose server is lost tells the streams and the link', async () => {
    configure(`IdentityFile ${folder}/key`);
    const link = await openTransport(parseConnectionUri(uriOf('&command=ssh')), stagehand({ home, env }).surroundings, never);
    const stream = await link.open(never);
    const failed = once(stream, 'error');
    server.kill();
    expect(await link.closed).toMatchObject({ code: 'connection-lost' });
    expect(await failed).toMatchObject([{ refusal: { code: expect.stringMatching(/connection-lost|socket-missing/) } }]);
    expect(await refusalOf(link.open(never))).toMatchObject({ code: 'connection-lost' });
    expect(left()).toEqual([]);
  });
});

describe('a question of the program', () => {
  const hop = { host: 'attic', port: 22, user: 'ada' };
  it.each([
    ["Enter passphrase for key '/k e/y': ", { kind: 'passphrase', keyFile: '/k e/y', again: false }],
    ["(ada@attic) grace@attic.example's password: ", { kind: 'password', user: 'grace', host: 'attic.example', again: false }],
    ['Enter PIN for ED25519-SK key /k: ', { kind: 'prompts', user: 'ada', host: 'attic', name: '', instructions: '', prompts: [{ text: 'Enter PIN for ED25519-SK key /k: ', echo: false }] }],
  ])('%j is put as one of ours', (prompt, question) => expect(questionOf(prompt, hop, false)).toEqual(question));
});
