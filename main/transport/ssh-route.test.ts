// The way to a host as ~/.ssh/config and the URI describe it, and taking it: aliases, several keys, jump hosts; against Debian's own sshd.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { openTransport } from './open-transport.ts';
import { findRoute, type SshRoute } from './ssh-route.ts';
import { makeKey, publicKey, startSshServer, type SshServer } from './ssh-server.test-peer.ts';
import { refusalOf, stagehand, type Stagehand } from './stagehand.test-peer.ts';

const never = new AbortController().signal;
const user = userInfo().username;
let folder: string;
let home: string;
let inner: SshServer;
let door: SshServer;
let daemon: Server;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'guestdeck-route-'));
  daemon = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(join(folder, 'daemon'));
  for (const key of ['key', 'door-key', 'stranger']) makeKey(join(folder, key));
  inner = await startSshServer(join(folder, 'inner'));
  door = await startSshServer(join(folder, 'door'));
  copyFileSync(join(folder, 'key.pub'), join(folder, 'inner', 'authorized_keys'));
  copyFileSync(join(folder, 'door-key.pub'), join(folder, 'door', 'authorized_keys'));
});
afterAll(async () => {
  await Promise.all([inner.close(), door.close()]);
  daemon.close();
  await once(daemon, 'close');
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  home = mkdtempSync(join(folder, 'home-'));
  mkdirSync(join(home, '.ssh'));
  knowBoth();
});

const keyOf = (server: string): string => publicKey(join(folder, server, 'host_ed25519.pub'));
const knowBoth = (): void =>
  writeFileSync(join(home, '.ssh', 'known_hosts'), `[127.0.0.1]:${inner.port} ${keyOf('inner')}\n[127.0.0.1]:${door.port} ${keyOf('door')}\n`);
function copyOf(key: string, path: string): string {
  copyFileSync(join(folder, key), path);
  return path;
}
const configure = (...lines: readonly string[]): void => writeFileSync(join(home, '.ssh', 'config'), `${lines.join('\n')}\n`);
const attic = (): readonly string[] => ['Host attic', 'HostName 127.0.0.1', `Port ${inner.port}`, `User ${user}`, `IdentityFile ${folder}/key`];
const gate = (): readonly string[] => ['Host gate', 'HostName 127.0.0.1', `Port ${door.port}`, `User ${user}`, `IdentityFile ${folder}/door-key`];
const uriOf = (parameters = '', host = 'attic'): string => `qemu+ssh://${host}/system?socket=${encodeURIComponent(join(folder, 'daemon'))}${parameters}`;

async function routeTo(uri: string): Promise<SshRoute> {
  return await findRoute(parseConnectionUri(uri), stagehand({ home }).surroundings, never);
}

/** Connects, has words repeated, and closes. */
async function roundTrip(uri = uriOf(), hand = stagehand({ home })): Promise<Stagehand> {
  const link = await openTransport(parseConnectionUri(uri), hand.surroundings, never);
  try {
    const stream = await link.open(never);
    stream.write('hello');
    const [chunk]: unknown[] = await once(stream, 'data');
    expect(String(chunk)).toBe('hello');
  } finally {
    link.close();
    expect(await link.closed).toBeNull();
  }
  return hand;
}

describe('a route', () => {
  it('is read from the configuration, of which the URI overrules its parts', async () => {
    configure('Host attic', 'HostName attic.example', 'User grace', 'Port 2200', 'IdentityFile ~/.ssh/one', 'IdentityFile ~/.ssh/two', 'IdentitiesOnly yes', 'HostKeyAlias Loft', 'UserKnownHostsFile ~/.ssh/kh', 'StrictHostKeyChecking yes');
    expect((await routeTo('qemu+ssh://attic/system')).hops).toEqual([{
      host: 'attic', hostName: 'attic.example', port: 2200, user: 'grace', keyFiles: { from: 'configuration', paths: [`${home}/.ssh/one`, `${home}/.ssh/two`] },
      identitiesOnly: true, identityAgent: undefined, knownAs: 'loft',
      knownHostsFiles: [`${home}/.ssh/kh`, '/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'], newKeysFile: `${home}/.ssh/kh`,
      policy: 'strict', mayAsk: true, methods: undefined, isJump: false,
    }]);
    expect((await routeTo('qemu+ssh://ada@attic:77/system?keyfile=/k&known_hosts=/kh&known_hosts_verify=ignore&no_tty=1&sshauth=agent,password')).hops).toMatchObject([{
      port: 77, user: 'ada', keyFiles: { from: 'uri', paths: ['/k'] }, knownHostsFiles: ['/kh', '/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'], newKeysFile: '/kh', policy: 'ignore', mayAsk: false,
      methods: ['agent', 'password'],
    }]);
  });

  it('goes through several jump hosts, the first of which may have its own', async () => {
    configure('Host attic', 'ProxyJump gate,ada@stairs:77', 'Host gate', 'HostName gate.example', 'ProxyJump street', 'Host stairs', 'ProxyJump unused');
    const { hops } = await routeTo('qemu+ssh://grace@attic/system?keyfile=/k');
    expect(hops.map(({ host, hostName, port, isJump, keyFiles }) => [host, hostName, port, isJump, keyFiles.from])).toEqual([
      ['street', 'street', 22, true, 'defaults'], ['gate', 'gate.example', 22, true, 'defaults'], ['stairs', 'stairs', 77, true, 'defaults'], ['attic', 'attic', 22, false, 'uri'],
    ]);
  });

  it('that leads in a circle, names no host, or is not understood by ssh is refused', async () => {
    configure('Host attic', 'ProxyJump gate', 'Host gate', 'ProxyJump attic');
    expect(await refusalOf(routeTo('qemu+ssh://attic/system'))).toMatchObject({ code: 'bad-uri', stage: 'uri', message: expect.stringContaining('circle through attic') });
    configure('Host attic', 'NoSuchOption 1');
    expect(await refusalOf(routeTo('qemu+ssh://attic/system'))).toMatchObject({ code: 'storage', stage: 'uri', message: expect.stringContaining('line 2: Bad configuration option: nosuchoption') });
  });

  it('is found without the ssh program, too', async () => {
    configure('Host attic', 'HostName attic.example', 'ProxyJump gate');
    const { hops } = await findRoute(parseConnectionUri('qemu+ssh://attic/system'), stagehand({ home, env: { PATH: join(folder, 'nowhere') } }).surroundings, never);
    expect(hops.map(({ hostName }) => hostName)).toEqual(['gate', 'attic.example']);
  });
});

describe('a configured host', () => {
  it('is reached by its alias, with the key it names', async () => {
    configure(...attic());
    expect((await roundTrip()).stages()).toEqual([
      'uri started', `uri done: ${user}@127.0.0.1 port ${inner.port}`,
      'name started', 'name done: 127.0.0.1', 'port started', `port done: 127.0.0.1 port ${inner.port}`,
      'hostKey started', expect.stringContaining(`known from ${home}/.ssh/known_hosts line 1`),
      'login started', `login done: ${user}, by ${folder}/key`, 'socket started', `socket done: ${folder}/daemon`,
    ]);
  });

  it('has a new key kept in its own file under its own name, without asking where the configuration says so, but never a changed one', async () => {
    configure(...attic(), 'UserKnownHostsFile ~/.ssh/attic_hosts', 'HostKeyAlias attic', 'StrictHostKeyChecking no');
    expect((await roundTrip()).questions).toEqual([]);
    expect(readFileSync(join(home, '.ssh', 'attic_hosts'), 'utf8')).toBe(`attic ${keyOf('inner')}\n`);
    writeFileSync(join(home, '.ssh', 'attic_hosts'), `attic ${publicKey(join(folder, 'stranger.pub'))}\n`);
    expect(await refusalOf(roundTrip())).toMatchObject({ code: 'host-key-changed' });
  });

  it('with StrictHostKeyChecking yes is refused when its key is new, and nobody is asked', async () => {
    configure(...attic(), 'StrictHostKeyChecking yes', 'UserKnownHostsFile none');
    const hand = stagehand({ home }, [{ kind: 'hostKey', accept: 'once' }]);
    expect(await refusalOf(roundTrip(uriOf(), hand))).toMatchObject({ code: 'host-key-unknown', message: expect.stringContaining('StrictHostKeyChecking is set') });
    expect(hand.questions).toEqual([]);
  });

  it('has only its own key of an agent offered with IdentitiesOnly, named by a public key file', async () => {
    const agentSocket = join(folder, 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      await once(agent.stdout, 'data');
      const strict = await startSshServer(join(folder, 'strict'), ['MaxAuthTries 2']);
      copyFileSync(join(folder, 'key.pub'), join(folder, 'strict', 'authorized_keys'));
      for (const key of ['stranger', 'door-key', 'key']) execFileSync('ssh-add', ['-q', join(folder, key)], { env: { ...process.env, SSH_AUTH_SOCK: agentSocket }, stdio: 'ignore' });
      const lines = ['Host attic', 'HostName 127.0.0.1', `Port ${strict.port}`, `User ${user}`, 'StrictHostKeyChecking accept-new'];
      try {
        configure(...lines, `IdentityAgent ${agentSocket}`);
        expect(await refusalOf(roundTrip())).toMatchObject({ code: 'login-failed' });
        configure(...lines, `IdentityAgent ${agentSocket}`, 'IdentitiesOnly yes', `IdentityFile ${folder}/key.pub`);
        expect((await roundTrip()).stages()).toContain(`login done: ${user}, by SSH agent`);
        configure(...lines, `IdentityAgent ${agentSocket}`, `IdentityFile ${folder}/key.pub`);
        await roundTrip();
        configure(...lines, `IdentityAgent ${agentSocket}`, 'IdentitiesOnly yes', `IdentityFile ${folder}/nowhere`);
        expect(await refusalOf(roundTrip())).toMatchObject({ code: 'login-failed', message: expect.stringContaining(`${folder}/nowhere does not exist`) });
        configure(...lines, `IdentityAgent ${agentSocket}`, 'IdentitiesOnly yes');
        execFileSync('ssh-keygen', ['-q', '-p', '-a', '1', '-P', '', '-N', 'locked', '-f', copyOf('key', join(home, '.ssh', 'id_ed25519'))]);
        expect((await roundTrip()).questions).toEqual([]);
        rmSync(join(home, '.ssh', 'id_ed25519'));
        configure(...lines, 'IdentityAgent none');
        expect(await refusalOf(roundTrip(uriOf(), stagehand({ home, env: { SSH_AUTH_SOCK: agentSocket } })))).toMatchObject({ message: expect.stringContaining('nothing to try was at hand') });
      } finally {
        await strict.close();
      }
    } finally {
      const ended = once(agent, 'exit');
      agent.kill();
      await ended;
    }
  });
});

describe('a jump host', () => {
  const through = (more: readonly string[] = []): void => configure(...attic(), 'ProxyJump gate', ...gate(), ...more);

  it('is logged in to with its own key, and carries one session to the host, closed with the link', async () => {
    through();
    const [doorBefore, innerBefore] = [door.connections(), inner.connections()];
    const hand = await roundTrip();
    expect(hand.stages()).toEqual([
      'uri started', `uri done: ${user}@127.0.0.1 port ${inner.port}, through ${user}@127.0.0.1 port ${door.port}`,
      'name started', 'name done: jump host gate: 127.0.0.1', 'port started', `port done: jump host gate: 127.0.0.1 port ${door.port}`,
      'hostKey started', expect.stringMatching(/jump host gate: .*line 2$/), 'login started', `login done: jump host gate: ${user}, by ${folder}/door-key`,
      'port started', `port done: 127.0.0.1 port ${inner.port} from gate`,
      'hostKey started', expect.stringMatching(/^hostKey done: ssh-ed25519 .*line 1$/), 'login started', `login done: ${user}, by ${folder}/key`,
      'socket started', `socket done: ${folder}/daemon`,
    ]);
    expect([door.connections() - doorBefore, inner.connections() - innerBefore]).toEqual([1, 1]);
    await expect.poll(() => [door.sessions(), inner.sessions()]).toEqual([0, 0]);
  });

  it('that fails is named with its stage, and so is the host behind it', async () => {
    through();
    writeFileSync(join(home, '.ssh', 'known_hosts'), `[127.0.0.1]:${door.port} ${publicKey(join(folder, 'stranger.pub'))}\n`);
    expect(await refusalOf(roundTrip())).toMatchObject({ code: 'host-key-changed', stage: 'hostKey', message: expect.stringMatching(/^On the way, at the jump host gate: The key of gate has changed/) });
    knowBoth();
    configure(...attic(), 'ProxyJump gate', ...gate().slice(0, -1), `IdentityFile ${folder}/stranger`);
    const hand = stagehand({ home });
    expect(await refusalOf(roundTrip(uriOf(), hand))).toMatchObject({ code: 'login-failed', stage: 'login', message: expect.stringContaining('jump host gate') });
    expect(hand.stages().at(-1)).toBe('login failed: login-failed');
    through();
    expect(await refusalOf(roundTrip(uriOf('', 'attic:1')))).toMatchObject({ code: 'unreachable', stage: 'port', message: expect.stringContaining('gate does not reach port 1 of attic') });
    await expect.poll(() => [door.sessions(), inner.sessions()]).toEqual([0, 0]);
  });

  it('that is lost ends the streams and the link', async () => {
    through();
    const link = await openTransport(parseConnectionUri(uriOf()), stagehand({ home }).surroundings, never);
    const stream = await link.open(never);
    const failed = once(stream, 'error');
    door.kill();
    expect(await link.closed).toMatchObject({ code: 'connection-lost' });
    expect(await failed).toMatchObject([{ refusal: { code: 'connection-lost' } }]);
  });

  it('may be the first of two', async () => {
    configure(...attic(), 'ProxyJump gate,again', ...gate(), 'Host again', 'HostName 127.0.0.1', `Port ${inner.port}`, `User ${user}`, `IdentityFile ${folder}/key`);
    await roundTrip();
  });
});
