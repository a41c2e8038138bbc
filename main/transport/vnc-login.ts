// Logging in to a VNC server, RFB 3.3 to 3.8: no login, a password, or VeNCrypt with a certificate; https://www.rfc-editor.org/rfc/rfc6143
import { createCipheriv } from 'node:crypto';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import { Refused } from '../../app/contract/refusal.ts';
import { take } from './take.ts';

/** What a login may need. */
export interface VncLogin {
  /** The host's name, which a certificate has to have. */
  readonly host: string;
  readonly signal: AbortSignal;
  /** Asks for the password, and for the user where the server wants one. Throws Refused when there is none. */
  readonly ask: (withUser: boolean) => Promise<{ readonly user: string; readonly password: string }>;
  /** Judges the certificate of a server that speaks TLS, before anything secret is said. Throws Refused. */
  readonly secure: () => Promise<{ readonly secureContext: SecureContext; readonly judge: (tls: TLSSocket) => void }>;
}

/** Numbers of the ways to log in, the ones preferred first. */
const [none, password, veNCrypt] = [1, 2, 19];
/** VeNCrypt's ways, all of them inside TLS with a certificate. */
const [x509None, x509Password, x509Plain] = [260, 261, 262];

const refused = (message: string): Refused => new Refused('auth-failed', `The display refuses: ${message}`, { remedy: 'Check the password of the display; one that has expired is set anew in the guest’s definition.' });
const unsupported = (what: string): Refused => new Refused('auth-unsupported', `The display asks for ${what}, which is not supported.`, { remedy: 'Set a password, or TLS with certificates, for VNC in the /etc/libvirt/qemu.conf of the host.' });

const numberOf = async (stream: Duplex, signal: AbortSignal): Promise<number> => (await take(stream, 4, signal)).readUInt32BE();
/** Why it refuses, in the server's words. */
const reasonOf = async (stream: Duplex, signal: AbortSignal): Promise<string> => {
  const length = await numberOf(stream, signal);
  return (await take(stream, Math.min(length, 4096), signal)).toString('utf8');
};

/** The answer to a challenge: DES with the password as key, each byte's bits reversed. Three times the same key is DES, which OpenSSL has no more. */
export const vncResponse = (secret: string, challenge: Buffer): Buffer => {
  const key = Buffer.alloc(8);
  Buffer.from(secret, 'latin1').copy(key, 0, 0, 8);
  for (const [at, byte] of key.entries()) key[at] = Number.parseInt(byte.toString(2).padStart(8, '0').split('').toReversed().join(''), 2);
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([key, key, key]), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(challenge), cipher.final()]);
};

const byPassword = async (stream: Duplex, login: VncLogin): Promise<void> => {
  const challenge = await take(stream, 16, login.signal);
  const { password: secret } = await login.ask(false);
  stream.write(vncResponse(secret, challenge));
};

const secured = async (stream: Duplex, login: VncLogin): Promise<TLSSocket> => {
  const { secureContext, judge } = await login.secure();
  const tls = connect({ secureContext, socket: stream, rejectUnauthorized: false, checkServerIdentity: () => undefined, ...(isIP(login.host) === 0 && { servername: login.host }) });
  // What breaks it shows where it is read.
  tls.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    tls.once('secureConnect', () => resolve());
    tls.once('error', (error: Error) => reject(new Refused('not-tls', `No TLS with the display came about: ${error.message}.`, {}, { cause: error })));
    tls.once('close', () => reject(new Refused('not-tls', 'The display hung up when TLS began.')));
  });
  judge(tls);
  return tls;
};

/** https://github.com/rfbproto/rfbproto/blob/master/rfbproto.rst#vencrypt */
const byVeNCrypt = async (stream: Duplex, login: VncLogin): Promise<Duplex> => {
  const { signal } = login;
  await take(stream, 2, signal);
  stream.write(Buffer.from([0, 2]));
  if ((await take(stream, 1, signal))[0] !== 0) throw unsupported('another version of VeNCrypt');
  const kinds: number[] = [];
  for (let left = (await take(stream, 1, signal))[0] ?? 0; left > 0; left -= 1) kinds.push(await numberOf(stream, signal));
  const kind = [x509None, x509Password, x509Plain].find((known) => kinds.includes(known));
  if (kind === undefined) throw unsupported(`VeNCrypt without a certificate (${kinds.join(', ')})`);
  const chosen = Buffer.alloc(4);
  chosen.writeUInt32BE(kind);
  stream.write(chosen);
  if ((await take(stream, 1, signal))[0] !== 1) throw refused('it does not begin TLS.');
  const tls = await secured(stream, login);
  if (kind === x509Password) await byPassword(tls, login);
  if (kind === x509Plain) {
    const { user, password: secret } = await login.ask(true);
    const words = [Buffer.from(user), Buffer.from(secret)];
    const lengths = Buffer.alloc(8);
    for (const [at, word] of words.entries()) lengths.writeUInt32BE(word.length, at * 4);
    tls.write(Buffer.concat([lengths, ...words]));
  }
  return tls;
};

/**
 * Logs in. What comes next on the stream that is given back is what the server says to a client that has begun, ClientInit being the
 * first thing it wants. @throws Refused `auth-failed`, `auth-unsupported`, `certificate-…`, `not-tls`, `protocol`, `connection-lost`.
 */
export const logInToVnc = async (stream: Duplex, login: VncLogin): Promise<Duplex> => {
  const { signal } = login;
  const greeting = /^RFB 003\.(\d{3})\n$/.exec((await take(stream, 12, signal)).toString('latin1'));
  if (greeting === null) throw new Refused('protocol', 'What listens where the display should be does not speak VNC.');
  const minor = Math.min(Number(greeting[1]), 8) >= 7 ? Math.min(Number(greeting[1]), 8) : 3;
  stream.write(`RFB 003.00${minor}\n`);
  let kinds: readonly number[];
  if (minor === 3) kinds = [await numberOf(stream, signal)].filter((kind) => kind !== 0);
  else kinds = [...(await take(stream, (await take(stream, 1, signal))[0] ?? 0, signal))];
  if (kinds.length === 0) throw refused(await reasonOf(stream, signal));
  const kind = [none, password, veNCrypt].find((known) => kinds.includes(known));
  if (kind === undefined) throw unsupported(`a login of kind ${kinds.join(' or ')}`);
  if (minor > 3) stream.write(Buffer.from([kind]));
  let through = stream;
  if (kind === password) await byPassword(stream, login);
  else if (kind === veNCrypt) through = await byVeNCrypt(stream, login);
  // Before 3.8 nothing is said where nothing was asked.
  if (kind === none && minor < 8) return through;
  if ((await numberOf(through, signal)) !== 0) throw refused(minor === 8 ? await reasonOf(through, signal) : 'the password is wrong.');
  return through;
};
