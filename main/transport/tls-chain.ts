// What OpenSSL found wrong with a host's certificate, in words: what, by which of our files, and what to do about it.
import type { PeerCertificate } from 'node:tls';
import { Refused } from '../../app/contract/refusal.ts';

/** The files a certificate is checked by; undefined where there is none. */
export interface CheckedBy {
  readonly authorityFile?: string | undefined;
  readonly revocationsFile?: string | undefined;
}

interface Problem {
  /** Completes "The certificate of HOST …". */
  readonly words: string;
  readonly remedy: string;
}

const renew = 'Make the host a new certificate.';

/** OpenSSL's code, as in openssl-verification-options(1) → what to tell. A revocation list that does not serve means that nobody knows: then nobody is let in. */
const problems = (authority: string, revocations: string): Readonly<Record<string, Problem>> => ({
  CERT_HAS_EXPIRED: { words: 'is out of date', remedy: renew },
  CERT_NOT_YET_VALID: { words: 'is not valid yet', remedy: 'Compare the clocks of both machines.' },
  CERT_REVOKED: { words: `was revoked by its authority, as the revocation list ${revocations} says`, remedy: `${renew} If it was revoked by mistake, put the authority’s newer revocation list there.` },
  INVALID_PURPOSE: { words: 'may not be used for a server', remedy: renew },
  CRL_HAS_EXPIRED: { words: `cannot be checked: the revocation list ${revocations} is out of date`, remedy: 'Put the authority’s present revocation list there.' },
  CRL_NOT_YET_VALID: { words: `cannot be checked: the revocation list ${revocations} is not valid yet`, remedy: 'Compare the clocks of this machine and the authority’s.' },
  CRL_SIGNATURE_FAILURE: { words: `cannot be checked: the revocation list ${revocations} was not signed by its authority`, remedy: 'Put the authority’s own revocation list there.' },
  UNABLE_TO_GET_CRL: { words: `cannot be checked: the revocation list ${revocations} is not of its authority`, remedy: `Put the revocation list of the authority in ${authority} there, or take that file away.` },
});

/** Refuses a certificate for what OpenSSL calls `code`. */
export const untrusted = (code: string, host: string, certificate: PeerCertificate, { authorityFile = 'cacert.pem', revocationsFile = 'cacrl.pem' }: CheckedBy): Refused => {
  const foreign: Problem = {
    words: `was not signed by the authority in ${authorityFile}`,
    remedy: `Put the certificate of the authority that signed the host’s into ${authorityFile}, or make the host a certificate signed by this one.`,
  };
  const { words, remedy } = problems(authorityFile, revocationsFile)[code] ?? foreign;
  return new Refused(
    'certificate-untrusted',
    `The certificate of ${host} ${words}. It was issued by ${nameOf(certificate.issuer)} and is valid from ${certificate.valid_from} to ${certificate.valid_to}.`,
    { stage: 'certificate', remedy },
  );
};

const nameOf = (name: PeerCertificate['issuer'] | undefined): string => one(name?.CN) ?? one(name?.O) ?? 'an authority without a name';

/** The first of what may be there more than once. */
export const one = (value: string | readonly string[] | undefined): string | undefined => (typeof value === 'string' ? value : value?.[0]);
