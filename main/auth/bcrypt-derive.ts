// bcrypt_pbkdf, by which OpenSSH makes an encryption key out of a passphrase, in small pieces: nothing else has to wait for it.
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { hash } from 'bcrypt-pbkdf';

/** Bytes of one bcrypt hash. */
const hashSize = 32;
/** As much as any client writes, some minutes of work: a damaged file shall not keep a processor busy for days. */
const mostRounds = 10_000;

const sha512 = (bytes: Uint8Array): Buffer => createHash('sha512').update(bytes).digest();

/**
 * Derives `length` bytes (at most 1024). Between two hashes, of some 20 ms each, other work gets its turn.
 * @throws RangeError when the length or the rounds make no sense.
 */
export async function bcryptDerive(passphrase: Buffer, salt: Buffer, length: number, rounds: number): Promise<Buffer> {
  if (length < 1 || length > hashSize * hashSize || rounds < 1 || rounds > mostRounds) throw new RangeError('a key derivation of this size is not supported');
  const blocks = Math.ceil(length / hashSize);
  const hashedPassphrase = sha512(passphrase);
  const derived = Buffer.alloc(length);
  for (let block = 1; block <= blocks; block++) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(block);
    let last = Buffer.concat([salt, number]);
    const sum = Buffer.alloc(hashSize);
    for (let round = 0; round < rounds; round++) {
      const next = Buffer.alloc(hashSize);
      hash(hashedPassphrase, sha512(last), next);
      for (const [index, byte] of next.entries()) sum[index] = (sum[index] ?? 0) ^ byte;
      last = next;
      await setImmediate();
    }
    // The bytes of the blocks are dealt out like cards, not laid end to end.
    for (const [index, byte] of sum.entries()) {
      const at = index * blocks + block - 1;
      if (at < length) derived[at] = byte;
    }
  }
  return derived;
}
