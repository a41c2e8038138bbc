import { execFile } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, createClientCertificate, type Identity, signCertificate } from './certificates.ts';
import { readCertificate } from './read-certificate.ts';
import { makeRequest, readRequest } from './signing-request.ts';

const execute = promisify(execFile);
const cn = (value: string) => [{ attribute: 'CN', value }] as const;
let folder: string;
let authority: Identity;
let client: Identity;
const at = (name: string): string => join(folder, name);
const keep = async (name: string, text: string): Promise<string> => {
  await writeFile(at(name), text);
  return at(name);
};
const signer = () => ({ certificatePem: authority.certificatePem, key: createPrivateKey(authority.keyPem) });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guestdeck-csr-'));
  authority = await createAuthority({ subject: cn('Prüf CA'), keyBits: 2048 });
  client = await createClientCertificate(authority, { subject: cn('client'), keyBits: 2048 });
  await Promise.all([keep('ca.pem', authority.certificatePem), keep('client.pem', client.certificatePem)]);
}, 30_000);
afterAll(async () => rm(folder, { recursive: true, force: true }));

describe('a request', () => {
  it('is verified by openssl and certtool, and asks for what the certificate shall say', async () => {
    const key = createPrivateKey(client.keyPem);
    const path = await keep('host.csr', await makeRequest({ kind: 'host', subject: [{ attribute: 'O', value: 'Prüf' }, { attribute: 'CN', value: 'h.example' }], names: [{ kind: 'dns', name: 'h.example' }, { kind: 'ip', address: 'fe80::1' }], clientAuth: true }, key));
    const { stdout, stderr } = await execute('openssl', ['req', '-in', path, '-verify', '-noout', '-text', '-nameopt', 'utf8']);
    expect(`${stdout}${stderr}`).toMatch(/verify OK/);
    expect(stdout).toMatch(/Subject: O ?= ?Prüf, CN ?= ?h\.example[^]*Digital Signature, Key Encipherment[^]*TLS Web Server Authentication, TLS Web Client Authentication[^]*DNS:h\.example, IP Address:FE80:0:0:0:0:0:0:1/);
    expect((await execute('certtool', ['--crq-info', '--infile', path])).stdout).toContain('Self signature: verified');
    expect(readRequest(await readFile(path, 'utf8'))).toMatchObject({ subject: { text: 'O=Prüf,CN=h.example' }, names: [{ kind: 'dns', name: 'h.example' }, { kind: 'ip', address: 'fe80::1' }] });
  });

  it.each([['rsa', ['-newkey', 'rsa:2048']], ['ec', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']], ['ed25519', ['-newkey', 'ed25519']]] as const)('of openssl with a key of %s becomes a certificate of that key', async (name, words) => {
    const path = at(`${name}.csr`);
    await execute('openssl', ['req', '-new', '-nodes', ...words, '-keyout', at(`${name}.key`), '-out', path, '-subj', '/emailAddress=a@b.example/CN=foreign', '-addext', 'subjectAltName=DNS:a.example,DNS:b.example']);
    const { subject, names, publicKey } = readRequest(await readFile(path, 'utf8'));
    const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 86_400_000) };
    const pem = await signCertificate({ kind: 'host', subject: subject.der, names, validity, serial: '01F0' }, publicKey, signer());
    const made = await keep(`${name}.pem`, pem);
    await expect(execute('openssl', ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', at('ca.pem'), made])).resolves.toMatchObject({ stdout: `${made}: OK\n` });
    expect(readCertificate(pem)).toMatchObject({ subject: { text: 'EMAIL=a@b.example,CN=foreign' }, serial: '01F0', key: { type: name } });
    expect((await execute('certtool', ['-i', '--infile', made])).stdout).toContain('DNSname: b.example');
  });

  it('that was altered, or is none, is refused', async () => {
    const pem = await makeRequest({ kind: 'client', subject: cn('x'), names: [] }, createPrivateKey(client.keyPem));
    const bytes = Buffer.from(pem.split('\n').slice(1, -2).join(''), 'base64');
    bytes.write('y', bytes.indexOf(Buffer.from([0x13, 1, 0x78])) + 2);
    expect(() => readRequest(`-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString('base64')}\n-----END CERTIFICATE REQUEST-----`)).toThrow('not signed by the key');
    expect(() => readRequest(client.certificatePem)).toThrow('no certificate request');
  });
});
