import { createPrivateKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execute, testPki, type TestPki } from './authority.test-peer.ts';
import { readCertificate } from './read-certificate.ts';
import { makeRevocationList } from './revocation-list.ts';

let pki: TestPki;
beforeAll(async () => {
  pki = await testPki();
}, 30_000);
afterAll(async () => await pki.remove());

describe('a revocation list', () => {
  const [thisUpdate, nextUpdate] = [new Date('2026-01-02T03:04:05Z'), new Date('2056-01-02T03:04:05Z')];
  const content = () => ({ number: 4711, thisUpdate, nextUpdate, revoked: [
    { serial: readCertificate(pki.client.certificatePem).serial, at: new Date('2026-01-01T00:00:00Z'), reason: 'keyCompromise' as const },
    { serial: 'FF', at: new Date('2025-01-01T00:00:00Z'), reason: 'unspecified' as const },
  ] });

  it('is read by openssl and certtool as it was meant, and its signature verified', async () => {
    const path = await pki.keep('crl.pem', await makeRevocationList(content(), pki.signer));
    const { stdout, stderr } = await execute('openssl', ['crl', '-in', path, '-noout', '-text', '-CAfile', pki.at('ca.pem'), '-nameopt', 'utf8']);
    expect(stderr).toContain('verify OK');
    expect(stdout).toMatch(new RegExp(`Issuer: CN ?= ?Prüf CA[^]*Last Update: Jan  2 03:04:05 2026 GMT[^]*Next Update: Jan  2 03:04:05 2056 GMT[^]*CRL Number: \\s*4711[^]*Serial Number: ${readCertificate(pki.client.certificatePem).serial}[^]*Key Compromise[^]*Serial Number: FF`));
    const certtool = await execute('certtool', ['--crl-info', '--infile', path]);
    expect(certtool.stdout).toMatch(/CRL Number: 1267|CRL Number[^]*1267/i);
    expect(certtool.stdout).toContain('Revoked certificates (2)');
    const verified = await execute('certtool', ['--verify-crl', '--load-ca-certificate', pki.at('ca.pem'), '--infile', path]);
    expect(verified.stdout).toContain('Verification output: Verified');
  });

  it('without entries is a list still', async () => {
    const path = await pki.keep('empty.pem', await makeRevocationList({ ...content(), revoked: [] }, pki.signer));
    expect((await execute('openssl', ['crl', '-in', path, '-noout', '-text'])).stdout).toContain('No Revoked Certificates');
    await expect(execute('openssl', ['verify', '-crl_check', '-CAfile', pki.at('ca.pem'), '-CRLfile', path, pki.at('client.pem')])).resolves.toMatchObject({ stdout: expect.stringContaining('OK') });
  });

  it('makes openssl refuse what is on it', async () => {
    const path = await pki.keep('revoking.pem', await makeRevocationList(content(), pki.signer));
    await expect(execute('openssl', ['verify', '-crl_check', '-CAfile', pki.at('ca.pem'), '-CRLfile', path, pki.at('client.pem')])).rejects.toMatchObject({ stderr: expect.stringContaining('certificate revoked') });
  });

  it('is not made with the key of another', async () => {
    await expect(makeRevocationList(content(), { ...pki.signer, key: createPrivateKey(pki.client.keyPem) })).rejects.toThrow('does not belong');
  });
});
