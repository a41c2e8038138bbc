import { execFileSync } from 'node:child_process';
import { createPublicKey, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { rsaKeyBits } from '../../app/pki/profiles.ts';
import { keyOf, makeKey } from './rsa-key.ts';

describe('an RSA key made here', () => {
  it.each(rsaKeyBits)('of %d bits is whole to openssl, signs, and has the usual exponent', async (bits) => {
    const key = await makeKey(bits);
    expect(key.asymmetricKeyDetails).toEqual({ modulusLength: bits, publicExponent: 65_537n });
    const said = execFileSync('openssl', ['rsa', '-check', '-noout'], { input: key.export({ type: 'pkcs8', format: 'pem' }), encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
    expect(said).toMatch(/key ok/);
    const message = Buffer.from('signed');
    expect(verify('sha256', message, createPublicKey(key), sign('sha256', message, key))).toBe(true);
  }, 60_000);

  it('is not made of numbers that are no primes, or that share a factor with the exponent', () => {
    const prime = 2n ** 521n - 1n;
    expect(keyOf(2n ** 607n - 1n, prime).asymmetricKeyDetails?.publicExponent).toBe(65_537n);
    expect(() => keyOf(2n ** 607n - 3n, prime)).toThrow('no RSA key');
    expect(() => keyOf(65_537n * 4n + 1n, 3n)).toThrow('no inverse');
  });
});
