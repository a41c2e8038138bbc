// SSH private key files: which ones to try, and whether a passphrase is needed before they can be used.
import { readFile } from 'node:fs/promises';
import { openSshParts } from './openssh-key.ts';

/** A key file that was read; the text is a secret. */
export interface IdentityFile {
  readonly path: string;
  readonly text: string;
  readonly encrypted: boolean;
  /** A public key alone: it names the key of an agent. */
  readonly isPublic: boolean;
}

/** A key file that is not there is undefined; one that cannot be read is an error of the file system. */
export async function readIdentityFile(path: string): Promise<IdentityFile | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    return { path, text, encrypted: isEncryptedKey(text), isPublic: publicLine.test(text) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

const publicLine = /^(?:ssh-|ecdsa-|sk-)[a-z0-9@.-]+ +([A-Za-z0-9+/]+={0,2})(?:\s|$)/;

/** The public half of a key as an SSH blob, as far as it stands in the open: in a public key file, and in OpenSSH's own format even when locked. */
export function publicKeyOf({ text }: Pick<IdentityFile, 'text'>): Buffer | undefined {
  const line = publicLine.exec(text);
  if (line !== null) return Buffer.from(line[1] ?? '', 'base64');
  return openSshParts(text)?.publicKey;
}

/** The files OpenSSH tries by itself, in the order of preference of today's keys. */
export const defaultIdentityFiles = (home: string): readonly string[] =>
  ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => `${home}/.ssh/${name}`);

/** Whether a private key in PEM, PKCS#8, PuTTY's or OpenSSH's own format is locked by a passphrase. */
export function isEncryptedKey(text: string): boolean {
  if (/^Proc-Type: 4,ENCRYPTED|-----BEGIN ENCRYPTED PRIVATE KEY-----/m.test(text)) return true;
  if (text.startsWith('PuTTY-User-Key-File-')) return !/^Encryption: none\s*$/m.test(text);
  const parts = openSshParts(text);
  return parts !== undefined && parts.cipher !== 'none';
}
