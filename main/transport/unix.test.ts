// The UNIX transport against real listening sockets.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localSockets } from './daemon-sockets.ts';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { openUnix, openUnixAs } from './unix.ts';
import { refusalOf, stagehand } from './stagehand.test-peer.ts';

let folder: string;
let servers: Server[];
const never = new AbortController().signal;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestdeck-unix-'));
  servers = [];
});
afterEach(async () => {
  for (const server of servers) {
    server.close();
    if (server.listening) await once(server, 'close');
  }
  rmSync(folder, { recursive: true });
});

/** A daemon that says its name to whoever connects, and then hangs up; a client that leaves before it has read is no failure. */
async function daemon(path: string, name: string): Promise<void> {
  const server = createServer((socket) => socket.on('error', () => undefined).end(name));
  servers.push(server);
  server.listen(path);
  await once(server, 'listening');
}

/** Nothing is to be started by these tests, whoever runs them. */
const quiet = { LIBVIRT_AUTOSTART: '0' };

async function heard(uri: string, hand = stagehand({ home: folder, isRoot: false, env: { ...quiet, XDG_RUNTIME_DIR: folder } }), open = openUnix): Promise<string> {
  const link = await open(parseConnectionUri(uri), hand.surroundings, never);
  try {
    const stream = await link.open(never);
    const chunks: unknown[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return chunks.join('');
  } finally {
    link.close();
  }
}

describe('the UNIX transport', () => {
  beforeEach(() => mkdirSync(join(folder, 'libvirt')));

  it('prefers the driver’s own daemon, takes libvirtd otherwise, and obeys mode= and socket=', async () => {
    const runtime = join(folder, 'libvirt');
    await daemon(join(runtime, 'libvirt-sock'), 'libvirtd');
    expect(await heard('qemu:///session')).toBe('libvirtd');
    await daemon(join(runtime, 'virtqemud-sock'), 'virtqemud');
    await daemon(join(folder, 'elsewhere'), 'elsewhere');
    expect(await heard('qemu:///session')).toBe('virtqemud');
    expect(await heard('qemu:///session?mode=direct')).toBe('virtqemud');
    expect(await heard('qemu:///session?mode=legacy')).toBe('libvirtd');
    expect(await heard('test:///session')).toBe('libvirtd');
    expect(await heard(`qemu:///system?socket=${folder}/elsewhere`)).toBe('elsewhere');
  });

  it('reports the stage with the socket it found', async () => {
    await daemon(join(folder, 'libvirt', 'libvirt-sock'), 'x');
    const hand = stagehand({ home: folder, isRoot: false, env: { ...quiet, XDG_RUNTIME_DIR: folder } });
    await heard('qemu:///session', hand);
    expect(hand.stages()).toEqual(['socket started', `socket done: ${folder}/libvirt/libvirt-sock`]);
  });

  it('says which sockets are missing', async () => {
    expect(await refusalOf(heard('qemu:///session?mode=legacy'))).toMatchObject({
      code: 'socket-missing',
      stage: 'socket',
      message: `No libvirt daemon listens at ${folder}/libvirt/libvirt-sock.`,
    });
  });

  it('refuses a call that was given up, and new streams after close', async () => {
    await daemon(join(folder, 's'), 'x');
    const { surroundings } = stagehand({ home: folder });
    const link = await openUnix(parseConnectionUri(`qemu:///system?socket=${folder}/s`), surroundings, never);
    expect(await refusalOf(link.open(AbortSignal.abort()))).toMatchObject({ code: 'cancelled', stage: 'socket' });
    const stream = await link.open(never);
    const gone = once(stream, 'close');
    link.close();
    await gone;
    expect(await link.closed).toBeNull();
    expect(await refusalOf(link.open(never))).toMatchObject({ code: 'not-connected' });
  });
});

describe('for who only looks', () => {
  it('the system’s sockets of that kind are taken, of which a user’s own daemon has none', async () => {
    mkdirSync(join(folder, 'libvirt'));
    await daemon(join(folder, 'libvirt', 'libvirt-sock'), 'own');
    const own = { home: folder, env: { ...quiet, XDG_RUNTIME_DIR: folder }, readOnly: true };
    expect(await heard('qemu:///session', stagehand({ ...own, isRoot: false }))).toBe('own');
    await daemon(join(folder, 's'), 'named');
    expect(await heard(`qemu:///system?socket=${folder}/s`, stagehand(own))).toBe('named');
    expect(localSockets(parseConnectionUri('qemu:///system'), { ...own, isRoot: false })).toEqual(['/run/libvirt/virtqemud-sock-ro', '/run/libvirt/libvirt-sock-ro']);
    expect(localSockets(parseConnectionUri('qemu:///session'), { ...own, isRoot: true })).toEqual(['/run/libvirt/virtqemud-sock-ro', '/run/libvirt/libvirt-sock-ro']);
  });

  it('the unit to start is named', async () => {
    const hand = stagehand({ home: folder, readOnly: true });
    expect((await refusalOf(heard('bhyve:///system?mode=direct', hand))).remedy).toContain('libvirtd-ro.socket');
  });
});

describe('a user’s own daemon that does not run', () => {
  const asUser = openUnixAs({ platform: 'linux', userId: 1000 });
  const hand = (more: Readonly<Record<string, string>> = {}) => stagehand({ home: folder, isRoot: false, env: { XDG_RUNTIME_DIR: folder, PATH: `relative:${folder}/bin`, ...more } });

  /** A program in PATH that keeps its words and ends with this code, after `begin` ran here. */
  async function program(name: string, code: number, begin: () => Promise<void> = async () => undefined): Promise<void> {
    const control = join(folder, `${name}.control`);
    const server = createServer((socket) => void begin().then(() => socket.end()));
    servers.push(server);
    server.listen(control);
    await once(server, 'listening');
    mkdirSync(join(folder, 'bin'), { recursive: true });
    const script = `require('node:net').connect(${JSON.stringify(control)}).resume().on('close', () => { process.stderr.write('first\\nno luck'); process.exit(${code}); })`;
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\necho "$*" > '${folder}/${name}.words'\nexec '${process.execPath}' -e "${script.replaceAll('"', '\\"')}"\n`, { mode: 0o755 });
  }
  const words = (name: string): string => readFileSync(join(folder, `${name}.words`), 'utf8').trim();

  beforeEach(() => mkdirSync(join(folder, 'libvirt')));

  it('is started, to end by itself when it is idle, and connected to', async () => {
    await program('virtqemud', 0, () => daemon(join(folder, 'libvirt', 'virtqemud-sock'), 'virtqemud'));
    const started = hand();
    expect(await heard('qemu:///session', started, asUser)).toBe('virtqemud');
    expect(words('virtqemud')).toBe('--daemon --timeout=120');
    expect(started.stages().at(-1)).toBe(`socket done: ${folder}/libvirt/virtqemud-sock, its daemon was started`);
  });

  it('is libvirtd where mode= says so', async () => {
    await program('libvirtd', 0, () => daemon(join(folder, 'libvirt', 'libvirt-sock'), 'libvirtd'));
    await program('virtqemud', 0);
    expect(await heard('qemu:///session?mode=legacy', hand(), asUser)).toBe('libvirtd');
    expect(existsSync(join(folder, 'virtqemud.words'))).toBe(false);
  });

  it('may have been started by another client meanwhile', async () => {
    await program('virtqemud', 1, () => daemon(join(folder, 'libvirt', 'virtqemud-sock'), 'the other’s'));
    expect(await heard('qemu:///session', hand(), asUser)).toBe('the other’s');
  });

  it('that cannot start is refused with what it says', async () => {
    await program('virtqemud', 6);
    expect(await refusalOf(heard('qemu:///session', hand(), asUser))).toMatchObject({
      code: 'socket-missing', stage: 'socket', message: `The libvirt daemon of this user does not run, and was started in vain: ${folder}/bin/virtqemud ended with code 6: no luck.`, remedy: expect.stringContaining('virtqemud'),
    });
  });

  it('and is not installed is said so', async () => {
    expect(await refusalOf(heard('bhyve:///session?mode=direct', hand(), asUser))).toMatchObject({
      code: 'socket-missing', stage: 'socket', message: 'The libvirt daemon of this user does not run, and virtbhyved is not installed here.', remedy: expect.stringContaining('Install'),
    });
  });

  it.each([
    ['LIBVIRT_AUTOSTART=0 forbids it', 'qemu:///session', asUser, { LIBVIRT_AUTOSTART: '0' }],
    ['the URI names its socket', 'qemu:///session?socket=/nowhere/libvirt-sock', asUser, {}],
    ['the system’s is meant', 'bhyve:///system?mode=direct', asUser, {}],
    ['root asks', 'qemu:///session', openUnixAs({ platform: 'linux', userId: 0 }), {}],
    ['this is a Mac', 'qemu:///session', openUnixAs({ platform: 'darwin', userId: 501 }), {}],
    ['this is Windows', 'qemu:///session', openUnixAs({ platform: 'win32', userId: undefined }), {}],
  ])('is left alone where %s', async (_, uri, open, env) => {
    for (const name of ['virtqemud', 'virtbhyved']) await program(name, 0);
    const refusal = await refusalOf(heard(uri, hand(env), open));
    expect(refusal).toMatchObject({ code: 'socket-missing', stage: 'socket', remedy: expect.stringMatching(/./) });
    expect(['virtqemud', 'virtbhyved'].filter((name) => existsSync(join(folder, `${name}.words`)))).toEqual([]);
  });

  it('cannot be on Windows, whatever listens', async () => {
    await daemon(join(folder, 's'), 'x');
    const refusal = await refusalOf(heard(`qemu:///system?socket=${folder}/s`, hand(), openUnixAs({ platform: 'win32', userId: undefined })));
    expect(refusal).toMatchObject({ message: expect.stringContaining('Windows has no libvirt daemon'), remedy: expect.stringContaining('qemu+ssh://') });
  });
});
