// A certificate read into facts: all that is shown of it, judged by, or repeated when it is renewed.
import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import type { ExtendedKeyUsage, KeyUsage } from '../../app/pki/profiles.ts';
import type { AlternativeName } from '../../app/pki/subject.ts';
import { bitsOf, contextTag, contentOf, DerFault, type DerValue, firstValue, inside, numberOf, oidOf, readValue, tag, timeOf } from './der.ts';
import { type NameRead, readAlternativeNames, readName } from './names.ts';

/** Bits of a keyUsage extension, by their numbers (RFC 5280 §4.2.1.3). */
export const keyUsageBit: Readonly<Record<KeyUsage, number>> = { digitalSignature: 0, keyEncipherment: 2, keyCertSign: 5, cRLSign: 6 };
/** Purposes of an extKeyUsage extension (RFC 5280 §4.2.1.12). */
export const purposeOid: Readonly<Record<ExtendedKeyUsage, string>> = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' };
/** Extensions by their identifiers (RFC 5280 §4.2). */
export const extensionOid = {
  subjectKeyIdentifier: '2.5.29.14', keyUsage: '2.5.29.15', subjectAltName: '2.5.29.17', basicConstraints: '2.5.29.19', cRLNumber: '2.5.29.20', reasonCode: '2.5.29.21',
  authorityKeyIdentifier: '2.5.29.35', extKeyUsage: '2.5.29.37',
} as const;

/** A set of uses, of which only those that matter here are named. */
export interface Uses<Use> {
  readonly critical: boolean;
  readonly uses: readonly Use[];
}

/** What a certificate says. */
export interface CertificateFacts {
  /** As Node knows it, for `verify` and `checkPrivateKey`. */
  readonly certificate: X509Certificate;
  readonly pem: string;
  readonly subject: NameRead;
  readonly issuer: NameRead;
  /** Hexadecimal, in capitals. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** DNS names and IP addresses. */
  readonly names: readonly AlternativeName[];
  /** Whether it may stand above others, by its basic constraints. */
  readonly isAuthority: boolean;
  /** How many authorities may stand below it; null = any number. */
  readonly pathLength: number | null;
  /** Null where it does not restrict its use. */
  readonly keyUsage: Uses<KeyUsage> | null;
  /** Null where it does not restrict its purpose. */
  readonly extendedKeyUsage: Uses<ExtendedKeyUsage> | null;
  /** The content of its subjectKeyIdentifier; of one without, what RFC 5280 §4.2.1.2 derives from the key. */
  readonly keyIdentifier: Buffer;
  /** SHA-256 with colons. */
  readonly fingerprint: string;
  readonly key: KeyFacts;
  /** The object identifier of the algorithm it is signed by. */
  readonly signatureAlgorithm: string;
}

export interface KeyFacts {
  /** As Node calls it: `rsa`, `ec`, `ed25519`. */
  readonly type: string;
  /** Of the RSA modulus or the curve. */
  readonly bits: number;
}

/** Reads a certificate of PEM or DER. @throws DerFault when it is none. */
export function readCertificate(bytes: Buffer | string): CertificateFacts {
  const certificate = x509(bytes);
  const [signed, algorithm] = inside(readValue(certificate.raw, tag.sequence));
  const [version, ...rest] = inside(signed);
  const [serial, , issuer, validity, subject, , ...options] = version?.tag === contextTag(0) ? rest : [version, ...rest];
  const [notBefore, notAfter] = inside(validity);
  const extensions = readExtensions(options.find((option) => option?.tag === contextTag(3)));
  const [flag, pathLength] = inside(extensions.get(extensionOid.basicConstraints)?.value ?? emptySequence);
  const isAuthority = flag?.tag === tag.boolean && flag.content[0] !== 0;
  const names = extensions.get(extensionOid.subjectAltName);
  return {
    certificate,
    pem: certificate.toString(),
    subject: readName(subject),
    issuer: readName(issuer),
    serial: serialOf(serial),
    notBefore: timeOf(notBefore),
    notAfter: timeOf(notAfter),
    names: names === undefined ? [] : readAlternativeNames(names.value),
    isAuthority,
    pathLength: isAuthority && pathLength !== undefined ? numberOf(pathLength) : null,
    keyUsage: readUses(extensions.get(extensionOid.keyUsage), keyUsageBit, bitsOf),
    extendedKeyUsage: readUses(extensions.get(extensionOid.extKeyUsage), purposeOid, (value) => inside(value).map(oidOf)),
    keyIdentifier: keyIdentifierOf(extensions, certificate.publicKey),
    fingerprint: certificate.fingerprint256,
    key: keyFacts(certificate.publicKey),
    signatureAlgorithm: oidOf(inside(algorithm)[0]),
  };
}

/** A serial as it is shown: hexadecimal, in capitals, without the zeros before it. @throws DerFault */
export const serialOf = (value: DerValue | undefined): string => contentOf(value, tag.integer).toString('hex').replace(/^(00)+(?=..)/, '').toUpperCase();

const emptySequence: DerValue = firstValue(Buffer.from([tag.sequence, 0]));

function x509(bytes: Buffer | string): X509Certificate {
  try {
    const certificate = new X509Certificate(bytes);
    // Read when first asked for; a key of an unknown kind is found here.
    if (certificate.publicKey.asymmetricKeyType === undefined) throw new DerFault('its key is of an unknown kind');
    return certificate;
  } catch (error) {
    throw new DerFault(`it is no certificate: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

interface Extension {
  readonly critical: boolean;
  readonly value: DerValue;
}

/** Extensions by their identifiers. @throws DerFault */
export function readExtensions(holder: DerValue | undefined): ReadonlyMap<string, Extension> {
  const list = holder === undefined ? [] : inside(inside(holder, holder.tag)[0]);
  return new Map(list.map((one) => {
    const [identifier, ...rest] = inside(one);
    const critical = rest[0]?.tag === tag.boolean && rest[0].content[0] !== 0;
    return [oidOf(identifier), { critical, value: firstValue(contentOf(rest.at(-1), tag.octetString)) }];
  }));
}

const readUses = <Use extends string, Sign>(extension: Extension | undefined, table: Readonly<Record<Use, Sign>>, read: (value: DerValue) => readonly Sign[]): Uses<Use> | null => {
  if (extension === undefined) return null;
  const signs = read(extension.value);
  return { critical: extension.critical, uses: (Object.entries(table) as [Use, Sign][]).flatMap(([use, sign]) => (signs.includes(sign) ? [use] : [])) };
};

function keyIdentifierOf(extensions: ReadonlyMap<string, Extension>, key: KeyObject): Buffer {
  const extension = extensions.get(extensionOid.subjectKeyIdentifier);
  return extension === undefined ? derivedKeyIdentifier(key) : contentOf(extension.value, tag.octetString);
}

/** SHA-1 of the public key's bits, the first way of RFC 5280 §4.2.1.2. */
export function derivedKeyIdentifier(key: KeyObject): Buffer {
  const [, bits] = inside(readValue(key.export({ type: 'spki', format: 'der' }), tag.sequence));
  return createHash('sha1').update(contentOf(bits, tag.bitString).subarray(1)).digest();
}

const curveBits: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384, secp521r1: 521, secp256k1: 256 };

/** The kind and size of a key. */
export function keyFacts(key: KeyObject): KeyFacts {
  const { asymmetricKeyType: type = 'unknown', asymmetricKeyDetails: details = {} } = key;
  if (type === 'ed25519' || type === 'ed448') return { type, bits: type === 'ed448' ? 456 : 256 };
  return { type, bits: details.modulusLength ?? curveBits[details.namedCurve ?? ''] ?? 0 };
}
