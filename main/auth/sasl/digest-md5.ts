// DIGEST-MD5 (RFC 2831): the only password mechanism that libvirt offers over plain TCP, because it brings encryption.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Refused } from '../../../app/contract/refusal.ts';
import { type Challenge, readChallenge, readDirectives } from './digest-challenge.ts';
import { type DigestCipher, digestCiphers, digestLayer, largestToken, md5 } from './digest-layer.ts';
import { broken, type Credentials, impostor, type Mechanism, type SecurityLayer } from './mechanism.ts';

export interface DigestOptions {
  /** `libvirt/` and the host as the URI has it; only its service counts for libvirt. */
  readonly digestUri: string;
  /** Whether nothing may be said unsealed after the login, as over plain TCP. Otherwise no layer is asked for. */
  readonly mustSeal: boolean;
  /** The client's nonce; tests give the one of the RFC. */
  readonly nonce?: string;
}

/** Texts are handled as strings whose characters are bytes. */
const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
const hashed = (...parts: readonly string[]): string => md5(...parts.map(bytesOf)).toString('hex');
const utf8 = (text: string): string => Buffer.from(text).toString('latin1');
const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
const isLatin1 = (text: string): boolean => Array.from(text).every((letter) => (letter.codePointAt(0) ?? 0) < 256);

export class DigestMd5 implements Mechanism {
  readonly name = 'DIGEST-MD5';
  readonly initial = null;
  readonly #credentials: Credentials;
  readonly #options: DigestOptions;
  #expected: string | null = null;
  #layer: SecurityLayer | null = null;
  #done = false;

  constructor(credentials: Credentials, options: DigestOptions) {
    this.#credentials = credentials;
    this.#options = options;
  }

  get isDone(): boolean {
    return this.#done;
  }
  get layer(): SecurityLayer | null {
    return this.#layer;
  }

  async step(said: Uint8Array): Promise<Uint8Array | null> {
    if (this.#done) throw broken(this.name, 'it goes on after its end');
    if (this.#expected === null) return this.#respond(readChallenge(said));
    const proof = bytesOf(readDirectives(said).get('rspauth')?.[0] ?? '');
    const expected = bytesOf(this.#expected);
    if (proof.length !== expected.length || !timingSafeEqual(proof, expected)) throw impostor(this.name);
    this.#done = true;
    return null;
  }

  #respond(challenge: Challenge): Buffer {
    const { digestUri, nonce: clientNonce = randomBytes(24).toString('base64') } = this.#options;
    const { user, password, actAs } = this.#credentials;
    const cipher = this.#cipherFor(challenge);
    const qop = cipher === null ? 'auth' : 'auth-conf';
    const realm = this.#credentials.realm ?? this.#firstRealm(challenge);
    // RFC 2831, 2.1.2.1: what fits into Latin-1 is hashed as such, although it is sent as UTF-8.
    const forHash = (text: string): string => (isLatin1(text) ? text : utf8(text));
    const forWire = challenge.isUtf8 ? utf8 : (text: string): string => text;
    if (!challenge.isUtf8 && ![user, password, realm ?? '', actAs ?? ''].every(isLatin1)) {
      throw new Refused('auth-failed', 'The daemon takes only Latin letters in user name and password.', { stage: 'sasl' });
    }
    const secret = md5(bytesOf([forHash(user), forHash(realm ?? ''), forHash(password)].join(':')));
    const session = md5(secret, bytesOf([':' + challenge.nonce, clientNonce, ...(actAs === undefined ? [] : [forWire(actAs)])].join(':')));
    const count = '00000001';
    const proofOf = (method: string): string => {
      const a2 = hashed(method, ':', digestUri, qop === 'auth' ? '' : `:${'0'.repeat(32)}`);
      return hashed([session.toString('hex'), challenge.nonce, count, clientNonce, qop, a2].join(':'));
    };
    this.#expected = proofOf('');
    if (cipher !== null) this.#layer = digestLayer({ session, cipher, farToken: challenge.largestToken });
    return bytesOf([
      ...(challenge.isUtf8 ? ['charset=utf-8'] : []),
      `username=${quoted(forWire(user))}`,
      ...(realm === undefined ? [] : [`realm=${quoted(forWire(realm))}`]),
      `nonce=${quoted(challenge.nonce)}`,
      `nc=${count}`,
      `cnonce=${quoted(clientNonce)}`,
      `digest-uri=${quoted(digestUri)}`,
      ...(cipher === null ? [] : [`maxbuf=${largestToken}`, `cipher=${cipher}`]),
      `response=${proofOf('AUTHENTICATE')}`,
      `qop=${qop}`,
      ...(actAs === undefined ? [] : [`authzid=${quoted(forWire(actAs))}`]),
    ].join(','));
  }

  /** The cipher to seal with; null where no layer is needed and none is insisted on. */
  #cipherFor({ qops, ciphers }: Challenge): DigestCipher | null {
    if (!this.#options.mustSeal && qops.includes('auth')) return null;
    const cipher = digestCiphers.find((known) => ciphers.includes(known));
    if (qops.includes('auth-conf') && cipher !== undefined) return cipher;
    throw new Refused('auth-unsupported', 'The daemon offers DIGEST-MD5 without encryption of at least 112 bits.', {
      stage: 'sasl',
      remedy: 'Over plain TCP nothing less is accepted. Connect over TLS or SSH.',
    });
  }

  #firstRealm({ realms: [realm], isUtf8 }: Challenge): string | undefined {
    return realm === undefined || !isUtf8 ? realm : bytesOf(realm).toString();
  }
}
