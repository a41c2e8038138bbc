// SSH private key files: which ones to try, and whether a passphrase is needed before they can be used.
import { readFile } from 'node:fs/promises';

/** A key file that was read; the text is a secret. */
export interface IdentityFile {
  readonly path: string;
  readonly text: string;
  readonly encrypted: boolean;
}

/** A key file that is not there is undefined; one that cannot be read is an error of the file system. */
export async function readIdentityFile(path: string): Promise<IdentityFile | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    return { path, text, encrypted: isEncryptedKey(text) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The files OpenSSH tries by itself, in the order of preference of today's keys. */
export const defaultIdentityFiles = (home: string): readonly string[] =>
  ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => `${home}/.ssh/${name}`);

/** Whether a private key in PEM, PKCS#8, PuTTY's or OpenSSH's own format is locked by a passphrase. */
export function isEncryptedKey(text: string): boolean {
  if (/^Proc-Type: 4,ENCRYPTED|-----BEGIN ENCRYPTED PRIVATE KEY-----/m.test(text)) return true;
  if (text.startsWith('PuTTY-User-Key-File-')) return !/^Encryption: none\s*$/m.test(text);
  const openSsh = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text);
  if (openSsh === null) return false;
  // After the magic word comes the cipher's name, a counted string; an unlocked key has the cipher "none" (PROTOCOL.key of OpenSSH).
  const magic = 'openssh-key-v1\0';
  const bytes = Buffer.from(openSsh[1] ?? '', 'base64');
  const none = Buffer.from([0, 0, 0, 4, ...Buffer.from('none')]);
  return bytes.toString('latin1', 0, magic.length) === magic && !bytes.subarray(magic.length, magic.length + none.length).equals(none);
}
