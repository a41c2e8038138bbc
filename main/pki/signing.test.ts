import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cn, execute, shortly, testPki, type TestPki } from './authority.test-peer.ts';
import { createHostCertificate, signCertificate } from './certificates.ts';
import { readCertificate } from './read-certificate.ts';
import { makeRevocationList } from './revocation-list.ts';

let pki: TestPki;
beforeAll(async () => {
  pki = await testPki();
}, 30_000);
afterAll(async () => await pki.remove());

describe('an authority with a key of another kind', () => {
  it.each([['P-256'], ['P-384'], ['P-521'], ['ed25519']] as const)('%s signs certificates and lists that openssl and certtool verify', async (kind) => {
    const key = kind === 'ed25519' ? generateKeyPairSync('ed25519').privateKey : generateKeyPairSync('ec', { namedCurve: kind }).privateKey;
    const validity = shortly();
    const pem = await signCertificate({ kind: 'authority', subject: cn(kind), names: [], validity, serial: '7F', pathLength: 0 }, createPublicKey(key), key);
    const leaf = await signCertificate({ kind: 'host', subject: cn('h'), names: [{ kind: 'dns', name: 'h' }], validity, serial: '02' }, createPublicKey(key), { certificatePem: pem, key });
    const [ca, host, crl] = await Promise.all([pki.keep(`${kind}-ca.pem`, pem), pki.keep(`${kind}-h.pem`, leaf), makeRevocationList({ number: 1, thisUpdate: validity.notBefore, nextUpdate: validity.notAfter, revoked: [] }, { certificatePem: pem, key }).then(async (list) => await pki.keep(`${kind}.crl`, list))]);
    await expect(execute('openssl', ['verify', '-x509_strict', '-crl_check', '-CRLfile', crl, '-CAfile', ca, host])).resolves.toMatchObject({ stdout: expect.stringContaining('OK') });
    expect((await execute('certtool', ['--verify', '--load-ca-certificate', ca, '--load-crl', crl, '--infile', host])).stdout).toContain('Verified');
  });
});

it('an intermediate authority stands between', async () => {
  const validity = shortly();
  const key = createPrivateKey(pki.client.keyPem);
  const middle = await signCertificate({ kind: 'authority', subject: cn('Middle'), names: [], validity, serial: '10', pathLength: 0 }, createPublicKey(key), pki.signer);
  const leaf = (await createHostCertificate({ certificatePem: middle, keyPem: pki.client.keyPem }, { subject: cn('h'), names: [{ kind: 'dns', name: 'h' }], keyBits: 2048 })).certificatePem;
  const [below, host] = [await pki.keep('middle.pem', middle), await pki.keep('below.pem', leaf)];
  await expect(execute('openssl', ['verify', '-x509_strict', '-CAfile', pki.at('ca.pem'), '-untrusted', below, host])).resolves.toMatchObject({ stdout: expect.stringContaining('OK') });
  expect(readCertificate(middle).pathLength).toBe(0);
}, 20_000);
