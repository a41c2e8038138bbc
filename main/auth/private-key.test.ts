// Private keys in every format that ssh-keygen and OpenSSL write, locked and not; ssh-keygen says what their public halves are.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bcryptDerive } from './bcrypt-derive.ts';
import { type IdentityFile, isEncryptedKey, publicKeyOf } from './identity-files.ts';
import { openSshParts, unlockOpenSshKey } from './openssh-key.ts';
import { privateKeyText, UnlockedKeys } from './private-key.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestdeck-keys-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (text: string, path = '/key'): IdentityFile => ({ path, text, encrypted: isEncryptedKey(text), isPublic: false });
const publicHalf = (file: string): string => execFileSync('ssh-keygen', ['-y', '-P', 'open sesame', '-f', file], { encoding: 'utf8' }).split(' ').slice(0, 2).join(' ').trim();

/** The public half of what ssh2 makes of a key, as ssh-keygen writes it; undefined for a wrong passphrase. */
async function read(text: string, passphrase?: string): Promise<string | undefined> {
  const found = await privateKeyText(fileOf(text), passphrase);
  if (found === undefined) return undefined;
  const key = ssh2.utils.parseKey(found.text, found.passphrase);
  if (key instanceof Error) throw key;
  expect(key.isPrivateKey()).toBe(true);
  expect(key.verify(Buffer.from('signed'), Buffer.from(key.sign(Buffer.from('signed'))))).toBe(true);
  return `${key.type} ${key.getPublicSSH().toString('base64')}`;
}

describe('a private key', () => {
  it.each([
    ['ed25519', [], '', ''], ['ed25519', [], '', 'open sesame'], ['ed25519', ['-Z', 'aes256-gcm@openssh.com'], 'gcm', 'open sesame'], ['ed25519', ['-Z', 'aes128-cbc'], 'cbc', 'open sesame'],
    ['ecdsa', [], '', 'open sesame'], ['rsa', ['-b', '1024'], '', 'open sesame'],
    ['ecdsa', ['-m', 'PEM'], 'pem', ''], ['rsa', ['-b', '1024', '-m', 'PEM'], 'pem', 'open sesame'],
    ['ecdsa', ['-m', 'PKCS8'], 'pkcs8', ''], ['rsa', ['-b', '1024', '-m', 'PKCS8'], 'pkcs8', ''], ['rsa', ['-b', '1024', '-m', 'PKCS8'], 'pkcs8', 'open sesame'],
  ] as const)('of the kind %s, written with %j, %s, locked by %j, is read', async (type, words, name, passphrase) => {
    const path = join(folder, `${type}-${name}-${passphrase}`);
    execFileSync('ssh-keygen', ['-q', '-a', '1', '-t', type, ...words, '-N', passphrase, '-C', 'test', '-f', path]);
    const text = readFileSync(path, 'utf8');
    expect(await read(text, passphrase === '' ? undefined : passphrase)).toBe(publicHalf(path));
    if (openSshParts(text) !== undefined) expect(publicKeyOf({ text })?.toString('base64')).toBe(publicHalf(path).split(' ')[1]);
    if (passphrase !== '' && name !== 'pem') expect(await privateKeyText(fileOf(text), 'wrong')).toBeUndefined();
  });

  it.each(['', 'open sesame'])('of OpenSSL’s kind ed25519, locked by %j, is read', async (passphrase) => {
    const path = join(folder, `openssl-${passphrase}`);
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', path, ...(passphrase === '' ? [] : ['-aes256', '-pass', `pass:${passphrase}`])], { stdio: 'ignore' });
    const der = execFileSync('openssl', ['pkey', '-in', path, '-passin', `pass:${passphrase}`, '-pubout', '-outform', 'DER']);
    const text = await read(readFileSync(path, 'utf8'), passphrase);
    expect(Buffer.from(text?.split(' ')[1] ?? '', 'base64').subarray(-32)).toEqual(der.subarray(-32));
  });

  it('that cannot be used says so: another cipher, another kind, a damaged file', async () => {
    const path = join(folder, 'chacha');
    execFileSync('ssh-keygen', ['-q', '-a', '1', '-t', 'ed25519', '-Z', 'chacha20-poly1305@openssh.com', '-N', 'x', '-f', path]);
    await expect(privateKeyText(fileOf(readFileSync(path, 'utf8')), 'x')).rejects.toThrow('chacha20-poly1305@openssh.com');
    const x25519 = execFileSync('openssl', ['genpkey', '-algorithm', 'x25519'], { encoding: 'utf8' });
    await expect(privateKeyText(fileOf(x25519), undefined)).rejects.toThrow('x25519');
    await expect(privateKeyText(fileOf('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'), undefined)).rejects.toThrow('damaged');
  });

  it('in pieces of any kind is no reason to fail in another way', async () => {
    const path = join(folder, 'whole');
    execFileSync('ssh-keygen', ['-q', '-a', '1', '-t', 'ed25519', '-N', 'open sesame', '-f', path]);
    const bytes = Buffer.from(readFileSync(path, 'utf8').split('\n').slice(1, -2).join(''), 'base64');
    await fc.assert(fc.asyncProperty(fc.nat(bytes.length), async (length) => {
      const cut = `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.subarray(0, length).toString('base64')}\n-----END OPENSSH PRIVATE KEY-----`;
      expect(openSshParts(cut) === undefined).toBe(length < bytes.length);
    }), { numRuns: 50 });
  });

  it('lets other work go on while its passphrase is tried', async () => {
    const path = join(folder, 'slow');
    execFileSync('ssh-keygen', ['-q', '-a', '12', '-t', 'ed25519', '-N', 'open sesame', '-f', path]);
    const parts = openSshParts(readFileSync(path, 'utf8'));
    if (parts === undefined) throw new Error('no key');
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns++;
      if (!isDone) setImmediate(count);
    };
    count();
    const text = await unlockOpenSshKey(parts, 'open sesame');
    isDone = true;
    expect(text === undefined ? undefined : await read(text)).toBe(publicHalf(path));
    // One turn at least for each round of the two blocks.
    expect(turns).toBeGreaterThanOrEqual(24);
  });
});

describe('a derived key', () => {
  it('of senseless size is refused before any work', async () => {
    for (const [length, rounds] of [[0, 1], [1025, 1], [32, 0], [32, 4_000_000_000]] as const) await expect(bcryptDerive(Buffer.from('x'), Buffer.from('y'), length, rounds)).rejects.toThrow(RangeError);
  });
});

describe('unlocked keys', () => {
  it('are found again for the same file with the same content', () => {
    const keys = new UnlockedKeys();
    keys.keep(fileOf('locked', '/a'), { text: 'open' });
    expect([keys.find(fileOf('locked', '/a')), keys.find(fileOf('locked', '/b')), keys.find(fileOf('changed', '/a'))]).toEqual([{ text: 'open' }, undefined, undefined]);
  });
});
