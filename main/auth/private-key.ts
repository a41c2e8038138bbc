// A private key file as ssh2 reads it: unlocked, and out of PKCS#8, which ssh2 does not know.
import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';
import type { IdentityFile } from './identity-files.ts';
import { counted, openSshParts, openSshSecret, openSshText, unlockOpenSshKey, UnsupportedKey } from './openssh-key.ts';

/** What ssh2 reads a key from. A secret. */
export interface KeyText {
  readonly text: string;
  readonly passphrase?: string;
}

/**
 * The text for ssh2 and the passphrase that still has to be given with it; undefined when the passphrase is wrong.
 * PEM of old and PuTTY's files go through as they are: ssh2 unlocks these, quickly.
 * @throws UnsupportedKey
 */
export async function privateKeyText(file: IdentityFile, passphrase: string | undefined): Promise<KeyText | undefined> {
  const parts = openSshParts(file.text);
  if (parts !== undefined && file.encrypted) {
    const text = await unlockOpenSshKey(parts, passphrase ?? '');
    return text === undefined ? undefined : { text };
  }
  if (!/-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/.test(file.text)) return { text: file.text, ...(passphrase !== undefined && { passphrase }) };
  const key = fromPkcs8(file, passphrase);
  return key === undefined ? undefined : { text: converted(key) };
}

function fromPkcs8(file: IdentityFile, passphrase: string | undefined): KeyObject | undefined {
  try {
    return createPrivateKey({ key: file.text, format: 'pem', ...(passphrase !== undefined && { passphrase }) });
  } catch (error) {
    // OpenSSL does not tell a wrong passphrase from a damaged file.
    if (file.encrypted) return undefined;
    throw new UnsupportedKey('its file is damaged', { cause: error });
  }
}

function converted(key: KeyObject): string {
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }).toString();
  if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' }).toString();
  const { x, d } = key.asymmetricKeyType === 'ed25519' ? key.export({ format: 'jwk' }) : {};
  if (x === undefined || d === undefined) throw new UnsupportedKey(`keys of the kind ${key.asymmetricKeyType ?? 'unknown'} are not used with SSH`);
  const { publicKey, fields } = ed25519Parts(x, d);
  return openSshText(publicKey, openSshSecret(fields, ''));
}

/** An ed25519 key, its numbers in base64url as in a JWK, as SSH writes it: the public blob, and the fields of the private key. */
export function ed25519Parts(x: string, d: string): { readonly publicKey: Buffer; readonly fields: Buffer } {
  const open = Buffer.from(x, 'base64url');
  const publicKey = Buffer.concat([counted('ssh-ed25519'), counted(open)]);
  return { publicKey, fields: Buffer.concat([publicKey, counted(Buffer.concat([Buffer.from(d, 'base64url'), open]))]) };
}

/** Keys unlocked since the program started, so that nobody is asked twice. In memory only; a file that changed is another key. */
export class UnlockedKeys {
  readonly #texts = new Map<string, KeyText>();

  /** What opened this file before. */
  find(file: IdentityFile): KeyText | undefined {
    return this.#texts.get(nameOf(file));
  }

  keep(file: IdentityFile, text: KeyText): void {
    this.#texts.set(nameOf(file), text);
  }
}

const nameOf = ({ path, text }: IdentityFile): string => `${path}\0${createHash('sha256').update(text).digest('base64')}`;
