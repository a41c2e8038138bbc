// Commands on a host, against Debian's own sshd and this machine's shell: one session for all, clean output, bounds, ends.
import { execFileSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { openTransport } from './open-transport.ts';
import { makeKey, publicKey, startSshServer, type SshServer } from './ssh-server.test-peer.ts';
import { refusalOf, stagehand } from './stagehand.test-peer.ts';
import type { Link, Ran } from './transport.ts';

const never = new AbortController().signal;
let folder: string;
let server: SshServer;
let daemon: Server;
let link: Link | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gd-run-'));
  daemon = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(join(folder, 'daemon'));
  makeKey(join(folder, 'key'));
  makeKey(join(folder, 'menu'));
  makeKey(join(folder, 'noisy'));
  makeKey(join(folder, 'mute'));
  server = await startSshServer(join(folder, 'server'));
  const line = (key: string, limits = ''): string => `${limits}${publicKey(join(folder, `${key}.pub`))}\n`;
  writeFileSync(join(folder, 'server', 'authorized_keys'), [
    line('key'), line('menu', 'command="echo Welcome to the menu; exit 3" '), line('mute', `command=": > ${join(folder, 'mute.began')}; exec tail -f /dev/null" `), line('noisy', 'command="echo Hello; echo Hello >&2; eval \\"$SSH_ORIGINAL_COMMAND\\"" '),
  ].join(''));
  mkdirSync(join(folder, '.ssh'));
  writeFileSync(join(folder, '.ssh', 'known_hosts'), `[127.0.0.1]:${server.port} ${publicKey(join(folder, 'server', 'host_ed25519.pub'))}\n`);
  copyFileSync(join(folder, 'key'), join(folder, '.ssh', 'id_ed25519'));
});
afterEach(async () => {
  link?.close();
  await link?.closed;
  link = undefined;
});
afterAll(async () => {
  await server.close();
  daemon.close();
  await once(daemon, 'close');
  rmSync(folder, { recursive: true });
});

const reach = async (uri: string): Promise<Link> =>
  (link = await openTransport(parseConnectionUri(uri), stagehand({ home: folder, env: { PATH: process.env['PATH'] } }).surroundings, never));
const overSsh = (parameters = ''): string =>
  `qemu+ssh://${userInfo().username}@127.0.0.1:${server.port}/system?socket=${encodeURIComponent(join(folder, 'daemon'))}${parameters}`;
const ways: readonly (readonly [string, () => string])[] = [
  ['over SSH', () => overSsh()],
  ['by the ssh program', () => overSsh(`&command=ssh&keyfile=${folder}/key&known_hosts=${folder}/.ssh/known_hosts`)],
  ['on this machine', () => `qemu:///system?socket=${folder}/daemon`],
];

async function run(command: string, more: { readonly stdin?: Uint8Array; readonly signal?: AbortSignal; readonly limit?: number } = {}): Promise<Ran> {
  if (link?.run === undefined) throw new Error('the link runs no commands');
  return await link.run(command, { signal: never, ...more });
}
const words = ({ code, stdout, stderr }: Ran): readonly [number | null, string, string] => [code, stdout.toString(), stderr.toString()];

/** Resolves when the file is there. */
async function appeared(file: string): Promise<void> {
  const watcher = watch(folder);
  try {
    while (!existsSync(file)) await once(watcher, 'change');
  } finally {
    watcher.close();
  }
}
/** Whether the process whose number is in the file ends; nobody may have taken note of its end. */
async function gone(file: string): Promise<void> {
  const pid = readFileSync(file, 'utf8').trim();
  const isThere = (): boolean => existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  await expect.poll(() => [file, isThere()]).toEqual([file, false]);
}

describe.each(ways)('a command %s', (_name, uri) => {
  it('gives its code and all that it says, apart', async () => {
    await reach(uri());
    expect(words(await run(`printf '%s' "it's \\$HOME"; echo 'a "b" c' >&2; exit 3`))).toEqual([3, "it's $HOME", 'a "b" c\n']);
    expect(words(await run('true'))).toEqual([0, '', '']);
  });

  it('reads what it is given to its end, and nothing else', async () => {
    await reach(uri());
    const stdin = Buffer.alloc(300_000, 'äöü\n');
    expect((await run('cat', { stdin })).stdout.equals(stdin)).toBe(true);
    expect(words(await run('cat'))).toEqual([0, '', '']);
    // One that does not read is no failure.
    expect(words(await run('exec <&-; echo done', { stdin }))).toEqual([0, 'done\n', '']);
  });

  it('that says too much is ended and refused', async () => {
    await reach(uri());
    expect((await run('head -c 1000 /dev/zero', { limit: 1000 })).stdout).toHaveLength(1000);
    expect(await refusalOf(run('yes', { limit: 1000 }))).toMatchObject({ code: 'command-refused', message: expect.stringContaining('said more than 1000 bytes') });
    expect(await refusalOf(run('yes >&2', { limit: 1000 }))).toMatchObject({ code: 'command-refused' });
  });

  it('that is given up ends, and so does one whose link is closed', async () => {
    const held = await reach(uri());
    for (const [name, giveUp] of [['first', (caller: AbortController) => caller.abort()], ['second', () => held.close()]] as const) {
      const file = join(folder, `${name}${_name}`);
      const caller = new AbortController();
      const refused = refusalOf(run(`echo $$ > '${file}.new'; mv '${file}.new' '${file}'; while echo; do sleep 0.05; done`, { signal: caller.signal }));
      await appeared(file);
      giveUp(caller);
      expect(await refused).toMatchObject({ code: name === 'first' ? 'cancelled' : 'not-connected' });
      await gone(file);
    }
    expect(await refusalOf(run('true'))).toMatchObject({ code: 'not-connected' });
    expect(await refusalOf(run('true', { signal: AbortSignal.abort() }))).toMatchObject({ code: 'not-connected' });
  });
});

it('a command on this machine that is given up at once ends with all that it started', async () => {
  await reach('qemu:///system?socket=/nowhere');
  const [file, caller] = [join(folder, 'early'), new AbortController()];
  const refused = refusalOf(run(`echo $$ > '${file}.new'; mv '${file}.new' '${file}'; exec tail -f /dev/null`, { signal: caller.signal }));
  // This process is kept from hearing that the command began.
  execFileSync('sh', ['-c', `until [ -e '${file}' ]; do sleep 0.02; done`]);
  caller.abort();
  expect(await refused).toMatchObject({ code: 'cancelled' });
  await gone(file);
});

it('a program that misses the first signal is told again until it has ended', async () => {
  const script = (name: string, text: string): string => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return join(folder, name);
  };
  const deaf = script('deaf', `trap 'trap - TERM' TERM; echo $$ > "$1.new"; mv "$1.new" "$1"; while :; do sleep 0.05; done`);
  for (const [file, uri] of [
    [join(folder, 'deaf-here'), 'qemu:///system?socket=/nowhere'],
    [join(folder, 'deaf-program'), overSsh(`&command=${script('deaf-ssh', `exec '${deaf}' '${folder}/deaf-program'`)}`)],
  ] as const) {
    await reach(uri);
    const caller = new AbortController();
    const refused = refusalOf(run(`'${deaf}' '${file}'`, { signal: caller.signal }));
    await appeared(file);
    caller.abort();
    expect(await refused).toMatchObject({ code: 'cancelled' });
    await gone(file);
    link?.close();
  }
});

it('a command over SSH that neither reads nor writes ends as well when it is given up, and tells a signal', async () => {
  await reach(overSsh());
  const [file, caller] = [join(folder, 'silent'), new AbortController()];
  const refused = refusalOf(run(`echo $$ > '${file}.new'; mv '${file}.new' '${file}'; exec tail -f /dev/null`, { signal: caller.signal }));
  await appeared(file);
  caller.abort();
  expect(await refused).toMatchObject({ code: 'cancelled', stage: 'login' });
  await gone(file);
  expect(await run('kill -KILL $$')).toMatchObject({ code: null, signal: 'SIGKILL' });
});

it('commands and streams of one host share one connection', async () => {
  for (const [name, uri] of ways.slice(0, 2)) {
    const before = server.connections();
    const held = await reach(uri());
    await Promise.all([held.open(never), held.open(never), run('true'), run('true'), run('true')]);
    const established = execFileSync('ss', ['-tnH', 'state', 'established', `dport = :${server.port}`], { encoding: 'utf8' });
    expect([name, server.connections() - before, established.trim().split('\n').length]).toEqual([name, 1, 1]);
    held.close();
    await held.closed;
    await expect.poll(() => server.sessions()).toBe(0);
  }
});

/** Does `work` with a link to a server of our own, whose sessions are served by `serve`. */
async function atServer(serve: (session: ssh2.Session, socket: Socket) => void, work: () => Promise<void>): Promise<void> {
  const hostKey = readFileSync(join(folder, 'server', 'host_ed25519'));
  const own = createServer((socket) => {
    new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
      client.on('error', () => undefined).on('authentication', (login) => login.accept()).on('session', (accept) => serve(accept(), socket));
    }).injectSocket(socket.on('error', () => undefined));
  }).listen(0, '127.0.0.1');
  await once(own, 'listening');
  try {
    await reach(`qemu+ssh://ada@127.0.0.1:${(own.address() as AddressInfo).port}/system?no_verify=1`);
    await work();
  } finally {
    link?.close();
    own.close();
    await once(own, 'close');
  }
}

it('a command whose beginning and end come in one piece tells its code', async () => {
  await atServer((session, socket) => session.on('exec', (accept) => {
    socket.cork();
    const channel = accept();
    channel.write('guestdeck:begun\nquick\n');
    channel.stderr.write('guestdeck:begun\n');
    channel.exit(5);
    channel.end();
    setImmediate(() => socket.uncork());
  }), async () => expect(words(await run('anything'))).toEqual([5, 'quick\n', '']));
});

it('a command that the server begins after it was given up is ended by a signal', async () => {
  const told = new EventEmitter();
  await atServer((session) => session.on('signal', (_accept, _reject, { name }) => told.emit('signal', name)).on('exec', (accept) => {
    told.once('granted', () => accept());
    told.emit('asked');
  }), async () => {
    const caller = new AbortController();
    const [asked, signalled] = [once(told, 'asked'), once(told, 'signal')];
    const refused = refusalOf(run('anything', { signal: caller.signal }));
    await asked;
    caller.abort();
    expect(await refused).toMatchObject({ code: 'cancelled' });
    told.emit('granted');
    expect(await signalled).toEqual(['TERM']);
  });
});

it('an account that does something else instead is told from a command that failed', async () => {
  await reach(overSsh(`&keyfile=${folder}/menu&sshauth=privkey`));
  expect(await refusalOf(run('true'))).toMatchObject({ code: 'command-refused', stage: 'login', message: '127.0.0.1 does not run commands: Welcome to the menu, and ended with code 3.' });
});

it('what a login shell says by itself is left out', async () => {
  await reach(overSsh(`&keyfile=${folder}/noisy&sshauth=privkey`));
  expect(words(await run('echo ours; echo theirs >&2'))).toEqual([0, 'ours\n', 'theirs\n']);
});

it.each(ways.slice(0, 2))('a session that is lost %s is told from a command that ended', async (_name, uri) => {
  await reach(uri());
  const file = join(folder, `lost${_name}`);
  const refused = refusalOf(run(`: > '${file}'; exec tail -f /dev/null`));
  await appeared(file);
  server.kill();
  expect(await refused).toMatchObject({ code: 'connection-lost' });
  expect(await refusalOf(run('true'))).toMatchObject({ code: 'connection-lost' });
});

it.each([['over SSH', ''], ['by the ssh program', '&command=ssh']])('a session that is lost %s before the command was heard to begin is not told as one that refuses it', async (name, way) => {
  await reach(overSsh(`${way}&keyfile=${folder}/mute&sshauth=privkey&known_hosts=${folder}/.ssh/known_hosts`));
  const file = join(folder, 'mute.began');
  rmSync(file, { force: true });
  const refused = refusalOf(run('true'));
  await appeared(file);
  server.kill();
  expect(await refused, name).toMatchObject({ code: 'connection-lost' });
});

it('where there is no shell there is no way to run a command', async () => {
  expect((await reach(`qemu+tcp://127.0.0.1:${server.port}/system`)).run).toBeUndefined();
  expect((await reach('qemu+ext:///system?command=true')).run).toBeUndefined();
});
