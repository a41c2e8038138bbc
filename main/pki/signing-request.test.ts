import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cn, execute, shortly, testPki, type TestPki } from './authority.test-peer.ts';
import { signCertificate } from './certificates.ts';
import { readCertificate } from './read-certificate.ts';
import { makeRequest, readRequest } from './signing-request.ts';

let pki: TestPki;
beforeAll(async () => {
  pki = await testPki();
}, 30_000);
afterAll(async () => await pki.remove());

describe('a request', () => {
  it('is verified by openssl and certtool, and asks for what the certificate shall say', async () => {
    const key = createPrivateKey(pki.client.keyPem);
    const path = await pki.keep('host.csr', await makeRequest({ kind: 'host', subject: [{ attribute: 'O', value: 'Prüf' }, { attribute: 'CN', value: 'h.example' }], names: [{ kind: 'dns', name: 'h.example' }, { kind: 'ip', address: 'fe80::1' }], clientAuth: true }, key));
    const { stdout, stderr } = await execute('openssl', ['req', '-in', path, '-verify', '-noout', '-text', '-nameopt', 'utf8']);
    expect(`${stdout}${stderr}`).toMatch(/verify OK/);
    expect(stdout).toMatch(/Subject: O ?= ?Prüf, CN ?= ?h\.example[^]*Digital Signature, Key Encipherment[^]*TLS Web Server Authentication, TLS Web Client Authentication[^]*DNS:h\.example, IP Address:FE80:0:0:0:0:0:0:1/);
    expect((await execute('certtool', ['--crq-info', '--infile', path])).stdout).toContain('Self signature: verified');
    expect(readRequest(await readFile(path, 'utf8'))).toMatchObject({ subject: { text: 'O=Prüf,CN=h.example' }, names: [{ kind: 'dns', name: 'h.example' }, { kind: 'ip', address: 'fe80::1' }] });
  });

  it.each([['rsa', ['-newkey', 'rsa:2048']], ['ec', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']], ['ed25519', ['-newkey', 'ed25519']]] as const)('of openssl with a key of %s becomes a certificate of that key', async (name, words) => {
    const path = pki.at(`${name}.csr`);
    await execute('openssl', ['req', '-new', '-nodes', ...words, '-keyout', pki.at(`${name}.key`), '-out', path, '-subj', '/emailAddress=a@b.example/CN=foreign', '-addext', 'subjectAltName=DNS:a.example,DNS:b.example']);
    const { subject, names, publicKey } = readRequest(await readFile(path, 'utf8'));
    const validity = shortly();
    const pem = await signCertificate({ kind: 'host', subject: subject.der, names, validity, serial: '01F0' }, publicKey, pki.signer);
    const made = await pki.keep(`${name}.pem`, pem);
    await expect(execute('openssl', ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', pki.at('ca.pem'), made])).resolves.toMatchObject({ stdout: `${made}: OK\n` });
    expect(readCertificate(pem)).toMatchObject({ subject: { text: 'EMAIL=a@b.example,CN=foreign' }, serial: '01F0', key: { type: name } });
    expect((await execute('certtool', ['-i', '--infile', made])).stdout).toContain('DNSname: b.example');
  });

  it('that was altered, or is none, is refused', async () => {
    const pem = await makeRequest({ kind: 'client', subject: cn('x'), names: [] }, createPrivateKey(pki.client.keyPem));
    const bytes = Buffer.from(pem.split('\n').slice(1, -2).join(''), 'base64');
    bytes.write('y', bytes.indexOf(Buffer.from([0x13, 1, 0x78])) + 2);
    expect(() => readRequest(`-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString('base64')}\n-----END CERTIFICATE REQUEST-----`)).toThrow('not signed by the key');
    expect(() => readRequest(pki.client.certificatePem)).toThrow('no certificate request');
  });
});
