// The stand-in's health of certificates: all is well, save for the host whose certificate ends soon.
import type { Connection } from '../../app/contract/connections.ts';
import type { Gives, Takes } from '../../app/contract/contract.ts';
import type { HealthLine, HealthReport, KnownCertificate } from '../../app/contract/health.ts';
import { expiryWarningDays } from '../../app/pki/expiry.ts';

const line = (check: HealthLine['check'], what: string, seen: string, more: Partial<HealthLine> = {}): HealthLine => ({ check, what, seen, state: 'ok', because: null, remedies: [], ...more });

/** Answers for the stand-in's hosts and what it keeps. */
export const healthAnswers = (connections: readonly Connection[], list: () => Gives<'certificates', 'list'>) => {
  const check = ({ host, uri }: Takes<'health', 'check'>): HealthReport => {
    const of = connections.find(({ id }) => id === host)?.uri ?? uri ?? '';
    const ends = of.includes('cumulus');
    return {
      uri: of, at: Date.now(), state: ends ? 'warn' : 'ok', over: null, client: 'O=Example Net,CN=admin',
      lines: [
        line('port', 'Port 16514', 'It answers.'),
        line('handshake', 'Handshake', 'TLS 1.3, TLS_AES_256_GCM_SHA384.'),
        line('hostChain', 'Signature of the host’s certificate', 'Example Net CA signed it.'),
        ends
          ? line('hostDates', 'Dates of the host’s certificate', 'It ends in 19 days.', { state: 'warn', remedies: [{ remedy: { kind: 'renewKept', id: 'cumulus' }, label: 'Renew the certificate', effect: 'A certificate with the same content and new dates is made. It takes effect once it is installed.', command: null, mends: false }] })
          : line('hostDates', 'Dates of the host’s certificate', 'It ends in 611 days.'),
        line('hostName', 'Name of the host', 'The certificate is for it.'),
        line('welcome', 'Welcome', 'The host accepted this client.'),
        line('hostFiles', 'Files on the host', 'They can be looked at over SSH only.', { state: 'unknown' }),
      ],
    };
  };
  const known = (): KnownCertificate[] => list().certificates.filter(({ revokedAt, replacedBy }) => revokedAt === null && replacedBy === null).map(({ id, fingerprint, kind, label, subject, issuer, notBefore, notAfter, expiry }) => ({
    fingerprint: `${fingerprint}:${id}`, kind, label, subject, issuer, notBefore, notAfter, expiry, places: [{ at: 'kept' as const, id }],
    warning: expiry.state === 'expired' ? 0 : expiryWarningDays.findLast((days) => expiry.state === 'expiring' && expiry.days < days) ?? null,
  })).toSorted((one, other) => one.notAfter - other.notAfter);
  return {
    check,
    mend: ({ host, uri }: Takes<'health', 'mend'>): HealthReport => check({ host, uri }),
    overview: (): Gives<'health', 'overview'> => ({ certificates: known(), failures: [] }),
    warnings: (): Gives<'health', 'warnings'> => known().filter(({ warning }) => warning !== null),
  };
};
