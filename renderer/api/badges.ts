// Tuning badges of guests on screen, asked for together however many rows want theirs at once.
import { type UseQueryResult, useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Gives } from '../../app/contract/contract.ts';
import { type GuestState, isActive } from '../../app/domain/guest.ts';
import type { Client } from './client.ts';
import { useApi } from './api.tsx';

type Badges = Gives<'guests', 'badges'>[number];

/** The contract's own bound of guests in one ask. */
const most = 200;

interface Waiting {
  readonly uuid: string;
  readonly resolve: (badges: Badges | null) => void;
  readonly reject: (error: unknown) => void;
}

const waitingOf = new WeakMap<Client, Map<string, Waiting[]>>();

/** Asks for one guest's badges, together with all that are asked for in the same turn. Null for a guest that is gone. */
const askTogether = (client: Client, host: string, uuid: string): Promise<Badges | null> => new Promise((resolve, reject) => {
  const byHost = waitingOf.get(client) ?? new Map<string, Waiting[]>();
  waitingOf.set(client, byHost);
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
  try {
    const all = await client.ask('guests', 'badges', { host, uuids: waiting.map(({ uuid }) => uuid) });
    const byUuid = new Map(all.map((badges) => [badges.uuid, badges]));
    for (const { uuid, resolve } of waiting) resolve(byUuid.get(uuid) ?? null);
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

/** A guest as far as its waiting settings go. */
interface Standing {
  readonly host: string;
  readonly uuid: string;
  readonly state: GuestState;
  readonly seen: number | null;
}

/** Which of these guests have settings that wait for a restart, by `host/uuid`; asked for only when somebody wants to know. */
export const usePending = (guests: readonly Standing[], enabled: boolean): { readonly keys: ReadonlySet<string>; readonly looking: boolean } => {
  const { client } = useApi();
  const running = enabled ? guests.filter(({ state, seen }) => seen === null && isActive(state)) : [];
  const found = useQueries({
    queries: running.map(({ host, uuid }) => questionOf(client, host, uuid)),
    combine: (answers) => ({ keys: answers.flatMap(({ data }, at) => ((data?.pending ?? 0) > 0 ? [`${running[at]?.host ?? ''}/${running[at]?.uuid ?? ''}`] : [])).join(' '), looking: answers.some(({ isPending }) => isPending) }),
  });
  const keys = useMemo(() => new Set(found.keys === '' ? [] : found.keys.split(' ')), [found.keys]);
  return { keys, looking: found.looking };
};
