// A real libvirtd with certificates that Guestdeck made, exported and revoked: whom it lets in, and whom it does not any more.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restartLibvirtd } from '../../e2e/lab/daemon.ts';
import type { LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown } from '../../e2e/lab/tier1.ts';
import { asking, type Asking } from './asking.test-peer.ts';
import { createMain } from './main.ts';
import type { Main } from './services.ts';

const execute = promisify(execFile);
const name = 'certstore';
const word = 'my-CA-passphrase';
const keyBits = 2048 as const;
const person = (value: string) => [{ attribute: 'C' as const, value: 'DE' }, { attribute: 'O' as const, value: 'Prüf' }, { attribute: 'CN' as const, value }];

let daemon: LabDaemon;
let base: string;
let folder: string;
let main: Main;
let ask: Asking;
let authority: string;
let host: string;

const client = async (of: string, common: string, passphrase = word): Promise<string> => (await ask('certificates', 'createClient', { authority: of, subject: person(common), keyBits, passphrase })).id;

/** Writes what is exported where libvirt or `pkipath=` finds it. */
const put = async (id: string, at: string): Promise<string> => {
  const answer = await ask('certificates', 'export', { id, as: 'pem' });
  await mkdir(at, { recursive: true });
  if (answer.as === 'pem') await Promise.all(answer.files.map(async (file) => await writeFile(join(at, file.name), file.content, { mode: Number.parseInt(file.mode, 8) })));
  return at;
};

/** Has the daemon begin again with the certificate of the host as it is exported now. */
const serve = async (...lines: readonly string[]): Promise<void> => {
  const pki = await put(host, join(daemon.dir, 'pki/host'));
  const hasList = await readFile(join(pki, 'cacrl.pem')).then(() => true, () => false);
  const configuration = [base, ...(hasList ? [`crl_file = "${join(pki, 'cacrl.pem')}"`] : []), ...lines, ''].join('\n');
  for (const path of [join(daemon.dir, 'libvirtd.conf'), join(daemon.dir, 'root/etc/libvirt/libvirtd.conf')]) await writeFile(path, configuration);
  daemon = await restartLibvirtd(daemon);
};

const uriOf = (pki: string): string => `qemu+tls://localhost:${daemon.tls.port}/system?pkipath=${pki}`;
const virsh = async (pki: string): Promise<boolean> => await execute('virsh', ['-c', uriOf(pki), 'version'], { timeout: 20_000 }).then(() => true, () => false);
/** How connecting from here ends: null when it is ready. */
const connects = async (pki: string): Promise<string | null> => {
  const { id } = await ask('connections', 'add', { uri: uriOf(pki), autoConnect: false });
  const answer = await main.answer('connections', 'connect', { id }, { id: 'test', gone: new AbortController().signal });
  await ask('connections', 'remove', { id });
  return answer.ok ? null : answer.refusal.code;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gd-certstore-'));
  daemon = await extraDaemon(name);
  base = await readFile(join(daemon.dir, 'libvirtd.conf'), 'utf8');
  main = await createMain({ dataFolder: join(folder), shell: 'web', version: 'test', home: folder, env: process.env });
  ask = asking(main);
  ({ id: authority } = await ask('certificates', 'createAuthority', { subject: person('Prüf CA'), keyBits, newPassphrase: word }));
  ({ ids: [host = ''] } = await ask('certificates', 'createHost', { authority, hosts: [{ names: ['localhost', '127.0.0.1', '::1'] }], keyBits, passphrase: word }));
}, 120_000);
afterAll(async () => {
  await main.close();
  await extraDaemonDown(name);
  await rm(folder, { recursive: true });
});

describe('libvirtd with a certificate of ours', () => {
  it('lets our client in, and by its name alone where a list says so', async () => {
    const [anna, otto] = [await client(authority, 'anna'), await client(authority, 'otto')];
    const [hers, his] = [await put(anna, join(folder, 'anna')), await put(otto, join(folder, 'otto'))];
    await serve();
    expect([await virsh(hers), await connects(hers), await virsh(his)]).toEqual([true, null, true]);
    const subject = (await ask('certificates', 'list', {})).certificates.find(({ id }) => id === anna)?.subject ?? '';
    await serve(`tls_allowed_dn_list = ["${subject}"]`);
    expect([await virsh(hers), await virsh(his), await connects(his)]).toEqual([true, false, 'certificate-refused']);
  });

  it('lets a revoked client in no more, and the others still', async () => {
    const [leaver, stays] = [await client(authority, 'leaver'), await client(authority, 'stays')];
    const gone = await put(leaver, join(folder, 'leaver'));
    await serve();
    expect(await virsh(gone)).toBe(true);
    await ask('certificates', 'revoke', { id: leaver, reason: 'cessationOfOperation', passphrase: word });
    await serve();
    const kept = await put(stays, join(folder, 'stays'));
    expect([await virsh(gone), await connects(gone), await virsh(kept), await connects(kept)]).toEqual([false, 'certificate-refused', true, null]);
  });

  it('lets clients of both authorities in while one takes the place of the other', async () => {
    const { id: old } = await ask('certificates', 'createAuthority', { subject: person('Rolling CA'), keyBits, newPassphrase: word });
    const before = await put(await client(old, 'before'), join(folder, 'before'));
    const { id } = await ask('certificates', 'rollOver', { id: old, keyBits, newPassphrase: word });
    const after = await put(await client(id, 'after'), join(folder, 'after'));
    const former = host;
    ({ ids: [host = ''] } = await ask('certificates', 'createHost', { authority: old, hosts: [{ names: ['localhost'] }], keyBits, passphrase: word }));
    await rm(join(daemon.dir, 'pki/host/cacrl.pem'), { force: true });
    await serve();
    expect([await virsh(before), await virsh(after), await connects(after)]).toEqual([true, true, null]);
    host = former;
  });

  it('lets clients below an intermediate authority in', async () => {
    const { id: root } = await ask('certificates', 'createAuthority', { subject: person('Root CA'), keyBits, newPassphrase: word });
    const { id: middle } = await ask('certificates', 'createAuthority', { subject: person('Middle CA'), keyBits, newPassphrase: word, authority: root, passphrase: word, pathLength: 0 });
    ({ ids: [host = ''] } = await ask('certificates', 'createHost', { authority: middle, hosts: [{ names: ['localhost'] }], keyBits, passphrase: word }));
    const below = await put(await client(middle, 'below'), join(folder, 'below'));
    await serve();
    expect([await virsh(below), await connects(below)]).toEqual([true, null]);
  });
});
