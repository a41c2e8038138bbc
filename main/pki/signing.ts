// Signing what certificates, requests and revocation lists say: DER in, signed DER out. OpenSSL signs, on a thread of its own.
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { bitString, contentOf, type DerValue, inside, nothing, oid, readValue, sequence, tag } from './der.ts';

const signAsync = promisify<string | null, Buffer, KeyObject, Buffer>(sign);

interface Algorithm {
  /** AlgorithmIdentifier of RFC 5280 §4.1.1.2. */
  readonly der: Buffer;
  /** As Node calls the digest; null where the algorithm has its own. */
  readonly digest: string | null;
}

const rsa: Algorithm = { der: sequence(oid('1.2.840.113549.1.1.11'), nothing), digest: 'sha256' };
const ed25519: Algorithm = { der: sequence(oid('1.3.101.112')), digest: null };
/** ECDSA with a digest as long as the curve (RFC 5758 §3.2). */
const curves: Readonly<Record<string, Algorithm>> = {
  prime256v1: { der: sequence(oid('1.2.840.10045.4.3.2')), digest: 'sha256' },
  secp384r1: { der: sequence(oid('1.2.840.10045.4.3.3')), digest: 'sha384' },
  secp521r1: { der: sequence(oid('1.2.840.10045.4.3.4')), digest: 'sha512' },
};

/** How a key signs; undefined for kinds that sign nothing here. */
const algorithmOf = ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): Algorithm | undefined => {
  if (asymmetricKeyType === 'rsa') return rsa;
  return asymmetricKeyType === 'ed25519' ? ed25519 : curves[asymmetricKeyDetails?.namedCurve ?? ''];
};

/** Whether certificates can be made with this key. */
export const canSign = (key: KeyObject): boolean => algorithmOf(key) !== undefined;

/** What a signature of this key is called inside of what it signs. @throws RangeError for a kind of key that signs nothing here. */
export const signatureName = (key: KeyObject): Buffer => {
  const algorithm = algorithmOf(key);
  if (algorithm === undefined) throw new RangeError(`Keys of the kind ${key.asymmetricKeyType ?? 'unknown'} are not used to sign`);
  return algorithm.der;
};

/** What is to be signed, with algorithm and signature: the form that certificates, requests and revocation lists share. */
export async function signed(content: Buffer, key: KeyObject): Promise<Buffer> {
  const name = signatureName(key);
  const signature = await signAsync(algorithmOf(key)?.digest ?? null, content, key);
  return sequence(content, name, bitString(signature));
}

/** RSA with the longer digests, which others may have signed with. */
const longerRsa: readonly Algorithm[] = (['sha384', 'sha512'] as const).map((digest, index) => ({ der: sequence(oid(`1.2.840.113549.1.1.${12 + index}`), nothing), digest }));
/** Digests by the bytes of the algorithm's identifier. */
const digestOf: ReadonlyMap<string, string | null> = new Map([rsa, ed25519, ...Object.values(curves), ...longerRsa].map(({ der, digest }) => [der.toString('hex'), digest]));

/** Whether the signature of such a form is of this key. @throws DerFault when it has another form. */
export function isSignedBy(form: Buffer, publicKey: KeyObject): boolean {
  const [content, algorithm, signature] = inside(readValue(form, tag.sequence));
  const digest = digestOf.get(algorithm?.bytes.toString('hex') ?? '');
  if (content === undefined || digest === undefined) return false;
  return verify(digest, content.bytes, publicKey, contentOf(signature, tag.bitString).subarray(1));
}

/** The public key of a SubjectPublicKeyInfo. */
export const publicKeyOf = (info: DerValue): KeyObject => createPublicKey({ key: info.bytes, format: 'der', type: 'spki' });

/** DER between the lines of PEM (RFC 7468). */
export const pemOf = (label: string, bytes: Buffer): string => `-----BEGIN ${label}-----\n${bytes.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`;
