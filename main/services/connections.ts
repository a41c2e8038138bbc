// Saved connections and their sessions.
import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from '../../app/contract/connections.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { z } from '../../app/contract/schema.ts';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import type { KeepaliveOptions } from '../libvirt/keepalive.ts';
import type { OpenTransport, Surroundings } from '../transport/transport.ts';
import { changeJson, readJson } from './files.ts';
import { HostSession } from './host-session.ts';
import { Questions } from './questions.ts';
import type { Services, Tell } from './services.ts';

const isUri = (text: string): boolean => {
  try {
    parseConnectionUri(text);
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
};
const saved = z.strictObject({ id: z.string(), name: z.string(), uri: z.string().refine(isUri), autoConnect: z.boolean() });
type Saved = z.infer<typeof saved>;
const savedList = z.array(saved);

export interface ConnectionsOptions {
  readonly dataFolder: string;
  readonly tell: Tell;
  readonly openTransport: OpenTransport;
  readonly surroundings: Omit<Surroundings, 'ask' | 'report'>;
  /** A command line has nobody to ask, and connects by itself what it is asked about. */
  readonly isInteractive: boolean;
  readonly complain: (error: unknown) => void;
  readonly keepalive?: KeepaliveOptions;
}

/** Where a libvirt of this computer would answer. */
const localSockets = ['/run/libvirt/libvirt-sock', '/run/libvirt/virtqemud-sock'];

const firstList = async (): Promise<Saved[]> => {
  const local = await Promise.all(localSockets.map(async (path) => await access(path).then(() => true, () => false)));
  return [
    ...(local.includes(true) ? [{ id: randomUUID(), name: 'This computer', uri: 'qemu:///system', autoConnect: true }] : []),
    { id: randomUUID(), name: 'Demo host', uri: 'demo:///', autoConnect: true },
  ];
};

export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #path: string;
  #saved: Saved[] = [];
  readonly #sessions = new Map<string, HostSession>();
  readonly #questions: Questions;
  #closed = false;
  readonly services: Services['connections'];

  private constructor(options: ConnectionsOptions) {
    this.#options = options;
    this.#path = join(options.dataFolder, 'connections.json');
    this.#questions = new Questions(options.tell, options.isInteractive);
    this.services = { ...this.#asks, ...this.#questions.services };
  }

  /** Reads the saved connections; on the first start there is the demo host, and this computer's libvirt where its socket is. */
  static async open(options: ConnectionsOptions): Promise<Connections> {
    const connections = new Connections(options);
    const list = await readJson(connections.#path, savedList);
    const first = await firstList();
    connections.#saved = list ?? (await changeJson(connections.#path, savedList, (since) => since ?? first));
    return connections;
  }

  /** Connects all that are marked for it, side by side; how each fares is in its state. */
  connectMarked(): void {
    for (const { id, autoConnect } of this.#saved) {
      // The refusal is the session's state; nobody else waits for it here.
      if (autoConnect) this.#sessionOf(id).connect().catch(() => undefined);
    }
  }

  nameOf(id: string): string {
    return this.#saved.find((one) => one.id === id)?.name ?? id;
  }

  /** The session of a saved connection. */
  async session(id: string): Promise<HostSession> {
    const session = this.#sessionOf(id);
    if (!this.#options.isInteractive) await session.connect();
    return session;
  }

  /** Ends every session; none is begun afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#sessions.values()].map(async (session) => await session.end()));
  }

  #savedOf(id: string): Saved {
    const found = this.#saved.find((one) => one.id === id);
    if (found === undefined) throw new Refused('unknown-host', 'No saved connection has this id.', { field: 'id' });
    return found;
  }

  #sessionOf(id: string): HostSession {
    const { uri } = this.#savedOf(id);
    const held = this.#sessions.get(id);
    if (held !== undefined) return held;
    if (this.#closed) throw new Refused('cancelled', 'Guestdeck is closing.');
    const { tell, surroundings, openTransport, complain, keepalive } = this.#options;
    const session = new HostSession(id, uri, {
      openTransport,
      surroundings: { ...surroundings, report: () => undefined, ask: async (question, signal) => await this.#questions.ask(id, question, signal) },
      stateChanged: () => tell('connections', 'changed', { id }),
      guestsChanged: (uuids) => tell('guests', 'changed', { host: id, uuids: uuids === null ? null : [...uuids] }),
      complain,
      ...(keepalive === undefined ? {} : { keepalive }),
    });
    this.#sessions.set(id, session);
    return session;
  }

  /** Changes the file's list, which another process may have changed too, and then what follows from it. */
  async #change(edit: (list: readonly Saved[]) => Saved[]): Promise<void> {
    this.#saved = await changeJson(this.#path, savedList, (list) => edit(list ?? this.#saved));
    const orphans: HostSession[] = [];
    for (const [id, session] of this.#sessions) {
      const kept = this.#saved.find((one) => one.id === id);
      if (kept !== undefined) session.uri = kept.uri;
      else {
        this.#sessions.delete(id);
        orphans.push(session);
      }
    }
    this.#options.tell('connections', 'changed', { id: null });
    await Promise.all(orphans.map(async (session) => await session.end()));
  }

  #shown({ id, name, uri, autoConnect }: Saved): Connection {
    return { id, name, uri, transport: parseConnectionUri(uri).transport, autoConnect, state: this.#sessions.get(id)?.state ?? { phase: 'off' } };
  }

  readonly #asks: Omit<Services['connections'], 'questions' | 'answer'> = {
    list: async () => this.#saved.map((one) => this.#shown(one)),
    add: async ({ uri, name, autoConnect }) => {
      const parsed = parseConnectionUri(uri);
      const id = randomUUID();
      const called = name === undefined || name === '' ? (parsed.host ?? (parsed.transport === 'demo' ? 'Demo host' : 'This computer')) : name;
      await this.#change((list) => [...list, { id, name: called, uri, autoConnect: autoConnect ?? true }]);
      return { id };
    },
    update: async ({ id, uri, name, autoConnect }) => {
      this.#savedOf(id);
      if (uri !== undefined) parseConnectionUri(uri);
      await this.#change((list) =>
        list.map((one) => (one.id === id ? { ...one, uri: uri ?? one.uri, name: name === undefined || name === '' ? one.name : name, autoConnect: autoConnect ?? one.autoConnect } : one)),
      );
      return null;
    },
    remove: async ({ id }) => {
      this.#savedOf(id);
      await this.#change((list) => list.filter((one) => one.id !== id));
      return null;
    },
    connect: async ({ id }) => {
      await this.#sessionOf(id).connect();
      return null;
    },
    disconnect: async ({ id }) => {
      await this.#sessionOf(id).disconnect();
      return null;
    },
  };
}
