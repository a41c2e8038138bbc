// One SSH session: reaching the server, knowing its key, logging in.
import type { Socket } from 'node:net';
import { userInfo } from 'node:os';
import ssh2, { type Client, type ServerHostKeyAlgorithm } from 'ssh2';
import { Refused } from '../../app/contract/refusal.ts';
import { defaultPorts, uriFlag, uriParameter, type ConnectionUri } from '../../app/domain/connection-uri.ts';
import {
  addKnownHost, judgeHostKey, keyTypeOf, knownHostName, knownKeyTypes, md5Fingerprint, readKnownHosts, sha256Fingerprint, type KnownHost,
} from '../auth/known-hosts.ts';
import { dial } from './dial.ts';
import { wordsOf } from './sockets.ts';
import { Login } from './ssh-login.ts';
import { runStage, type Step } from './stages.ts';
import type { Surroundings } from './transport.ts';

/** A session that is logged in. */
export interface SshSession {
  readonly client: Client;
  readonly socket: Socket;
  readonly host: string;
  /** Resolves, once the session is over, to the error that ended it; undefined is a plain hang-up. */
  readonly ended: Promise<unknown>;
}

/** Host key algorithms offered, best first, each with the kind of key it belongs to. RSA with SHA-1 is not among them. */
const hostKeyAlgorithms: readonly { readonly algorithm: ServerHostKeyAlgorithm; readonly keyType: string }[] = [
  { algorithm: 'ssh-ed25519', keyType: 'ssh-ed25519' },
  { algorithm: 'ecdsa-sha2-nistp256', keyType: 'ecdsa-sha2-nistp256' },
  { algorithm: 'ecdsa-sha2-nistp384', keyType: 'ecdsa-sha2-nistp384' },
  { algorithm: 'ecdsa-sha2-nistp521', keyType: 'ecdsa-sha2-nistp521' },
  { algorithm: 'rsa-sha2-512', keyType: 'ssh-rsa' },
  { algorithm: 'rsa-sha2-256', keyType: 'ssh-rsa' },
];

const systemKnownHosts = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];

/**
 * Connects and logs in, in the stages name, port, hostKey and login.
 * @throws Refused; the socket is closed then.
 */
export async function openSession(uri: ConnectionUri, surroundings: Surroundings, signal: AbortSignal): Promise<SshSession> {
  const host = uri.host ?? 'localhost';
  const port = uri.port ?? defaultPorts.ssh;
  const login = await Login.prepare(uri.user ?? userInfo().username, host, uri, surroundings);
  const userFile = uriParameter(uri, 'known_hosts') ?? `${surroundings.home}/.ssh/known_hosts`;
  const knownHosts = await hostsKnownFrom([userFile, `${surroundings.home}/.ssh/known_hosts2`, ...systemKnownHosts]);
  const check = new HostKeyCheck(uri, host, port, userFile, knownHosts);

  const socket = await dial(host, port, surroundings, signal);
  const client = new ssh2.Client();
  try {
    const events = new SessionEvents(client, socket, login);
    await runStage(
      { stage: 'hostKey', doing: `Exchanging keys with ${host}`, remedy: `Check that an SSH server answers on port ${port}.` },
      surroundings,
      signal,
      async (step) => {
        const handshake = events.await('handshake', step, (error) => notSsh(host, port, error));
        client.connect({
          sock: socket,
          username: login.user,
          // Stages have their own limits, and this one would run while a person thinks.
          readyTimeout: 0,
          // Any server may know OpenSSH's way to forward to a socket; one that does not says so.
          strictVendor: false,
          algorithms: { serverHostKey: check.algorithms },
          hostVerifier: (key: Buffer, verify: (valid: boolean) => void): void => {
            check.judge(key, step).then(verify, (error: unknown) => {
              events.fail(error);
              verify(false);
            });
          },
          authHandler: events.authenticate,
        });
        await handshake;
        await check.remember();
        return { value: undefined, seen: check.seen };
      },
    );
    await runStage(
      { stage: 'login', doing: `Logging in to ${host} as ${login.user}`, remedy: 'The server or the SSH agent does not answer; see the server’s log.' },
      surroundings,
      signal,
      async (step) => {
        await events.await('ready', step, (error) => loginBroken(host, login.user, error));
        return { value: undefined, seen: `${login.user}, by ${login.last}` };
      },
    );
    return { client, socket, host, ended: events.ended };
  } catch (error) {
    client.end();
    socket.destroy();
    throw error;
  }
}

async function hostsKnownFrom(files: readonly string[]): Promise<readonly KnownHost[]> {
  try {
    return await readKnownHosts(files);
  } catch (error) {
    throw new Refused('storage', `A file of known host keys cannot be read: ${wordsOf(error)}.`, {
      stage: 'hostKey', remedy: 'Correct the file’s permissions, or name another one with known_hosts=.',
    }, { cause: error });
  }
}

/** Turns ssh2's events, of which errors may come twice and at any time, into promises of single stages. */
class SessionEvents {
  readonly #login: Login;
  readonly #client: Client;
  #failure: unknown;
  #hasFailed = false;
  #reject: (error: unknown) => void = () => undefined;
  #end: (error: unknown) => void = () => undefined;
  readonly ended = new Promise<unknown>((resolve) => {
    this.#end = resolve;
  });
  #beginLogin: (step: Step) => void = () => undefined;
  /** The server may be quicker than we are with noting down its key: then it waits for the stage of the login to begin. */
  readonly #loginBegun = new Promise<Step>((resolve) => {
    this.#beginLogin = resolve;
  });

  constructor(client: Client, socket: Socket, login: Login) {
    this.#client = client;
    this.#login = login;
    client.on('error', (error: Error & { readonly level?: string }) => {
      // An agent that fails is one credential less; ssh2 goes on to the next.
      if (error.level === 'agent') login.note(`the SSH agent failed: ${error.message}`);
      else this.fail(error);
    });
    client.on('close', () => this.fail(undefined));
    socket.once('close', () => this.fail(undefined));
  }

  /** The first failure counts: what follows it is only its consequence. */
  readonly fail = (error: unknown): void => {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#failure = error;
    this.#reject(error);
    this.#end(error);
  };

  /** Resolves at the event. `explain` puts into words what ended the session before it; undefined is a plain hang-up. */
  async await(event: 'handshake' | 'ready', step: Step, explain: (error: unknown) => Refused): Promise<void> {
    if (event === 'ready') this.#beginLogin(step);
    const reached = new Promise<void>((resolve, reject) => {
      if (event === 'ready') this.#client.once('ready', resolve);
      else this.#client.once('handshake', () => resolve());
      this.#reject = reject;
      if (this.#hasFailed) reject(this.#failure);
    });
    try {
      await reached;
    } catch (error) {
      throw error instanceof Refused ? error : explain(error);
    }
  }

  readonly authenticate = (accepted: Parameters<Login['next']>[0], _partial: boolean, next: (method: Awaited<ReturnType<Login['next']>>) => void): void => {
    this.#loginBegun.then((step) => this.#login.next(accepted, step, this.fail)).then(next, this.fail);
  };
}

function notSsh(host: string, port: number, error: unknown): Refused {
  const words = error === undefined ? 'it hung up' : wordsOf(error);
  return new Refused('unreachable', `No SSH session with port ${port} of ${host} came about: ${words}.`, {
    stage: 'hostKey',
    remedy: 'Check that this is the port of an SSH server, and that it offers current algorithms.',
  }, { cause: error });
}

function loginBroken(host: string, user: string, error: unknown): Refused {
  const words = error === undefined ? 'it hung up' : wordsOf(error);
  return new Refused('login-failed', `${host} ended the session while ${user} logged in: ${words}.`, {
    stage: 'login',
    remedy: 'The server may limit tries (MaxAuthTries) or users; see its log.',
  }, { cause: error });
}

/** The host's key against what is known of it. */
class HostKeyCheck {
  readonly #uri: ConnectionUri;
  readonly #host: string;
  readonly #port: number;
  readonly #name: string;
  readonly #file: string;
  readonly #knownHosts: readonly KnownHost[];
  #accepted: Buffer | undefined;
  #isToBeKept = false;
  seen = '';

  constructor(uri: ConnectionUri, host: string, port: number, file: string, knownHosts: readonly KnownHost[]) {
    this.#uri = uri;
    this.#host = host;
    this.#port = port;
    this.#name = knownHostName(host, port);
    this.#file = file;
    this.#knownHosts = knownHosts;
  }

  /** Kinds of key known for the host come first, so that a server with several keys shows the one that can be compared. */
  get algorithms(): ServerHostKeyAlgorithm[] {
    const known = knownKeyTypes(this.#knownHosts, this.#name);
    const isKnown = ({ keyType }: { readonly keyType: string }): boolean => known.has(keyType);
    return [...hostKeyAlgorithms.filter(isKnown), ...hostKeyAlgorithms.filter((each) => !isKnown(each))].map(({ algorithm }) => algorithm);
  }

  /** Whether to go on with this key. It is called again when keys are renewed: then only the accepted one will do. */
  async judge(key: Buffer, step: Step): Promise<boolean> {
    if (this.#accepted !== undefined) return this.#accepted.equals(key);
    const policy = uriParameter(this.#uri, 'known_hosts_verify') ?? (uriFlag(this.#uri, 'no_verify') ? 'auto' : 'normal');
    const verdict = judgeHostKey(this.#knownHosts, this.#name, key);
    const fingerprint = `${keyTypeOf(key)} ${sha256Fingerprint(key)}`;
    if (verdict.kind === 'revoked') {
      throw new Refused('host-key-revoked', `The key of ${this.#host} (${fingerprint}) is marked as revoked in ${verdict.by.file} line ${verdict.by.line}.`, {
        stage: 'hostKey', remedy: 'Do not connect before the host has a new key.',
      });
    }
    if (verdict.kind === 'changed' && policy !== 'ignore') throw this.#changed(verdict.by, fingerprint);
    if (verdict.kind === 'unknown' && policy === 'normal') await this.#ask(key, step);
    this.#isToBeKept ||= verdict.kind === 'unknown' && policy === 'auto';
    this.seen = `${fingerprint}, ${verdict.kind === 'known' ? `known from ${verdict.by.file} line ${verdict.by.line}` : policy === 'ignore' ? 'not checked' : 'accepted'}`;
    this.#accepted = key;
    return true;
  }

  #changed(by: KnownHost, fingerprint: string): Refused {
    const known = `${keyTypeOf(by.key)} ${sha256Fingerprint(by.key)}`;
    return new Refused(
      'host-key-changed',
      `The key of ${this.#host} has changed: it shows ${fingerprint}, but ${by.file} line ${by.line} has ${known}. Another machine may be posing as it.`,
      { stage: 'hostKey', remedy: `If the host was installed anew, remove that line (ssh-keygen -R '${this.#name}' -f ${by.file}) and connect again.` },
    );
  }

  async #ask(key: Buffer, step: Step): Promise<void> {
    const unknown = (words: string): Refused =>
      new Refused('host-key-unknown', `The key of ${this.#host} (${keyTypeOf(key)} ${sha256Fingerprint(key)}) was never seen and ${words}.`, {
        stage: 'hostKey', remedy: 'Compare the fingerprint with the host’s own (ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub), then accept it.',
      });
    if (uriFlag(this.#uri, 'no_tty')) throw unknown('nobody may be asked (no_tty)');
    const answer = await step.ask({
      kind: 'hostKey', host: this.#host, port: this.#port, keyType: keyTypeOf(key), sha256: sha256Fingerprint(key), md5: md5Fingerprint(key),
    });
    if (answer.kind !== 'hostKey') throw unknown('was not accepted');
    this.#isToBeKept = answer.accept === 'always';
  }

  /** Writes down a key that is to be kept; only after the handshake, by which the server proved that it is its own. */
  async remember(): Promise<void> {
    if (!this.#isToBeKept || this.#accepted === undefined) return;
    try {
      await addKnownHost(this.#file, this.#name, this.#accepted);
    } catch (error) {
      throw new Refused('storage', `The key of ${this.#host} could not be written to ${this.#file}: ${wordsOf(error)}.`, {
        stage: 'hostKey', remedy: 'Accept the key for this once, or correct the file’s permissions.',
      }, { cause: error });
    }
  }
}
