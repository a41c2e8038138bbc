// The section of certificates, asked as a window asks, with openssl and certtool as witnesses of what comes out.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Takes } from '../../app/contract/contract.ts';
import { asking } from './asking.test-peer.ts';
import { demoMain, type DemoMain } from './demo-main.test-peer.ts';
import { testFolder } from './folder.test-peer.ts';
import { createMain } from './main.ts';

const execute = promisify(execFile);
const word = 'my-CA-passphrase';
const cn = (value: string) => [{ attribute: 'CN' as const, value }];
const keyBits = 2048 as const;

/** Files as an export gives them, in a folder of their own. */
const unpack = async (files: readonly { readonly name: string; readonly content: string; readonly mode: string }[]): Promise<string> => {
  const folder = await testFolder();
  await Promise.all(files.map(async ({ name, content, mode }) => await writeFile(join(folder, name), content, { mode: Number.parseInt(mode, 8) })));
  return folder;
};
const exported = async ({ ask }: DemoMain, id: string): Promise<string> => {
  const answer = await ask('certificates', 'export', { id, as: 'pem' });
  return await unpack(answer.as === 'pem' ? answer.files : []);
};
const verify = async (folder: string, name: string, ...words: readonly string[]): Promise<string> => {
  const { stdout } = await execute('openssl', ['verify', '-x509_strict', ...words, '-CAfile', join(folder, 'cacert.pem'), join(folder, name)]);
  return stdout;
};
const summary = async ({ ask }: DemoMain, id: string) => {
  const found = (await ask('certificates', 'list', {})).certificates.find((one) => one.id === id);
  if (found === undefined) throw new Error(`${id} is not listed`);
  return found;
};
const titles = async ({ ask }: DemoMain): Promise<readonly string[]> => (await ask('history', 'list', {})).map(({ title }) => title);
const refusalOf = async (demo: DemoMain, name: string, takes: unknown) => {
  const answer = await demo.main.answer('certificates', name, takes, { id: 'test', gone: new AbortController().signal });
  return answer.ok ? null : answer.refusal;
};

let demo: DemoMain;
let authority: string;
const asked = <A extends 'createHost' | 'createClient'>(more: Omit<Takes<'certificates', A>, 'authority'>) => ({ authority, passphrase: word, keyBits, ...more }) as Takes<'certificates', A>;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'guestdeck-certificates-'));
  const main = await createMain({ dataFolder: folder, shell: 'web', version: 'test', home: folder, env: {} });
  demo = { main, ask: asking(main), news: [], folder };
  ({ id: authority } = await demo.ask('certificates', 'createAuthority', { subject: cn('Prüf CA'), keyBits, newPassphrase: word }));
}, 30_000);

afterAll(async () => {
  await demo.main.close();
  await rm(demo.folder, { recursive: true });
});

describe('an authority', () => {
  it('is listed, and kept so that only its owner reads it and only its passphrase opens its key', async () => {
    expect(await summary(demo, authority)).toMatchObject({
      kind: 'authority', label: 'Prüf CA', subject: 'CN=Prüf CA', authority, key: 'encrypted', keyType: 'rsa', keyBits, expiry: { state: 'valid', days: 3649 }, crl: { number: 1, revoked: 0 }, revokedAt: null, replacedBy: null,
    });
    const folder = join(demo.folder, 'certificates', authority);
    expect((await readdir(folder)).toSorted()).toEqual(['certificate.pem', 'key.pem', 'record.json']);
    const modes = await Promise.all(['', 'key.pem', 'record.json'].map(async (name) => (await stat(join(folder, name))).mode & 0o777));
    expect(modes).toEqual([0o700, 0o600, 0o600]);
    expect((await stat(join(demo.folder, 'certificates'))).mode & 0o777).toBe(0o700);
    const { stdout } = await execute('openssl', ['pkcs8', '-in', join(folder, 'key.pem'), '-passin', `pass:${word}`]);
    expect(stdout).toContain('-----BEGIN PRIVATE KEY-----');
    await expect(execute('openssl', ['pkcs8', '-in', join(folder, 'key.pem'), '-passin', 'pass:wrong'])).rejects.toThrow();
  });

  it('leaves alone, and with its key only when that is wanted and the passphrase given', async () => {
    expect((await demo.ask('certificates', 'exportAuthority', { id: authority })).files.map(({ name }) => name)).toEqual(['cacert.pem']);
    expect(await refusalOf(demo, 'exportAuthority', { id: authority, withKey: true })).toMatchObject({ code: 'bad-input', field: 'passphrase' });
    expect(await refusalOf(demo, 'exportAuthority', { id: authority, withKey: true, passphrase: 'wrong' })).toMatchObject({ code: 'key-unreadable', field: 'passphrase' });
    const { files } = await demo.ask('certificates', 'exportAuthority', { id: authority, withKey: true, passphrase: word });
    expect(files.map(({ name, mode }) => [name, mode])).toEqual([['cacert.pem', '0644'], ['cakey.pem', '0600']]);
    expect(files[1]?.content).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
    expect((await titles(demo))[0]).toBe('Exported the key of the authority Prüf CA');
  });

  it('below another signs what the whole chain is accepted for', async () => {
    const { id: middle } = await demo.ask('certificates', 'createAuthority', { subject: cn('Middle'), keyBits, newPassphrase: 'another word', authority, passphrase: word, pathLength: 0 });
    expect(await summary(demo, middle)).toMatchObject({ authority, pathLength: 0, crl: { number: 1 } });
    const { id } = await demo.ask('certificates', 'createClient', { authority: middle, subject: cn('below'), keyBits, passphrase: 'another word' });
    const folder = await exported(demo, id);
    expect(await verify(folder, 'clientcert.pem', '-purpose', 'sslclient')).toContain('OK');
    expect((await readFile(join(folder, 'cacert.pem'), 'utf8')).match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(await refusalOf(demo, 'createAuthority', { subject: cn('Lower'), newPassphrase: word, authority: middle, passphrase: 'another word' })).toMatchObject({ field: 'authority' });
    const { pem } = await demo.ask('certificates', 'chain', { id });
    expect(pem.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
  });
});

describe('certificates for hosts', () => {
  it('are made many at once, each for its names, and accepted by openssl and certtool', async () => {
    const { ids } = await demo.ask('certificates', 'createHost', asked<'createHost'>({ hosts: [{ names: ['One.example', '10.0.0.1', '2001:DB8::1'] }, { names: ['two.example'], subject: [{ attribute: 'O', value: 'Firma' }] }], clientAuth: true }));
    const [one, two] = await Promise.all(ids.map(async (id) => await summary(demo, id)));
    expect(one).toMatchObject({ kind: 'host', label: 'one.example', subject: 'O=Prüf CA,CN=one.example', names: ['one.example', '10.0.0.1', '2001:db8::1'], authority, key: 'plain', clientAuth: true, expiry: { days: 729 } });
    expect(two).toMatchObject({ subject: 'O=Firma,CN=two.example', names: ['two.example'] });
    const folder = await exported(demo, ids[0] ?? '');
    expect((await readdir(folder)).toSorted()).toEqual(['cacert.pem', 'servercert.pem', 'serverkey.pem']);
    expect(await verify(folder, 'servercert.pem', '-purpose', 'sslserver', '-verify_hostname', 'one.example')).toContain('OK');
    expect(await verify(folder, 'servercert.pem', '-purpose', 'sslclient', '-verify_ip', '2001:db8::1')).toContain('OK');
    expect((await execute('certtool', ['--verify', '--load-ca-certificate', join(folder, 'cacert.pem'), '--infile', join(folder, 'servercert.pem')])).stdout).toContain('Verified');
    expect(await titles(demo)).toContainEqual(expect.stringMatching(/^Made for 2 hosts: O=Prüf CA,CN=one\.example \(serial [0-9A-F]{32}\), O=Firma,CN=two\.example .*, signed by Prüf CA$/));
  });

  it('satisfy virt-pki-validate where libvirt looks for them', async () => {
    const { ids: [id = ''] } = await demo.ask('certificates', 'createHost', asked<'createHost'>({ hosts: [{ names: [(await execute('hostname')).stdout.trim()] }] }));
    const { id: client } = await demo.ask('certificates', 'createClient', asked<'createClient'>({ subject: [{ attribute: 'O', value: 'Prüf CA' }, { attribute: 'CN', value: 'client' }] }));
    const [host, user, root] = [await exported(demo, id), await exported(demo, client), await testFolder()];
    const places = ['etc/pki/CA', 'etc/pki/libvirt', 'etc/pki/libvirt/private'];
    for (const place of places) await mkdir(join(root, place), { recursive: true });
    const copies = [[host, 'cacert.pem', places[0]], [host, 'servercert.pem', places[1]], [host, 'serverkey.pem', places[2]], [user, 'clientcert.pem', places[1]], [user, 'clientkey.pem', places[2]]] as const;
    for (const [from, name, to] of copies) await writeFile(join(root, to ?? '', name), await readFile(join(from, name)), { mode: name === 'serverkey.pem' ? 0o600 : 0o644 });
    // The script knows one place only: it sees ours there, in a mount namespace of its own. There, all users of a machine share one client key.
    const { stdout } = await execute('unshare', ['--mount', 'sh', '-c', `mkdir -p /etc/pki && mount --bind ${root}/etc/pki /etc/pki && virt-pki-validate`]);
    expect(stdout).toMatch(/Found CA certificate[^]*Found client certificate[^]*Found client private key[^]*Found server certificate[^]*Found server private key/);
    expect(stdout).not.toMatch(/does not|warning|error|missing|should be|expired|need to/i);
  });
});

describe('a certificate', () => {
  it('renewed with the same key keeps key, names and subject; with a new key it has another', async () => {
    const { ids: [id = ''] } = await demo.ask('certificates', 'createHost', asked<'createHost'>({ hosts: [{ names: ['renew.example', '::1'] }], validity: { days: 3 } }));
    const old = await summary(demo, id);
    expect(old.expiry).toEqual({ state: 'expiring', days: 2 });
    const same = await demo.ask('certificates', 'renew', { id, key: 'same', passphrase: word });
    const fresh = await demo.ask('certificates', 'renew', { id: same.id, key: 'new', passphrase: word });
    const keyOf = async (of: string) => await readFile(join(demo.folder, 'certificates', of, 'key.pem'), 'utf8');
    expect([await keyOf(same.id) === await keyOf(id), await keyOf(fresh.id) === await keyOf(id)]).toEqual([true, false]);
    const [first, second, third] = [await summary(demo, id), await summary(demo, same.id), await summary(demo, fresh.id)];
    expect([first.replacedBy, second.replacedBy, third.replacedBy]).toEqual([same.id, fresh.id, null]);
    expect([second, third].map(({ subject, names, expiry }) => [subject, names, expiry.days])).toEqual([[old.subject, old.names, 729], [old.subject, old.names, 729]]);
    expect(new Set([first.serial, second.serial, third.serial]).size).toBe(3);
    expect(await verify(await exported(demo, fresh.id), 'servercert.pem')).toContain('OK');
  });

  it('revoked is on the list that its authority makes, which openssl and certtool heed', async () => {
    const { id } = await demo.ask('certificates', 'createClient', asked<'createClient'>({ subject: cn('leaver') }));
    const other = await demo.ask('certificates', 'createClient', asked<'createClient'>({ subject: cn('stays') }));
    const before = (await summary(demo, authority)).crl?.number ?? 0;
    const { number } = await demo.ask('certificates', 'revoke', { id, reason: 'keyCompromise', passphrase: word });
    expect(number).toBe(before + 1);
    expect(await summary(demo, id)).toMatchObject({ revokedAt: expect.any(Number) });
    expect(await summary(demo, authority)).toMatchObject({ crl: { number, revoked: 1 } });
    const [gone, kept] = [await exported(demo, id), await exported(demo, other.id)];
    const check = ['-crl_check_all', '-CRLfile', join(kept, 'cacrl.pem')];
    await expect(verify(gone, 'clientcert.pem', ...check)).rejects.toMatchObject({ stderr: expect.stringContaining('certificate revoked') });
    expect(await verify(kept, 'clientcert.pem', ...check)).toContain('OK');
    expect((await execute('certtool', ['--crl-info', '--infile', join(kept, 'cacrl.pem')])).stdout).toContain('Revoked certificates (1)');
    expect(await refusalOf(demo, 'revoke', { id, passphrase: word })).toMatchObject({ code: 'bad-input', field: 'id' });
    expect(await refusalOf(demo, 'renew', { id, key: 'same', passphrase: word })).toMatchObject({ code: 'bad-input', field: 'key' });
    const made = await Promise.all([30, 60].map(async (days) => await demo.ask('certificates', 'crl', { id: authority, days, passphrase: word })));
    expect(made.map((list) => list.number).toSorted((one, two) => one - two)).toEqual([number + 1, number + 2]);
    await demo.ask('certificates', 'remove', { id, confirm: 'leaver' });
    expect(await summary(demo, authority)).toMatchObject({ crl: { number: number + 2, revoked: 1 } });
  });

  it('goes out as an archive with a README that libvirt’s names stand in', async () => {
    const { id } = await demo.ask('certificates', 'createClient', asked<'createClient'>({ subject: [{ attribute: 'C', value: 'DE' }, { attribute: 'CN', value: 'anna b' }] }));
    const answer = await demo.ask('certificates', 'export', { id, as: 'zip' });
    if (answer.as !== 'zip') throw new Error('no archive');
    expect(answer.name).toBe('anna-b-libvirt.zip');
    const folder = await testFolder();
    await writeFile(join(folder, 'a.zip'), Buffer.from(answer.base64, 'base64'));
    await execute('python3', ['-m', 'zipfile', '-e', join(folder, 'a.zip'), folder]);
    expect((await readdir(join(folder, 'anna-b-libvirt'))).toSorted()).toEqual(expect.arrayContaining(['README.txt', 'cacert.pem', 'clientcert.pem', 'clientkey.pem']));
    expect(await readFile(join(folder, 'anna-b-libvirt', 'README.txt'), 'utf8')).toContain('"C=DE,CN=anna b"');
  });

  it('is removed with its key only when its name is repeated', async () => {
    const { id } = await demo.ask('certificates', 'createClient', asked<'createClient'>({ subject: cn('short-lived') }));
    expect(await refusalOf(demo, 'remove', { id })).toMatchObject({ code: 'confirmation', field: 'confirm' });
    await demo.ask('certificates', 'remove', { id, confirm: 'short-lived' });
    expect(await readdir(join(demo.folder, 'certificates'))).not.toContain(id);
    expect(await refusalOf(demo, 'export', { id, as: 'pem' })).toMatchObject({ code: 'unknown-certificate', field: 'id' });
  });
});

describe('an authority that takes the place of another', () => {
  it('is trusted together with it by what both signed, until that is ended', async () => {
    const { id: old } = await demo.ask('certificates', 'createAuthority', { subject: cn('Old'), keyBits, newPassphrase: word });
    const before = await demo.ask('certificates', 'createClient', { authority: old, subject: cn('before'), keyBits, passphrase: word });
    const { id } = await demo.ask('certificates', 'rollOver', { id: old, keyBits, newPassphrase: 'the next word' });
    expect([await summary(demo, id), await summary(demo, old)]).toMatchObject([{ label: 'Old G2', alsoTrusts: [old] }, { replacedBy: id, alsoTrusts: [id] }]);
    const after = await demo.ask('certificates', 'createClient', { authority: id, subject: cn('after'), keyBits, passphrase: 'the next word' });
    const [early, late] = [await exported(demo, before.id), await exported(demo, after.id)];
    for (const [trust, folder] of [[early, late], [late, early]] as const) {
      expect((await execute('openssl', ['verify', '-CAfile', join(trust, 'cacert.pem'), join(folder, 'clientcert.pem')])).stdout).toContain('OK');
    }
    await demo.ask('certificates', 'endRollOver', { id });
    await expect(execute('openssl', ['verify', '-CAfile', join(await exported(demo, after.id), 'cacert.pem'), join(early, 'clientcert.pem')])).rejects.toThrow();
  }, 20_000);

  it('with the same key is the same still: what it signed and revoked goes on', async () => {
    const { id: first } = await demo.ask('certificates', 'createAuthority', { subject: cn('Same'), keyBits, newPassphrase: word, validity: { days: 20 } });
    const { id: client } = await demo.ask('certificates', 'createClient', { authority: first, subject: cn('c'), keyBits, passphrase: word });
    await demo.ask('certificates', 'revoke', { id: client, passphrase: word });
    expect(await refusalOf(demo, 'renew', { id: first, key: 'new', passphrase: word })).toMatchObject({ field: 'key', remedy: expect.stringContaining('Roll it over') });
    const { id } = await demo.ask('certificates', 'renew', { id: first, key: 'same', passphrase: word });
    expect([await summary(demo, id), await summary(demo, client)]).toMatchObject([{ crl: { number: 2, revoked: 1 }, authority: id }, { authority: id, revokedAt: expect.any(Number) }]);
    expect(await verify(await exported(demo, client), 'clientcert.pem')).toContain('OK');
  });
});

describe('requests', () => {
  it('from elsewhere are shown, signed, and their names replaced where others are given', async () => {
    const folder = await testFolder();
    await execute('openssl', ['req', '-new', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-keyout', join(folder, 'serverkey.pem'), '-out', join(folder, 'a.csr'), '-subj', '/O=Elsewhere/CN=csr.example', '-addext', 'subjectAltName=DNS:csr.example,IP:10.1.1.1']);
    const request = await readFile(join(folder, 'a.csr'), 'utf8');
    expect(await demo.ask('certificates', 'readRequest', { request })).toMatchObject({ subject: 'O=Elsewhere,CN=csr.example', names: ['csr.example', '10.1.1.1'], keyType: 'ec', keyBits: 256 });
    const { id } = await demo.ask('certificates', 'signRequest', { authority, request, kind: 'host', passphrase: word });
    expect(await summary(demo, id)).toMatchObject({ subject: 'O=Elsewhere,CN=csr.example', names: ['csr.example', '10.1.1.1'], key: 'none' });
    expect((await readdir(await exported(demo, id))).toSorted()).not.toContain('serverkey.pem');
    const other = await demo.ask('certificates', 'signRequest', { authority, request, kind: 'host', passphrase: word, subject: cn('mine'), names: ['mine.example'] });
    expect(await summary(demo, other.id)).toMatchObject({ subject: 'CN=mine', names: ['mine.example'] });
    expect(await refusalOf(demo, 'signRequest', { authority, request: `${request.slice(0, 200)}`, kind: 'host', passphrase: word })).toMatchObject({ code: 'bad-input', field: 'request' });
    expect(await refusalOf(demo, 'renew', { id, key: 'new', passphrase: word })).toMatchObject({ field: 'key' });
  });

  it('made here are signed elsewhere and taken back, and no other certificate is', async () => {
    const made = await demo.ask('certificates', 'makeRequest', { kind: 'host', subject: cn('out.example'), names: ['out.example'], keyBits });
    expect((await demo.ask('certificates', 'list', {})).requests).toEqual([made]);
    const folder = await testFolder();
    const at = (name: string): string => join(folder, name);
    await writeFile(at('out.csr'), made.pem);
    await execute('openssl', ['req', '-x509', '-nodes', '-newkey', 'rsa:2048', '-keyout', at('company.key'), '-out', at('company.pem'), '-days', '30', '-subj', '/CN=Company CA', '-addext', 'keyUsage=critical,keyCertSign,cRLSign']);
    await execute('openssl', ['x509', '-req', '-in', at('out.csr'), '-CA', at('company.pem'), '-CAkey', at('company.key'), '-CAcreateserial', '-out', at('out.pem'), '-days', '10', '-copy_extensions', 'copy']);
    const file = async (name: string): Promise<string> => (await readFile(at(name))).toString('base64');
    expect(await refusalOf(demo, 'takeSigned', { id: made.id, files: [await file('company.pem')] })).toMatchObject({ code: 'bad-input', field: 'files' });
    const { id } = await demo.ask('certificates', 'takeSigned', { id: made.id, files: [await file('out.pem'), await file('company.pem')] });
    expect((await demo.ask('certificates', 'list', {})).requests).toEqual([]);
    expect(await summary(demo, id)).toMatchObject({ kind: 'host', issuer: 'CN=Company CA', key: 'plain', names: ['out.example'], authority: expect.stringMatching(/^company-ca-/) });
    expect(await verify(await exported(demo, id), 'servercert.pem')).toContain('OK');
  });
});

describe('the store', () => {
  it('says what is damaged, leaves it, and shows the rest', async () => {
    const other = await demoMain();
    const { id } = await other.ask('certificates', 'createAuthority', { subject: cn('A'), keyBits, newPassphrase: word });
    const { id: second } = await other.ask('certificates', 'createAuthority', { subject: cn('B'), keyBits, newPassphrase: word });
    const path = join(other.folder, 'certificates', id, 'certificate.pem');
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, 300));
    const { certificates, damaged } = await other.ask('certificates', 'list', {});
    expect([certificates.map((one) => one.id), damaged]).toMatchObject([[second], [{ place: join(other.folder, 'certificates', id), refusal: { code: 'storage' } }]]);
    expect(await refusalOf(other, 'exportAuthority', { id })).toMatchObject({ code: 'storage', field: 'id' });
    await rm(join(other.folder, 'certificates', second, 'key.pem'));
    expect(await other.ask('certificates', 'list', {})).toMatchObject({ certificates: [{ id: second, key: 'none' }], damaged: [{}, { refusal: { message: expect.stringContaining('its key is missing') } }] });
    expect((await refusalOf(other, 'exportAuthority', { id: '../x' }))?.code).toBe('unknown-certificate');
  });

  it('deletes what a process that died left half written, and not what another is writing', async () => {
    const folder = await testFolder();
    for (const [name, age] of [['.new-old-1', 3600], ['.gone-old-2', 3600], ['.new-fresh-3', 0]] as const) {
      await mkdir(join(folder, 'certificates', name), { recursive: true });
      await writeFile(join(folder, 'certificates', name, 'key.pem'), 'half a key');
      const then = new Date(Date.now() - age * 1000);
      await utimes(join(folder, 'certificates', name), then, then);
    }
    const other = await demoMain({ dataFolder: folder });
    expect(await readdir(join(folder, 'certificates'))).toEqual(['.new-fresh-3']);
    expect(await other.ask('certificates', 'list', {})).toEqual({ certificates: [], requests: [], damaged: [] });
  });

  it('keeps profiles by their names', async () => {
    const profile = { name: 'Office', kind: 'client' as const, subject: cn('x'), keyBits, days: 30, clientAuth: false };
    await demo.ask('certificates', 'saveProfile', { profile });
    await demo.ask('certificates', 'saveProfile', { profile: { ...profile, days: 60 } });
    expect(await demo.ask('certificates', 'profiles', {})).toEqual([{ ...profile, days: 60 }]);
    await demo.ask('certificates', 'removeProfile', { name: 'Office' });
    expect(await demo.ask('certificates', 'profiles', {})).toEqual([]);
  });
});
