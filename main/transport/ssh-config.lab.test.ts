// ~/.ssh/config to a real libvirtd: an alias, a jump host, and the system's ssh program; ssh itself is the witness for the route.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import type { Lab } from '../../e2e/lab/state.ts';
import { labUp } from '../../e2e/lab/tier1.ts';
import { openTransport } from './open-transport.ts';
import { stagehand, type Stagehand } from './stagehand.test-peer.ts';

const never = new AbortController().signal;
let lab: Lab;
let home: string;

beforeAll(async () => {
  lab = await labUp();
  home = mkdtempSync(join(tmpdir(), 'gd-config-'));
  mkdirSync(join(home, '.ssh'));
  copyFileSync(lab.ssh.keyFile, join(home, '.ssh', 'lab_key'));
  const common = ['HostName 127.0.0.1', `User ${lab.ssh.user}`, `IdentityFile ${home}/.ssh/lab_key`, `UserKnownHostsFile ${lab.ssh.knownHosts}`, 'IdentitiesOnly yes'];
  writeFileSync(join(home, '.ssh', 'config'), [
    'Host door', `Port ${lab.ssh.port}`, ...common, 'Host inner', `Port ${lab.ssh.noForwardPort}`, 'ProxyJump door', ...common, '',
  ].join('\n'));
});
afterAll(() => rmSync(home, { recursive: true }));

/** AUTH_LIST and the beginning of its reply, as in the tests of all transports. */
const authList = Buffer.from('0000001c' + '20008086' + '00000001' + '00000042' + '00000000' + '00000000' + '00000000', 'hex');
const reply = Buffer.from('00000024' + '20008086' + '00000001' + '00000042' + '00000001' + '00000000' + '00000000' + '00000001', 'hex');

async function answerOf(stream: Duplex): Promise<Buffer> {
  stream.write(authList);
  return await new Promise((resolve, reject) => {
    let heard = Buffer.alloc(0);
    stream.once('error', reject).once('close', () => reject(new Error('closed without an answer')));
    stream.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
      if (heard.length >= 36) resolve(heard);
    });
  });
}

/** Asks the daemon on two streams of one link. */
async function ask(uri: string): Promise<Stagehand> {
  const hand = stagehand({ home, env: { PATH: process.env['PATH'] } });
  const link = await openTransport(parseConnectionUri(uri), hand.surroundings, never);
  try {
    for (const stream of [await link.open(never), await link.open(never)]) expect((await answerOf(stream)).subarray(0, 32)).toEqual(reply);
  } finally {
    link.close();
    expect(await link.closed).toBeNull();
  }
  expect(hand.questions).toEqual([]);
  return hand;
}

describe('a real libvirtd answers', () => {
  it('at an alias', async () => {
    expect((await ask('qemu+ssh://door/system')).stages().at(-1)).toBe(`socket done: ${lab.ssh.socket}`);
  });

  it('behind a jump host', async () => {
    const stages = (await ask('qemu+ssh://inner/system')).stages();
    expect(stages).toContain(`port done: 127.0.0.1 port ${lab.ssh.noForwardPort} from door`);
    expect(stages.at(-1)).toBe('socket done: virt-ssh-helper');
  });

  it('through the ssh program, behind a jump host as well, by helper and by netcat', async () => {
    expect((await ask('qemu+ssh://door/system?command=ssh')).stages().at(-1)).toBe('socket done: virt-ssh-helper');
    expect((await ask('qemu+ssh://inner/system?command=ssh')).stages().at(-1)).toBe('socket done: virt-ssh-helper');
    expect((await ask('qemu+ssh://door/system?command=ssh&proxy=netcat&mode=legacy')).stages().at(-1)).toBe(`socket done: nc to ${lab.ssh.socket}`);
  });

  it('through a program of one’s own', async () => {
    const argv = ['-F', `${home}/.ssh/config`, '-T', 'door', 'virt-ssh-helper', 'qemu:///system'].map((word) => `&argv=${encodeURIComponent(word)}`).join('');
    await ask(`qemu+ext:///system?command=ssh${argv}`);
  });

  it('on a route that ssh takes, too', () => {
    const words = execFileSync('ssh', ['-F', join(home, '.ssh', 'config'), '-o', 'BatchMode=yes', 'inner', 'echo', 'hello'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    expect(words).toBe('hello\n');
  });
});
