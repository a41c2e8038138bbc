// Certificate revocation lists (RFC 5280 §5), as libvirt's cacrl.pem holds them.
import { contextTag, der, integer, sequence, tag, time } from './der.ts';
import { extension, type Signer } from './certificates.ts';
import { readCertificate } from './read-certificate.ts';
import { pemOf, signatureName, signed } from './signing.ts';

/** Why a certificate was revoked, with its number in a list (RFC 5280 §5.3.1). */
const reasonNumbers = { unspecified: 0, keyCompromise: 1, affiliationChanged: 3, superseded: 4, cessationOfOperation: 5 } as const;
export type RevocationReason = keyof typeof reasonNumbers;

export interface Revocation {
  /** Hexadecimal. */
  readonly serial: string;
  readonly at: Date;
  readonly reason: RevocationReason;
}

export interface RevocationListContent {
  /** Larger with each list of an authority. */
  readonly number: number;
  readonly thisUpdate: Date;
  /** When a newer list will be there: after that, nobody who checks lists accepts any certificate of the authority. */
  readonly nextUpdate: Date;
  readonly revoked: readonly Revocation[];
}

/** Makes an authority's list, as PEM. @throws RangeError when the key does not belong to the authority. */
export async function makeRevocationList(content: RevocationListContent, authority: Signer): Promise<string> {
  const issuer = readCertificate(authority.certificatePem);
  if (!issuer.certificate.checkPrivateKey(authority.key)) throw new RangeError('The private key given does not belong to the authority given');
  const entries = content.revoked.map(({ serial, at, reason }) => sequence(
    integer(Buffer.from(serial.padStart(serial.length + (serial.length % 2), '0'), 'hex')),
    time(at),
    // RFC 5280 §5.3.1 wants the reason left out where there is none to give.
    ...(reason === 'unspecified' ? [] : [sequence(extension('reasonCode', false, der(tag.enumerated, Buffer.from([reasonNumbers[reason]]))))]),
  ));
  const list = await signed(sequence(
    integer(1),
    signatureName(authority.key),
    issuer.subject.der,
    time(content.thisUpdate),
    time(content.nextUpdate),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    der(contextTag(0), sequence(
      extension('authorityKeyIdentifier', false, sequence(der(contextTag(0, 'bytes'), issuer.keyIdentifier))),
      extension('cRLNumber', false, integer(content.number)),
    )),
  ), authority.key);
  return pemOf('X509 CRL', list);
}
