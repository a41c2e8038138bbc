// The look that libvirt's client takes at its own certificate files before it dials: whether any host could accept them.
import { X509Certificate } from 'node:crypto';
import { Refused } from '../../app/contract/refusal.ts';
import { wordsOf } from './sockets.ts';
import type { CertificateFiles } from './tls-files.ts';

const certificatesIn = (pem: Buffer): readonly X509Certificate[] =>
  (pem.toString('latin1').match(/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^]*?-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g) ?? []).map((block) => new X509Certificate(block));

const refuse = (message: string, remedy: string, cause?: unknown): Refused =>
  new Refused('certificate-refused', message, { stage: 'certificate', remedy: `${remedy} To connect all the same, add no_sanity=1 to the connection URI.` }, { cause });

/** What is wrong with the dates of a certificate, as the end of a sentence. */
function datesProblem({ validFrom, validTo }: X509Certificate, now: number): string | undefined {
  if (Date.parse(validTo) < now) return `is out of date since ${validTo}`;
  return Date.parse(validFrom) > now ? `is not valid before ${validFrom}` : undefined;
}

/**
 * Checks the authority's and the client's certificate as libvirt does: their dates, what they are for, and that one signed the other.
 * @throws Refused `certificate-refused`: the host would not let us in.
 */
export function checkSanity({ authority, authorityFile = 'cacert.pem', own }: CertificateFiles, now = Date.now()): void {
  let authorities: readonly X509Certificate[] = [];
  let chain: readonly X509Certificate[] = [];
  try {
    authorities = authority === undefined ? [] : certificatesIn(authority);
    chain = own === undefined ? [] : certificatesIn(own.certificate);
  } catch (error) {
    throw refuse(`A certificate file cannot be understood: ${wordsOf(error)}.`, 'Put PEM files there.', error);
  }
  for (const certificate of authorities) {
    const problem = datesProblem(certificate, now) ?? (certificate.ca ? undefined : 'is not one of an authority');
    // One of several may be left over from before a renewal.
    if (problem !== undefined && authorities.length === 1) throw refuse(`The authority certificate in ${authorityFile} ${problem}.`, 'Copy the authority’s present certificate there.');
  }
  const [client] = chain;
  if (client === undefined) return;
  const problem = datesProblem(client, now) ?? (client.ca ? 'is one of an authority, not of a client' : undefined) ?? (isIssued(chain, authorities) ? undefined : `was not signed by the authority in ${authorityFile}`);
  if (problem !== undefined) throw refuse(`The client certificate ${problem}: no host would accept it.`, 'Make a new client certificate with the authority that the host trusts.');
}

/** Whether each certificate of the chain was signed by the next, up to an authority. */
function isIssued([certificate, ...others]: readonly X509Certificate[], authorities: readonly X509Certificate[]): boolean {
  if (certificate === undefined || authorities.length === 0) return true;
  const signed = (issuer: X509Certificate): boolean => certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  if (authorities.some(signed)) return true;
  const next = others.find(signed);
  return next !== undefined && isIssued([next, ...others.filter((other) => other !== next)], authorities);
}
