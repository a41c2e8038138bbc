// A revocation list (RFC 5280 §5) read into facts: who signed it, how long it is to be trusted, and which serials it holds.
import { type KeyObject, verify } from 'node:crypto';
import { contentOf, DerFault, type DerValue, inside, oidOf, readValue, tag, timeOf } from './der.ts';
import { type NameRead, readName } from './names.ts';
import { serialOf } from './read-certificate.ts';

export interface RevocationList {
  readonly issuer: NameRead;
  readonly thisUpdate: Date;
  /** Until when it is to be trusted; null where it does not say. */
  readonly nextUpdate: Date | null;
  /** Serials as certificates show them: hexadecimal, in capitals. */
  readonly revoked: readonly string[];
  /** Whether this key signed it. An algorithm that is not known here counts as not. */
  readonly isSignedBy: (key: KeyObject) => boolean;
}

const digests: ReadonlyMap<string, string | null> = new Map([
  ['1.2.840.113549.1.1.5', 'sha1'], ['1.2.840.113549.1.1.11', 'sha256'], ['1.2.840.113549.1.1.12', 'sha384'], ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.10045.4.3.2', 'sha256'], ['1.2.840.10045.4.3.3', 'sha384'], ['1.2.840.10045.4.3.4', 'sha512'],
  // These two hash by themselves.
  ['1.3.101.112', null], ['1.3.101.113', null],
]);

/** All lists of a PEM file, or the one of a DER file. @throws DerFault */
export function readRevocationLists(bytes: Buffer): readonly RevocationList[] {
  const blocks = [...bytes.toString('latin1').matchAll(/-----BEGIN X509 CRL-----([^]*?)-----END X509 CRL-----/g)].map(([, base64 = '']) => Buffer.from(base64, 'base64'));
  if (blocks.length === 0 && bytes[0] !== tag.sequence) throw new DerFault('there is no revocation list in it');
  return (blocks.length === 0 ? [bytes] : blocks).map(readList);
}

function readList(bytes: Buffer): RevocationList {
  const [signed, algorithm, signature] = inside(readValue(bytes, tag.sequence));
  const [first, ...others] = inside(signed);
  const [, issuer, thisUpdate, ...rest] = first?.tag === tag.integer ? others : [first, ...others];
  const isTime = (value: DerValue | undefined): boolean => value?.tag === tag.utcTime || value?.tag === tag.generalizedTime;
  const list = rest.find((value) => value?.tag === tag.sequence);
  const digest = digests.get(oidOf(inside(algorithm)[0]));
  return {
    issuer: readName(issuer),
    thisUpdate: timeOf(thisUpdate),
    nextUpdate: isTime(rest[0]) ? timeOf(rest[0]) : null,
    revoked: list === undefined ? [] : inside(list).map((entry) => serialOf(inside(entry)[0])),
    isSignedBy: (key) => digest !== undefined && signed !== undefined && verify(digest, signed.bytes, key, contentOf(signature, tag.bitString).subarray(1)),
  };
}
