// Makes certificates: authorities, and what they sign for hosts and clients. The key may be of any kind that libvirt's TLS takes.
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { type Validity, validityFrom } from '../../app/pki/expiry.ts';
import { certificateProfiles, type CertificateKind, type RsaKeyBits } from '../../app/pki/profiles.ts';
import { type AlternativeName, type DistinguishedName, subjectProblems } from '../../app/pki/subject.ts';
import { contextTag, der, integer, namedBits, octetString, oid, sequence, tag, time, yes } from './der.ts';
import { alternativeNamesDer, nameDer } from './names.ts';
import { derivedKeyIdentifier, extensionOid, keyUsageBit, purposeOid, readCertificate } from './read-certificate.ts';
import { makeKey } from './rsa-key.ts';
import { pemOf, signatureName, signed } from './signing.ts';

/** A certificate with its private key (PKCS#8, not encrypted), both PEM. */
export interface Identity {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** The certificate and the key by which an authority signs. */
export interface Signer {
  readonly certificatePem: string;
  readonly key: KeyObject;
}

/** What a certificate shall say. */
export interface CertificateContent {
  readonly kind: CertificateKind;
  /** A name, or its bytes as they stand in another certificate or a request. */
  readonly subject: DistinguishedName | Buffer;
  readonly names: readonly AlternativeName[];
  readonly validity: Validity;
  /** Hexadecimal, positive, at most 20 bytes (RFC 5280 §4.1.2.2). */
  readonly serial: string;
  /** For a host that is the client of other hosts too, as when guests migrate. */
  readonly clientAuth?: boolean | undefined;
  /** How many authorities may stand below an authority; any number when left out. */
  readonly pathLength?: number | undefined;
}

export interface CertificateRequest {
  readonly subject: DistinguishedName;
  /** RSA modulus in bits; 3072 when left out. */
  readonly keyBits?: RsaKeyBits;
  /** Days of validity, 1 up to the profile's longest; the profile's default when left out. */
  readonly days?: number;
  /** The moment of making; the present when left out. */
  readonly now?: Date;
}

export interface HostCertificateRequest extends CertificateRequest {
  /** Names and addresses clients will use; at least one, because clients ignore the common name beside them. */
  readonly names: readonly AlternativeName[];
}

/** The key as libvirt reads it: PKCS#8, not encrypted. */
export const keyPemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** Serial of 127 random bits, positive and of constant length (RFC 5280 §4.1.2.2 asks for at most 20 octets), as hexadecimal in capitals. */
export function randomSerial(): string {
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0);
  return serial.toString('hex').toUpperCase();
}

/**
 * Makes a certificate authority signed by itself.
 * @throws RangeError when the subject or the days break the rules of app/pki.
 */
export async function createAuthority(request: CertificateRequest): Promise<Identity> {
  return createIdentity('authority', request, [], undefined);
}

/**
 * Makes the certificate a libvirt daemon shows its clients (servercert.pem and serverkey.pem of
 * https://libvirt.org/kbase/tlscerts.html).
 * @throws RangeError when a rule is broken or no name is given.
 */
export async function createHostCertificate(authority: Identity, request: HostCertificateRequest): Promise<Identity> {
  if (request.names.length === 0) throw new RangeError('A host certificate needs at least one DNS name or IP address');
  return createIdentity('host', request, request.names, authority);
}

/**
 * Makes the certificate a client shows a libvirt daemon (clientcert.pem and clientkey.pem). The subject keeps the order given:
 * `tls_allowed_dn_list` compares it in that order.
 * @throws RangeError when a rule is broken.
 */
export async function createClientCertificate(authority: Identity, request: CertificateRequest): Promise<Identity> {
  return createIdentity('client', request, [], authority);
}

async function createIdentity(kind: CertificateKind, request: CertificateRequest, names: readonly AlternativeName[], authority: Identity | undefined): Promise<Identity> {
  const { subject, keyBits, now = new Date() } = request;
  const problem = subjectProblems(subject)[0];
  if (problem !== undefined) throw new RangeError(`The subject cannot be used: ${problem.code}`);
  const { defaultValidityDays, longestValidityDays } = certificateProfiles[kind];
  const days = request.days ?? defaultValidityDays;
  if (!Number.isInteger(days) || days < 1 || days > longestValidityDays) throw new RangeError(`Days of validity must be 1 to ${longestValidityDays}`);
  const within = authority === undefined ? undefined : readCertificate(authority.certificatePem);
  const key = await makeKey(keyBits);
  const signer = authority === undefined ? key : { certificatePem: authority.certificatePem, key: createPrivateKey(authority.keyPem) };
  const content: CertificateContent = { kind, subject, names, validity: validityFrom(now, days, within), serial: randomSerial() };
  return { certificatePem: await signCertificate(content, createPublicKey(key), signer), keyPem: keyPemOf(key) };
}

/**
 * Signs a certificate for a public key.
 * @param signer the authority, or the certificate's own key when it signs itself.
 * @returns PEM.
 * @throws RangeError when the signer's key does not belong to its certificate or cannot sign.
 */
export async function signCertificate(content: CertificateContent, publicKey: KeyObject, signer: Signer | KeyObject): Promise<string> {
  const { subject, validity, serial } = content;
  const issuer = 'certificatePem' in signer ? readCertificate(signer.certificatePem) : undefined;
  const key = 'certificatePem' in signer ? signer.key : signer;
  const name = Buffer.isBuffer(subject) ? subject : nameDer(subject);
  const toBeSigned = sequence(
    der(contextTag(0), integer(2)),
    integer(Buffer.from(serial, 'hex')),
    signatureName(key),
    issuer?.subject.der ?? name,
    sequence(time(validity.notBefore), time(validity.notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(contextTag(3), sequence(
      ...contentExtensions(content),
      extension('subjectKeyIdentifier', false, octetString(derivedKeyIdentifier(publicKey))),
      extension('authorityKeyIdentifier', false, sequence(der(contextTag(0, 'bytes'), issuer?.keyIdentifier ?? derivedKeyIdentifier(publicKey)))),
    )),
  );
  const certificate = await signed(toBeSigned, key);
  // One that does not verify under its issuer is never handed out: it means that key and authority do not belong together.
  const made = readCertificate(certificate);
  if (!made.certificate.verify(issuer?.certificate.publicKey ?? publicKey)) throw new RangeError('The private key given does not belong to the authority given');
  return pemOf('CERTIFICATE', certificate);
}

/** What a certificate may be used for and whom it names, as extensions (RFC 5280 §4.2); a request asks for the same. */
export function contentExtensions({ kind, names, clientAuth = false, pathLength }: Pick<CertificateContent, 'kind' | 'names' | 'clientAuth' | 'pathLength'>): readonly Buffer[] {
  const { isAuthority, keyUsage, extendedKeyUsage } = certificateProfiles[kind];
  const purposes = new Set([...extendedKeyUsage, ...(clientAuth && kind === 'host' ? (['clientAuth'] as const) : [])]);
  return [
    extension('basicConstraints', true, sequence(...(isAuthority ? [yes, ...(pathLength === undefined ? [] : [integer(pathLength)])] : []))),
    extension('keyUsage', true, namedBits(keyUsage.map((usage) => keyUsageBit[usage]))),
    ...(purposes.size === 0 ? [] : [extension('extKeyUsage', false, sequence(...[...purposes].map((purpose) => oid(purposeOid[purpose]))))]),
    ...(names.length === 0 ? [] : [extension('subjectAltName', false, alternativeNamesDer(names))]),
  ];
}

/** One extension (RFC 5280 §4.1). */
export const extension = (name: keyof typeof extensionOid, critical: boolean, content: Buffer): Buffer =>
  sequence(oid(extensionOid[name]), ...(critical ? [yes] : []), der(tag.octetString, content));
