// One saved host while Guestdeck runs: its connection, its guests, and coming back when the connection is lost.
import type { ConnectionState } from '../../app/contract/connections.ts';
import type { StageReport } from '../../app/contract/questions.ts';
import { type Refusal, type RefusalCode, Refused } from '../../app/contract/refusal.ts';
import { type ConnectionUri, driverUri, parseConnectionUri } from '../../app/domain/connection-uri.ts';
import type { Connection } from '../libvirt/connection.ts';
import { DomainEvents } from '../libvirt/domain-events.ts';
import type { KeepaliveOptions } from '../libvirt/keepalive.ts';
import { openConnection } from '../libvirt/open.ts';
import { remote } from '../libvirt/procedures.ts';
import type { Link, OpenTransport, Surroundings } from '../transport/transport.ts';
import { HostFacts } from './host-facts.ts';
import { Inventory } from './inventory.ts';
import { SaslLogins } from './sasl-login.ts';

/** Waits before trying again: 1 s, doubling to 60 s, each a little off so that many hosts do not come back in step. */
const firstWait = 1_000;
const longestWait = 60_000;

/** Trying again does not help with these: somebody has to decide or to mend something first. */
const needPerson: ReadonlySet<RefusalCode> = new Set([
  'bad-uri', 'host-key-unknown', 'host-key-changed', 'host-key-revoked', 'login-failed', 'key-unreadable', 'socket-denied', 'certificate-missing',
  'ssh-algorithms', 'certificate-untrusted', 'certificate-name', 'certificate-refused', 'auth-failed', 'auth-unsupported', 'bug',
]);

/** What a session needs from its owner. */
export interface HostOwner {
  readonly openTransport: OpenTransport;
  readonly surroundings: Surroundings;
  readonly stateChanged: () => void;
  readonly guestsChanged: (uuids: readonly string[] | null) => void;
  readonly complain: (error: unknown) => void;
  /** libvirt's own defaults when left out. */
  readonly keepalive?: KeepaliveOptions;
}

/** All that lives exactly as long as one connection. */
interface Reached {
  /** What was reached; the session's URI may have been changed since. */
  readonly uri: ConnectionUri;
  readonly link: Link;
  readonly connection: Connection;
  readonly inventory: Inventory;
  readonly facts: HostFacts;
  slow: Promise<Connection> | null;
}

export class HostSession {
  readonly id: string;
  readonly #owner: HostOwner;
  readonly #logins = new SaslLogins();
  #uri: string;
  #state: ConnectionState = { phase: 'off' };
  #reached: Reached | null = null;
  /** The guests of the last connection, to be looked at while the host is away. */
  #known: Inventory | null = null;
  #attempt: { readonly abort: AbortController; readonly done: Promise<void> } | null = null;
  #retry: NodeJS.Timeout | null = null;
  #wait = firstWait;
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
    this.#stopRetry();
    if (this.#attempt === null) {
      const abort = new AbortController();
      const done = this.#reach(abort.signal).finally(() => {
        if (this.#attempt?.abort === abort) this.#attempt = null;
      });
      this.#attempt = { abort, done };
    }
    await this.#attempt.done;
  }

  /** Closes whatever there is, at once, and stays closed. Resolves when an attempt under way has let go of all it held. */
  async disconnect(): Promise<void> {
    this.#stopRetry();
    const [attempt, reached] = [this.#attempt, this.#reached];
    this.#attempt = null;
    this.#reached = null;
    this.#known = null;
    this.#lostSince = null;
    this.#wait = firstWait;
    attempt?.abort.abort();
    reached?.connection.close();
    reached?.link.close();
    if (this.#state.phase !== 'off') this.#become({ phase: 'off' });
    // Whoever started the attempt hears how it ended; here only its end counts.
    await attempt?.done.catch(() => undefined);
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
  get guests(): Pick<Inventory, 'list' | 'find'> {
    return this.#known ?? this.#standing().inventory;
  }

  /** What was kept of this guest's definitions is out of date. */
  forget(uuid: string): void {
    this.#reached?.facts.forget(uuid);
  }

  /** Runs a command on the host, where the transport can. Throws Refused `not-connected`. */
  get run(): Link['run'] {
    return this.#standing().link.run;
  }

  /** A second connection for calls that take long, opened when first needed and again when it ended. */
  async slow(): Promise<Connection> {
    for (;;) {
      const reached = this.#standing();
      const opening = (reached.slow ??= this.#openSecond(reached));
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

  #standing(): Reached {
    if (this.#reached !== null) return this.#reached;
    const why = this.#state.phase === 'lost' || this.#state.phase === 'failed' ? ` ${this.#state.refusal.message}` : '';
    throw new Refused('not-connected', `The host is not connected.${why}`, { remedy: 'Connect to the host first.' });
  }

  async #openSecond({ link, uri, connection: first }: Reached): Promise<Connection> {
    const signal = AbortSignal.timeout(60_000);
    const login = this.#logins.options(uri, this.#owner.surroundings, signal);
    const { connection } = await openConnection(await link.open(signal), { name: driverUri(uri), signal, ...login, ...this.#keepalive });
    void first.closed.then(() => connection.close());
    return connection;
  }

  get #keepalive(): Pick<HostOwner, 'keepalive'> {
    return this.#owner.keepalive === undefined ? {} : { keepalive: this.#owner.keepalive };
  }

  /** One attempt. Once its signal aborts it is nobody's any more: it changes no state and leaves nothing open. */
  async #reach(signal: AbortSignal): Promise<void> {
    const stages: StageReport[] = [];
    const report = (stage: StageReport): void => {
      const at = stages.findIndex((other) => other.stage === stage.stage);
      if (at < 0) stages.push(stage);
      else stages[at] = stage;
      if (!signal.aborted) this.#become({ phase: 'connecting', stages: [...stages] });
    };
    this.#become({ phase: 'connecting', stages });
    let link: Link | null = null;
    let began = performance.now();
    try {
      const uri = parseConnectionUri(this.#uri);
      link = await this.#owner.openTransport(uri, { ...this.#owner.surroundings, report }, signal);
      const duplex = await link.open(signal);
      began = performance.now();
      report({ outcome: 'started', stage: 'libvirt' });
      const login = this.#logins.options(uri, { ...this.#owner.surroundings, report }, signal);
      const { connection } = await openConnection(duplex, { name: driverUri(uri), signal, ...login, ...this.#keepalive });
      const reached = { uri, link, connection, ...(await this.#load(connection, signal)), slow: null };
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

  /** Events first, then the list: nothing can change unseen in between. */
  async #load(connection: Connection, signal: AbortSignal): Promise<Pick<Reached, 'inventory' | 'facts'>> {
    const giveUp = (): void => connection.close();
    signal.addEventListener('abort', giveUp, { once: true });
    const facts = new HostFacts(connection);
    const inventory = new Inventory(this.id, connection, (uuids) => this.#owner.guestsChanged(uuids));
    const events = new DomainEvents(connection);
    const changed = (uuid: string): void => {
      facts.forget(uuid);
      inventory.refresh([uuid]).catch((error: unknown) => this.#unlessLost(error));
    };
    connection.on(remote.connectEventConnectionClosed, giveUp);
    try {
      await Promise.all([
        ...(['lifecycle', 'reboot', 'balloonChange', 'deviceRemoved'] as const).map(async (name) => await events.on(name, ({ msg }) => changed(msg.dom.uuid))),
        ...(['tunable', 'agentLifecycle', 'deviceAdded', 'metadataChange'] as const).map(async (name) => await events.on(name, ({ dom }) => changed(dom.uuid))),
      ]);
      await inventory.load();
      if (signal.aborted) throw new Refused('cancelled', 'Connecting was given up.');
      return { inventory, facts };
    } catch (error) {
      connection.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  #take(reached: Reached, stages: readonly StageReport[]): void {
    const { connection, link } = reached;
    this.#reached = reached;
    this.#known = reached.inventory;
    this.#lostSince = null;
    this.#wait = firstWait;
    this.#become({ phase: 'ready', since: Date.now(), stages: [...stages] });
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
    const wait = Math.round(this.#wait * (0.75 + Math.random() / 2));
    this.#wait = Math.min(this.#wait * 2, longestWait);
    this.#retry = setTimeout(() => {
      this.#retry = null;
      // How it ended is in the state; nobody else waits for it.
      this.connect().catch(() => undefined);
    }, wait);
    this.#retry.unref();
    this.#become({ phase: 'lost', since, refusal, nextTry: Date.now() + wait });
  }

  #stopRetry(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
  }

  /** Why connecting failed, with the stage and what to do, whoever refused. */
  #located(error: unknown): Refusal {
    if (error instanceof Refused) return { stage: 'libvirt', remedy: 'Look at the log of the libvirt daemon on the host, then try again.', ...error.refusal };
    this.#owner.complain(error);
    return { code: 'bug', stage: 'libvirt', message: 'Guestdeck itself failed while connecting.', remedy: 'The log in the data folder has the details.' };
  }

  #unlessLost(error: unknown): void {
    if (error instanceof Refused && ['connection-lost', 'timed-out'].includes(error.refusal.code)) return;
    this.#owner.complain(error);
  }

  #become(state: ConnectionState): void {
    this.#state = state;
    this.#owner.stateChanged();
  }
}
