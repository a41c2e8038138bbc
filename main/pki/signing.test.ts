import { execFile } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, createClientCertificate, createHostCertificate, type Identity, signCertificate } from './certificates.ts';
import { readCertificate } from './read-certificate.ts';
import { makeRevocationList } from './revocation-list.ts';

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
  folder = await mkdtemp(join(tmpdir(), 'guestdeck-sign-'));
  authority = await createAuthority({ subject: cn('Prüf CA'), keyBits: 2048 });
  client = await createClientCertificate(authority, { subject: cn('client'), keyBits: 2048 });
  await Promise.all([keep('ca.pem', authority.certificatePem), keep('client.pem', client.certificatePem)]);
}, 30_000);
afterAll(async () => rm(folder, { recursive: true, force: true }));

describe('an authority with a key of another kind', () => {
  it.each([['P-256'], ['P-384'], ['P-521'], ['ed25519']] as const)('%s signs certificates and lists that openssl and certtool verify', async (kind) => {
    const key = kind === 'ed25519' ? generateKeyPairSync('ed25519').privateKey : generateKeyPairSync('ec', { namedCurve: kind }).privateKey;
    const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 86_400_000) };
    const pem = await signCertificate({ kind: 'authority', subject: cn(kind), names: [], validity, serial: '7F', pathLength: 0 }, createPublicKey(key), key);
    const leaf = await signCertificate({ kind: 'host', subject: cn('h'), names: [{ kind: 'dns', name: 'h' }], validity, serial: '02' }, createPublicKey(key), { certificatePem: pem, key });
    const [ca, host, crl] = await Promise.all([keep(`${kind}-ca.pem`, pem), keep(`${kind}-h.pem`, leaf), makeRevocationList({ number: 1, thisUpdate: validity.notBefore, nextUpdate: validity.notAfter, revoked: [] }, { certificatePem: pem, key }).then(async (list) => await keep(`${kind}.crl`, list))]);
    await expect(execute('openssl', ['verify', '-x509_strict', '-crl_check', '-CRLfile', crl, '-CAfile', ca, host])).resolves.toMatchObject({ stdout: expect.stringContaining('OK') });
    expect((await execute('certtool', ['--verify', '--load-ca-certificate', ca, '--load-crl', crl, '--infile', host])).stdout).toContain('Verified');
  });
});

it('an intermediate authority stands between, no further than its path length', async () => {
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 86_400_000) };
  const key = createPrivateKey(client.keyPem);
  const middle = await signCertificate({ kind: 'authority', subject: cn('Middle'), names: [], validity, serial: '10', pathLength: 0 }, createPublicKey(key), signer());
  const leaf = (await createHostCertificate({ certificatePem: middle, keyPem: client.keyPem }, { subject: cn('h'), names: [{ kind: 'dns', name: 'h' }], keyBits: 2048 })).certificatePem;
  const [below, host] = [await keep('middle.pem', middle), await keep('below.pem', leaf)];
  await expect(execute('openssl', ['verify', '-x509_strict', '-CAfile', at('ca.pem'), '-untrusted', below, host])).resolves.toMatchObject({ stdout: expect.stringContaining('OK') });
  expect(readCertificate(middle).pathLength).toBe(0);
}, 20_000);
