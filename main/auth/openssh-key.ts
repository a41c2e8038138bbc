// OpenSSH's own format of private keys (PROTOCOL.key of OpenSSH): reading its open parts, unlocking it, writing it.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { bcryptDerive } from './bcrypt-derive.ts';

export interface OpenSshParts {
  /** `none` when the key is not locked. */
  readonly cipher: string;
  /** `none` or `bcrypt`. */
  readonly derivation: string;
  readonly derivationOptions: Buffer;
  /** An SSH public key blob. */
  readonly publicKey: Buffer;
  /** Two equal check words, the private key, a comment and padding; encrypted when there is a cipher. */
  readonly secret: Buffer;
  /** What follows the secret: the tag of an authenticated cipher. */
  readonly rest: Buffer;
}

const magic = 'openssh-key-v1\0';

/** The parts of the only key in such a file; undefined when the text is none, or cut short. */
export function openSshParts(text: string): OpenSshParts | undefined {
  const found = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text);
  if (found === null) return undefined;
  const bytes = Buffer.from(found[1] ?? '', 'base64');
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined;
  let at = magic.length;
  const next = (): Buffer | undefined => {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    const part = bytes.subarray(at + 4, end);
    at = end;
    return part;
  };
  const [cipher, derivation, derivationOptions] = [next(), next(), next()];
  if (derivationOptions === undefined || at + 4 > bytes.length || bytes.readUInt32BE(at) !== 1) return undefined;
  at += 4;
  const [publicKey, secret] = [next(), next()];
  if (cipher === undefined || derivation === undefined || publicKey === undefined || secret === undefined) return undefined;
  return { cipher: cipher.toString('latin1'), derivation: derivation.toString('latin1'), derivationOptions, publicKey, secret, rest: bytes.subarray(at) };
}

/** Cipher of the format → Node's name for it, and the bytes of its key, its start value and its tag. */
const ciphers: Readonly<Record<string, { readonly name: string; readonly key: number; readonly iv: number; readonly tag: number }>> = {
  'aes128-ctr': { name: 'aes-128-ctr', key: 16, iv: 16, tag: 0 },
  'aes192-ctr': { name: 'aes-192-ctr', key: 24, iv: 16, tag: 0 },
  'aes256-ctr': { name: 'aes-256-ctr', key: 32, iv: 16, tag: 0 },
  'aes128-cbc': { name: 'aes-128-cbc', key: 16, iv: 16, tag: 0 },
  'aes192-cbc': { name: 'aes-192-cbc', key: 24, iv: 16, tag: 0 },
  'aes256-cbc': { name: 'aes-256-cbc', key: 32, iv: 16, tag: 0 },
  'aes128-gcm@openssh.com': { name: 'aes-128-gcm', key: 16, iv: 12, tag: 16 },
  'aes256-gcm@openssh.com': { name: 'aes-256-gcm', key: 32, iv: 12, tag: 16 },
};

/** A key of this format cannot be used, whatever the passphrase. */
export class UnsupportedKey extends Error {
  override readonly name = 'UnsupportedKey';
}

/**
 * Unlocks a key and gives its text without a lock; undefined when the passphrase is wrong.
 * The half second that this takes is cut into pieces of some 20 ms, between which everything else goes on.
 * @throws UnsupportedKey
 */
export async function unlockOpenSshKey(parts: OpenSshParts, passphrase: string): Promise<string | undefined> {
  const cipher = Object.hasOwn(ciphers, parts.cipher) ? ciphers[parts.cipher] : undefined;
  if (cipher === undefined || parts.derivation !== 'bcrypt') throw new UnsupportedKey(`it is locked with ${parts.cipher} and ${parts.derivation}, which are not supported`);
  const options = parts.derivationOptions;
  const saltLength = options.length < 8 ? -1 : options.readUInt32BE(0);
  if (saltLength <= 0 || saltLength + 8 !== options.length || parts.secret.length === 0) throw new UnsupportedKey('its file is damaged');
  const rounds = options.readUInt32BE(4 + saltLength);
  if (passphrase === '') return undefined;
  const derived = await bcryptDerive(Buffer.from(passphrase), options.subarray(4, 4 + saltLength), cipher.key + cipher.iv, rounds);
  const secret = decrypt(parts, cipher, derived);
  if (secret === undefined || secret.length < 8 || secret.readUInt32BE(0) !== secret.readUInt32BE(4)) return undefined;
  return openSshText(parts.publicKey, secret);
}

function decrypt({ secret, rest }: OpenSshParts, { name, key, iv, tag }: { readonly name: string; readonly key: number; readonly iv: number; readonly tag: number }, derived: Buffer): Buffer | undefined {
  const [keyBytes, start] = [derived.subarray(0, key), derived.subarray(key, key + iv)];
  if (name === 'aes-128-gcm' || name === 'aes-256-gcm') {
    const decipher = createDecipheriv(name, keyBytes, start).setAuthTag(rest.subarray(0, tag));
    const plain = decipher.update(secret);
    return isAuthentic(() => decipher.final()) ? plain : undefined;
  }
  const decipher = createDecipheriv(name, keyBytes, start).setAutoPadding(false);
  return Buffer.concat([decipher.update(secret), decipher.final()]);
}

/** A wrong passphrase shows as a tag that does not fit. */
function isAuthentic(finish: () => unknown): boolean {
  try {
    finish();
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

/** A counted string of the SSH protocols. */
export const counted = (bytes: Buffer | string): Buffer => {
  const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
};

/** How a private key is locked: the names in the file, and the options of the key derivation. */
interface Lock {
  readonly cipher: string;
  readonly derivation: string;
  readonly options: Buffer | string;
}
const open: Lock = { cipher: 'none', derivation: 'none', options: '' };

/** The secret part of a key file before it is locked: two equal check words, the key's fields, a comment, and padding to whole blocks. */
export function openSshSecret(fields: Buffer, comment: string, blockSize = 8): Buffer {
  const check = randomBytes(4);
  const content = Buffer.concat([check, check, fields, counted(comment)]);
  const padding = Array.from({ length: (blockSize - (content.length % blockSize)) % blockSize }, (_, index) => index + 1);
  return Buffer.concat([content, Buffer.from(padding)]);
}

/** The text of a key file, unlocked unless told how it is locked. `secret` is what `openSshSecret` gives, encrypted where there is a lock. */
export function openSshText(publicKey: Buffer, secret: Buffer, { cipher, derivation, options }: Lock = open): string {
  const bytes = Buffer.concat([Buffer.from(magic), counted(cipher), counted(derivation), counted(options), Buffer.from([0, 0, 0, 1]), counted(publicKey), counted(secret)]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString('base64').replaceAll(/.{70}(?=.)/g, '$&\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/** As many as ssh-keygen takes today. */
const usualRounds = 24;

/** The text of a key file locked by a passphrase, as ssh-keygen locks it: aes256-ctr with a key derived by bcrypt. Takes most of a second, in small pieces. */
export async function lockedOpenSshText(publicKey: Buffer, fields: Buffer, comment: string, passphrase: string): Promise<string> {
  const salt = randomBytes(16);
  const rounds = Buffer.alloc(4);
  rounds.writeUInt32BE(usualRounds);
  const derived = await bcryptDerive(Buffer.from(passphrase), salt, 48, usualRounds);
  const cipher = createCipheriv('aes-256-ctr', derived.subarray(0, 32), derived.subarray(32));
  const secret = Buffer.concat([cipher.update(openSshSecret(fields, comment, 16)), cipher.final()]);
  return openSshText(publicKey, secret, { cipher: 'aes256-ctr', derivation: 'bcrypt', options: Buffer.concat([counted(salt), rounds]) });
}
