// Making SSH key pairs, as ssh-keygen makes them.
import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { counted, lockedOpenSshText, openSshSecret, openSshText, UnsupportedKey } from './openssh-key.ts';
import { ed25519Parts } from './private-key.ts';

const generate = promisify(generateKeyPair);

export interface MadeKey {
  /** OpenSSH's own format; a secret. */
  readonly privateText: string;
  /** The line for authorized_keys and for the .pub file, without its end. */
  readonly publicLine: string;
}

export interface KeyWishes {
  readonly type: 'ed25519' | 'rsa';
  /** One line, shown beside the key wherever it is listed. */
  readonly comment: string;
  /** Without one the key is not locked. */
  readonly passphrase?: string | undefined;
}

const rsaBits = 3072;

/** Makes a key pair: ed25519, or RSA of 3072 bits for hosts that are too old for it. Other work goes on meanwhile. */
export async function makeKeyPair({ type, comment, passphrase }: KeyWishes): Promise<MadeKey> {
  const { publicKey, fields } = type === 'ed25519'
    ? ed25519Of((await generate('ed25519')).privateKey)
    : rsaParts((await generate('rsa', { modulusLength: rsaBits })).privateKey);
  return {
    privateText: passphrase === undefined ? openSshText(publicKey, openSshSecret(fields, comment)) : await lockedOpenSshText(publicKey, fields, comment, passphrase),
    publicLine: `ssh-${type} ${publicKey.toString('base64')}${comment === '' ? '' : ` ${comment}`}`,
  };
}

function ed25519Of(key: KeyObject): ReturnType<typeof ed25519Parts> {
  const { x, d } = key.export({ format: 'jwk' });
  if (x === undefined || d === undefined) throw new UnsupportedKey('it is no ed25519 key');
  return ed25519Parts(x, d);
}

/** The fields of PROTOCOL.key's ssh-rsa: n, e, d, the inverse of q, p, q; the public blob has e before n. */
function rsaParts(key: KeyObject): ReturnType<typeof ed25519Parts> {
  const numbers = key.export({ format: 'jwk' });
  const number = (name: 'n' | 'e' | 'd' | 'qi' | 'p' | 'q'): Buffer => mpint(Buffer.from(numbers[name] ?? '', 'base64url'));
  const name = counted('ssh-rsa');
  return {
    publicKey: Buffer.concat([name, number('e'), number('n')]),
    fields: Buffer.concat([name, number('n'), number('e'), number('d'), number('qi'), number('p'), number('q')]),
  };
}

/** A positive number of the SSH protocols (RFC 4251): no needless zeros, and one where the first bit would mean a sign. */
export function mpint(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const number = first < 0 ? Buffer.alloc(0) : bytes.subarray(first);
  return counted((number[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), number]) : number);
}
