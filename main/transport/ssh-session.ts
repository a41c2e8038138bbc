// One SSH session: reaching the server, knowing its key, logging in; through jump hosts a session within a session.
import type { Duplex } from 'node:stream';
import ssh2, { type Client, type ClientChannel } from 'ssh2';
import { Refused } from '../../app/contract/refusal.ts';
import { ChannelStream } from './channel-stream.ts';
import { dial } from './dial.ts';
import { wordsOf } from './sockets.ts';
import { HostKeyCheck, hostsKnownFrom } from './ssh-host-key.ts';
import { Login } from './ssh-login.ts';
import { sessionLost, type FarCommand, type SshReach } from './ssh-reach.ts';
import type { SshHop, SshRoute } from './ssh-route.ts';
import { runStage, type Step } from './stages.ts';
import type { Surroundings } from './transport.ts';

/** A session that is logged in. */
export interface SshSession extends SshReach {
  readonly client: Client;
}

/**
 * Logs in to one host of the route after the other, each with its own host key and login, in the stages name, port, hostKey and login.
 * @throws Refused, which names the jump host at fault; nothing stays open then.
 */
export async function openRoute({ hops }: SshRoute, surroundings: Surroundings, signal: AbortSignal): Promise<SshSession> {
  let session: SshSession | undefined;
  for (const hop of hops) {
    const carrier = session;
    try {
      session = await openSession(hop, carrier, hop.isJump ? ofJump(hop, surroundings) : surroundings, signal);
    } catch (error) {
      carrier?.close();
      throw hop.isJump && error instanceof Refused ? jumpRefused(hop, error) : error;
    }
  }
  if (session === undefined) throw new TypeError('a route has at least one host');
  return session;
}

/** The refusal of a jump host says so. */
function jumpRefused({ host }: SshHop, error: Refused): Refused {
  const { code, message, ...more } = error.refusal;
  return new Refused(code, `On the way, at the jump host ${host}: ${message}`, more, { cause: error });
}

/** What was seen at a jump host is told as such. */
const ofJump = (hop: SshHop, surroundings: Surroundings): Surroundings => ({
  ...surroundings,
  report: (report) => {
    if (report.outcome === 'done') surroundings.report({ ...report, seen: `jump host ${hop.host}: ${report.seen}` });
    else if (report.outcome === 'failed') surroundings.report({ ...report, refusal: jumpRefused(hop, new Refused(report.refusal.code, report.refusal.message, report.refusal)).refusal });
    else surroundings.report(report);
  },
});

/** Reaches the port from the last jump host, which looks up the name as well. */
async function dialThrough(carrier: SshSession, { host, hostName, port }: SshHop, surroundings: Surroundings, signal: AbortSignal): Promise<Duplex> {
  const subject = {
    stage: 'port', doing: `Connecting to port ${port} of ${hostName} from ${carrier.host}`, remedy: `Check that ${hostName} is reachable from ${carrier.host}.`,
  } as const;
  return await runStage(subject, surroundings, signal, async (step) => {
    const request = (done: ChannelDone): void => void carrier.client.forwardOut('127.0.0.1', 0, hostName, port, done);
    try {
      return { value: await channelOf(step.signal, request, (channel) => new ChannelStream(channel)), seen: `${hostName} port ${port} from ${carrier.host}` };
    } catch (error) {
      if (error instanceof Refused) throw error;
      throw new Refused('unreachable', `${carrier.host} does not reach port ${port} of ${host}: ${wordsOf(error)}.`, {
        stage: 'port', remedy: `Check the name and the port as ${carrier.host} sees them, and that its sshd allows AllowTcpForwarding.`,
      }, { cause: error });
    }
  });
}

type ChannelDone = (error: Error | undefined, channel: ClientChannel) => void;

/**
 * Asks a session for a channel. One that is granted after the caller gave up is let go of again, by `drop`. What `take` makes of it listens
 * before anything else happens: all that a quick command says, and its end, may come in the same piece as the word that it began.
 */
function channelOf<T>(signal: AbortSignal, request: (done: ChannelDone) => void, take: (channel: ClientChannel) => T, drop = (channel: ClientChannel): void => channel.close()): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    request((error, channel) => {
      signal.removeEventListener('abort', onAbort);
      if (error) reject(error);
      else if (signal.aborted) drop(channel);
      else resolve(take(channel));
    });
  });
}

/** Without a terminal, the end of the channel alone does not end a command that neither reads nor writes. */
function endCommand(channel: ClientChannel): void {
  channel.signal('TERM');
  channel.resume().close();
}

/** A channel on which a command runs. */
function farCommand(channel: ClientChannel): FarCommand {
  let exit: number | undefined;
  let endedBy: string | undefined;
  channel.once('exit', (code: number | null, signal?: string) => {
    exit = code ?? undefined;
    endedBy = signal;
  });
  return {
    output: channel,
    errors: channel.stderr,
    input: channel,
    over: new Promise((resolve) => channel.once('close', () => resolve())),
    exitCode: () => exit,
    exitSignal: () => endedBy,
    stop: () => endCommand(channel),
    stream: (reason) => new ChannelStream(channel, reason),
  };
}

async function openSession(hop: SshHop, carrier: SshSession | undefined, surroundings: Surroundings, signal: AbortSignal): Promise<SshSession> {
  const { host, port } = hop;
  const login = await Login.prepare(hop, surroundings);
  const check = new HostKeyCheck(hop, await hostsKnownFrom(hop.knownHostsFiles));
  const socket = carrier === undefined ? await dial(hop.hostName, port, surroundings, signal) : await dialThrough(carrier, hop, surroundings, signal);
  let isSsh: boolean | undefined;
  socket.once('data', (chunk: Buffer) => {
    isSsh = chunk.toString('latin1', 0, 4) === 'SSH-';
  });
  const client = new ssh2.Client();
  const close = (): void => {
    client.end();
    socket.destroy();
    carrier?.close();
  };
  try {
    const events = new SessionEvents(client, socket, login);
    await runStage(
      { stage: 'hostKey', doing: `Exchanging keys with ${host}`, remedy: `Check that an SSH server answers on port ${port}.` },
      surroundings,
      signal,
      async (step) => {
        const handshake = events.await('handshake', step, (error) => notSsh(host, port, error, isSsh));
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
    const ended = events.ended.then((error) => {
      close();
      return error;
    });
    const streamOf = (channel: ClientChannel): ChannelStream => new ChannelStream(channel, () => (socket.destroyed ? sessionLost(hop) : undefined));
    return {
      client, host, ended, isOver: () => socket.destroyed, close,
      forward: async (place, stop) => await channelOf(stop, (done) => {
        if (place.kind === 'socket') client.openssh_forwardOutStreamLocal(place.path, done);
        else client.forwardOut('127.0.0.1', 0, place.host, place.port, done);
      }, streamOf),
      exec: async (command, stop) => await channelOf(stop, (done) => client.exec(command, done), farCommand, endCommand),
    };
  } catch (error) {
    client.end();
    socket.destroy();
    throw error;
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

  constructor(client: Client, socket: Duplex, login: Login) {
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

/** Why no session came about, `isSsh` being what the first bytes looked like; ssh2 tells failures apart by its words alone. */
function notSsh(host: string, port: number, error: unknown, isSsh: boolean | undefined): Refused {
  const words = error === undefined ? 'it hung up' : wordsOf(error);
  if (/no matching/i.test(words)) {
    return new Refused('ssh-algorithms', `${host} offers no algorithm that can be used: ${words}.`, {
      stage: 'hostKey', remedy: 'Update the SSH server, or name a newer ssh program with command=ssh.',
    }, { cause: error });
  }
  if (isSsh === false || /invalid identification|bad packet length|expected identification|protocol version/i.test(words)) {
    return new Refused('not-ssh', `What answers on port ${port} of ${host} does not speak SSH: ${words}.`, {
      stage: 'hostKey', remedy: 'Correct the port: SSH usually listens on 22.',
    }, { cause: error });
  }
  return new Refused('unreachable', `No SSH session with port ${port} of ${host} came about: ${words}.`, {
    stage: 'hostKey', remedy: 'Check that this is the port of an SSH server, and that it allows another session.',
  }, { cause: error });
}

/** A server that turns somebody away mostly says so; a line that breaks meanwhile says nothing about who logs in. */
function loginBroken(host: string, user: string, error: unknown): Refused {
  const words = error === undefined ? 'it hung up' : wordsOf(error);
  const isTold = error instanceof Error && 'code' in error && typeof error.code === 'number';
  return new Refused(isTold ? 'login-failed' : 'connection-lost', `${host} ended the session while ${user} logged in: ${words}.`, {
    stage: 'login',
    remedy: 'The server may limit tries (MaxAuthTries) or users; see its log.',
  }, { cause: error });
}
