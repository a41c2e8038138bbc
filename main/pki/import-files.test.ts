import { execFile } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DerFault } from './der.ts';
import { type Found, Locked, readFileContent } from './import-files.ts';
import { readCertificate } from './read-certificate.ts';

const execute = promisify(execFile);
const word = 'wört';
let folder: string;
const at = (name: string): string => join(folder, name);
const read = async (name: string, passphrase?: string): Promise<Found> => await readFileContent(await readFile(at(name)), passphrase);
const openssl = async (...words: readonly string[]): Promise<unknown> => await execute('openssl', words);
/** Whether a certificate is the one made for the test, and the key its own. */
const isOurs = ({ certificates: [certificate], keys: [key] }: Found): boolean => key !== undefined && certificate?.certificate.checkPrivateKey(key) === true && certificate.subject.text === 'CN=t';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guestdeck-import-'));
  await openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', at('key.pem'), '-out', at('cert.pem'), '-days', '9', '-subj', '/CN=t');
  await openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at('eckey.pem'), '-out', at('eccert.pem'), '-days', '9', '-subj', '/CN=t');
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

const inPairs = ['-inkey', 'key.pem', '-in', 'cert.pem'];
const archives: readonly (readonly [string, readonly string[]])[] = [
  ['as openssl makes it', inPairs],
  ['with a chain', [...inPairs, '-certfile', 'eccert.pem']],
  ['with keys of an elliptic curve', ['-inkey', 'eckey.pem', '-in', 'eccert.pem']],
  ['as Windows makes it, with 3DES and SHA-1', [...inPairs, '-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES', '-macalg', 'sha1']],
  ['of old, with RC2 of 40 bits', [...inPairs, '-legacy', '-certpbe', 'PBE-SHA1-RC2-40', '-keypbe', 'PBE-SHA1-3DES', '-macalg', 'sha1']],
  ['with RC2 of 128 bits', [...inPairs, '-legacy', '-certpbe', 'PBE-SHA1-RC2-128', '-keypbe', 'PBE-SHA1-RC2-128', '-macalg', 'sha1']],
  ['with SHA-512 and many rounds', [...inPairs, '-macalg', 'sha512', '-iter', '20000', '-maciter']],
  ['without a check value', [...inPairs, '-nomac']],
  ['with nothing encrypted', [...inPairs, '-keypbe', 'NONE', '-certpbe', 'NONE']],
];

describe('PKCS#12', () => {
  it.each(archives)('%s opens with its passphrase alone', async (_, words) => {
    await execute('openssl', ['pkcs12', '-export', ...words, '-out', 'a.p12', '-passout', `pass:${word}`], { cwd: folder });
    expect(isOurs(await read('a.p12', word))).toBe(true);
    if (words.includes('-nomac') || words.includes('NONE')) return;
    await expect(read('a.p12', 'wrong')).rejects.toThrow(Locked);
    await expect(read('a.p12')).rejects.toThrow(Locked);
  });

  it('holds all certificates of the chain', async () => {
    await execute('openssl', ['pkcs12', '-export', ...inPairs, '-certfile', 'eccert.pem', '-out', 'chain.p12', '-passout', 'pass:'], { cwd: folder });
    expect((await read('chain.p12')).certificates.map(({ key }) => key.type)).toEqual(['rsa', 'ec']);
  });

  // Its rounds are 600,000, which takes a while.
  it.each(['aes-256', '3des'])('of certtool with %s opens', async (cipher) => {
    await execute('certtool', ['--to-p12', '--load-certificate', at('cert.pem'), '--load-privkey', at('key.pem'), '--p12-name', 't', '--password', word, '--pkcs-cipher', cipher, '--outder', '--outfile', at('c.p12')]);
    expect(isOurs(await read('c.p12', word))).toBe(true);
  }, 60_000);

  it('that is damaged anywhere opens, is locked or is said to be damaged', async () => {
    await execute('openssl', ['pkcs12', '-export', ...inPairs, '-iter', '1', '-out', 'd.p12', '-passout', `pass:${word}`], { cwd: folder });
    const whole = await readFile(at('d.p12'));
    await fc.assert(fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (place, flip) => {
      const copy = Buffer.from(whole);
      copy.writeUInt8(copy.readUInt8(place) ^ flip, place);
      try {
        await readFileContent(copy, word);
      } catch (error) {
        expect(error instanceof DerFault || error instanceof Locked, String(error)).toBe(true);
      }
    }), { numRuns: 300 });
  });
});

describe('a file', () => {
  it('of PEM gives what is in it, whatever stands around', async () => {
    const text = `Bag Attributes\r\n  friendlyName: t\r\n${await readFile(at('cert.pem'), 'utf8')}\n\0 \n${await readFile(at('key.pem'), 'utf8')}-- \nkind regards`;
    expect(isOurs(await readFileContent(Buffer.from(text), undefined))).toBe(true);
  });

  it('of DER gives certificate or key', async () => {
    await openssl('x509', '-in', at('cert.pem'), '-outform', 'DER', '-out', at('cert.der'));
    await openssl('pkcs8', '-topk8', '-nocrypt', '-in', at('key.pem'), '-outform', 'DER', '-out', at('key.der'));
    await openssl('pkcs8', '-topk8', '-in', at('key.pem'), '-outform', 'DER', '-out', at('locked.der'), '-passout', `pass:${word}`);
    await openssl('rsa', '-in', at('key.pem'), '-traditional', '-outform', 'DER', '-out', at('pkcs1.der'));
    expect((await read('cert.der')).certificates.map(({ fingerprint }) => fingerprint)).toEqual([readCertificate(await readFile(at('cert.pem'))).fingerprint]);
    const wanted = readCertificate(await readFile(at('cert.pem'))).certificate.publicKey;
    for (const name of ['key.der', 'pkcs1.der', 'locked.der']) {
      const { keys: [key] } = await read(name, word);
      expect(key === undefined ? null : createPublicKey(key).equals(wanted)).toBe(true);
    }
    await expect(read('locked.der')).rejects.toThrow(Locked);
  });

  it.each([
    ['text', Buffer.from('Dear Anna, here is the file.'), 'neither PEM nor DER nor PKCS#12'], ['nothing', Buffer.alloc(0), 'neither PEM nor DER'], ['zeros', Buffer.alloc(4096), 'neither PEM nor DER'],
    ['a sequence of nothing', Buffer.from('3000', 'hex'), 'neither a certificate nor a key'], ['PEM of something else', Buffer.from('-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----'), 'neither a certificate nor a key'],
    ['a certificate cut off', Buffer.from('-----BEGIN CERTIFICATE-----\nMIIB'), 'has no end'], ['a certificate of rubbish', Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'), 'it is no certificate'],
  ])('of %s is refused in words', async (_, bytes, words) => {
    await expect(readFileContent(bytes, undefined)).rejects.toThrow(words);
    await expect(readFileContent(bytes, undefined)).rejects.toBeInstanceOf(DerFault);
  });

  it('of a million beginnings without an end is refused without reading it a million times', async () => {
    const greedy = Buffer.from(Array.from({ length: 40_000 }, (_, index) => `-----BEGIN ${index.toString(36).toUpperCase()}-----`).join('\n'));
    await expect(readFileContent(greedy, undefined)).rejects.toThrow('has no end');
  });

  it('of any bytes is read or refused', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      await expect(readFileContent(Buffer.concat([Buffer.from([0x30]), bytes]), '')).rejects.toThrow();
    }));
  });
});
