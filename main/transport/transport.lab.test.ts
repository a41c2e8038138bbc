// Every transport to a real libvirtd and real SSH servers: the daemon's answer to the first question of its protocol is the proof.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import type { QuestionAnswer } from '../../app/contract/questions.ts';
import type { Lab } from '../../e2e/lab/state.ts';
import { labUp } from '../../e2e/lab/tier1.ts';
import { openTransport } from './open-transport.ts';
import { refusalOf, stagehand, type Stagehand } from './stagehand.test-peer.ts';

const never = new AbortController().signal;
let lab: Lab;
let home: string;

beforeAll(async () => {
  lab = await labUp();
  home = mkdtempSync(join(tmpdir(), 'guestdeck-transport-'));
  mkdirSync(join(home, '.ssh'));
  copyFileSync(lab.ssh.knownHosts, join(home, '.ssh', 'known_hosts'));
  copyFileSync(lab.ssh.keyFile, join(home, '.ssh', 'id_ed25519'));
});
afterAll(() => rmSync(home, { recursive: true }));

/** AUTH_LIST as on the wire: length 28, program 0x20008086, version 1, procedure 66, call, serial 0, OK. */
const authList = Buffer.from('0000001c' + '20008086' + '00000001' + '00000042' + '00000000' + '00000000' + '00000000', 'hex');
/** Its reply up to the status: the same with type 1, and a list of one kind of authentication after it. */
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

/** Asks the daemon on two streams of one link, and returns the stages. */
async function ask(uri: string, hand: Stagehand = stagehand({ home })): Promise<readonly string[]> {
  const link = await openTransport(parseConnectionUri(uri), hand.surroundings, never);
  try {
    for (const stream of [await link.open(never), await link.open(never)]) {
      const answer = await answerOf(stream);
      expect(answer.subarray(0, 32)).toEqual(reply);
      expect(answer).toHaveLength(36);
    }
  } finally {
    link.close();
  }
  return hand.stages();
}

const overSsh = (parameters = '', port = lab.ssh.port, path = '/system', driver = 'qemu', user = lab.ssh.user): string =>
  `${driver}+ssh://${user}@127.0.0.1:${port}${path}?${parameters}`;

describe('a real libvirtd answers', () => {
  it('over its UNIX socket', async () => {
    expect((await ask(`qemu:///system?socket=${lab.unix.socket}`)).at(-1)).toBe(`socket done: ${lab.unix.socket}`);
  });

  it('over TCP', async () => {
    await ask(`qemu+tcp://127.0.0.1:${lab.tcp.port}/system`);
  });

  it('over TLS to who shows the right certificate, and refuses others', async () => {
    const uri = (folder: string): string => `qemu+tls://${lab.tls.host}:${lab.tls.port}/system?pkipath=${folder}`;
    await ask(uri(lab.tls.pkiDir));
    expect(await refusalOf(ask(uri(lab.tls.strangerPkiDir)))).toMatchObject({ code: 'certificate-refused', stage: 'certificate' });
    expect(await refusalOf(ask(uri(lab.tls.anonymousPkiDir)))).toMatchObject({ code: 'certificate-refused', stage: 'certificate' });
    expect(await refusalOf(ask(uri(lab.tls.foreignPkiDir)))).toMatchObject({ code: 'certificate-untrusted', stage: 'certificate' });
    expect(await refusalOf(ask(`${uri(lab.tls.foreignPkiDir)}&no_verify=1`))).toMatchObject({ code: 'certificate-refused', stage: 'certificate' });
  });

  it('tells its plain TCP port from TLS', async () => {
    expect(await refusalOf(ask(`qemu+tls://127.0.0.1:${lab.tcp.port}/system?pkipath=${lab.tls.pkiDir}`))).toMatchObject({ code: 'not-tls', stage: 'tls' });
  });

  it('over SSH by its forwarded socket', async () => {
    expect((await ask(overSsh())).at(-1)).toBe(`socket done: ${lab.ssh.socket}`);
  });

  it('over SSH by virt-ssh-helper, where forwarding is forbidden or the URI says so', async () => {
    expect((await ask(overSsh('', lab.ssh.noForwardPort))).at(-1)).toBe('socket done: virt-ssh-helper');
    expect((await ask(overSsh('proxy=native'))).at(-1)).toBe('socket done: virt-ssh-helper');
    expect((await ask(overSsh('proxy=native', lab.ssh.port, '/default', 'test'))).at(-1)).toBe('socket done: virt-ssh-helper');
    expect((await ask(overSsh('proxy=native', lab.ssh.port, '/', 'remote'))).at(-1)).toBe('socket done: virt-ssh-helper');
    expect((await ask(overSsh('', lab.ssh.port, '/session'))).at(-1)).toBe('socket done: virt-ssh-helper');
  });

  it('over SSH by netcat', async () => {
    expect((await ask(overSsh('proxy=netcat&mode=legacy', lab.ssh.noForwardPort))).at(-1)).toBe(`socket done: nc to ${lab.ssh.socket}`);
    expect((await ask(overSsh(`socket=${lab.ssh.socket}`, lab.ssh.noForwardPort))).at(-1)).toBe(`socket done: nc to ${lab.ssh.socket}`);
  });
});

describe('a real sshd', () => {
  it('lets in by password, by locked key, and knows hosts by hashed names', async () => {
    const asked = stagehand({ home }, [{ kind: 'password', password: 'wrong' }, { kind: 'password', password: lab.ssh.password }] satisfies QuestionAnswer[]);
    await ask(overSsh('sshauth=password', lab.ssh.port, '/system', 'qemu', lab.ssh.passwordUser), asked);
    expect(asked.questions.map((question) => question.kind === 'password' && question.again)).toEqual([false, true]);
    const locked = stagehand({ home }, [{ kind: 'passphrase', passphrase: lab.ssh.encryptedKeyPassphrase }]);
    await ask(overSsh(`keyfile=${lab.ssh.encryptedKeyFile}&known_hosts=${lab.ssh.knownHostsHashed}`), locked);
    expect(locked.questions).toHaveLength(1);
  });

  it('with a changed key is refused', async () => {
    expect(await refusalOf(ask(overSsh(`known_hosts=${lab.ssh.knownHostsChanged}`)))).toMatchObject({
      code: 'host-key-changed', stage: 'hostKey', message: expect.stringContaining(`${lab.ssh.knownHostsChanged} line 1`),
    });
  });
});
