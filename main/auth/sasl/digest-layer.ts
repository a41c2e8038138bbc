// DIGEST-MD5's encryption ("auth-conf", RFC 2831 section 2.4): counted tokens, each sealed and signed, with a cipher that runs on.
import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { broken, type SecurityLayer } from './mechanism.ts';
import { rc4 } from './rc4.ts';

const mechanism = 'DIGEST-MD5';

/** MD5 over parts in a row: H of RFC 2831. */
export const md5 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** The ciphers of 112 bits and more, in the order they are chosen, which is that of libvirt's own client; those of 40 and 56 are not spoken. */
export const digestCiphers = ['rc4', '3des'] as const;
export type DigestCipher = (typeof digestCiphers)[number];

/** The largest token that this side takes, and the largest payload that it sends whatever the server would take. */
export const largestToken = 65_536;
/** Signature, type and number; and the most that a block cipher pads. */
const trailer = 10 + 6;
const mostPadding = 8;
/** Token type 1, the only one. */
const tokenType = 1;

type Run = (bytes: Uint8Array) => Buffer;
interface Cipher {
  /** Payload, padding and signature together are a multiple of this. */
  readonly block: 1 | 8;
  readonly seal: (key: Buffer) => Run;
  readonly open: (key: Buffer) => Run;
}

/** Seven bytes as the eight of a DES key, whose lowest bits are parity and unused. */
const desKey = (seven: Buffer): Buffer => {
  const bits = BigInt(`0x${seven.toString('hex')}`);
  return Buffer.from(Array.from({ length: 8 }, (_, at) => Number((bits >> BigInt(49 - 7 * at)) & 127n) << 1));
};
const tripleDes = (key: Buffer) => ['des-ede-cbc', Buffer.concat([desKey(key.subarray(0, 7)), desKey(key.subarray(7, 14))]), key.subarray(8)] as const;

const ciphers: Readonly<Record<DigestCipher, Cipher>> = {
  rc4: { block: 1, seal: rc4, open: rc4 },
  '3des': {
    block: 8,
    seal: (key) => {
      const cipher = createCipheriv(...tripleDes(key)).setAutoPadding(false);
      return (bytes) => cipher.update(bytes);
    },
    open: (key) => {
      const cipher = createDecipheriv(...tripleDes(key)).setAutoPadding(false);
      return (bytes) => cipher.update(bytes);
    },
  },
};

type Direction = 'client-to-server' | 'server-to-client';
const keyOf = (session: Buffer, text: string): Buffer => md5(session, Buffer.from(text));

const signer = (session: Buffer, direction: Direction): ((plain: Uint8Array) => { readonly signature: Buffer; readonly number: Buffer }) => {
  const key = keyOf(session, `Digest session key to ${direction} signing key magic constant`);
  let next = 0;
  return (plain) => {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(next);
    next = (next + 1) >>> 0;
    return { signature: createHmac('md5', key).update(number).update(plain).digest().subarray(0, 10), number };
  };
};
const sealingKey = (session: Buffer, direction: Direction): Buffer => keyOf(session, `Digest H(A1) to ${direction} sealing key magic constant`);

export interface DigestLayerOptions {
  /** H(A1), 16 bytes, a secret. */
  readonly session: Buffer;
  readonly cipher: DigestCipher;
  /** The largest token that the far side takes, in bytes. */
  readonly farToken: number;
  /** Which side this is; a server's only in tests. */
  readonly side?: 'client' | 'server';
}

/** The layer of one login. */
export const digestLayer = ({ session, cipher, farToken, side = 'client' }: DigestLayerOptions): SecurityLayer => {
  const [outwards, inwards] = side === 'client' ? (['client-to-server', 'server-to-client'] as const) : (['server-to-client', 'client-to-server'] as const);
  const { block, ...runs } = ciphers[cipher];
  const [seal, open] = [runs.seal(sealingKey(session, outwards)), runs.open(sealingKey(session, inwards))];
  const [sign, verify] = [signer(session, outwards), signer(session, inwards)];
  const largestPayload = Math.min(farToken, largestToken) - trailer - mostPadding;
  const smallestToken = (block === 1 ? 10 : 16) + 6;
  let held = Buffer.alloc(0);

  const token = (plain: Uint8Array): readonly Buffer[] => {
    const { signature, number } = sign(plain);
    const pad = block === 1 ? 0 : block - ((plain.length + signature.length) % block);
    const sealed = seal(Buffer.concat([plain, Buffer.alloc(pad, pad), signature]));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(sealed.length + 6);
    return [length, sealed, Buffer.from([0, tokenType]), number];
  };

  const payload = (bytes: Buffer): Buffer => {
    const end = bytes.length - 6;
    const opened = open(bytes.subarray(0, end));
    const signed = opened.length - 10;
    const pad = block === 1 ? 0 : (opened[signed - 1] ?? 0);
    if (block !== 1 && (pad < 1 || pad > block || pad > signed)) throw broken(mechanism, 'the padding of an encrypted message is wrong');
    const plain = opened.subarray(0, signed - pad);
    const { signature, number } = verify(plain);
    if (bytes.readUInt16BE(end) !== tokenType || !number.equals(bytes.subarray(end + 2)) || !timingSafeEqual(signature, opened.subarray(signed))) {
      throw broken(mechanism, 'an encrypted message was changed, lost or repeated on its way');
    }
    return plain;
  };

  return {
    seal: (plain) => {
      const tokens: Buffer[] = [];
      for (let at = 0; at < plain.length; at += largestPayload) tokens.push(...token(plain.subarray(at, at + largestPayload)));
      return Buffer.concat(tokens);
    },
    open: (sealed) => {
      held = Buffer.concat([held, sealed]);
      const opened: Buffer[] = [];
      let at = 0;
      while (held.length - at >= 4) {
        const length = held.readUInt32BE(at);
        if (length < smallestToken || length > largestToken || (length - 6) % block !== 0) throw broken(mechanism, `an encrypted message of ${length} bytes`);
        if (held.length - at - 4 < length) break;
        opened.push(payload(held.subarray(at + 4, at + 4 + length)));
        at += 4 + length;
      }
      held = held.subarray(at);
      return Buffer.concat(opened);
    },
  };
};
