// Key files: which are tried, and which are locked, with ssh-keygen and openssl as makers.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { defaultIdentityFiles, isEncryptedKey, readIdentityFile } from './identity-files.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestdeck-identity-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ['OpenSSH’s format', ['-t', 'ed25519', '-a', '1']],
  ['PEM', ['-t', 'ecdsa', '-m', 'PEM']],
  ['PKCS#8', ['-t', 'ecdsa', '-m', 'PKCS8']],
])('a key in %s is seen to be open or locked', async (name, options) => {
  for (const passphrase of ['', 'open sesame']) {
    const path = join(folder, `${name.replaceAll(/\W/g, '')}${passphrase.length}`);
    execFileSync('ssh-keygen', ['-q', ...options, '-N', passphrase, '-C', '', '-f', path]);
    expect(await readIdentityFile(path)).toMatchObject({ path, encrypted: passphrase !== '' });
  }
});

it('PuTTY’s keys say it in words; rubbish is not locked; a missing file is nothing', async () => {
  expect(isEncryptedKey('PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: aes256-cbc\r\n')).toBe(true);
  expect(isEncryptedKey('PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: none\r\n')).toBe(false);
  writeFileSync(join(folder, 'rubbish'), 'rubbish');
  expect(await readIdentityFile(join(folder, 'rubbish'))).toMatchObject({ encrypted: false });
  expect(await readIdentityFile(join(folder, 'missing'))).toBeUndefined();
  expect(defaultIdentityFiles('/home/ada')).toEqual(['/home/ada/.ssh/id_ed25519', '/home/ada/.ssh/id_ecdsa', '/home/ada/.ssh/id_rsa']);
});
