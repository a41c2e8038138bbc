// The UNIX transport against real listening sockets.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { openUnix } from './unix.ts';
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

async function heard(uri: string, hand = stagehand({ home: folder, isRoot: false, env: { XDG_RUNTIME_DIR: folder } })): Promise<string> {
  const link = await openUnix(parseConnectionUri(uri), hand.surroundings, never);
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
    const hand = stagehand({ home: folder, isRoot: false, env: { XDG_RUNTIME_DIR: folder } });
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
