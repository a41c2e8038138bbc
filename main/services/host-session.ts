// One saved host while Guestdeck runs: its connection, its guests, and coming back when the connection is lost.
import type { ConnectionState } from '../../app/contract/connections.ts';
import type { StageReport } from '../../app/contract/questions.ts';
import { type Refusal, Refused } from '../../app/contract/refusal.ts';
import { driverUri, parseConnectionUri } from '../../app/domain/connection-uri.ts';
import type { Connection } from '../libvirt/connection.ts';
import { DomainEvents } from '../libvirt/domain-events.ts';
import { openConnection } from '../libvirt/open.ts';
import { remote } from '../libvirt/procedures.ts';
import type { Link, OpenTransport, Surroundings } from '../transport/transport.ts';
import { HostFacts } from './host-facts.ts';
import { Inventory } from './inventory.ts';

/** Waits before trying again: 1 s, doubling to 60 s, each a little off so that many hosts do not come back in step. */
const firstWait = 1_000;
const longestWait = 60_000;

/** What a session needs from its owner. */
export interface HostOwner {
  readonly openTransport: OpenTransport;
  readonly surroundings: Surroundings;
  readonly stateChanged: () => void;
  readonly guestsChanged: (uuids: readonly string[] | null) => void;
  readonly complain: (error: unknown) => void;
}

/** All that lives exactly as long as one connection. */
interface Reached {
  readonly link: Link;
  readonly connection: Connection;
  readonly inventory: Inventory;
  readonly facts: HostFacts;
  slow: Promise<Connection> | null;
}

export class HostSession {
  readonly id: string;
  readonly #owner: HostOwner;
  #uri: string;
  #state: ConnectionState = { phase: 'off' };
  #reached: Reached | null = null;
  #attempt: { readonly abort: AbortController; readonly done: Promise<void> } | null = null;
  #retry: NodeJS.Timeout | null = null;
  #wait = firstWait;

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
    this.#uri = uri;
  }

  /** Connects, or joins the attempt under way. Resolves when the guests are known; throws the Refused that ended it. */
  async connect(): Promise<void> {
    if (this.#reached !== null) return;
    this.#stopRetry();
    if (this.#attempt === null) {
      const abort = new AbortController();
      const done = this.#reach(abort.signal).finally(() => {
        this.#attempt = null;
      });
      this.#attempt = { abort, done };
    }
    await this.#attempt.done;
  }

  /** Closes whatever there is and stays closed. */
  async disconnect(): Promise<void> {
    this.#stopRetry();
    const attempt = this.#attempt;
    attempt?.abort.abort();
    // Whoever started the attempt hears how it ended; here only its end counts.
    await attempt?.done.catch(() => undefined);
    const reached = this.#reached;
    this.#reached = null;
    reached?.connection.close();
    reached?.link.close();
    this.#become({ phase: 'off' });
  }

  /** What is reached; throws Refused `not-connected` when nothing is. */
  get reached(): Pick<Reached, 'connection' | 'inventory' | 'facts'> {
    if (this.#reached !== null) return this.#reached;
    const why = this.#state.phase === 'lost' || this.#state.phase === 'failed' ? ` ${this.#state.refusal.message}` : '';
    throw new Refused('not-connected', `The host is not connected.${why}`, { remedy: 'Connect to the host first.' });
  }

  /** A second connection for calls that take long, opened when first needed. */
  async slow(): Promise<Connection> {
    const reached = this.#reached;
    if (reached === null) return this.reached.connection;
    reached.slow ??= this.#openSecond(reached);
    const connection = await reached.slow;
    if (connection.isOpen) return connection;
    reached.slow = null;
    return await this.slow();
  }

  async #openSecond(reached: Reached): Promise<Connection> {
    const uri = parseConnectionUri(this.#uri);
    const signal = AbortSignal.timeout(60_000);
    const { connection } = await openConnection(await reached.link.open(signal), { name: driverUri(uri), signal });
    void reached.connection.closed.then(() => connection.close());
    return connection;
  }

  async #reach(signal: AbortSignal): Promise<void> {
    const stages: StageReport[] = [];
    const report = (stage: StageReport): void => {
      const at = stages.findIndex((other) => other.stage === stage.stage);
      if (at < 0) stages.push(stage);
      else stages[at] = stage;
      this.#become({ phase: 'connecting', stages: [...stages] });
    };
    this.#become({ phase: 'connecting', stages });
    let link: Link | null = null;
    try {
      const uri = parseConnectionUri(this.#uri);
      link = await this.#owner.openTransport(uri, { ...this.#owner.surroundings, report }, signal);
      const began = performance.now();
      report({ outcome: 'started', stage: 'libvirt' });
      const duplex = await link.open(signal);
      const { connection } = await openConnection(duplex, { name: driverUri(uri), signal });
      report({ outcome: 'done', stage: 'libvirt', seen: 'The daemon opened its driver.', milliseconds: performance.now() - began });
      await this.#settle(link, connection);
    } catch (error) {
      link?.close();
      const refusal = this.#refusalOf(error);
      this.#become(signal.aborted ? { phase: 'off' } : { phase: 'failed', refusal, stages: [...stages] });
      throw error;
    }
  }

  /** Events first, then the list: nothing can change unseen in between. */
  async #settle(link: Link, connection: Connection): Promise<void> {
    const facts = new HostFacts(connection);
    const inventory = new Inventory(this.id, connection, (uuids) => this.#owner.guestsChanged(uuids));
    const events = new DomainEvents(connection);
    const changed = (uuid: string): void => {
      facts.forget(uuid);
      inventory.refresh([uuid]).catch((error: unknown) => this.#unlessLost(error));
    };
    connection.on(remote.connectEventConnectionClosed, () => connection.close());
    try {
      await Promise.all([
        ...(['lifecycle', 'reboot', 'balloonChange', 'deviceRemoved'] as const).map(async (name) => await events.on(name, ({ msg }) => changed(msg.dom.uuid))),
        ...(['tunable', 'agentLifecycle', 'deviceAdded', 'metadataChange'] as const).map(async (name) => await events.on(name, ({ dom }) => changed(dom.uuid))),
      ]);
      await inventory.load();
    } catch (error) {
      connection.close();
      throw error;
    }
    this.#reached = { link, connection, inventory, facts, slow: null };
    this.#wait = firstWait;
    this.#become({ phase: 'ready', since: Date.now() });
    const lost = Promise.race([connection.closed, link.closed.then((refusal) => (connection.close(), refusal))]);
    void lost.then((refusal) => this.#lost(link, refusal));
  }

  #lost(link: Link, refusal: Refusal | null): void {
    link.close();
    // Closed on purpose: nobody waits for it to come back.
    if (this.#reached === null || this.#reached.link !== link) return;
    this.#reached = null;
    this.#retryLater(refusal ?? { code: 'connection-lost', message: 'The daemon lost its hypervisor.' });
  }

  #retryLater(refusal: Refusal): void {
    const wait = Math.round(this.#wait * (0.75 + Math.random() / 2));
    this.#wait = Math.min(this.#wait * 2, longestWait);
    const since = this.#state.phase === 'lost' ? this.#state.since : Date.now();
    const lost: ConnectionState = { phase: 'lost', since, refusal, nextTry: Date.now() + wait };
    this.#become(lost);
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.connect().catch((error: unknown) => {
        if (this.#state.phase !== 'failed') return;
        // What was there before is lost, not failed, until a person decides otherwise.
        this.#state = lost;
        this.#retryLater(this.#refusalOf(error));
      });
    }, wait);
    this.#retry.unref();
  }

  #stopRetry(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
  }

  #refusalOf(error: unknown): Refusal {
    if (error instanceof Refused) return error.refusal;
    this.#owner.complain(error);
    return { code: 'bug', message: 'Guestdeck itself failed while connecting.', remedy: 'The log in the data folder has the details.' };
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
