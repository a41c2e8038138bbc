// What a host does when TLS is begun with it, told and not judged: what it shows, whether it lets us in, whose clients it takes.
import { isIP, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { authoritiesAskedFor } from './certificate-request.ts';
import { dial } from './dial.ts';
import { wordsOf } from './sockets.ts';
import { isClientRefused, isNamed, reasonOf } from './tls.ts';
import type { Surroundings } from './transport.ts';

/** What is shown to the host and what it is checked by; all of it PEM that was understood before. */
export interface Showing {
  readonly authorities: string;
  readonly revocations: Buffer | null;
  readonly own: { readonly certificate: Buffer; readonly key: Buffer } | null;
}

export interface Observed {
  /** A text: why nothing was agreed on. */
  readonly handshake: { readonly protocol: string; readonly cipher: string } | string;
  /** Certificates as DER, the host's own first. `verdict`: OpenSSL's code where it does not take them. */
  readonly shown: { readonly chain: readonly Buffer[]; readonly verdict: string | null; readonly isNamed: boolean } | null;
  /** What came after the handshake: the byte that lets us in, an end without it, nothing, or something else. */
  readonly welcome: 'welcomed' | 'refused' | 'silent' | 'other' | null;
  /** Names of authorities as DER, asked for only where we were refused; null = the host does not say. */
  readonly accepts: readonly Buffer[] | null;
}

/** How long the host may take for the handshake, and for the byte after it, in milliseconds. */
const patience = 5_000;

/** Sees even what is too weak to be believed. Nothing is sent over a connection made so. */
const everything = 'DEFAULT@SECLEVEL=0';

const optionsOf = ({ authorities, revocations, own }: Showing, host: string): ConnectionOptions => ({
  rejectUnauthorized: false, checkServerIdentity: () => undefined, ciphers: everything, ca: authorities === '' ? [] : authorities,
  ...(isIP(host) === 0 && { servername: host }), ...(revocations !== null && { crl: revocations }), ...(own !== null && { cert: own.certificate, key: own.key }),
});

/**
 * Dials the host and begins TLS with it; where it refuses our certificate, once more by TLS 1.2, which tells whose it would take.
 * @throws Refused as dialling does; what comes after that is told.
 */
export async function observeTls({ host, port }: { readonly host: string; readonly port: number }, showing: Showing, surroundings: Surroundings, signal: AbortSignal): Promise<Observed> {
  const socket = await dial(host, port, surroundings, signal);
  const tls = connect({ socket, ...optionsOf(showing, host) });
  const observed = await observe(tls, host, signal).finally(() => {
    tls.destroy();
    socket.destroy();
  });
  if (observed.welcome !== 'refused' || showing.own === null) return { ...observed, accepts: null };
  return { ...observed, accepts: await askedFor(await dial(host, port, surroundings, signal), optionsOf(showing, host), signal) };
}

/** The certificate a host shows, as DER; null where no TLS is agreed on. Its word on ours is not waited for. @throws Refused as dialling does. */
export async function certificateShown({ host, port }: { readonly host: string; readonly port: number }, surroundings: Surroundings, signal: AbortSignal): Promise<Buffer | null> {
  const socket = await dial(host, port, surroundings, signal);
  const tls = connect({ socket, ...optionsOf({ authorities: '', revocations: null, own: null }, host) });
  try {
    return (await begun(tls, signal)) === null ? (tls.getPeerX509Certificate()?.raw ?? null) : null;
  } finally {
    tls.destroy();
    socket.destroy();
  }
}

async function observe(tls: TLSSocket, host: string, signal: AbortSignal): Promise<Omit<Observed, 'accepts'>> {
  const ended = await begun(tls, signal);
  const isRefused = ended !== null && isClientRefused(ended);
  const shown = shownBy(tls, host);
  if (ended !== null && !isRefused) return { handshake: `No TLS was agreed on: ${ended === 'silent' ? 'there was no answer' : ended === 'ended' ? 'the host hung up' : wordsOf(ended)}.`, shown, welcome: null };
  const handshake = { protocol: tls.getProtocol() ?? 'TLS', cipher: tls.getCipher()?.name ?? 'no cipher yet' };
  return { handshake, shown, welcome: isRefused ? 'refused' : await welcomeOf(tls, signal) };
}

/** Waits for one of several events, for so long as is reasonable. Whatever comes first is the answer. */
function first<T>(tls: TLSSocket, signal: AbortSignal, late: T, listen: (settle: (answer: T) => void) => Readonly<Record<string, (given: Error) => void>>): Promise<T> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  return new Promise((resolve) => {
    const settle = (answer: T): void => {
      limit.removeEventListener('abort', onLimit);
      for (const [event, listener] of Object.entries(listeners)) tls.off(event, listener);
      resolve(answer);
    };
    const onLimit = (): void => settle(late);
    const listeners = listen(settle);
    // Errors may come after the answer too, and are no news then.
    tls.on('error', () => undefined);
    for (const [event, listener] of Object.entries(listeners)) tls.on(event, listener);
    limit.addEventListener('abort', onLimit);
    if (tls.errored) listeners['error']?.(tls.errored);
    else if (tls.destroyed) listeners['close']?.(new Error('closed'));
    else if (limit.aborted) onLimit();
  });
}

/** Null once TLS is agreed on, else why it is not. */
const begun = (tls: TLSSocket, signal: AbortSignal): Promise<Error | 'ended' | 'silent' | null> =>
  first<Error | 'ended' | 'silent' | null>(tls, signal, 'silent', (settle) => ({ secureConnect: () => settle(null), error: settle, close: () => settle('ended') }));

const welcomeOf = (tls: TLSSocket, signal: AbortSignal): Promise<'welcomed' | 'refused' | 'silent' | 'other'> =>
  first<'welcomed' | 'refused' | 'silent' | 'other'>(tls, signal, 'silent', (settle) => ({
    readable: () => {
      const byte: unknown = tls.read(1);
      if (byte instanceof Uint8Array) settle(byte[0] === 1 ? 'welcomed' : 'other');
    },
    end: () => settle('refused'), close: () => settle('refused'), error: () => settle('refused'),
  }));

function shownBy(tls: TLSSocket, host: string): Observed['shown'] {
  const leaf = tls.getPeerX509Certificate();
  if (leaf === undefined) return null;
  const legacy = tls.getPeerCertificate(true);
  const chain = [leaf.raw];
  // The last one is its own issuer.
  for (let at = legacy.issuerCertificate; at?.raw !== undefined && !chain.some((one) => one.equals(at.raw)); at = at.issuerCertificate) chain.push(at.raw);
  return { chain, verdict: tls.authorized ? null : reasonOf(tls.authorizationError), isNamed: isNamed(host, leaf.toLegacyObject()) };
}

/** Begins TLS 1.2 and reads along what the host sends in the clear. */
async function askedFor(socket: Socket, options: ConnectionOptions, signal: AbortSignal): Promise<readonly Buffer[] | null> {
  const heard: Buffer[] = [];
  const tap = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk: Buffer) => {
    heard.push(chunk);
    tap.push(chunk);
  }).on('end', () => tap.push(null)).on('error', (error) => tap.destroy(error)).on('close', () => tap.destroy());
  const tls = connect({ ...options, socket: tap, maxVersion: 'TLSv1.2' });
  await begun(tls, signal);
  tls.destroy();
  tap.destroy();
  const names = authoritiesAskedFor(Buffer.concat(heard));
  return names === null || names.length === 0 ? null : names;
}
