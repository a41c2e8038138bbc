// A revocation list (RFC 5280 §5) read into facts: who signed it, how long it is to be trusted, and which serials it holds.
import type { KeyObject } from 'node:crypto';
import { DerFault, type DerValue, inside, readValue, tag, timeOf } from './der.ts';
import { type NameRead, readName } from './names.ts';
import { pemBlocks } from './pem.ts';
import { serialOf } from './read-certificate.ts';
import { isSignedBy } from './signing.ts';

export interface RevocationList {
  readonly issuer: NameRead;
  readonly thisUpdate: Date;
  /** Until when it is to be trusted; null where it does not say. */
  readonly nextUpdate: Date | null;
  /** Serials as certificates show them: hexadecimal, in capitals. */
  readonly revoked: ReadonlySet<string>;
  readonly isSignedBy: (key: KeyObject) => boolean;
}

/** All lists of a PEM file, at least one. @throws DerFault */
export function readRevocationLists(pem: Buffer): readonly RevocationList[] {
  const blocks = pemBlocks(pem.toString('latin1')).filter(({ label }) => label === 'X509 CRL');
  if (blocks.length === 0) throw new DerFault('there is no revocation list in it');
  return blocks.map(({ bytes }) => readList(bytes));
}

const isTime = (value: DerValue | undefined): boolean => value?.tag === tag.utcTime || value?.tag === tag.generalizedTime;

function readList(bytes: Buffer): RevocationList {
  const [first, ...others] = inside(inside(readValue(bytes, tag.sequence))[0]);
  // The version comes first where there is one.
  const [, issuer, thisUpdate, ...rest] = first?.tag === tag.integer ? others : [first, ...others];
  const entries = rest.find((value) => value?.tag === tag.sequence);
  return {
    issuer: readName(issuer),
    thisUpdate: timeOf(thisUpdate),
    nextUpdate: isTime(rest[0]) ? timeOf(rest[0]) : null,
    revoked: new Set(entries === undefined ? [] : inside(entries).map((entry) => serialOf(inside(entry)[0]))),
    isSignedBy: (key) => isSignedBy(bytes, key),
  };
}
