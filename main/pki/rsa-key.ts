// RSA keys from two primes of OpenSSL's own: half the time of its key generation, which builds each prime around two smaller ones (FIPS 186-4, B.3.6).
import { createPrivateKey, createPublicKey, generatePrime, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import type { RsaKeyBits } from '../../app/pki/profiles.ts';

const publicExponent = 65_537n;

const generatePrimeAsync = promisify<number, { readonly bigint: true }, bigint>(generatePrime);

/** A prime with its two highest bits set, so that two of them multiply to twice their bits; p − 1 shares no factor with the exponent, which is prime. */
async function primeOf(bits: number): Promise<bigint> {
  for (;;) {
    const prime = await generatePrimeAsync(bits, { bigint: true });
    if (prime % publicExponent !== 1n) return prime;
  }
}

/**
 * Makes an RSA key as FIPS 186-5, A.1.3, has it: of probable primes from OpenSSL's random generator, not too near to each other. One thread of the few searches for both;
 * 3072 bits take about a quarter of a second of it.
 */
export async function makeKey(bits: RsaKeyBits = 3072): Promise<KeyObject> {
  for (;;) {
    const [one, other] = [await primeOf(bits / 2), await primeOf(bits / 2)];
    const [p, q] = one > other ? [one, other] : [other, one];
    if (p - q > 1n << BigInt(bits / 2 - 100)) return keyOf(p, q);
  }
}

/** The key of two primes, p > q. @throws Error when they are not primes that make a key */
export function keyOf(p: bigint, q: bigint): KeyObject {
  const [beforeP, beforeQ] = [p - 1n, q - 1n];
  const d = inverse(publicExponent, (beforeP * beforeQ) / greatestCommonDivisor(beforeP, beforeQ));
  const numbers = { n: p * q, e: publicExponent, d, p, q, dp: d % beforeP, dq: d % beforeQ, qi: inverse(q, p) };
  const key = createPrivateKey({ format: 'jwk', key: { kty: 'RSA', ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, base64url(value)])) } });
  const sample = randomBytes(32);
  if (!verify('sha256', sample, createPublicKey(key), sign('sha256', sample, key))) throw new Error('The numbers make no RSA key');
  return key;
}

/** 1/value modulo a number that it shares no factor with. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [rest, nextRest, factor, nextFactor] = [modulus, value % modulus, 0n, 1n];
  while (nextRest !== 0n) {
    const times = rest / nextRest;
    [rest, nextRest] = [nextRest, rest - times * nextRest];
    [factor, nextFactor] = [nextFactor, factor - times * nextFactor];
  }
  if (rest !== 1n) throw new RangeError('The number has no inverse');
  return factor < 0n ? factor + modulus : factor;
}

function greatestCommonDivisor(one: bigint, other: bigint): bigint {
  let [larger, smaller] = [one, other];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

function base64url(value: bigint): string {
  const digits = value.toString(16);
  return Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex').toString('base64url');
}
