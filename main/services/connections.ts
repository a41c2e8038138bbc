// Saved connections and their sessions.
import type { Connection, ConnectionWarning, ImportResult } from '../../app/contract/connections.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { isUnverified, parseConnectionUri } from '../../app/domain/connection-uri.ts';
import type { KeepaliveOptions } from '../libvirt/keepalive.ts';
import type { Link, OpenTransport, Surroundings } from '../transport/transport.ts';
import { exportText, merge, readExport, usualName } from './connection-exchange.ts';
import { ConnectionList, freshlySaved, type Saved, unknownHost } from './connection-list.ts';
import { doctorServices } from './doctor-services.ts';
import { HostSession } from './host-session.ts';
import { findImportable } from './importable.ts';
import { resolveAlias } from './libvirt-conf.ts';
import { Questions } from './questions.ts';
import type { Remembering } from './remembering.ts';
import type { Services, Tell } from './services.ts';

export interface ConnectionsOptions {
  readonly dataFolder: string;
  readonly tell: Tell;
  readonly openTransport: OpenTransport;
  readonly surroundings: Omit<Surroundings, 'ask' | 'accepted' | 'report'>;
  /** A command line has nobody to ask, and connects by itself what it is asked about. */
  readonly isInteractive: boolean;
  readonly remembering: Remembering;
  readonly complain: (error: unknown) => void;
  /** A host was reached, for the first time or again. */
  readonly arrived?: (id: string) => void;
  readonly keepalive?: KeepaliveOptions;
}

/** What was given, without what was left out. */
const defined = <T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };

export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #list: ConnectionList;
  readonly #sessions = new Map<string, HostSession>();
  readonly #questions: Questions;
  readonly #stopWatching: () => void;
  #closed = false;
  readonly #closing = new AbortController();
  readonly services: Services['connections'];

  private constructor(options: ConnectionsOptions, list: ConnectionList) {
    this.#options = options;
    this.#list = list;
    this.#questions = new Questions(options.tell, options.isInteractive, options.remembering);
    const { openTransport, complain } = options;
    this.services = {
      ...this.#asks, ...this.#questions.services,
      ...doctorServices({
        openTransport, complain, closing: this.#closing.signal, surroundings: (id) => this.surroundings(id),
        patient: (id) => ({ uri: list.get(id).uri, access: list.get(id) }),
      }),
    };
    // A command line is over before anybody else changes the list.
    this.#stopWatching = options.isInteractive ? list.watch(() => void this.#follow().catch(options.complain), options.complain) : () => undefined;
  }

  /** Reads the saved connections. @throws Refused `storage`. */
  static async open(options: ConnectionsOptions): Promise<Connections> {
    return new Connections(options, await ConnectionList.open(options.dataFolder));
  }

  /** Connects all that are marked for it, side by side; how each fares is in its state. */
  connectMarked(): void {
    for (const { id, autoConnect } of this.#list.all) {
      // The refusal is the session's state; nobody else waits for it here.
      if (autoConnect) this.#sessionOf(id).connect().catch(() => undefined);
    }
  }

  nameOf(id: string): string {
    return this.#list.find(id)?.name ?? id;
  }

  /** The URI of a saved connection. Throws Refused `unknown-host`. */
  uriOf(id: string): string {
    return this.#list.get(id).uri;
  }

  /** What a connection to a host beside its session needs; its questions are asked as those of the host. */
  surroundings(id: string): Surroundings {
    return { ...this.#options.surroundings, ...this.#questions.of(id, () => this.#isVerified(id)), report: () => undefined };
  }

  /** A connection that is not saved is one whose URI somebody just typed. */
  #isVerified(id: string): boolean {
    const saved = this.#list.find(id);
    return saved !== undefined && !isUnverified(parseConnectionUri(saved.uri));
  }

  /** How what concerns this computer alone asks a person. */
  get questionsOfNoHost(): Questions['ofNoHost'] {
    return this.#questions.ofNoHost;
  }

  /** The session of a saved connection. */
  async session(id: string): Promise<HostSession> {
    const session = this.#sessionOf(id);
    if (!this.#options.isInteractive) await session.connect();
    return session;
  }

  /** A shell on a saved host over the connection in use; undefined where it is not connected, or has none. */
  shellOf(id: string): Link['run'] {
    const session = this.#sessions.get(id);
    return session?.state.phase === 'ready' ? session.run : undefined;
  }

  /** Ends every session; none is begun afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#closing.abort();
    this.#stopWatching();
    await Promise.all([...this.#sessions.values()].map(async (session) => await session.end()));
  }

  #sessionOf(id: string): HostSession {
    const { uri } = this.#list.get(id);
    const held = this.#sessions.get(id);
    if (held !== undefined) return held;
    if (this.#closed) throw new Refused('cancelled', 'Guestdeck is closing.');
    const { tell, openTransport, complain, arrived, keepalive } = this.#options;
    const session = new HostSession(id, uri, {
      openTransport,
      access: () => this.#list.get(id),
      surroundings: this.surroundings(id),
      stateChanged: () => tell('connections', 'changed', { id }),
      guestsChanged: (uuids) => tell('guests', 'changed', { host: id, uuids: uuids === null ? null : [...uuids] }),
      arrived: () => arrived?.(id),
      complain,
      ...(keepalive === undefined ? {} : { keepalive }),
    });
    this.#sessions.set(id, session);
    return session;
  }

  async #change(edit: (list: readonly Saved[]) => readonly Saved[]): Promise<void> {
    await this.#list.change(edit);
    await this.#follow();
  }

  /** What follows from a list that was changed, here or by another process. */
  async #follow(): Promise<void> {
    const orphans: HostSession[] = [];
    for (const [id, session] of this.#sessions) {
      const kept = this.#list.find(id);
      if (kept !== undefined) session.uri = kept.uri;
      else {
        this.#sessions.delete(id);
        orphans.push(session);
      }
    }
    this.#options.tell('connections', 'changed', { id: null });
    await Promise.all(orphans.map(async (session) => await session.end()));
  }

  #shown({ allowPlain, ...saved }: Saved): Connection {
    const uri = parseConnectionUri(saved.uri);
    const warnings: ConnectionWarning[] = [...(isUnverified(uri) ? ['no-verify' as const] : []), ...(uri.transport === 'tcp' && allowPlain ? ['plain' as const] : [])];
    return { ...saved, allowPlain, transport: uri.transport, warnings, state: this.#sessions.get(saved.id)?.state ?? { phase: 'off' } };
  }

  readonly #asks: Omit<Services['connections'], 'questions' | 'answer' | 'doctor' | 'remedy'> = {
    list: async () => this.#list.all.map((one) => this.#shown(one)),
    add: async ({ uri: typed, name, ...marks }) => {
      const { uri, alias } = await resolveAlias(typed, this.#options.surroundings);
      const added = { ...freshlySaved(uri, name || alias || usualName(parseConnectionUri(uri))), ...defined(marks) };
      await this.#change((list) => [...list, added]);
      return { id: added.id };
    },
    update: async ({ id, uri, name, ...marks }) => {
      this.#list.get(id);
      if (uri !== undefined) parseConnectionUri(uri);
      const changes = defined({ ...marks, uri, name: name === '' ? undefined : name });
      await this.#change((list) => list.map((one) => (one.id === id ? { ...one, ...changes } : one)));
      return null;
    },
    order: async ({ ids }) => {
      if (new Set(ids).size < ids.length) throw new Refused('bad-input', 'A connection cannot have two places in the list.', { field: 'ids' });
      await this.#change((list) => {
        const first = ids.map((id) => {
          const found = list.find((one) => one.id === id);
          if (found === undefined) throw unknownHost('ids');
          return found;
        });
        return [...first, ...list.filter(({ id }) => !ids.includes(id))];
      });
      return null;
    },
    remove: async ({ id }) => {
      this.#list.get(id);
      await this.#change((list) => list.filter((one) => one.id !== id));
      return null;
    },
    export: async () => ({ text: exportText(this.#list.all) }),
    import: async ({ text }) => {
      const entries = readExport(text);
      let results: readonly ImportResult[] = [];
      await this.#change((list) => {
        const { added, results: outcome } = merge(entries, list);
        results = outcome;
        return [...list, ...added];
      });
      return [...results];
    },
    importable: async () => await findImportable(this.#options.surroundings, this.#list.all),
    connect: async ({ id }) => {
      await this.#sessionOf(id).connect();
      return null;
    },
    disconnect: async ({ id }) => {
      await this.#sessionOf(id).disconnect();
      return null;
    },
    awake: async () => {
      for (const { id, autoConnect } of this.#list.all) this.#sessions.get(id)?.awake({ retryFailed: autoConnect });
      return null;
    },
  };
}
