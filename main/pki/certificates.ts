// Makes authorities, host certificates and client certificates; the only user of node-forge.
import { createPrivateKey, generateKeyPair, privateEncrypt, randomBytes, X509Certificate, type KeyObject, constants } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';
import { certificateProfiles, type CertificateKind, type RsaKeyBits } from '../../app/pki/profiles.ts';
import { subjectProblems, type AlternativeName, type DistinguishedName, type SubjectAttribute, type SubjectPart } from '../../app/pki/subject.ts';
import { validityFrom, type Validity } from '../../app/pki/expiry.ts';

/** A certificate with its private key (PKCS#8, not encrypted), both PEM. */
export interface Identity {
  readonly certificatePem: string;
  readonly keyPem: string;
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

const generateKeyPairAsync = promisify(generateKeyPair);

const attributeOid: Readonly<Record<SubjectAttribute, string>> = {
  C: '2.5.4.6',
  ST: '2.5.4.8',
  L: '2.5.4.7',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  CN: '2.5.4.3',
  DC: '0.9.2342.19200300.100.1.25',
  UID: '0.9.2342.19200300.100.1.1',
};

/** DigestInfo of RFC 8017 §9.2 up to the digest itself, for SHA-256. */
const sha256DigestInfo = Buffer.from('3031300d060960864801650304020105000420', 'hex');

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

async function createIdentity(
  kind: CertificateKind,
  request: CertificateRequest,
  names: readonly AlternativeName[],
  authority: Identity | undefined,
): Promise<Identity> {
  const profile = certificateProfiles[kind];
  const days = request.days ?? profile.defaultValidityDays;
  const problem = subjectProblems(request.subject)[0];
  if (problem !== undefined) throw new RangeError(`The subject cannot be used: ${problem.code}`);
  if (!Number.isInteger(days) || days < 1 || days > profile.longestValidityDays) {
    throw new RangeError(`Days of validity must be 1 to ${profile.longestValidityDays}`);
  }
  const { publicKey, privateKey } = await generateKeyPairAsync('rsa', { modulusLength: request.keyBits ?? 3072 });
  const issuer = authority === undefined ? undefined : forge.pki.certificateFromPem(authority.certificatePem);

  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey.export({ type: 'spki', format: 'pem' }).toString());
  certificate.serialNumber = randomSerial();
  const validity = validityFrom(request.now ?? new Date(), days, issuer?.validity satisfies Validity | undefined);
  certificate.validity.notBefore = validity.notBefore;
  certificate.validity.notAfter = validity.notAfter;
  const subject = request.subject.map(subjectField);
  certificate.setSubject(subject);
  certificate.setIssuer(issuer === undefined ? subject : issuer.subject.attributes.map(issuerField));
  // Objects are made anew for every certificate: node-forge writes the computed identifiers back into them.
  certificate.setExtensions([
    { name: 'basicConstraints', cA: profile.isAuthority, critical: true },
    { name: 'keyUsage', critical: true, ...flags(profile.keyUsage) },
    ...(profile.extendedKeyUsage.length === 0 ? [] : [{ name: 'extKeyUsage', ...flags(profile.extendedKeyUsage) }]),
    ...(names.length === 0 ? [] : [{ name: 'subjectAltName', altNames: names.map(alternativeNameField) }]),
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: (issuer ?? certificate).generateSubjectKeyIdentifier().getBytes() },
  ]);
  certificate.sign(forgeKey(authority === undefined ? privateKey : createPrivateKey(authority.keyPem)), forge.md.sha256.create());

  const certificatePem = forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n');
  assertSignedBy(certificatePem, authority?.certificatePem ?? certificatePem);
  return { certificatePem, keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** Serial of 127 random bits, positive and of constant length (RFC 5280 §4.1.2.2 asks for at most 20 octets), as hexadecimal. */
function randomSerial(): string {
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0);
  return serial.toString('hex');
}

function subjectField({ attribute, value }: SubjectPart): forge.pki.CertificateField {
  return taggedField({ type: attributeOid[attribute], value }, stringType(attribute, value));
}

/** Countries must be PrintableString and domain components IA5String (RFC 5280 appendix A); the rest is UTF-8 once it needs to be. */
function stringType(attribute: SubjectAttribute, value: string): forge.asn1.Type {
  if (attribute === 'DC') return forge.asn1.Type.IA5STRING;
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? forge.asn1.Type.PRINTABLESTRING : forge.asn1.Type.UTF8;
}

/** node-forge reads the string type from `valueTagClass`, which its published types describe as another enumeration. */
function taggedField(field: forge.pki.CertificateField, type: forge.asn1.Type): forge.pki.CertificateField {
  Object.assign(field, { valueTagClass: type });
  return field;
}

/** A parsed issuer name holds its UTF-8 still encoded, while writing encodes it once more. */
function issuerField(parsed: forge.pki.CertificateField): forge.pki.CertificateField {
  const utf8: number = forge.asn1.Type.UTF8;
  const isUtf8 = Number(parsed.valueTagClass) === utf8;
  return isUtf8 ? { ...parsed, value: forge.util.decodeUtf8(String(parsed.value)) } : { ...parsed };
}

function alternativeNameField(name: AlternativeName): { readonly type: number; readonly value?: string; readonly ip?: string } {
  return name.kind === 'dns' ? { type: 2, value: name.name } : { type: 7, ip: name.address };
}

function flags(names: readonly string[]): Record<string, true> {
  return Object.fromEntries(names.map((name) => [name, true]));
}

/** The key as node-forge wants it, with the signature itself made by OpenSSL: in JavaScript it would block for 200 ms. */
function forgeKey(key: KeyObject): forge.pki.rsa.PrivateKey {
  const parsed = forge.pki.privateKeyFromPem(key.export({ type: 'pkcs1', format: 'pem' }).toString());
  return Object.assign(parsed, {
    sign: (digest: forge.md.MessageDigest | forge.Bytes): forge.Bytes => {
      if (typeof digest === 'string') throw new TypeError('A certificate is signed over a SHA-256 digest object');
      const digestInfo = Buffer.concat([sha256DigestInfo, Buffer.from(digest.digest().getBytes(), 'latin1')]);
      return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo).toString('latin1');
    },
  });
}

/** A certificate that does not verify under its issuer is never handed out: it means that key and authority do not belong together. */
function assertSignedBy(certificatePem: string, issuerPem: string): void {
  const issuer = new X509Certificate(issuerPem);
  if (!new X509Certificate(certificatePem).verify(issuer.publicKey)) {
    throw new RangeError('The private key given does not belong to the authority given');
  }
}
