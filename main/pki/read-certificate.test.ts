import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DerFault } from './der.ts';
import { readCertificate } from './read-certificate.ts';

const execute = promisify(execFile);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guestdeck-read-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

/** A certificate signed by itself, as openssl makes it. */
const openssl = async (name: string, ...words: readonly string[]): Promise<string> => {
  const path = join(folder, `${name}.pem`);
  await execute('openssl', ['req', '-x509', '-nodes', '-keyout', join(folder, `${name}.key`), '-out', path, '-days', '30', '-utf8', ...words]);
  return path;
};

describe('a certificate', () => {
  it('is read as openssl made it', async () => {
    const path = await openssl('full', '-newkey', 'rsa:2048', '-multivalue-rdn', '-subj', '/C=DE/O=Prüf, Stelle+OU=Nord/emailAddress=a@b.example/CN=Zoë', '-set_serial', '0x00ff01', '-addext', 'basicConstraints=critical,CA:TRUE,pathlen:2',
      '-addext', 'keyUsage=critical,digitalSignature,keyCertSign,cRLSign', '-addext', 'extendedKeyUsage=clientAuth,serverAuth', '-addext', 'subjectAltName=DNS:host.example,IP:10.0.0.1,IP:2001:db8::1,URI:urn:x');
    const facts = readCertificate(await readFile(path));
    expect(facts).toMatchObject({
      subject: {
        parts: [{ attribute: 'C', value: 'DE' }, { attribute: 'OU', value: 'Nord' }, { attribute: 'O', value: 'Prüf, Stelle' }, { attribute: 'EMAIL', value: 'a@b.example' }, { attribute: 'CN', value: 'Zoë' }],
        text: 'C=DE,OU=Nord+O=Prüf\\, Stelle,EMAIL=a@b.example,CN=Zoë',
      },
      serial: 'FF01', isAuthority: true, pathLength: 2, key: { type: 'rsa', bits: 2048 }, signatureAlgorithm: '1.2.840.113549.1.1.11',
      names: [{ kind: 'dns', name: 'host.example' }, { kind: 'ip', address: '10.0.0.1' }, { kind: 'ip', address: '2001:db8::1' }],
      keyUsage: { critical: true, uses: ['digitalSignature', 'keyCertSign', 'cRLSign'] },
      extendedKeyUsage: { critical: false, uses: ['serverAuth', 'clientAuth'] },
    });
    expect(facts.issuer.der).toEqual(facts.subject.der);
    expect(facts.notBefore).toEqual(new Date(facts.certificate.validFrom));
    expect(facts.notAfter).toEqual(new Date(facts.certificate.validTo));
    const { stdout } = await execute('openssl', ['x509', '-in', path, '-noout', '-ext', 'subjectKeyIdentifier']);
    expect(facts.keyIdentifier.toString('hex').toUpperCase()).toBe(stdout.trim().split('\n')[1]?.trim().replaceAll(':', ''));
  });

  it.each([['ec', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'], { type: 'ec', bits: 384 }], ['ed25519', ['-newkey', 'ed25519'], { type: 'ed25519', bits: 256 }]] as const)('of %s tells its kind and size', async (name, words, key) => {
    expect(readCertificate(await readFile(await openssl(name, ...words, '-subj', `/CN=${name}`)))).toMatchObject({ key, subject: { text: `CN=${name}` } });
  });

  it('of version 1 restricts nothing and is no authority', async () => {
    const [request, path] = [join(folder, 'v1.csr'), join(folder, 'v1.pem')];
    await execute('openssl', ['req', '-new', '-newkey', 'ed25519', '-nodes', '-keyout', join(folder, 'v1.key'), '-subj', '/CN=old', '-out', request]);
    await execute('openssl', ['x509', '-req', '-in', request, '-signkey', join(folder, 'v1.key'), '-days', '1', '-out', path]);
    expect(readCertificate(await readFile(path))).toMatchObject({ isAuthority: false, pathLength: null, keyUsage: null, extendedKeyUsage: null, names: [] });
  });

  it('that is damaged anywhere is a certificate still or said to be none', async () => {
    const der = readCertificate(await readFile(await openssl('damaged', '-newkey', 'ed25519', '-subj', '/CN=d', '-addext', 'subjectAltName=DNS:d'))).certificate.raw;
    fc.assert(fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(der.length), (place, flip, end) => {
      const copy = Buffer.from(der.subarray(0, Math.max(end, der.length - 3)));
      if (place < copy.length) copy.writeUInt8(copy.readUInt8(place) ^ flip, place);
      try {
        readCertificate(copy);
      } catch (error) {
        expect(error).toBeInstanceOf(DerFault);
      }
    }), { numRuns: 500 });
  });
});
