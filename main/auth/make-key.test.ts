// Keys made here, judged by ssh-keygen.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Refused } from '../../app/contract/refusal.ts';
import { listKeyPairs, writeKeyPair } from './key-files.ts';
import { makeKeyPair, mpint } from './make-key.ts';
import { openSshParts, unlockOpenSshKey } from './openssh-key.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'guestdeck-keys-'));
});
afterAll(() => rmSync(home, { recursive: true }));

const keygen = (...words: readonly string[]): string => execFileSync('ssh-keygen', words, { encoding: 'utf8' }).trim();
const refusalOf = async (work: Promise<unknown>): Promise<unknown> => await work.then(() => null, (error: unknown) => (error instanceof Refused ? error.refusal : error));

describe.each([
  ['an ed25519 key', { type: 'ed25519', comment: 'ada at home' }, /^256 .* ada at home \(ED25519\)$/],
  ['a locked ed25519 key', { type: 'ed25519', comment: 'zoë', passphrase: 'open “sesame”' }, /^256 .* zoë \(ED25519\)$/],
  ['an RSA key without a comment', { type: 'rsa', comment: '' }, /^3072 .* \(RSA\)$/],
  ['a locked RSA key', { type: 'rsa', comment: 'old host', passphrase: 'x' }, /^3072 .* old host \(RSA\)$/],
] as const)('%s', (name, wishes, described) => {
  it('is one to ssh-keygen, which finds its public half and fingerprint', async () => {
    const made = await makeKeyPair(wishes);
    const file = await writeKeyPair(home, name.replaceAll(' ', '-'), made);
    const passphrase = 'passphrase' in wishes ? wishes.passphrase : '';
    expect(keygen('-y', '-P', passphrase, '-f', file)).toBe(made.publicLine);
    expect(keygen('-l', '-f', file)).toMatch(described);
    const [pair] = (await listKeyPairs(home)).filter((each) => each.file === file);
    expect(pair).toEqual({
      file, publicLine: made.publicLine, type: `ssh-${wishes.type}`, comment: wishes.comment, encrypted: 'passphrase' in wishes,
      fingerprint: keygen('-l', '-f', `${file}.pub`).split(' ')[1],
    });
    expect([file, `${file}.pub`, join(home, '.ssh')].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o644, 0o700]);
    // What ssh-keygen rewrites, it has understood wholly.
    keygen('-p', '-P', passphrase, '-N', 'another', '-f', file);
    expect(keygen('-y', '-P', 'another', '-f', file)).toBe(made.publicLine);
  });

  it('locks with the passphrase and nothing else', async () => {
    const { privateText } = await makeKeyPair(wishes);
    const parts = openSshParts(privateText);
    if (parts === undefined) throw new Error('not in OpenSSH’s format');
    if (!('passphrase' in wishes)) {
      expect(parts.cipher).toBe('none');
      return;
    }
    expect([parts.cipher, parts.derivation]).toEqual(['aes256-ctr', 'bcrypt']);
    expect(await unlockOpenSshKey(parts, wishes.passphrase)).toContain('BEGIN OPENSSH PRIVATE KEY');
    expect(await unlockOpenSshKey(parts, `${wishes.passphrase} `)).toBeUndefined();
  });
});

describe('a key file', () => {
  it('that is there already is left alone, whichever half it is', async () => {
    const made = await makeKeyPair({ type: 'ed25519', comment: '' });
    const file = await writeKeyPair(home, 'mine', made);
    const before = [readFileSync(file, 'utf8'), readFileSync(`${file}.pub`, 'utf8')];
    const other = await makeKeyPair({ type: 'ed25519', comment: '' });
    expect(await refusalOf(writeKeyPair(home, 'mine', other))).toMatchObject({ code: 'bad-input', field: 'name', message: `There is a key ${file} already.` });
    expect([readFileSync(file, 'utf8'), readFileSync(`${file}.pub`, 'utf8')]).toEqual(before);
    rmSync(file);
    expect(await refusalOf(writeKeyPair(home, 'mine', other))).toMatchObject({ code: 'bad-input' });
    // The half that was written before the other was found is gone again.
    expect(() => statSync(file)).toThrow('ENOENT');
    expect(readFileSync(`${file}.pub`, 'utf8')).toBe(before[1]);
  });

  it('that is no key is not listed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'guestdeck-keys-'));
    try {
      expect(await listKeyPairs(folder)).toEqual([]);
      await writeKeyPair(folder, 'good', await makeKeyPair({ type: 'ed25519', comment: '' }));
      for (const [name, text] of [['known_hosts', 'x'], ['alone.pub', readFileSync(join(folder, '.ssh', 'good.pub'), 'utf8')], ['odd', 'x'], ['odd.pub', 'ssh-ed25519 AAAA'], ['public', readFileSync(join(folder, '.ssh', 'good.pub'), 'utf8')], ['public.pub', readFileSync(join(folder, '.ssh', 'good.pub'), 'utf8')]] as const) writeFileSync(join(folder, '.ssh', name), text);
      chmodSync(join(folder, '.ssh', 'odd'), 0o600);
      expect((await listKeyPairs(folder)).map(({ file }) => file)).toEqual([join(folder, '.ssh', 'good')]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a number of the SSH protocols', () => {
  it('has no needless zeros and is never negative', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n }), fc.nat(4), (number, zeros) => {
      const hex = number.toString(16);
      const bytes = Buffer.concat([Buffer.alloc(zeros), Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')]);
      const written = mpint(bytes);
      const content = written.subarray(4);
      expect(written.readUInt32BE(0)).toBe(content.length);
      expect(content.length === 0 ? 0n : BigInt.asIntN(content.length * 8, BigInt(`0x${content.toString('hex')}`))).toBe(number);
      expect(content[0] === 0 && (content[1] ?? 0) < 0x80).toBe(false);
    }));
  });
});
