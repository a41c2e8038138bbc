// What is kept, seen as a whole: who signed whom, what is trusted together, and how it is shown.
import type { CertificateSummary, RequestSummary } from '../../app/contract/certificates.ts';
import { expiryAt } from '../../app/pki/expiry.ts';
import { alternativeNameText } from '../../app/pki/subject.ts';
import { authoritiesAbove, isSelfSigned, issuerAmong } from '../pki/authorities.ts';
import { keyFacts } from '../pki/read-certificate.ts';
import type { Kept, KeptRequest } from './certificate-store.ts';

/** Authorities in the order in which they are taken for the issuer: those that stand before those that were replaced, the newest first. */
export const authoritiesIn = (certificates: readonly Kept[]): readonly Kept[] =>
  certificates.filter(({ record }) => record.kind === 'authority').sort((one, other) => Number(one.record.replacedBy !== null) - Number(other.record.replacedBy !== null) || other.record.madeAt - one.record.madeAt);

/** The authority kept here that signed it; itself when it signed itself. */
export const authorityOf = (kept: Kept, authorities: readonly Kept[]): Kept | undefined => (isSelfSigned(kept.facts) ? kept : issuerAmong(kept, authorities));

/** The authorities whose certificates cacert.pem has to hold for a certificate: those above it, and what is trusted along with each, each once. */
export function trustedWith(kept: Kept, certificates: readonly Kept[]): readonly Kept[] {
  const authorities = authoritiesIn(certificates);
  const chain = (one: Kept): readonly Kept[] => [...(one.record.kind === 'authority' ? [one] : []), ...authoritiesAbove(one, authorities)];
  const own = chain(kept);
  const along = own.flatMap(({ record }) => record.alsoTrusts).flatMap((id) => authorities.filter((one) => one.id === id)).flatMap(chain);
  return [...new Set([...own, ...along])];
}

/** cacert.pem; cacrl.pem too once one of the authorities revoked something. */
export function trustFiles(trusted: readonly Kept[]): { readonly cacert: string; readonly cacrl: string | null } {
  const isNeeded = trusted.some(({ record }) => record.revoked.length > 0);
  return {
    cacert: trusted.map(({ facts }) => facts.pem).join(''),
    // Whoever checks one list checks those of all authorities of a chain.
    cacrl: isNeeded ? trusted.map(({ record }) => record.crl?.pem ?? '').join('') : null,
  };
}

const named = ({ label, record, facts }: Kept | KeptRequest): Pick<RequestSummary, 'kind' | 'label' | 'subject' | 'subjectParts' | 'names' | 'key'> => ({
  kind: record.kind,
  label,
  subject: facts.subject.text,
  subjectParts: [...facts.subject.parts],
  names: facts.names.map(alternativeNameText),
  key: record.key,
});

export function summaryOf(kept: Kept, authorities: readonly Kept[], now: Date): CertificateSummary {
  const { id, facts, record } = kept;
  const authority = authorityOf(kept, authorities);
  const { crl } = record;
  return {
    id,
    ...named(kept),
    keyType: facts.key.type,
    keyBits: facts.key.bits,
    issuer: facts.issuer.text,
    authority: authority?.id ?? null,
    serial: facts.serial,
    notBefore: facts.notBefore.getTime(),
    notAfter: facts.notAfter.getTime(),
    expiry: expiryAt(facts, now),
    fingerprint: facts.fingerprint,
    pathLength: facts.pathLength,
    clientAuth: record.kind === 'host' && facts.extendedKeyUsage?.uses.includes('clientAuth') === true,
    revokedAt: revocationOf(kept, authority)?.at ?? null,
    replacedBy: record.replacedBy,
    installedOn: record.installedOn,
    alsoTrusts: [...record.alsoTrusts],
    crl: crl === null ? null : { number: crl.number, thisUpdate: crl.thisUpdate, nextUpdate: crl.nextUpdate, revoked: record.revoked.length },
  };
}

/** What its authority wrote down when it revoked a certificate. */
export const revocationOf = ({ facts }: Kept, authority: Kept | undefined): Kept['record']['revoked'][number] | undefined => authority?.record.revoked.find(({ serial }) => serial === facts.serial);

export function requestSummaryOf(request: KeptRequest): RequestSummary {
  const { type, bits } = keyFacts(request.facts.publicKey);
  return { id: request.id, ...named(request), keyType: type, keyBits: bits, pem: request.pem, madeAt: request.record.madeAt };
}
