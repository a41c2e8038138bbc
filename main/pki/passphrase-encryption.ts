// Encryption by a passphrase as PKCS#5 has it (RFC 8018, RFC 7914), as it stands in key files and PKCS#12. Derives on threads of its own.
import { createCipheriv, createDecipheriv, pbkdf2, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { contentOf, DerFault, type DerValue, firstValue, inside, integer, nothing, numberOf, octetString, oid, oidOf, sequence, tag } from './der.ts';

const pbkdf2Async = promisify(pbkdf2);
const scryptAsync = promisify<string, Buffer, number, { readonly N: number; readonly r: number; readonly p: number; readonly maxmem: number }, Buffer>(scrypt);

const pbes2 = '1.2.840.113549.1.5.13';
const pbkdf2Oid = '1.2.840.113549.1.5.12';
const scryptOid = '1.3.6.1.4.1.11591.4.11';
const hmacSha256 = '1.2.840.113549.2.9';
const aes256 = '2.16.840.1.101.3.4.1.42';

/** Pseudorandom functions by their identifiers. */
const digests: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1', '1.2.840.113549.2.8': 'sha224', [hmacSha256]: 'sha256', '1.2.840.113549.2.10': 'sha384', '1.2.840.113549.2.11': 'sha512',
};
/** Ciphers by their identifiers, with the bytes of their keys. */
const ciphers: Readonly<Record<string, { readonly name: string; readonly keyBytes: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyBytes: 16 }, '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyBytes: 24 }, [aes256]: { name: 'aes-256-cbc', keyBytes: 32 },
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', keyBytes: 24 },
};

/** OWASP's figure for PBKDF2-HMAC-SHA256; GnuTLS cannot read scrypt. About a quarter of a second. */
const iterations = 600_000;
/** More than any program asks for, some seconds of work: a damaged file shall not keep a processor busy for days. */
export const mostIterations = 10_000_000;
const mostScryptBytes = 268_435_456;

/** Encrypts with PBES2: PBKDF2-HMAC-SHA256 of 600,000 rounds, AES-256-CBC. @returns AlgorithmIdentifier and the encrypted bytes. */
export async function encrypt(bytes: Buffer, passphrase: string): Promise<{ readonly algorithm: Buffer; readonly encrypted: Buffer }> {
  const [salt, iv] = [randomBytes(16), randomBytes(16)];
  const key = await pbkdf2Async(passphrase, salt, iterations, 32, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const derivation = sequence(oid(pbkdf2Oid), sequence(octetString(salt), integer(iterations), sequence(oid(hmacSha256), nothing)));
  return { algorithm: sequence(oid(pbes2), sequence(derivation, sequence(oid(aes256), octetString(iv)))), encrypted: Buffer.concat([cipher.update(bytes), cipher.final()]) };
}

/** Whether an algorithm is of PBES2. @throws DerFault */
export const isPbes2 = (algorithm: DerValue | undefined): boolean => oidOf(inside(algorithm)[0]) === pbes2;

/**
 * Decrypts what PBES2 encrypted.
 * @returns null when the passphrase is wrong; a wrong one goes unnoticed once in 256 times, and what is decrypted is not what was expected then.
 * @throws DerFault when the algorithm is not known here or asks for too much work.
 */
export async function decrypt(algorithm: DerValue | undefined, bytes: Buffer, passphrase: string): Promise<Buffer | null> {
  const [derivation, encryption] = inside(inside(algorithm)[1]);
  const [cipherName, iv] = inside(encryption);
  const cipher = ciphers[oidOf(cipherName)];
  if (cipher === undefined) throw new DerFault('its cipher is not known');
  const key = await deriveKey(derivation, passphrase, cipher.keyBytes);
  return decipher(cipher.name, key, contentOf(iv, tag.octetString), bytes);
}

/** Deciphers and takes the padding off; null when that is wrong, as it nearly always is with a wrong key. */
export function decipher(name: string, key: Buffer, iv: Buffer, bytes: Buffer): Buffer | null {
  try {
    const opened = createDecipheriv(name, key, iv);
    return Buffer.concat([opened.update(bytes), opened.final()]);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ERR_OSSL_BAD_DECRYPT' || error.code === 'ERR_OSSL_WRONG_FINAL_BLOCK_LENGTH')) return null;
    throw new DerFault('it cannot be deciphered', { cause: error });
  }
}

async function deriveKey(derivation: DerValue | undefined, passphrase: string, keyBytes: number): Promise<Buffer> {
  const [name, parameters] = inside(derivation);
  const [salt, cost, ...rest] = inside(parameters);
  const [saltBytes, count] = [contentOf(salt, tag.octetString), numberOf(cost)];
  if (oidOf(name) === scryptOid) {
    const [r, p] = [numberOf(rest[0]), numberOf(rest[1])];
    if (128 * count * r > mostScryptBytes || p > 16) throw new DerFault('opening it asks for too much memory');
    return await scryptAsync(passphrase, saltBytes, keyBytes, { N: count, r, p, maxmem: 2 * mostScryptBytes }).catch((error: unknown) => {
      throw new DerFault('its key derivation is damaged', { cause: error });
    });
  }
  // Without one it is HMAC-SHA1.
  const [digest] = rest.filter((value) => value.tag === tag.sequence);
  const prf = digest === undefined ? 'sha1' : digests[oidOf(inside(digest)[0])];
  if (oidOf(name) !== pbkdf2Oid || prf === undefined) throw new DerFault('its key derivation is not known');
  if (count < 1 || count > mostIterations) throw new DerFault('opening it asks for too much work');
  return await pbkdf2Async(passphrase, saltBytes, count, keyBytes, prf);
}

/** EncryptedPrivateKeyInfo of RFC 5958: the algorithm and the encrypted bytes. @throws DerFault */
export function encryptedParts(bytes: Buffer): { readonly algorithm: DerValue | undefined; readonly encrypted: Buffer } {
  const [algorithm, encrypted] = inside(firstValue(bytes));
  return { algorithm, encrypted: contentOf(encrypted, tag.octetString) };
}
