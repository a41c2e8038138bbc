// How long certificates last, in words, colours and order.
import type { CertificateSummary } from '../../../app/contract/certificates.ts';
import type { KnownCertificate } from '../../../app/contract/health.ts';
import { expiryWarningDays } from '../../../app/pki/expiry.ts';
import type { ToneName } from '../../ui/tag.tsx';

/** A certificate of the store, or one found elsewhere, which nobody here revokes or replaces. */
type Aging = Pick<KnownCertificate, 'expiry'> & Partial<Pick<CertificateSummary, 'revokedAt' | 'replacedBy'>>;

const days = (count: number): string => (count === 1 ? '1 day' : `${count.toLocaleString('en').replaceAll(',', '\u202f')} days`);

/** The time a certificate has left, as short as it can be said. */
export const lifetimeWords = ({ expiry: { state, days: count }, revokedAt = null }: Aging): string => {
  if (revokedAt !== null) return 'revoked';
  switch (state) {
    case 'notYetValid': return count === 0 ? 'valid within a day' : `valid in ${days(count)}`;
    case 'expired': return count === 0 ? 'expired today' : `expired ${days(count)} ago`;
    case 'valid': case 'expiring': return count === 0 ? 'expires today' : days(count);
  }
};

/** The colour of the time left: the second warning is red, for replacing certificates of many hosts takes its time. */
export const lifetimeTone = ({ expiry: { state, days: count }, revokedAt = null, replacedBy = null }: Aging): ToneName => {
  if (revokedAt !== null || replacedBy !== null) return 'quiet';
  if (state === 'expired') return 'bad';
  if (state === 'notYetValid') return 'warn';
  const [first, second] = expiryWarningDays;
  return count < second ? 'bad' : count < first ? 'warn' : 'good';
};

/** The share of its life that is left, 0..1. */
export const lifetimeShare = ({ notBefore, notAfter, expiry: { state, days: count } }: Pick<KnownCertificate, 'notBefore' | 'notAfter' | 'expiry'>): number => {
  if (state === 'expired') return 0;
  return state === 'notYetValid' ? 1 : Math.min(1, (count * 86_400_000) / (notAfter - notBefore));
};

/** Whether it is neither revoked nor replaced. */
export const isCurrent = ({ revokedAt, replacedBy }: CertificateSummary): boolean => revokedAt === null && replacedBy === null;

/** What a certificate that ends soon or has ended is warned of with, as a sentence. */
export const warningWords = (certificate: Pick<KnownCertificate, 'expiry' | 'kind' | 'label'>): string => {
  const { label, kind, expiry: { state, days: count } } = certificate;
  const whose = kind === 'authority' ? `The authority ${label}` : `The certificate of the ${kind} ${label}`;
  if (state === 'expired') return `${whose} ${lifetimeWords(certificate)}.`;
  return `${whose} expires ${count === 0 ? 'today' : `in ${days(count)}`}.`;
};
