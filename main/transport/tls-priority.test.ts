// GnuTLS priority strings: what they come to, that OpenSSL takes it, and what is refused.
import { createSecureContext } from 'node:tls';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refused } from '../../app/contract/refusal.ts';
import { optionsOfPriority } from './tls-priority.ts';

describe('a GnuTLS priority string', () => {
  it.each([
    ['NORMAL', {}],
    ['normal:%COMPAT:-VERS-TLS1.0:-ARCFOUR-128', {}],
    ['NORMAL:-VERS-TLS1.2', { minVersion: 'TLSv1.3' }],
    ['NORMAL:!VERS-TLS1.3', { maxVersion: 'TLSv1.2' }],
    ['NORMAL:-VERS-ALL:+VERS-TLS1.3', { minVersion: 'TLSv1.3' }],
    ['NORMAL:-GROUP-ALL:+CURVE-SECP384R1', { ecdhCurve: 'P-384' }],
    ['NORMAL:-SIGN-ALL:+SIGN-RSA-PSS-RSAE-SHA512:+SIGN-EDDSA-ED25519', { sigalgs: 'rsa_pss_rsae_sha512:ed25519' }],
    ['NONE:+VERS-TLS1.3:+AES-256-GCM:+AEAD:+GROUP-ALL:+SIGN-ALL', { minVersion: 'TLSv1.3', ciphers: 'TLS_AES_256_GCM_SHA384' }],
    ['NONE:+VERS-TLS-ALL:+CHACHA20-POLY1305:+AEAD:+ECDHE-RSA:+GROUP-ALL:+SIGN-ALL', { ciphers: 'TLS_CHACHA20_POLY1305_SHA256:ECDHE-RSA-CHACHA20-POLY1305' }],
    ['NORMAL:-MAC-ALL:+AEAD:-KX-ALL:+DHE-RSA:-CIPHER-ALL:+AES-128-GCM', { ciphers: 'TLS_AES_128_GCM_SHA256:DHE-RSA-AES128-GCM-SHA256' }],
  ])('%s', (priority, options) => {
    expect(optionsOfPriority(priority)).toEqual(options);
    createSecureContext(optionsOfPriority(priority));
  });

  it('of 256 bits leaves no cipher, group or signature of fewer', () => {
    const { ciphers, ecdhCurve, sigalgs } = optionsOfPriority('SECURE256');
    expect(ciphers).not.toMatch(/AES_?128|-SHA(256)?(:|$)/);
    expect(sigalgs).not.toMatch(/sha256|SHA256|ed25519/);
    expect(ecdhCurve).toBe('X448:P-384:P-521');
    createSecureContext(optionsOfPriority('SECURE256'));
  });

  it('for forward secrecy leaves no exchange by RSA alone', () => {
    const names = optionsOfPriority('PFS').ciphers?.split(':') ?? [];
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !/^(TLS_|ECDHE-|DHE-)/.test(name))).toEqual([]);
  });

  it.each([
    ['', 'begins with ""'],
    ['@SYSTEM', 'begins with "@SYSTEM"'],
    ['STRONG', 'begins with "STRONG"'],
    ['NORMAL:-NONSENSE', '"-NONSENSE", which cannot be done here'],
    ['NORMAL:AES-128-GCM', '"AES-128-GCM", which cannot be done here'],
    ['NORMAL:%VERIFY_ALLOW_SIGN_RSA_MD5', 'which cannot be done here'],
    ['NONE', 'leaves nothing'],
    ['NORMAL:-VERS-ALL:+VERS-TLS1.0', 'leaves nothing'],
    ['NORMAL:-SIGN-ALL', 'leaves nothing'],
  ])('%j is refused', (priority, words) => {
    expect(() => optionsOfPriority(priority)).toThrow(Refused);
    expect(() => optionsOfPriority(priority)).toThrow(words);
  });

  it('comes to what OpenSSL takes, or to a refusal', () => {
    const item = fc.tuple(fc.constantFrom('+', '-', '!'), fc.constantFrom('VERS-ALL', 'VERS-TLS1.2', 'VERS-TLS1.3', 'CIPHER-ALL', 'AES-128-GCM', 'AES-256-CBC', 'CHACHA20-POLY1305', 'KX-ALL', 'RSA', 'DHE-RSA', 'ECDHE-ECDSA', 'MAC-ALL', 'AEAD', 'SHA1', 'SHA384', 'GROUP-ALL', 'GROUP-X448', 'SIGN-ALL', 'SIGN-ECDSA-SHA384', '3DES-CBC'));
    fc.assert(fc.property(fc.constantFrom('NORMAL', 'NONE', 'PFS', 'SECURE192'), fc.array(item), (beginning, items) => {
      let options;
      try {
        options = optionsOfPriority([beginning, ...items.map(([sign, name]) => `${sign}${name}`)].join(':'));
      } catch (error) {
        expect(error).toBeInstanceOf(Refused);
        return;
      }
      createSecureContext(options);
    }), { numRuns: 300 });
  });
});
