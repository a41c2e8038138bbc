import { execFile } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, createClientCertificate, type Identity } from './certificates.ts';
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
  folder = await mkdtemp(join(tmpdir(), 'guestdeck-crl-'));
  authority = await createAuthority({ subject: cn('Prüf CA'), keyBits: 2048 });
  client = await createClientCertificate(authority, { subject: cn('client'), keyBits: 2048 });
  await Promise.all([keep('ca.pem', authority.certificatePem), keep('client.pem', client.certificatePem)]);
}, 30_000);
afterAll(async () => rm(folder, { recursive: true, force: true }));

describe('a revocation list', () => {
  const [thisUpdate, nextUpdate] = [new Date('2026-01-02T03:04:05Z'), new Date('2056-01-02T03:04:05Z')];
  const content = () => ({ number: 4711, thisUpdate, nextUpdate, revoked: [
    { serial: readCertificate(client.certificatePem).serial, at: new Date('2026-01-01T00:00:00Z'), reason: 'keyCompromise' as const },
    { serial: 'FF', at: new Date('2025-01-01T00:00:00Z'), reason: 'unspecified' as const },
  ] });

  it('is read by openssl and certtool as it was meant, and its signature verified', async () => {
    const path = await keep('crl.pem', await makeRevocationList(content(), signer()));
    const { stdout, stderr } = await execute('openssl', ['crl', '-in', path, '-noout', '-text', '-CAfile', at('ca.pem'), '-nameopt', 'utf8']);
    expect(stderr).toContain('verify OK');
    expect(stdout).toMatch(new RegExp(`Issuer: CN ?= ?Prüf CA[^]*Last Update: Jan  2 03:04:05 2026 GMT[^]*Next Update: Jan  2 03:04:05 2056 GMT[^]*CRL Number: \\s*4711[^]*Serial Number: ${readCertificate(client.certificatePem).serial}[^]*Key Compromise[^]*Serial Number: FF`));
    const certtool = await execute('certtool', ['--crl-info', '--infile', path]);
    expect(certtool.stdout).toMatch(/CRL Number: 1267|CRL Number[^]*1267/i);
    expect(certtool.stdout).toContain('Revoked certificates (2)');
    const verified = await execute('certtool', ['--verify-crl', '--load-ca-certificate', at('ca.pem'), '--infile', path]);
    expect(verified.stdout).toContain('Verification output: Verified');
  });

  it('without entries is a list still', async () => {
    const path = await keep('empty.pem', await makeRevocationList({ ...content(), revoked: [] }, signer()));
    expect((await execute('openssl', ['crl', '-in', path, '-noout', '-text'])).stdout).toContain('No Revoked Certificates');
    await expect(execute('openssl', ['verify', '-crl_check', '-CAfile', at('ca.pem'), '-CRLfile', path, at('client.pem')])).resolves.toMatchObject({ stdout: expect.stringContaining('OK') });
  });

  it('makes openssl refuse what is on it', async () => {
    const path = await keep('revoking.pem', await makeRevocationList(content(), signer()));
    await expect(execute('openssl', ['verify', '-crl_check', '-CAfile', at('ca.pem'), '-CRLfile', path, at('client.pem')])).rejects.toMatchObject({ stderr: expect.stringContaining('certificate revoked') });
  });

  it('is not made with the key of another', async () => {
    await expect(makeRevocationList(content(), { ...signer(), key: createPrivateKey(client.keyPem) })).rejects.toThrow('does not belong');
  });
});
