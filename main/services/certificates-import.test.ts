// Certificates made by others are checked, kept, and used like our own.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { mostFileBytes } from '../../app/contract/certificates.ts';
import { madeByCerttool } from './certificates.test-peer.ts';
import { demoMain, type DemoMain } from './demo-main.test-peer.ts';
import { testFolder } from './folder.test-peer.ts';

const execute = promisify(execFile);
const word = 'a long passphrase';
const refusalOf = async ({ main }: DemoMain, name: string, takes: unknown) => {
  const answer = await main.answer('certificates', name, takes, { id: 'test', gone: new AbortController().signal });
  return answer.ok ? null : answer.refusal;
};
const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');

describe('what certtool made as libvirt’s instructions say', () => {
  it.each(['rsa', 'ecdsa', 'ed25519'] as const)('with keys of %s is imported with its authority, which signs on', async (kind) => {
    const { file } = await madeByCerttool(kind);
    const demo = await demoMain();
    const { id: authority } = await demo.ask('certificates', 'importAuthority', { files: [await file('cacert.pem'), await file('cakey.pem')], newPassphrase: word });
    const { id: host } = await demo.ask('certificates', 'importIdentity', { files: [await file('servercert.pem'), await file('serverkey.pem')] });
    const { id: client } = await demo.ask('certificates', 'importIdentity', { files: [await file('clientcert.pem'), await file('clientkey.pem')] });
    const { certificates, damaged } = await demo.ask('certificates', 'list', {});
    expect(damaged).toEqual([]);
    const found = (id: string) => certificates.find((one) => one.id === id);
    expect(found(authority)).toMatchObject({ kind: 'authority', label: 'Libvirt CA', authority, key: 'encrypted', keyType: kind === 'ecdsa' ? 'ec' : kind, crl: null });
    expect(found(host)).toMatchObject({ kind: 'host', authority, key: 'plain', names: ['compute1.libvirt.org', '10.0.0.74', '2001:db8::74'], expiry: { state: 'valid' } });
    expect(found(client)).toMatchObject({ kind: 'client', authority, subject: 'C=GB,ST=London,L=London,O=Libvirt CA,CN=client1' });
    const { id } = await demo.ask('certificates', 'createClient', { authority, subject: [{ attribute: 'CN', value: 'ours' }], keyBits: 2048, passphrase: word });
    const { number } = await demo.ask('certificates', 'revoke', { id: client, passphrase: word });
    expect(Math.abs(number - Date.now() / 1000)).toBeLessThan(600);
    const answer = await demo.ask('certificates', 'export', { id, as: 'pem' });
    const folder = await testFolder();
    if (answer.as === 'pem') await Promise.all(answer.files.map(async ({ name, content }) => await writeFile(join(folder, name), content)));
    const verify = ['--verify', '--load-ca-certificate', join(folder, 'cacert.pem'), '--load-crl', join(folder, 'cacrl.pem'), '--infile'];
    expect((await execute('certtool', [...verify, join(folder, 'clientcert.pem')])).stdout).toContain('Verified');
    await writeFile(join(folder, 'revoked.pem'), Buffer.from(await file('clientcert.pem'), 'base64'));
    await expect(execute('certtool', [...verify, join(folder, 'revoked.pem')])).rejects.toMatchObject({ stdout: expect.stringContaining('revoked') });
  });
});

describe('an import', () => {
  it('takes a PKCS#12 file with everything in it, and says when its passphrase is wrong', async () => {
    const { folder, file } = await madeByCerttool('rsa');
    const at = (name: string): string => join(folder, name);
    await execute('openssl', ['pkcs12', '-export', '-in', at('clientcert.pem'), '-inkey', at('clientkey.pem'), '-certfile', at('cacert.pem'), '-out', at('client.p12'), '-passout', 'pass:open it']);
    const demo = await demoMain();
    const files = [await file('client.p12')];
    expect(await refusalOf(demo, 'importIdentity', { files })).toMatchObject({ code: 'key-unreadable', field: 'passphrase', message: 'The file is protected by a passphrase.' });
    expect(await refusalOf(demo, 'importIdentity', { files, passphrase: 'wrong' })).toMatchObject({ code: 'key-unreadable', field: 'passphrase', message: 'The passphrase does not open the file.' });
    await demo.ask('certificates', 'importIdentity', { files, passphrase: 'open it' });
    expect((await demo.ask('certificates', 'list', {})).certificates).toMatchObject([{ kind: 'client', key: 'plain', authority: expect.any(String) }, { kind: 'authority', key: 'none' }].toSorted((one, other) => (one.kind < other.kind ? 1 : -1)));
    expect(await refusalOf(demo, 'importIdentity', { files, passphrase: 'open it' })).toMatchObject({ code: 'bad-input', field: 'files', message: 'client1 is kept here already.' });
  });

  it('takes the key of an authority however it is encrypted, and keeps it encrypted anew', async () => {
    const { folder } = await madeByCerttool('rsa');
    const at = (name: string): string => join(folder, name);
    await execute('openssl', ['rsa', '-in', at('cakey.pem'), '-aes128', '-traditional', '-out', at('locked.pem'), '-passout', 'pass:old word']);
    const demo = await demoMain();
    const files = [base64(`some junk\n${await readFile(at('locked.pem'), 'utf8')}and more\n${await readFile(at('cacert.pem'), 'utf8')}`)];
    expect(await refusalOf(demo, 'importAuthority', { files, passphrase: 'old word' })).toMatchObject({ code: 'bad-input', field: 'newPassphrase' });
    expect(await refusalOf(demo, 'importAuthority', { files, passphrase: 'wrong', newPassphrase: word })).toMatchObject({ code: 'key-unreadable', field: 'passphrase' });
    const { id } = await demo.ask('certificates', 'importAuthority', { files, passphrase: 'old word', newPassphrase: word });
    const { stdout } = await execute('openssl', ['pkey', '-in', join(demo.folder, 'certificates', id, 'key.pem'), '-passin', `pass:${word}`, '-pubout']);
    expect(stdout).toBe((await execute('openssl', ['x509', '-in', at('cacert.pem'), '-noout', '-pubkey'])).stdout);
    expect(await refusalOf(demo, 'createHost', { authority: id, hosts: [{ names: ['h'] }], passphrase: 'old word' })).toMatchObject({ code: 'key-unreadable', field: 'passphrase' });
  });

  it('refuses what cannot be used, at its field and in words', async () => {
    const { folder, file } = await madeByCerttool('ecdsa');
    const at = (name: string): string => join(folder, name);
    const make = async (name: string, ...lines: readonly string[]): Promise<string> => {
      await writeFile(at(`${name}.info`), `${lines.join('\n')}\n`);
      await execute('certtool', ['--generate-privkey', '--key-type', 'ecdsa', '--outfile', at(`${name}.key`)]);
      await execute('certtool', ['--generate-self-signed', '--load-privkey', at(`${name}.key`), '--template', at(`${name}.info`), '--outfile', at(name)]);
      return await file(name);
    };
    const noSigner = await make('nosign.pem', 'cn = nosign', 'ca', 'crl_signing_key');
    const namesake = await make('namesake.pem', 'cn = Libvirt CA', 'ca', 'cert_signing_key');
    await make('expired.pem', 'cn = Old CA', 'ca', 'cert_signing_key', 'activation_date = "2020-01-01 00:00:00 UTC"', 'expiration_date = "2021-01-01 00:00:00 UTC"');
    const demo = await demoMain();
    const authority = async (...names: readonly string[]) => await refusalOf(demo, 'importAuthority', { files: await Promise.all(names.map(file)) });
    const identity = async (...names: readonly string[]) => await refusalOf(demo, 'importIdentity', { files: await Promise.all(names.map(file)) });
    expect(await authority('servercert.pem')).toMatchObject({ field: 'files', message: 'compute1.libvirt.org is not an authority: it may not sign certificates.' });
    expect(await identity('cacert.pem')).toMatchObject({ field: 'files', message: 'Libvirt CA is an authority.' });
    expect(await authority('expired.pem')).toMatchObject({ field: 'files', message: expect.stringContaining('Old CA is out of date since 2021') });
    expect(await refusalOf(demo, 'importAuthority', { files: [noSigner] })).toMatchObject({ field: 'files', message: 'nosign may not sign certificates by its key usage.' });
    expect(await identity('servercert.pem', 'clientkey.pem')).toMatchObject({ field: 'files', message: 'The key does not belong to the certificate.' });
    expect(await identity('servercert.pem', 'clientcert.pem')).toMatchObject({ field: 'files', message: 'There are several certificates in it that do not belong together.' });
    expect(await identity('serverkey.pem')).toMatchObject({ field: 'files', message: 'There is a key in it, and no certificate.' });
    expect(await refusalOf(demo, 'importIdentity', { files: [await file('servercert.pem'), namesake] })).toMatchObject({ field: 'files' });
    await demo.ask('certificates', 'importAuthority', { files: [namesake] });
    expect(await identity('servercert.pem')).toMatchObject({ field: 'files', message: expect.stringContaining('The signature of compute1.libvirt.org is not of the authority') });
    expect(await refusalOf(demo, 'importIdentity', { files: [await file('servercert.pem'), base64('Hello')] })).toMatchObject({ field: 'files.1', message: 'The file cannot be used: it is neither PEM nor DER nor PKCS#12.' });
    expect(await refusalOf(demo, 'importIdentity', { files: ['not base64!'] })).toMatchObject({ code: 'bad-input', field: 'files.0' });
    expect((await demo.ask('certificates', 'list', {})).certificates).toHaveLength(1);
  });

  it('refuses a file of 16 MB before it looks into it', async () => {
    const demo = await demoMain();
    const large = randomBytes(16 * 1024 * 1024).toString('base64');
    expect(await refusalOf(demo, 'importIdentity', { files: [large] })).toMatchObject({ code: 'bad-input', field: 'files.0', message: expect.stringContaining('more than 1 MiB') });
    expect(await refusalOf(demo, 'importIdentity', { files: [randomBytes(mostFileBytes).toString('base64')] })).toMatchObject({ message: expect.stringMatching(/^The file cannot be used/) });
  });
});
