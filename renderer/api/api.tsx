// The api as React sees it: answers kept until news makes them stale, samples, and calls that change something.
import { QueryClient, QueryClientProvider, type UseMutationResult, type UseQueryResult, useMutation, useQuery } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useSyncExternalStore } from 'react';
import { type AskName, contract, type Gives, type SectionName, type Takes } from '../../app/contract/contract.ts';
import type { DiskSample, MemorySample } from '../../app/contract/live.ts';
import { type Refusal, Refused } from '../../app/contract/refusal.ts';
import { type Client, connect } from './client.ts';
import type { Link } from './link.ts';
import { type Interest, Samples } from './samples.ts';
import { keepFresh } from './stale.ts';
import type { Track } from './track.ts';

export interface Api {
  readonly client: Client;
  readonly link: Link;
  readonly samples: Samples;
  readonly queries: QueryClient;
}

/** Everything between the screens and main. Lives as long as the window. */
export const createApi = (link: Link): Api => {
  const client = connect(contract, link.bridge);
  const samples = new Samples(client);
  const queries = new QueryClient({
    // Nothing goes stale by time and nothing is polled: news says what changed.
    defaultOptions: { queries: { staleTime: Infinity, gcTime: Infinity, retry: false, refetchOnWindowFocus: false, refetchOnReconnect: false, networkMode: 'always' }, mutations: { networkMode: 'always' } },
  });
  keepFresh(queries, client.listen);
  link.onChange(() => {
    if (!link.up()) return;
    samples.renew();
    void queries.invalidateQueries();
  });
  document.addEventListener('visibilitychange', () => samples.visibilityChanged());
  window.addEventListener('online', () => {
    // A main that does not answer has no hosts to lose; it connects them when it starts.
    client.ask('connections', 'awake', {}).catch(() => undefined);
  });
  return { client, link, samples, queries };
};

const ApiContext = createContext<Api | null>(null);

export const ApiProvider = ({ api, children }: { readonly api: Api; readonly children: ReactNode }): ReactNode => (
  <ApiContext.Provider value={api}>
    <QueryClientProvider client={api.queries}>{children}</QueryClientProvider>
  </ApiContext.Provider>
);

export const useApi = (): Api => {
  const api = useContext(ApiContext);
  if (api === null) throw new Error('useApi outside of ApiProvider');
  return api;
};

/** What any thrown value says to a person. */
export const refusalOf = (error: unknown): Refusal =>
  error instanceof Refused ? error.refusal : { code: 'bug', message: error instanceof Error ? error.message : String(error) };

/** The query behind an ask; the key is the question itself. */
export const questionOf = <S extends SectionName, A extends AskName<S>>(client: Client, section: S, name: A, takes: Takes<S, A>) => ({
  queryKey: [section, name, takes] as const,
  queryFn: (): Promise<Gives<S, A>> => client.ask(section, name, takes),
});

/** An answer, asked again when news says it is stale. `enabled: false` asks nothing and keeps the last answer. */
export const useAsk = <S extends SectionName, A extends AskName<S>>(section: S, name: A, takes: Takes<S, A>, enabled = true): UseQueryResult<Gives<S, A>> => {
  const { client } = useApi();
  return useQuery<Gives<S, A>>({ ...questionOf(client, section, name, takes), enabled });
};

/** A call that changes something. */
export const useTell = <S extends SectionName, A extends AskName<S>>(section: S, name: A): UseMutationResult<Gives<S, A>, Error, Takes<S, A>> => {
  const { client } = useApi();
  return useMutation<Gives<S, A>, Error, Takes<S, A>>({ mutationFn: (takes) => client.ask(section, name, takes) });
};

/** Watches while the component is mounted. An interest with the same content keeps its line. */
export const useInterest = (interest: Interest | null): void => {
  const { samples } = useApi();
  const text = JSON.stringify(interest);
  useEffect(() => {
    const parsed = JSON.parse(text) as Interest | null;
    return parsed === null ? undefined : samples.watch(parsed);
  }, [samples, text]);
};

/** The kept samples of one guest, drawn again with each new one, which its `count` tells apart. */
export const useTrack = (host: string, uuid: string): Track => {
  const { samples } = useApi();
  const subscribe = useCallback((tell: () => void) => samples.onSample(host, tell), [samples, host]);
  useSyncExternalStore(subscribe, () => samples.track(host, uuid).count);
  return samples.track(host, uuid);
};

/** Loads of a host's CPUs, 0..1 by CPU number. */
export const useHostCpus = (host: string): readonly (number | null)[] | null => {
  const { samples } = useApi();
  const subscribe = useCallback((tell: () => void) => samples.onSample(host, tell), [samples, host]);
  return useSyncExternalStore(subscribe, () => samples.hostCpus(host));
};

/** The host CPU each vCPU of a guest runs on at this moment. */
export const usePlaces = (host: string, uuid: string): readonly (number | null)[] | null => {
  const { samples } = useApi();
  const subscribe = useCallback((tell: () => void) => samples.onSample(host, tell), [samples, host]);
  return useSyncExternalStore(subscribe, () => samples.places(host, uuid));
};

/** What the balloon of a guest told last. */
export const useBalloon = (host: string, uuid: string): MemorySample | null => {
  const { samples } = useApi();
  const subscribe = useCallback((tell: () => void) => samples.onSample(host, tell), [samples, host]);
  return useSyncExternalStore(subscribe, () => samples.balloon(host, uuid));
};

/** What each disk of a guest does at this moment. */
export const useDisks = (host: string, uuid: string): readonly DiskSample[] => {
  const { samples } = useApi();
  const subscribe = useCallback((tell: () => void) => samples.onSample(host, tell), [samples, host]);
  return useSyncExternalStore(subscribe, () => samples.disks(host, uuid));
};

/** Whether main answers. */
export const useLinkUp = (): boolean => {
  const { link } = useApi();
  return useSyncExternalStore(link.onChange, link.up);
};
