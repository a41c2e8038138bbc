// The SSH transport against Debian's own sshd: host keys, keys and agents, ways to the daemon, and how it all fails.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { QuestionAnswer } from '../../app/contract/questions.ts';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { UnlockedKeys } from '../auth/private-key.ts';
import { openTransport } from './open-transport.ts';
import { makeKey, publicKey, startSshServer, type SshServer } from './ssh-server.test-peer.ts';
import { refusalOf, stagehand, type Stagehand } from './stagehand.test-peer.ts';
import type { Link } from './transport.ts';

const never = new AbortController().signal;
let folder: string;
let home: string;
let server: SshServer;
let daemon: Server;
let socketPath: string;
let path: string;
const user = userInfo().username;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'guestdeck-ssh-'));
  socketPath = join(folder, 'daemon sock');
  // A "daemon" that repeats what it hears.
  daemon = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  daemon.listen(socketPath);
  makeKey(join(folder, 'key'));
  makeKey(join(folder, 'stranger'));
  makeKey(join(folder, 'locked'), 'ed25519', 'open sesame');
  execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', '', '-f', join(folder, 'rsa')]);
  mkdirSync(join(folder, 'bin'));
  // Programs of the far side: a shell and netcat, whatever else this machine has, and what a test puts into bin.
  mkdirSync(join(folder, 'tools'));
  for (const tool of ['sh', 'nc']) symlinkSync(`/bin/${tool}`, join(folder, 'tools', tool));
  path = `SetEnv PATH=${folder}/bin:${folder}/tools`;
  server = await startSshServer(join(folder, 'server'), [path]);
  writeFileSync(join(folder, 'server', 'authorized_keys'), ['key', 'locked', 'rsa'].map((name) => readFileSync(join(folder, `${name}.pub`), 'utf8')).join(''));
});
afterAll(async () => {
  await server.close();
  daemon.close();
  await once(daemon, 'close');
  rmSync(folder, { recursive: true });
});

/** A fresh home folder that knows the host and, unless told otherwise, has a good key. */
beforeEach(() => {
  home = mkdtempSync(join(folder, 'home-'));
  mkdirSync(join(home, '.ssh'));
  knowHost(hostKey('ed25519'));
  copyFileSync(join(folder, 'key'), join(home, '.ssh', 'id_ed25519'));
});
const hostKey = (type: string): string => publicKey(join(folder, 'server', `host_${type}.pub`));
const knownHostsFile = (): string => join(home, '.ssh', 'known_hosts');
const knowHost = (key: string, name = `[127.0.0.1]:${server.port}`): void => writeFileSync(knownHostsFile(), `# ours\n${name} ${key}\n`);
const uriOf = (parameters = '', path = '/system'): string =>
  `qemu+ssh://${user}@127.0.0.1:${server.port}${path}?${parameters}`;
const bySocket = (more = ''): string => uriOf(`socket=${encodeURIComponent(socketPath)}${more}`);

async function connect(uri: string, hand: Stagehand): Promise<Link> {
  return await openTransport(parseConnectionUri(uri), hand.surroundings, never);
}

/** Sends words to the repeating daemon and returns what comes back. */
async function echo(stream: Duplex, words: string): Promise<string> {
  stream.write(words);
  return await new Promise((resolve, reject) => {
    let heard = '';
    stream.once('error', reject);
    stream.on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1');
      if (heard.length >= words.length) resolve(heard);
    });
  });
}

/** Connects, has words repeated, and closes. */
async function roundTrip(uri: string, answers: readonly QuestionAnswer[] = [], own: Parameters<typeof stagehand>[0] = { home }): Promise<Stagehand> {
  const hand = stagehand(own, answers);
  const link = await connect(uri, hand);
  try {
    const stream = await link.open(never);
    expect(await echo(stream, 'hello')).toBe('hello');
  } finally {
    link.close();
    expect(await link.closed).toBeNull();
  }
  return hand;
}

describe('the SSH transport', () => {
  it('goes through its stages and tells what it saw', async () => {
    const hand = await roundTrip(bySocket());
    const { fingerprint } = witness('server/host_ed25519.pub');
    expect(hand.stages()).toEqual([
      'name started', 'name done: 127.0.0.1',
      'port started', `port done: 127.0.0.1 port ${server.port}`,
      'hostKey started', `hostKey done: ssh-ed25519 ${fingerprint}, known from ${knownHostsFile()} line 2`,
      'login started', `login done: ${user}, by ${home}/.ssh/id_ed25519`,
      'socket started', `socket done: ${socketPath}`,
    ]);
    expect(hand.questions).toEqual([]);
  });

  it('carries any number of streams in one session, large ones too', async () => {
    const before = server.connections();
    const link = await connect(bySocket(), stagehand({ home }));
    const streams = await Promise.all(Array.from({ length: 5 }, () => link.open(never)));
    const large = 'x'.repeat(5_000_000);
    expect(await Promise.all(streams.map((stream, index) => echo(stream, index === 0 ? large : `stream ${index}`))))
      .toEqual([large, 'stream 1', 'stream 2', 'stream 3', 'stream 4']);
    const ends = streams.map((stream) => once(stream, 'close'));
    link.close();
    await Promise.all(ends);
    expect(server.connections() - before).toBe(1);
  });

  it('tells every stream and the link when the session is lost', async () => {
    const link = await connect(bySocket(), stagehand({ home }));
    const stream = await link.open(never);
    const failed = once(stream, 'error');
    server.kill();
    expect(await link.closed).toMatchObject({ code: 'connection-lost' });
    expect(await failed).toMatchObject([{ refusal: { code: 'connection-lost' } }]);
    expect(await refusalOf(link.open(never))).toMatchObject({ code: 'connection-lost' });
  });

  it('ends a stream in the ordinary way when the daemon does', async () => {
    const closing = createServer((socket) => socket.end('bye'));
    closing.listen(join(folder, 'closing'));
    const link = await connect(uriOf(`socket=${folder}/closing`), stagehand({ home }));
    const stream = await link.open(never);
    const chunks: unknown[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.join('')).toBe('bye');
    link.close();
    closing.close();
  });
});

/** What ssh-keygen prints of a public key file. */
function witness(file: string, hash = 'sha256'): { readonly fingerprint: string } {
  const [, fingerprint = ''] = execFileSync('ssh-keygen', ['-l', '-E', hash, '-f', join(folder, file)], { encoding: 'utf8' }).split(' ');
  return { fingerprint };
}

describe('the host key', () => {
  it('that was never seen is asked for with its fingerprints, and kept when told so', async () => {
    rmSync(join(home, '.ssh', 'known_hosts'));
    const hand = await roundTrip(bySocket(), [{ kind: 'hostKey', accept: 'always' }]);
    expect(hand.questions).toEqual([{
      kind: 'hostKey', host: '127.0.0.1', port: server.port, keyType: 'ssh-ed25519',
      sha256: witness('server/host_ed25519.pub').fingerprint, md5: witness('server/host_ed25519.pub', 'md5').fingerprint,
    }]);
    expect(readFileSync(knownHostsFile(), 'utf8')).toBe(`[127.0.0.1]:${server.port} ${hostKey('ed25519')}\n`);
    expect(statSync(knownHostsFile()).mode & 0o777).toBe(0o600);
    expect((await roundTrip(bySocket())).questions).toEqual([]);
  });

  it('accepted once is not kept; not accepted is refused; nobody is asked with no_tty', async () => {
    writeFileSync(knownHostsFile(), '');
    await roundTrip(bySocket(), [{ kind: 'hostKey', accept: 'once' }]);
    expect(readFileSync(knownHostsFile(), 'utf8')).toBe('');
    expect(await refusalOf(connect(bySocket(), stagehand({ home })))).toMatchObject({ code: 'host-key-unknown', stage: 'hostKey' });
    const silent = stagehand({ home }, [{ kind: 'hostKey', accept: 'once' }]);
    expect(await refusalOf(connect(bySocket('&no_tty=1'), silent))).toMatchObject({ code: 'host-key-unknown' });
    expect(silent.questions).toEqual([]);
  });

  it('is accepted and kept without asking with no_verify, but only a new one', async () => {
    writeFileSync(knownHostsFile(), 'other ssh-ed25519 AAAA');
    expect((await roundTrip(bySocket('&no_verify=1'))).questions).toEqual([]);
    expect(readFileSync(knownHostsFile(), 'utf8')).toBe(`other ssh-ed25519 AAAA\n[127.0.0.1]:${server.port} ${hostKey('ed25519')}\n`);
    knowHost(publicKey(join(folder, 'stranger.pub')));
    expect(await refusalOf(connect(bySocket('&no_verify=1'), stagehand({ home })))).toMatchObject({ code: 'host-key-changed' });
    await roundTrip(bySocket('&known_hosts_verify=ignore'));
  });

  it('that changed is refused with the line and both fingerprints', async () => {
    knowHost(publicKey(join(folder, 'stranger.pub')));
    const hand = stagehand({ home });
    const refusal = await refusalOf(connect(bySocket(), hand));
    expect(refusal).toMatchObject({ code: 'host-key-changed', stage: 'hostKey' });
    expect(refusal.message).toContain(`${knownHostsFile()} line 2`);
    expect(refusal.message).toContain(witness('server/host_ed25519.pub').fingerprint);
    expect(refusal.message).toContain(witness('stranger.pub').fingerprint);
    expect(refusal.remedy).toContain(`ssh-keygen -R '[127.0.0.1]:${server.port}'`);
    expect(hand.questions).toEqual([]);
    expect(hand.stages().at(-1)).toBe('hostKey failed: host-key-changed');
  });

  it('is asked for in the kind already known, so that a second kind does not look like a change', async () => {
    knowHost(hostKey('ecdsa'));
    const hand = await roundTrip(bySocket());
    expect(hand.stages().find((line) => line.startsWith('hostKey done'))).toContain('ecdsa-sha2-nistp256 SHA256:');
  });

  it('is found under a name that ssh-keygen hashed, and refused when revoked', async () => {
    execFileSync('ssh-keygen', ['-H', '-f', knownHostsFile()], { stdio: 'ignore' });
    expect(readFileSync(knownHostsFile(), 'utf8')).toContain('|1|');
    await roundTrip(bySocket());
    writeFileSync(knownHostsFile(), `[127.0.0.1]:${server.port} ${hostKey('ed25519')}\n@revoked * ${hostKey('ed25519')}\n`);
    expect(await refusalOf(connect(bySocket(), stagehand({ home })))).toMatchObject({ code: 'host-key-revoked', message: expect.stringContaining('line 2') });
  });
});

describe('logging in', () => {
  const noKeys = (): void => rmSync(join(home, '.ssh', 'id_ed25519'));

  it('takes the key file of the URI, RSA in PEM too', async () => {
    noKeys();
    await roundTrip(bySocket(`&keyfile=${folder}/key`));
    await roundTrip(bySocket(`&keyfile=${folder}/rsa`));
  });

  it('asks for the passphrase of a locked key, again when it is wrong', async () => {
    copyFileSync(join(folder, 'locked'), join(home, '.ssh', 'id_ed25519'));
    const hand = await roundTrip(bySocket(), [{ kind: 'passphrase', passphrase: 'wrong' }, { kind: 'passphrase', passphrase: 'open sesame' }]);
    const keyFile = `${home}/.ssh/id_ed25519`;
    expect(hand.questions).toEqual([{ kind: 'passphrase', keyFile, again: false }, { kind: 'passphrase', keyFile, again: true }]);
  });

  it('asks for a passphrase once in a run, and not at all with no_tty', async () => {
    copyFileSync(join(folder, 'locked'), join(home, '.ssh', 'id_ed25519'));
    const unlockedKeys = new UnlockedKeys();
    await roundTrip(bySocket(), [{ kind: 'passphrase', passphrase: 'open sesame' }], { home, unlockedKeys });
    expect((await roundTrip(bySocket('&no_tty=1'), [], { home, unlockedKeys })).questions).toEqual([]);
    expect(await refusalOf(connect(bySocket('&no_tty=1'), stagehand({ home })))).toMatchObject({ code: 'login-failed' });
  });

  it('takes PKCS#8, locked too', async () => {
    noKeys();
    const pkcs8 = join(home, 'pkcs8');
    copyFileSync(join(folder, 'rsa'), pkcs8);
    execFileSync('ssh-keygen', ['-q', '-p', '-m', 'PKCS8', '-P', '', '-N', 'open sesame', '-f', pkcs8]);
    expect(readFileSync(pkcs8, 'utf8')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    const hand = await roundTrip(bySocket(`&keyfile=${pkcs8}`), [{ kind: 'passphrase', passphrase: 'wrong' }, { kind: 'passphrase', passphrase: 'open sesame' }]);
    expect(hand.questions).toHaveLength(2);
  });

  it('refuses a key whose passphrase is not found, without a word of what was typed', async () => {
    noKeys();
    const wrong = Array.from({ length: 3 }, (): QuestionAnswer => ({ kind: 'passphrase', passphrase: 'hunter2' }));
    const refusal = await refusalOf(connect(bySocket(`&keyfile=${folder}/locked`), stagehand({ home }, wrong)));
    expect(refusal).toMatchObject({ code: 'login-failed', stage: 'login', message: expect.stringContaining('locked stayed locked') });
    expect(JSON.stringify(refusal)).not.toContain('hunter2');
  });

  it('tells a server that turns us away from one that is gone in the middle of it', async () => {
    const strict = await startSshServer(join(folder, 'few-tries'), ['MaxAuthTries 1']);
    try {
      const refused = connect(`qemu+ssh://${user}@127.0.0.1:${strict.port}/system?known_hosts_verify=ignore&keyfile=${folder}/stranger`, stagehand({ home }));
      expect(await refusalOf(refused)).toMatchObject({ code: 'login-failed', stage: 'login', message: expect.stringContaining('Too many authentication failures') });
    } finally {
      await strict.close();
    }
    noKeys();
    const ask = async (): Promise<QuestionAnswer> => {
      server.kill();
      return { kind: 'passphrase', passphrase: 'open sesame' };
    };
    expect(await refusalOf(connect(bySocket(`&keyfile=${folder}/locked`), stagehand({ home, ask })))).toMatchObject({ code: 'connection-lost', stage: 'login' });
  });

  it('refuses when no key is let in, saying what was tried and what the server takes', async () => {
    copyFileSync(join(folder, 'stranger'), join(home, '.ssh', 'id_ed25519'));
    expect(await refusalOf(connect(bySocket(), stagehand({ home })))).toMatchObject({
      code: 'login-failed',
      stage: 'login',
      message: `127.0.0.1 does not let ${user} in: tried: ${home}/.ssh/id_ed25519. It accepts: publickey.`,
    });
  });

  it('refuses a key file that is missing or no key before anything is dialled', async () => {
    expect(await refusalOf(connect(bySocket('&keyfile=/nowhere/key'), stagehand({ home })))).toMatchObject({ code: 'key-unreadable', stage: 'login' });
    writeFileSync(join(home, 'rubbish'), 'rubbish');
    expect(await refusalOf(connect(bySocket(`&keyfile=${home}/rubbish`), stagehand({ home })))).toMatchObject({ stage: 'login' });
  });

  it('gets by without a default key that cannot be read, and refuses known hosts that cannot', async () => {
    noKeys();
    mkdirSync(join(home, '.ssh', 'id_ed25519'));
    copyFileSync(join(folder, 'rsa'), join(home, '.ssh', 'id_rsa'));
    await roundTrip(bySocket());
    expect(await refusalOf(connect(bySocket(`&known_hosts=${home}`), stagehand({ home })))).toMatchObject({ code: 'storage', stage: 'hostKey' });
  });

  it('uses the agent, and gets by without one that is dead', async () => {
    const agentSocket = join(folder, 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      await once(agent.stdout, 'data');
      execFileSync('ssh-add', ['-q', join(folder, 'key')], { env: { ...process.env, SSH_AUTH_SOCK: agentSocket }, stdio: 'ignore' });
      noKeys();
      const hand = await roundTrip(bySocket(), [], { home, env: { SSH_AUTH_SOCK: agentSocket } });
      expect(hand.stages()).toContain(`login done: ${user}, by SSH agent`);
    } finally {
      const ended = once(agent, 'exit');
      agent.kill();
      await ended;
    }
    copyFileSync(join(folder, 'key'), join(home, '.ssh', 'id_ed25519'));
    await roundTrip(bySocket(), [], { home, env: { SSH_AUTH_SOCK: join(folder, 'no-agent') } });
  });
});

describe('the way to the daemon', () => {
  const helper = (script: string): void => {
    writeFileSync(join(folder, 'bin', 'virt-ssh-helper'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'bin', 'virt-ssh-helper'), 0o755);
  };
  beforeEach(() => rmSync(join(folder, 'bin'), { recursive: true }));
  beforeEach(() => mkdirSync(join(folder, 'bin')));

  it('leads through virt-ssh-helper for a user’s own daemon, past the noise of a login shell', async () => {
    helper(`echo "$@" >> "${folder}/helper-arguments"; exec nc -U "${socketPath}"`);
    const hand = await roundTrip(uriOf("x='$(id)'", '/session'));
    expect(hand.stages().at(-1)).toBe('socket done: virt-ssh-helper');
    expect(readFileSync(join(folder, 'helper-arguments'), 'utf8')).toBe("qemu:///session?x='%24(id)'\n");
  });

  it('leads through netcat when the URI says so', async () => {
    const hand = await roundTrip(bySocket('&proxy=netcat'));
    expect(hand.stages().at(-1)).toBe(`socket done: nc to ${socketPath}`);
  });

  it('falls back to netcat where forwarding is not allowed', async () => {
    const strict = await startSshServer(join(folder, 'strict'), ['AllowStreamLocalForwarding no', path]);
    copyFileSync(join(folder, 'server', 'authorized_keys'), join(folder, 'strict', 'authorized_keys'));
    try {
      const uri = `qemu+ssh://${user}@127.0.0.1:${strict.port}/system?no_verify=1&socket=${encodeURIComponent(socketPath)}`;
      expect((await roundTrip(uri)).stages().at(-1)).toBe(`socket done: nc to ${socketPath}`);
      helper(`exec nc -U "${socketPath}"`);
      const system = `qemu+ssh://${user}@127.0.0.1:${strict.port}/system?no_verify=1`;
      expect((await roundTrip(system)).stages().at(-1)).toBe('socket done: virt-ssh-helper');
    } finally {
      await strict.close();
    }
  });

  it('that is nowhere is refused with what each try came to', async () => {
    const link = await connect(uriOf('socket=/nowhere/sock'), stagehand({ home }));
    const refusal = await refusalOf(link.open(never));
    expect(refusal).toMatchObject({ code: 'socket-missing', stage: 'socket' });
    expect(refusal.message).toContain('/nowhere/sock is missing or forwarding is not allowed');
    expect(refusal.message).toContain('nc on 127.0.0.1 ended with code 1: there is no socket /nowhere/sock');
    link.close();
  });

  it('names a program that is not installed, and its exit code', async () => {
    const link = await connect(uriOf('proxy=native'), stagehand({ home }));
    const refusal = await refusalOf(link.open(never));
    expect(refusal.message).toContain('virt-ssh-helper on 127.0.0.1 ended with code 127: virt-ssh-helper is not installed');
    const other = await connect(bySocket('&netcat=no-such-netcat'), stagehand({ home }));
    expect((await refusalOf(other.open(never))).message).toContain('no-such-netcat on 127.0.0.1 ended with code 127: no-such-netcat is not installed');
    link.close();
    other.close();
  });

  it('through a program ends in the ordinary way when the daemon does', async () => {
    helper('echo bye');
    const link = await connect(uriOf('proxy=native'), stagehand({ home }));
    const stream = await link.open(never);
    const chunks: unknown[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.join('')).toBe('bye\n');
    link.close();
  });

  it('that breaks after it was opened fails the stream with what the helper said', async () => {
    // It says nothing more, waits for the end of what it is told, and only then gives its code.
    helper('echo "cannot connect to the daemon: Permission denied" >&2; exec >&- 2>&-; read line; exit 3');
    const link = await connect(uriOf('proxy=native'), stagehand({ home }));
    const stream = await link.open(never);
    const ended = vi.fn();
    stream.once('end', ended).resume();
    const [error]: unknown[] = await once(stream, 'error');
    expect(ended).not.toHaveBeenCalled();
    expect(error).toMatchObject({ refusal: { code: 'socket-denied', message: 'virt-ssh-helper on 127.0.0.1 ended with code 3: cannot connect to the daemon: Permission denied' } });
    link.close();
  });
});
