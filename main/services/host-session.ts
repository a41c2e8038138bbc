// One saved host while Guestdeck runs: its connection, its guests, and coming back when the connection is lost.
import type { ConnectionState } from '../../app/contract/connections.ts';
import type { StageReport } from '../../app/contract/questions.ts';
import { type Refusal, type RefusalCode, Refused } from '../../app/contract/refusal.ts';
import { type ConnectionUri, driverUri, parseConnectionUri } from '../../app/domain/connection-uri.ts';
import type { Connection } from '../libvirt/connection.ts';
import type { KeepaliveOptions } from '../libvirt/keepalive.ts';
import { leave } from '../libvirt/leave.ts';
import { openConnection, type OpenOptions } from '../libvirt/open.ts';
import type { Link, OpenTransport, Surroundings } from '../transport/transport.ts';
import { BackOff } from './back-off.ts';
import { endingWith } from './ending-with.ts';
import { type Known, loadHost } from './host-load.ts';
import { SaslLogins } from './sasl-login.ts';

/**
 * Trying again does not help with these: somebody has to decide or to mend something first. `certificate-refused` is not among them:
 * a daemon that goes down in the wrong moment cannot be told from one that turns us away.
 */
const needPerson: ReadonlySet<RefusalCode> = new Set([
  'bad-uri', 'host-key-unknown', 'host-key-changed', 'host-key-revoked', 'login-failed', 'key-unreadable', 'socket-denied', 'certificate-missing',
  'ssh-algorithms', 'certificate-untrusted', 'certificate-name', 'auth-failed', 'auth-unsupported', 'insecure', 'bug',
]);

/** What a connection may do, and what it may do without. */
export interface Access {
  /** Opened without the right to change anything. */
  readonly readOnly: boolean;
  /** A daemon behind plain TCP that asks for no login is accepted. */
  readonly allowPlain: boolean;
}

/** What a session needs from its owner. */
export interface HostOwner {
  readonly openTransport: OpenTransport;
  /** As it is saved now; takes effect with the next connect. Neither when left out. */
  readonly access?: () => Access;
  readonly surroundings: Surroundings;
  readonly stateChanged: () => void;
  readonly guestsChanged: (uuids: readonly string[] | null) => void;
  /** The host was reached, for the first time or again. */
  readonly arrived?: () => void;
  readonly complain: (error: unknown) => void;
  /** `keepaliveDefaults` when left out. */
  readonly keepalive?: KeepaliveOptions;
}

/** All that lives exactly as long as one connection. */
interface Reached extends Known {
  /** What was reached; the session's URI may have been changed since. */
  readonly uri: ConnectionUri;
  readonly access: Access;
  readonly link: Link;
  readonly connection: Connection;
  slow: Promise<Connection> | null;
  readonly beside: (connection: Connection) => Connection;
}

export class HostSession {
  readonly id: string;
  readonly #owner: HostOwner;
  readonly #logins = new SaslLogins();
  #uri: string;
  #state: ConnectionState = { phase: 'off' };
  #reached: Reached | null = null;
  /** What was known over the last connection: its guests can be looked at while the host is away. */
  #known: Known | null = null;
  #attempt: { readonly abort: AbortController; readonly done: Promise<void> } | null = null;
  readonly #backOff = new BackOff();
  /** Told of every state. */
  readonly #watchers = new Set<() => void>();
  /** When a connection that stood was lost; null when none was, or when coming back was given up. */
  #lostSince: number | null = null;
  #ended = false;

  constructor(id: string, uri: string, owner: HostOwner) {
    this.id = id;
    this.#uri = uri;
    this.#owner = owner;
  }

  get state(): ConnectionState {
    return this.#state;
  }
  /** Takes effect with the next connect. */
  set uri(uri: string) {
    if (uri !== this.#uri) this.#logins.forget();
    this.#uri = uri;
  }

  /** Connects, or joins the attempt under way. Resolves when the guests are known; throws the Refused that ended it. */
  async connect(): Promise<void> {
    if (this.#ended) throw new Refused('unknown-host', 'This connection is not in use any more.');
    if (this.#reached !== null) return;
    this.#backOff.stop();
    if (this.#attempt === null) {
      const abort = new AbortController();
      const done = this.#reach(abort.signal).finally(() => {
        if (this.#attempt?.abort === abort) this.#attempt = null;
      });
      this.#attempt = { abort, done };
    }
    await this.#attempt.done;
  }

  /**
   * Closes whatever there is, and stays closed. Resolves when an attempt under way has let go of all it held, and the daemon has heard
   * that we leave or a second has passed.
   */
  async disconnect(): Promise<void> {
    this.#backOff.stop();
    this.#backOff.reset();
    const [attempt, reached] = [this.#attempt, this.#reached];
    this.#attempt = null;
    this.#reached = null;
    this.#known = null;
    this.#lostSince = null;
    attempt?.abort.abort();
    if (this.#state.phase !== 'off') this.#become({ phase: 'off' });
    // Whoever started the attempt hears how it ended; here only its end counts.
    await Promise.all([attempt?.done.catch(() => undefined), reached === null ? null : this.#leave(reached)]);
  }

  /** The network or this machine was away: what is connected is asked for a sign of life, and what was lost is tried at once. */
  awake(options: { /** A host that never was there is tried again, too, unless only a person can help. */ readonly retryFailed?: boolean } = {}): void {
    this.#backOff.reset();
    this.#reached?.connection.probe();
    // A second connection that could not be opened is the affair of whoever needs it.
    this.#reached?.slow?.then((slow) => slow.probe(), () => undefined);
    const { phase } = this.#state;
    const tries = phase === 'lost' || (options.retryFailed === true && this.#state.phase === 'failed' && !needPerson.has(this.#state.refusal.code));
    // How it ended is in the state; nobody else waits for it.
    if (tries) this.connect().catch(() => undefined);
  }

  /** Resolves once the host is connected, now or again: true; or when it is not coming back by itself, or `signal` aborts: false. */
  async comeBack(signal: AbortSignal): Promise<boolean> {
    return await new Promise((resolve) => {
      const look = (): void => {
        const isBack = this.#reached?.connection.isOpen === true;
        // Between the end of its connection and the word of it, a lost host still counts as ready.
        const isGivenUp = this.#state.phase === 'off' || this.#state.phase === 'failed';
        if (!isBack && !isGivenUp && !signal.aborted) return;
        this.#watchers.delete(look);
        signal.removeEventListener('abort', look);
        resolve(isBack);
      };
      this.#watchers.add(look);
      signal.addEventListener('abort', look);
      look();
    });
  }

  /** Disconnects for good: the connection was removed, or Guestdeck closes. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.disconnect();
  }

  /** What is reached; throws Refused `not-connected` when nothing is. */
  get reached(): Pick<Reached, 'connection' | 'inventory' | 'facts'> {
    return this.#standing();
  }

  /** The guests as they are, or, of a host that was lost, as they were last seen. Throws Refused `not-connected` when none were. */
  get guests(): Pick<Known['inventory'], 'list' | 'find'> {
    return (this.#known ?? this.#standing()).inventory;
  }

  /** What was kept of this guest's definitions is out of date. */
  forget(uuid: string): void {
    this.#reached?.facts.forget(uuid);
  }

  /** Runs a command on the host, where the transport can. Throws Refused `not-connected`. */
  get run(): Link['run'] {
    return this.#standing().link.run;
  }

  /** Opens what listens on the host besides the daemon, where the transport can. Throws Refused `not-connected`. */
  get reach(): Link['reach'] {
    return this.#standing().link.reach;
  }

  /** A second connection for calls that take long, opened when first needed and again when it ended. */
  async slow(): Promise<Connection> {
    for (;;) {
      const reached = this.#standing();
      const opening = (reached.slow ??= this.#openBeside(reached, AbortSignal.timeout(60_000), false));
      const forget = (): void => {
        if (reached.slow === opening) reached.slow = null;
      };
      const connection = await opening.catch((error: unknown) => {
        forget();
        throw error;
      });
      if (connection.isOpen) return connection;
      forget();
    }
  }

  /**
   * A connection for one stream alone, which may be read as slowly as its reader likes. Its owner closes it; it ends with the session's own.
   * Throws Refused `not-connected`, or why there is none.
   */
  async dedicated(signal: AbortSignal): Promise<Connection> {
    const reached = this.#standing();
    return await this.#openBeside(reached, AbortSignal.any([signal, AbortSignal.timeout(60_000)]), true);
  }

  #standing(): Reached {
    if (this.#reached !== null) return this.#reached;
    const why = this.#state.phase === 'lost' || this.#state.phase === 'failed' ? ` ${this.#state.refusal.message}` : '';
    throw new Refused('not-connected', `The host is not connected.${why}`, { remedy: 'Connect to the host first.' });
  }

  async #openBeside({ link, uri, access, beside }: Reached, signal: AbortSignal, dedicated: boolean): Promise<Connection> {
    const { connection } = await openConnection(await link.open(signal), { ...this.#openOptions(uri, access, this.#owner.surroundings, signal), dedicated });
    return beside(connection);
  }

  async #leave({ link, connection, slow }: Reached): Promise<void> {
    // One that is still being opened loses the race, and its link; it is not waited for.
    const second = await Promise.race([slow ?? Promise.resolve(null), Promise.resolve(null)]).catch(() => null);
    if (second !== null) await leave(second);
    await leave(connection);
    link.close();
  }

  #openOptions(uri: ConnectionUri, { readOnly, allowPlain }: Access, surroundings: Surroundings, signal: AbortSignal): OpenOptions {
    const { keepalive } = this.#owner;
    return {
      name: driverUri(uri), readOnly, mustAuthenticate: uri.transport === 'tcp' && !allowPlain, signal,
      ...this.#logins.options(uri, surroundings, signal), ...(keepalive === undefined ? {} : { keepalive }),
    };
  }

  /** One attempt. Once its signal aborts it is nobody's any more: it changes no state and leaves nothing open. */
  async #reach(signal: AbortSignal): Promise<void> {
    const stages: StageReport[] = [];
    const report = (stage: StageReport): void => {
      const at = stages.findIndex((other) => other.stage === stage.stage);
      if (at < 0) stages.push(stage);
      else stages[at] = stage;
      // Once the host is reached, further streams to it are nobody's connecting.
      if (!signal.aborted && this.#reached === null) this.#become({ phase: 'connecting', stages: [...stages] });
    };
    this.#become({ phase: 'connecting', stages });
    let link: Link | null = null;
    let began = performance.now();
    try {
      const uri = parseConnectionUri(this.#uri);
      const access = this.#owner.access?.() ?? { readOnly: false, allowPlain: false };
      const surroundings: Surroundings = { ...this.#owner.surroundings, report, readOnly: access.readOnly };
      link = await this.#owner.openTransport(uri, surroundings, signal);
      const duplex = await link.open(signal);
      began = performance.now();
      report({ outcome: 'started', stage: 'libvirt' });
      const { connection } = await openConnection(duplex, this.#openOptions(uri, access, surroundings, signal));
      const { guestsChanged, complain } = this.#owner;
      const reached = { uri, access, link, connection, ...(await loadHost(connection, { host: this.id, guestsChanged, complain, before: this.#known }, signal)), slow: null, beside: endingWith(connection) };
      report({ outcome: 'done', stage: 'libvirt', seen: 'The daemon opened its driver and told its guests.', milliseconds: performance.now() - began });
      this.#take(reached, stages);
    } catch (error) {
      link?.close();
      if (signal.aborted) throw new Refused('cancelled', 'Connecting was given up.');
      const refusal = this.#located(error);
      const milliseconds = performance.now() - began;
      if (refusal.stage !== 'libvirt' && stages.some(({ stage }) => stage === 'libvirt')) report({ outcome: 'done', stage: 'libvirt', seen: 'A libvirt daemon answers.', milliseconds });
      if (!stages.some(({ outcome }) => outcome === 'failed')) report({ outcome: 'failed', stage: refusal.stage ?? 'libvirt', refusal, milliseconds });
      this.#failed(refusal, stages);
      const { code, message, ...more } = refusal;
      throw new Refused(code, message, more, { cause: error });
    }
  }

  #take(reached: Reached, stages: readonly StageReport[]): void {
    const { connection, link } = reached;
    this.#reached = reached;
    this.#known = reached;
    this.#lostSince = null;
    this.#backOff.reset();
    this.#become({ phase: 'ready', since: Date.now(), stages: [...stages] });
    this.#owner.arrived?.();
    const lost = Promise.race([connection.closed, link.closed.then((refusal) => (connection.close(), refusal))]);
    void lost.then((refusal) => this.#lost(reached, refusal));
  }

  #lost(reached: Reached, refusal: Refusal | null): void {
    reached.connection.close();
    reached.link.close();
    // Closed on purpose: nobody waits for it to come back.
    if (this.#reached !== reached) return;
    this.#reached = null;
    this.#lostSince = Date.now();
    this.#retryLater(refusal ?? { code: 'connection-lost', message: 'The daemon lost its hypervisor.' }, this.#lostSince);
  }

  /** A host that was there before comes back by itself, unless only a person can help. */
  #failed(refusal: Refusal, stages: readonly StageReport[]): void {
    if (this.#lostSince !== null && !needPerson.has(refusal.code)) {
      this.#retryLater(refusal, this.#lostSince);
      return;
    }
    this.#lostSince = null;
    this.#become({ phase: 'failed', refusal, stages: [...stages] });
  }

  #retryLater(refusal: Refusal, since: number): void {
    // How it ended is in the state; nobody else waits for it.
    const nextTry = this.#backOff.schedule(() => void this.connect().catch(() => undefined));
    this.#become({ phase: 'lost', since, refusal, nextTry });
  }

  /** Why connecting failed, with the stage and what to do, whoever refused. */
  #located(error: unknown): Refusal {
    if (error instanceof Refused) return { stage: 'libvirt', remedy: 'Look at the log of the libvirt daemon on the host, then try again.', ...error.refusal };
    this.#owner.complain(error);
    return { code: 'bug', stage: 'libvirt', message: 'Guestdeck itself failed while connecting.', remedy: 'The log in the data folder has the details.' };
  }

  #become(state: ConnectionState): void {
    this.#state = state;
    this.#owner.stateChanged();
    for (const watch of [...this.#watchers]) watch();
  }
}
