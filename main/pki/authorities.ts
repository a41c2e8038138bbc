// The authorities above a certificate, among those at hand.
import type { CertificateFacts } from './read-certificate.ts';
import { isIssuedBy } from './trust-path.ts';

/** Certificates as they are held elsewhere, with what is known beside them. */
interface Holder {
  readonly facts: CertificateFacts;
}

export const isSelfSigned = (facts: CertificateFacts): boolean => isIssuedBy(facts, facts);

/** The authority that signed a certificate, the first that fits; undefined when it is not among them. */
export const issuerAmong = <T extends Holder>({ facts }: Holder, authorities: readonly T[]): T | undefined => authorities.find((one) => one.facts.isAuthority && isIssuedBy(facts, one.facts));

/** A certificate's authorities, from the one that signed it upwards, as far as they are at hand. */
export function authoritiesAbove<T extends Holder>(holder: Holder, authorities: readonly T[]): readonly T[] {
  const above: T[] = [];
  for (let at: Holder = holder; !isSelfSigned(at.facts); ) {
    const issuer = issuerAmong(at, authorities);
    // Two that signed each other would go round and round.
    if (issuer === undefined || above.includes(issuer)) break;
    above.push(issuer);
    at = issuer;
  }
  return above;
}
