// Tuning badges of guests: asked for together however many rows want theirs at once, and remembered for who searches by them.
import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useSyncExternalStore } from 'react';
import type { Gives } from '../../app/contract/contract.ts';
import type { Client } from './client.ts';
import { useApi } from './api.tsx';

export type Badges = Gives<'guests', 'badges'>[number];

/** What a person reads of them: what waits for a restart, then what is tuned. */
export const marksOf = ({ badges, pending }: Pick<Badges, 'badges' | 'pending'>): readonly string[] => [...(pending > 0 ? [`${pending} pending`] : []), ...badges];

/** The contract's own bound of guests in one ask. */
const most = 200;

interface Waiting {
  readonly uuid: string;
  readonly resolve: (badges: Badges | null) => void;
  readonly reject: (error: unknown) => void;
}

/** What was answered so far, by `host/uuid`; what news says has changed is known no more. */
class Known {
  #marks: ReadonlyMap<string, Badges> = new Map();
  readonly #fresh = new Map<string, Badges | null>();
  readonly #tellers = new Set<() => void>();
  /** Those under way, and those that could not be read until they change. */
  readonly asked = new Set<string>();
  readonly waiting = new Map<string, Waiting[]>();

  constructor(client: Client) {
    client.listen((news) => {
      if (news.section !== 'guests') return;
      const { host, uuids } = news.told;
      const keys = uuids === null ? [...this.#marks.keys(), ...this.asked].filter((key) => key.startsWith(`${host}/`)) : uuids.map((uuid) => `${host}/${uuid}`);
      for (const key of keys) {
        this.asked.delete(key);
        if (this.#marks.has(key)) this.set(key, null);
      }
    });
  }

  readonly marks = (): ReadonlyMap<string, Badges> => this.#marks;

  readonly subscribe = (tell: () => void): (() => void) => {
    this.#tellers.add(tell);
    return () => this.#tellers.delete(tell);
  };

  /** Many that come in the same turn make one new map. */
  set(key: string, badges: Badges | null): void {
    if (this.#fresh.size === 0) queueMicrotask(() => this.#settle());
    this.#fresh.set(key, badges);
  }

  #settle(): void {
    const marks = new Map(this.#marks);
    for (const [key, badges] of this.#fresh) {
      if (badges === null) marks.delete(key);
      else marks.set(key, badges);
    }
    this.#fresh.clear();
    this.#marks = marks;
    for (const tell of this.#tellers) tell();
  }
}

const knownOf = new WeakMap<Client, Known>();
const knownBy = (client: Client): Known => {
  const known = knownOf.get(client) ?? new Known(client);
  knownOf.set(client, known);
  return known;
};

/** Asks for one guest's badges, together with all that are asked for in the same turn. Null for a guest that is gone. */
const askTogether = (client: Client, host: string, uuid: string): Promise<Badges | null> => new Promise((resolve, reject) => {
  const byHost = knownBy(client).waiting;
  const waiting = byHost.get(host) ?? [];
  waiting.push({ uuid, resolve, reject });
  if (byHost.has(host)) return;
  byHost.set(host, waiting);
  setTimeout(() => {
    byHost.delete(host);
    for (let first = 0; first < waiting.length; first += most) void answer(client, host, waiting.slice(first, first + most));
  });
});

const answer = async (client: Client, host: string, waiting: readonly Waiting[]): Promise<void> => {
  const known = knownBy(client);
  try {
    const all = await client.ask('guests', 'badges', { host, uuids: waiting.map(({ uuid }) => uuid) });
    const byUuid = new Map(all.map((badges) => [badges.uuid, badges]));
    for (const { uuid, resolve } of waiting) {
      const badges = byUuid.get(uuid) ?? null;
      known.set(`${host}/${uuid}`, badges);
      resolve(badges);
    }
  } catch (error) {
    for (const { reject } of waiting) reject(error);
  }
};

/** What asks for one guest's badges. */
const questionOf = (client: Client, host: string, uuid: string) => ({ queryKey: ['guests', 'badges', { host, uuid }] as const, queryFn: () => askTogether(client, host, uuid) });

export const useBadges = (host: string, uuid: string, enabled: boolean): UseQueryResult<Badges | null> => {
  const { client } = useApi();
  return useQuery({ ...questionOf(client, host, uuid), enabled });
};

const none: ReadonlyMap<string, Badges> = new Map();
const never = (): (() => void) => () => undefined;

/** The badges that are known by now, by `host/uuid`, while somebody wants them; asks for none. */
export const useKnownBadges = (wanted: boolean): ReadonlyMap<string, Badges> => {
  const { client } = useApi();
  const known = knownBy(client);
  return useSyncExternalStore(wanted ? known.subscribe : never, useCallback(() => (wanted ? known.marks() : none), [known, wanted]));
};

/** Has the badges of these guests read, each once: one that cannot be read is not known until it changes. A definition is read for each. */
export const useReading = (guests: readonly { readonly host: string; readonly uuid: string; readonly seen: number | null }[], enabled: boolean): void => {
  const { client } = useApi();
  const queries = useQueryClient();
  useEffect(() => {
    if (!enabled) return;
    const { asked } = knownBy(client);
    for (const { host, uuid, seen } of guests) {
      const key = `${host}/${uuid}`;
      if (seen !== null || asked.has(key)) continue;
      asked.add(key);
      void queries.prefetchQuery(questionOf(client, host, uuid));
    }
  }, [client, queries, guests, enabled]);
};
