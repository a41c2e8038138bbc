// DIGEST-MD5's layer: both ends against each other however the bytes are cut, a token worked out by the RFC's formulas, and every kind of damage.
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DigestCipher, digestCiphers, digestLayer } from './digest-layer.ts';
import { rc4 } from './rc4.ts';

const session = createHash('md5').update('A1').digest();
const layer = (cipher: DigestCipher, side: 'client' | 'server', farToken = 65_536) => digestLayer({ session, cipher, farToken, side });
const pieces = (bytes: Buffer, cuts: readonly number[]): readonly Buffer[] => {
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((one, other) => one - other);
  return [0, ...ends].map((start, at) => bytes.subarray(start, ends[at] ?? bytes.length));
};

describe.each(digestCiphers)('the layer with %s', (cipher) => {
  it('gives back what the far end sealed, both ways, in pieces of any size', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 3_000 })), { maxLength: 12 }), fc.array(fc.nat()), (messages, cuts) => {
      const ends = { client: layer(cipher, 'client', 1_024), server: layer(cipher, 'server', 1_024) };
      for (const [outwards, message] of messages) {
        const [from, to] = outwards ? [ends.client, ends.server] : [ends.server, ends.client];
        expect(Buffer.concat(pieces(from.seal(message), cuts).map((piece) => to.open(piece)))).toEqual(Buffer.from(message));
      }
    }), { numRuns: 60 });
  });

  it('opens a token split at every byte', () => {
    const sealed = layer(cipher, 'server').seal(Buffer.from('a libvirt frame'));
    for (let at = 0; at <= sealed.length; at++) {
      const client = layer(cipher, 'client');
      expect(Buffer.concat([client.open(sealed.subarray(0, at)), client.open(sealed.subarray(at))]).toString()).toBe('a libvirt frame');
    }
  });

  it('never sends a token larger than the far end takes', () => {
    for (const farToken of [1_024, 4_096, 65_536, 16_777_215]) {
      const sealed = layer(cipher, 'client', farToken).seal(Buffer.alloc(200_000, 7));
      const lengths: number[] = [];
      for (let at = 0; at < sealed.length; at += 4 + sealed.readUInt32BE(at)) lengths.push(sealed.readUInt32BE(at));
      expect(Math.max(...lengths)).toBeLessThanOrEqual(Math.min(farToken, 65_536));
      expect(layer(cipher, 'server').open(sealed).equals(Buffer.alloc(200_000, 7))).toBe(true);
    }
  });

  it('seals the same text differently the second time', () => {
    const client = layer(cipher, 'client');
    expect(client.seal(Buffer.from('same')).equals(client.seal(Buffer.from('same')))).toBe(false);
  });

  it('refuses a token with any one bit changed, a repeated one and one of its own', () => {
    const sealed = layer(cipher, 'server').seal(Buffer.from('pin vCPU 1 to CPU 4'));
    for (let bit = 32; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => layer(cipher, 'client').open(changed)).toThrow(/^The daemon broke the rules of DIGEST-MD5: /);
    }
    expect(() => layer(cipher, 'client').open(Buffer.concat([sealed, sealed]))).toThrow(/changed, lost or repeated|padding/);
    const client = layer(cipher, 'client');
    expect(() => layer(cipher, 'client').open(client.seal(Buffer.from('echo')))).toThrow(/changed, lost or repeated|padding/);
  });

  it.each([0, 1, 15, 65_537, 0x7fff_ffff, 0xffff_ffff])('refuses a length of %i before anything is held for it', (length) => {
    const word = Buffer.alloc(4);
    word.writeUInt32BE(length);
    expect(() => layer(cipher, 'client').open(word)).toThrow(expect.objectContaining({ refusal: expect.objectContaining({ code: 'protocol', stage: 'sasl' }) }));
  });
});

describe('a token by the formulas of RFC 2831', () => {
  const plain = Buffer.from('frame');
  const key = (text: string): Buffer => createHash('md5').update(session).update(text).digest();
  const signature = createHmac('md5', key('Digest session key to client-to-server signing key magic constant')).update(Buffer.from([0, 0, 0, 0])).update(plain).digest().subarray(0, 10);
  const sealing = key('Digest H(A1) to client-to-server sealing key magic constant');
  const token = (sealed: Buffer): string => Buffer.concat([Buffer.from([0, 0, 0, sealed.length + 6]), sealed, Buffer.from([0, 1, 0, 0, 0, 0])]).toString('hex');

  it('is counted, sealed by rc4, typed and numbered', () => {
    expect(layer('rc4', 'client').seal(plain).toString('hex')).toBe(token(rc4(sealing)(Buffer.concat([plain, signature]))));
  });

  it('is padded and sealed by two-key 3des, with the key’s end as the first vector', () => {
    const spread = (seven: Buffer): Buffer => {
      const bits = [...seven].map((byte) => byte.toString(2).padStart(8, '0')).join('');
      return Buffer.from((bits.match(/.{7}/g) ?? []).map((part) => parseInt(`${part}0`, 2)));
    };
    const keys = Buffer.concat([spread(sealing.subarray(0, 7)), spread(sealing.subarray(7, 14)), spread(sealing.subarray(0, 7))]);
    const cipher = createCipheriv('des-ede3-cbc', keys, sealing.subarray(8)).setAutoPadding(false);
    expect(layer('3des', 'client').seal(plain).toString('hex')).toBe(token(cipher.update(Buffer.concat([plain, Buffer.from([1]), signature]))));
  });
});
