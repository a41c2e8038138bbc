import { execFile } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DerFault, integer, octetString, oid, sequence } from './der.ts';
import { encryptKey, isLocked, openKey } from './key-file.ts';
import { pemBlocks } from './pem.ts';
import { pemOf } from './signing.ts';

const execute = promisify(execFile);
const word = 'schön geheim';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guestdeck-key-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));
const open = async (pem: string, passphrase: string | undefined) => {
  const [block] = pemBlocks(pem);
  if (block === undefined) throw new Error('no PEM');
  return await openKey(block, passphrase);
};

describe('a key kept encrypted', () => {
  it('is read by openssl and certtool with its passphrase, and derived by 600,000 rounds of PBKDF2-HMAC-SHA256', async () => {
    const path = join(folder, 'ours.pem');
    await writeFile(path, await encryptKey(privateKey, word));
    const { stdout } = await execute('openssl', ['pkcs8', '-in', path, '-passin', `pass:${word}`]);
    expect(stdout).toBe(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const certtool = await execute('certtool', ['--key-info', '--infile', path, '--password', word]);
    expect(certtool.stdout).toContain('Public Key Algorithm: RSA');
    const { stdout: structure } = await execute('openssl', ['asn1parse', '-in', path]);
    expect(structure).toMatch(/PBES2[^]*PBKDF2[^]*INTEGER +:0927C0[^]*hmacWithSHA256[^]*aes-256-cbc/);
  });

  it('opens with its passphrase alone', async () => {
    const pem = await encryptKey(privateKey, word);
    expect((await open(pem, word))?.equals(privateKey)).toBe(true);
    expect(await Promise.all([open(pem, 'wrong'), open(pem, ''), open(pem, undefined)])).toEqual([null, null, null]);
    expect(pem).not.toBe(await encryptKey(privateKey, word));
  });
});

describe('a key of another program', () => {
  const written: readonly (readonly [string, string, readonly string[]])[] = [
    ['PBES2 with scrypt', 'pkcs8', ['-topk8', '-scrypt']],
    ['PBES2 with SHA-1 and 3DES', 'pkcs8', ['-topk8', '-v2', 'des3', '-v2prf', 'hmacWithSHA1']],
    ['PBES2 with SHA-512 and AES-128', 'pkcs8', ['-topk8', '-v2', 'aes128', '-v2prf', 'hmacWithSHA512']],
    ['PBES1', 'pkcs8', ['-topk8', '-v1', 'PBE-SHA1-3DES']],
    ['PEM of old', 'rsa', ['-aes256', '-traditional']],
  ];
  it.each(written)('in %s opens with its passphrase alone', async (_, command, words) => {
    const [plain, path] = [join(folder, 'plain.pem'), join(folder, 'locked.pem')];
    await writeFile(plain, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await execute('openssl', [command, '-in', plain, '-out', path, ...words, '-passout', `pass:${word}`]);
    const pem = await readFile(path, 'utf8');
    expect(pemBlocks(pem).map(isLocked)).toEqual([true]);
    expect((await open(pem, word))?.equals(privateKey)).toBe(true);
    expect(await Promise.all([open(pem, 'wrong'), open(pem, undefined)])).toEqual([null, null]);
  });

  it('as certtool encrypts it opens too', async () => {
    const path = join(folder, 'certtool.pem');
    await execute('certtool', ['--generate-privkey', '--ecc', '--pkcs8', '--password', word, '--outfile', path]);
    const pem = await readFile(path, 'utf8');
    expect((await open(pem, word))?.asymmetricKeyType).toBe('ec');
    expect(await open(pem, 'wrong')).toBeNull();
  });

  it('of any kind opens without a passphrase where it has none', async () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    for (const [key, type] of [[privateKey, 'pkcs1'], [privateKey, 'pkcs8'], [ec, 'sec1'], [generateKeyPairSync('ed25519').privateKey, 'pkcs8']] as const) {
      const opened = await open(`junk before\n${key.export({ type, format: 'pem' }).toString()}after`, undefined);
      expect(opened === null ? null : createPublicKey(opened).equals(createPublicKey(key))).toBe(true);
    }
  });

  it('that asks for more work than any program does is refused at once', async () => {
    const greedy = (parameters: Buffer): string => pemOf('ENCRYPTED PRIVATE KEY', sequence(
      sequence(oid('1.2.840.113549.1.5.13'), sequence(parameters, sequence(oid('2.16.840.1.101.3.4.1.42'), octetString(Buffer.alloc(16))))), octetString(Buffer.alloc(64)),
    ));
    const rounds = sequence(oid('1.2.840.113549.1.5.12'), sequence(octetString(Buffer.alloc(8)), integer(2 ** 31 - 1)));
    const memory = sequence(oid('1.3.6.1.4.1.11591.4.11'), sequence(octetString(Buffer.alloc(8)), integer(2 ** 24), integer(64), integer(1)));
    await expect(open(greedy(rounds), word)).rejects.toThrow('too much work');
    await expect(open(greedy(memory), word)).rejects.toThrow('too much memory');
  });

  it('that is damaged is said to be so, without a word of it', async () => {
    await expect(open('-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----', undefined)).rejects.toThrow(new DerFault('the key is damaged'));
    expect(() => pemBlocks('-----BEGIN PRIVATE KEY-----\nc2VjcmV0')).toThrow('-----BEGIN PRIVATE KEY----- has no end');
  });
});
