// A closer look at TLS that failed: the certificates of both sides, who signed them, until when they hold, what they are for.
import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { Refused } from '../../app/contract/refusal.ts';
import { defaultPorts, type ConnectionUri } from '../../app/domain/connection-uri.ts';
import { certificatePlaces, readCertificateFiles, type CertificateFiles } from './tls-files.ts';
import type { Surroundings } from './transport.ts';

const patience = 5_000;

const oneLine = (name: string | undefined): string => name?.split('\n').join(', ') || 'nobody';

const describe = (whose: string, certificate: X509Certificate): string => {
  const names = certificate.subjectAltName === undefined ? '' : ` for ${certificate.subjectAltName}`;
  return `${whose}: ${oneLine(certificate.subject)}${names}, signed by ${oneLine(certificate.issuer)}, valid from ${certificate.validFrom} to ${certificate.validTo}.`;
};

const isSignedBy = (certificate: X509Certificate, authority: X509Certificate): boolean => certificate.checkIssued(authority) && certificate.verify(authority.publicKey);

const dates = (whose: string, certificate: X509Certificate, now: number): readonly string[] => {
  if (Date.parse(certificate.validTo) < now) return [`${whose} is out of date since ${certificate.validTo}; the clock of this computer says ${new Date(now).toUTCString()}.`];
  if (Date.parse(certificate.validFrom) > now) return [`${whose} is valid only from ${certificate.validFrom}; the clock of this computer says ${new Date(now).toUTCString()}.`];
  return [];
};

/** What both sides have, a sentence each. What cannot be had is said to be so. */
export async function lookAtCertificates(uri: ConnectionUri, surroundings: Surroundings, signal: AbortSignal): Promise<readonly string[]> {
  const files = await filesOf(uri, surroundings);
  if (typeof files === 'string') return [files];
  const authority = parsed(files.authority);
  const own = parsed(files.own?.certificate);
  const host = await presentedBy(uri, files, signal);
  const now = Date.now();
  return [
    `Files used: ${files.seen}.`,
    ...(authority === null ? [] : [describe('The authority in cacert.pem', authority), ...dates('The authority’s certificate', authority, now)]),
    ...(own === null ? ['This computer shows no client certificate.'] : [describe('This computer’s certificate', own), ...dates('This computer’s certificate', own, now)]),
    ...(host === null ? ['The host shows no certificate.'] : [describe('The host’s certificate', host), ...dates('The host’s certificate', host, now)]),
    ...(host === null || authority === null ? [] : [`The host’s certificate was ${isSignedBy(host, authority) ? '' : 'not '}signed by the authority in cacert.pem.`]),
    ...(own === null || authority === null ? [] : [`This computer’s certificate was ${isSignedBy(own, authority) ? '' : 'not '}signed by it.`]),
    files.revocations === undefined ? 'No revocation list (cacrl.pem) is used.' : 'A revocation list (cacrl.pem) is used.',
  ];
}

async function filesOf(uri: ConnectionUri, surroundings: Surroundings): Promise<CertificateFiles | string> {
  try {
    return await readCertificateFiles(uri, certificatePlaces(uri, surroundings));
  } catch (error) {
    if (error instanceof Refused) return error.refusal.message;
    throw error;
  }
}

/** The first certificate of a PEM file; null when there is none that can be read. */
function parsed(pem: Buffer | undefined): X509Certificate | null {
  if (pem === undefined) return null;
  try {
    return new X509Certificate(pem);
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

/** The certificate the host shows, whatever it is worth. Nothing is sent over a connection made so. */
function presentedBy(uri: ConnectionUri, files: CertificateFiles, signal: AbortSignal): Promise<X509Certificate | null> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  return new Promise((resolve) => {
    const tls = connect({
      host: uri.host ?? 'localhost', port: uri.port ?? defaultPorts.tls, rejectUnauthorized: false, checkServerIdentity: () => undefined,
      ...(files.own !== undefined && { cert: files.own.certificate, key: files.own.key }),
    });
    const settle = (certificate: X509Certificate | null): void => {
      limit.removeEventListener('abort', giveUp);
      tls.destroy();
      resolve(certificate);
    };
    const giveUp = (): void => settle(null);
    limit.addEventListener('abort', giveUp);
    tls.once('secureConnect', () => settle(tls.getPeerX509Certificate() ?? null));
    tls.on('error', giveUp).once('close', giveUp);
  });
}
