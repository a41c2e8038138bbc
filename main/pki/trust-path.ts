// From a certificate to an authority that is trusted: who signed whom.
import { DerFault } from './der.ts';
import { pemBlocks } from './pem.ts';
import { type CertificateFacts, readCertificate } from './read-certificate.ts';

const certificateLabels: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE']);

/** All certificates of a PEM file, in their order; of a text without any, none. @throws DerFault */
export const readCertificates = (pem: Buffer | string): readonly CertificateFacts[] =>
  pemBlocks(pem.toString('latin1')).filter(({ label }) => certificateLabels.has(label)).map(({ text }) => readCertificate(text));

/** Whether one was signed by the other, by name and by signature. Whether the other may sign is not asked. */
export const isIssuedBy = (one: CertificateFacts, issuer: CertificateFacts): boolean =>
  one.issuer.der.equals(issuer.subject.der) && one.certificate.verify(issuer.certificate.publicKey);

/** The certificates above one, up to and with a trusted authority; null when none is reached. `others` may stand between. */
export function pathToTrust(one: CertificateFacts, others: readonly CertificateFacts[], trusted: readonly CertificateFacts[]): readonly CertificateFacts[] | null {
  const authority = trusted.find((each) => isIssuedBy(one, each));
  if (authority !== undefined) return [authority];
  const rest = others.filter((other) => other.fingerprint !== one.fingerprint);
  const next = rest.find((other) => isIssuedBy(one, other));
  if (next === undefined) return null;
  const above = pathToTrust(next, rest.filter((other) => other !== next), trusted);
  return above === null ? null : [next, ...above];
}

/** What could be read of a file, or in words why it could not. */
export function readOrWhy<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerFault) return error.message;
    throw error;
  }
}
