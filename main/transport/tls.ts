// The transport over TLS with certificates on both sides, up to the byte by which libvirtd lets a client in.
import { isIP } from 'node:net';
import { checkServerIdentity, connect, createSecureContext, type PeerCertificate, type SecureContext, type TLSSocket } from 'node:tls';
import { Refused } from '../../app/contract/refusal.ts';
import { defaultPorts, uriFlag, uriParameter } from '../../app/domain/connection-uri.ts';
import { dial } from './dial.ts';
import { runStage, type Step } from './stages.ts';
import { codeOf, wordsOf } from './sockets.ts';
import { reachBeside } from './far-place.ts';
import { linkOfOwnStreams } from './streams.ts';
import { one, untrusted } from './tls-chain.ts';
import { certificatePlaces, readCertificateFiles, type CertificateFiles } from './tls-files.ts';
import { optionsOfPriority } from './tls-priority.ts';
import { checkSanity } from './tls-sanity.ts';
import type { OpenTransport } from './transport.ts';

/**
 * Connects by https://libvirt.org/kbase/tlscerts.html. The files are read once, before anything is dialled.
 * `no_verify=1` accepts any certificate; our own is shown all the same.
 */
export const openTls: OpenTransport = async (uri, surroundings, signal) => {
  const host = uri.host ?? 'localhost';
  const port = uri.port ?? defaultPorts.tls;
  const unverified = uriFlag(uri, 'no_verify');
  const priority = optionsOfPriority(uriParameter(uri, 'tls_priority') || 'NORMAL');
  const { files, secureContext } = await runStage(
    { stage: 'certificate', doing: 'Reading the certificate files', remedy: 'Check the disk the certificate files are on.' },
    surroundings,
    signal,
    async () => {
      const files = await readCertificateFiles(uri, certificatePlaces(uri, surroundings));
      if (!uriFlag(uri, 'no_sanity')) checkSanity(files);
      return { value: { files, secureContext: contextOf(files, priority) }, seen: files.seen };
    },
  );
  return linkOfOwnStreams(async (caller) => {
    const socket = await dial(host, port, surroundings, caller);
    // The peer is judged by `judge`, which can say what was wrong with it; a refusal by Node would not show the certificate.
    const tls = connect({
      socket, secureContext, rejectUnauthorized: false, checkServerIdentity: () => undefined, ...(isIP(host) === 0 && { servername: host }),
    });
    // TLS may fail in the same turn in which a stage ended; the next stage finds that error in `errored`.
    tls.on('error', () => undefined);
    try {
      await runStage(
        { stage: 'tls', doing: `Agreeing on TLS with ${host}`, remedy: `Check that libvirtd listens for TLS on port ${port}.` },
        surroundings,
        caller,
        async (step) => {
          await handshake(tls, host, step);
          return { value: undefined, seen: `${tls.getProtocol() ?? 'TLS'} ${tls.getCipher().name}` };
        },
      );
      await runStage(
        { stage: 'certificate', doing: `Waiting for ${host} to accept the client certificate`, remedy: 'The daemon may be at its limit of connections; see its log.' },
        surroundings,
        caller,
        async (step) => {
          const seen = unverified ? 'not checked (no_verify)' : judge(tls, host, files);
          await awaitWelcome(tls, host, step);
          return { value: undefined, seen };
        },
      );
      return oneRecordEach(tls);
    } catch (error) {
      tls.destroy();
      socket.destroy();
      throw error;
    }
  }, { reach: reachBeside(host, surroundings) });
};

/**
 * Keeps every message in TLS records of its own. libvirtd takes one message when its socket becomes readable, and does not look
 * for a second one that was decrypted with the first: it would lie there until more bytes come. Node joins writes that wait.
 */
const oneRecordEach = (tls: TLSSocket): TLSSocket => Object.defineProperty(tls, '_writev', { value: null });

export function contextOf({ authority, revocations, revocationsFile, own }: CertificateFiles, priority: ReturnType<typeof optionsOfPriority>): SecureContext {
  try {
    return createSecureContext({
      ...priority,
      // An empty list would fall back to the public authorities, which have no say here; with no_verify none is needed.
      ca: authority ?? [],
      ...(revocations && { crl: revocations }),
      ...(own && { cert: own.certificate, key: own.key }),
    });
  } catch (error) {
    const foreign = codeOf(error) === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH';
    const which = revocationsFile !== undefined && wordsOf(error).includes('CRL') ? `The revocation list ${revocationsFile}` : 'A certificate file';
    throw new Refused(
      'certificate-missing',
      foreign ? 'The client certificate and the client key do not belong together.' : `${which} cannot be understood: ${wordsOf(error)}.`,
      { stage: 'certificate', remedy: 'Put matching PEM files there, unencrypted; Guestdeck can make new ones.' },
      { cause: error },
    );
  }
}

interface TlsListeners {
  readonly [event: string]: (error: Error) => void;
  readonly error: (error: Error) => void;
  readonly close: () => void;
}

/** Attaches one-time listeners, resolves or rejects with the first that says so, and takes them all off again. */
function settled(
  tls: TLSSocket,
  { signal }: Step,
  listen: (resolve: () => void, reject: (error: unknown) => void) => TlsListeners,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const off = (): void => {
      signal.removeEventListener('abort', onAbort);
      for (const [event, listener] of Object.entries(listeners)) tls.off(event, listener);
    };
    const onAbort = (): void => {
      off();
      tls.destroy();
      reject(signal.reason);
    };
    const listeners = listen(
      () => {
        off();
        resolve();
      },
      (error) => {
        off();
        reject(error);
      },
    );
    for (const [event, listener] of Object.entries(listeners)) tls.on(event, listener);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    else if (tls.errored) listeners.error(tls.errored);
    else if (tls.destroyed) listeners.close();
  });
}

const handshake = (tls: TLSSocket, host: string, step: Step): Promise<void> =>
  settled(tls, step, (resolve, reject) => ({
    secureConnect: resolve,
    error: (error) => reject(isClientRefused(error) ? certificateRefused(host) : notTls(host, error)),
    close: () => reject(notTls(host, undefined)),
  }));

function notTls(host: string, error: Error | undefined): Refused {
  const alert = error !== undefined && codeOf(error).includes('_ALERT_');
  const silent = error === undefined || codeOf(error) === 'ECONNRESET';
  return new Refused(
    'not-tls',
    alert ? `${host} speaks TLS, but no version or cipher in common was found: ${wordsOf(error)}.`
    : silent ? `What answers on ${host} hung up when TLS began.`
    : `What answers on ${host} does not speak TLS.`,
    { stage: 'tls', remedy: alert ? 'Allow TLS 1.2 or 1.3 in the daemon’s tls_priority.' : 'Check the port: libvirtd’s TLS port is 16514, its plain one 16509.' },
    { cause: error },
  );
}

/** TLS alerts by which a server turns our certificate down; libvirtd sends none and just hangs up, other servers do. */
export const isClientRefused = (error: unknown): boolean => /_ALERT_(BAD_CERT|CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|UNSUPPORTED_CERT)/.test(codeOf(error).toUpperCase());

const certificateRefused = (host: string): Refused =>
  new Refused('certificate-refused', `${host} ended the connection because of our client certificate, or because there is none.`, {
    stage: 'certificate',
    remedy: 'Use a client certificate signed by the authority the host trusts, not expired, and in its tls_allowed_dn_list if it has one.',
  });

/** Checks chain, dates and name; returns what was seen. */
export function judge(tls: TLSSocket, host: string, files: CertificateFiles): string {
  const certificate = tls.getPeerCertificate();
  if (!tls.authorized) throw untrusted(reasonOf(tls.authorizationError), host, certificate, files);
  const names = namesOf(certificate);
  if (!isNamed(host, certificate)) {
    throw new Refused('certificate-name', `The certificate is not for ${host} but for ${names.join(', ') || 'no name at all'}.`, {
      stage: 'certificate',
      remedy: 'Connect by one of these names, or make the host a certificate that has this one as alternative name.',
    });
  }
  return `${names.join(', ')}, valid to ${certificate.valid_to}`;
}

/** Typed as an Error, in truth OpenSSL's code as a string. */
export const reasonOf = (error: unknown): string => (typeof error === 'string' ? error : codeOf(error) || wordsOf(error));

const namesOf = (certificate: PeerCertificate): readonly string[] => {
  if (certificate.subjectaltname === undefined) return [one(certificate.subject?.CN)].filter((name) => name !== undefined);
  return certificate.subjectaltname.split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
};

/** As libvirt does it: by the alternative names; the common name counts only where there are none, for addresses too. */
export function isNamed(host: string, certificate: PeerCertificate): boolean {
  if (certificate.subjectaltname === undefined && one(certificate.subject?.CN)?.toLowerCase() === host.toLowerCase()) return true;
  return checkServerIdentity(host.split('%')[0] ?? host, certificate) === undefined;
}

/** libvirtd's word that it took our certificate: one byte 1 inside TLS, before its protocol begins. An end without it is a refusal. */
const awaitWelcome = (tls: TLSSocket, host: string, step: Step): Promise<void> =>
  settled(tls, step, (resolve, reject) => {
    const read = (): void => {
      const byte: unknown = tls.read(1);
      if (!(byte instanceof Uint8Array)) return;
      if (byte[0] === 1) resolve();
      else reject(new Refused('not-libvirt', `What answers on ${host} speaks TLS, but is not libvirtd.`, { stage: 'certificate', remedy: 'Check the port: libvirtd’s TLS port is 16514.' }));
    };
    const refuse = (): void => reject(certificateRefused(host));
    // A hang-up is taken for a refusal however it shows; anything else that breaks the connection says so itself.
    const fail = (error: Error): void =>
      reject(isClientRefused(error) || codeOf(error) === 'ECONNRESET' ? certificateRefused(host) : new Refused('connection-lost', `The connection to ${host} broke: ${wordsOf(error)}.`, { stage: 'certificate' }, { cause: error }));
    return { readable: read, end: refuse, close: refuse, error: fail };
  });
