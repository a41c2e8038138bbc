// RC4 against published key streams, and against itself cut into pieces.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rc4 } from './rc4.ts';

describe('RC4', () => {
  it.each([
    ['Key', 'Plaintext', 'bbf316e8d940af0ad3'],
    ['Wiki', 'pedia', '1021bf0420'],
    ['Secret', 'Attack at dawn', '45a01f645fc35b383552544b9bf5'],
  ])('with the key %s makes of %s what is known', (key, text, sealed) => {
    expect(rc4(Buffer.from(key))(Buffer.from(text)).toString('hex')).toBe(sealed);
  });

  // RFC 6229: key streams at the offsets 0 and 4096.
  it.each([
    ['0102030405', 'b2396305f03dc027ccc3524a0a1118a86982944f18fc82d589c403a47a0d0919', 'ff25b58995996707e51fbdf08b34d875'],
    ['0102030405060708090a0b0c0d0e0f10', '9ac7cc9a609d1ef7b2932899cde41b975248c4959014126a6e8a84f11d1a9e1c', 'a36a4c301ae8ac13610ccbc12256cacc'],
  ])('with the key %s has the stream of RFC 6229', (key, start, later) => {
    const stream = rc4(Buffer.from(key, 'hex'))(Buffer.alloc(4112));
    expect([stream.toString('hex', 0, 32), stream.toString('hex', 4096)]).toEqual([start, later]);
  });

  it('goes on where it ended', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 32 }), fc.array(fc.uint8Array()), (key, pieces) => {
      const cut = rc4(key);
      expect(Buffer.concat(pieces.map((piece) => cut(piece)))).toEqual(rc4(key)(Buffer.concat(pieces)));
      expect(rc4(key)(rc4(key)(Buffer.concat(pieces)))).toEqual(Buffer.concat(pieces));
    }));
  });
});
