// Which news makes which answers stale. Every piece of news has its line; one without does not compile.
import type { AskName, News, NewsName, SectionName, Takes, Told } from '../../app/contract/contract.ts';
import type { QueryClient } from '@tanstack/react-query';

/** An answer that is stale: every answer of the ask, or those whose question fits. */
export interface Stale {
  readonly section: SectionName;
  readonly name: string;
  readonly fits?: (takes: Readonly<Record<string, unknown>>) => boolean;
}

const every = <S extends SectionName>(section: S, name: AskName<S>): Stale => ({ section, name });
const where = <S extends SectionName, A extends AskName<S>>(section: S, name: A, wanted: Partial<Takes<S, A>>): Stale => ({
  section,
  name,
  fits: (takes) => Object.entries(wanted).every(([key, value]) => takes[key] === value),
});

type Table = { readonly [S in SectionName]: { readonly [N in NewsName<S>]: (told: Told<S, N>) => readonly Stale[] } };

const guestAsks = ['describe', 'badges'] as const;

export const staleBy: Table = {
  program: { preferencesChanged: () => [every('program', 'preferences')], linked: () => [] },
  connections: {
    changed: ({ id }) => [
      every('connections', 'list'), every('health', 'overview'), every('health', 'warnings'),
      ...(id === null ? [] : [where('guests', 'list', { host: id }), where('guests', 'describe', { host: id }), where('hosts', 'describe', { host: id }), where('tuning', 'read', { host: id })]),
    ],
    asked: () => [every('connections', 'questions')],
  },
  credentials: { changed: () => [every('credentials', 'list'), every('credentials', 'keys')] },
  certificates: { changed: () => [every('certificates', 'list'), every('certificates', 'chain'), every('certificates', 'profiles'), every('health', 'overview'), every('health', 'warnings')] },
  health: {},
  setup: {
    progress: () => [],
    changed: ({ host }) => (['look', 'plan', 'settings', 'users'] as const).map((name) => where('setup', name, { host })),
  },
  hosts: {},
  guests: {
    changed: ({ host, uuids }) => [
      where('guests', 'list', { host }),
      every('profiles', 'drift'),
      where('hosts', 'describe', { host }),
      where('hosts', 'devices', { host }),
      ...(uuids ?? [undefined]).flatMap((uuid) => {
        const which = uuid === undefined ? { host } : { host, uuid };
        return [...guestAsks.map((name): Stale => ({ section: 'guests', name, fits: where('guests', 'describe', which).fits ?? (() => true) })), where('tuning', 'read', which), where('tuning', 'plan', which), where('guests', 'addresses', which), where('guests', 'disks', which)];
      }),
    ],
  },
  live: { sample: () => [] },
  consoles: {},
  memory: {},
  networks: {},
  tuning: {},
  profiles: { changed: () => [every('profiles', 'list'), every('profiles', 'drift'), every('profiles', 'exportText')] },
  bulk: { changed: () => [every('bulk', 'runs')] },
  tasks: { changed: () => [every('tasks', 'list')] },
  notices: { changed: () => [every('notices', 'list')], raised: () => [], chosen: () => [] },
  tags: { changed: () => [every('tags', 'list')] },
  history: { changed: ({ id }) => [every('history', 'list'), where('history', 'entry', { id })] },
};

/** What a piece of news makes stale. */
export const staleAfter = (news: News): readonly Stale[] => {
  const section: Readonly<Record<string, (told: never) => readonly Stale[]>> = staleBy[news.section];
  return section[news.name]?.(news.told as never) ?? [];
};

/** Storms of news are answered by one reading: news is gathered for this long, in milliseconds. */
const gathering = 60;

/** Marks answers stale as news comes, until the returned function is called. */
export const keepFresh = (queries: QueryClient, listen: (hear: (news: News) => void) => () => void): (() => void) => {
  let gathered: Stale[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    const stale = gathered;
    gathered = [];
    timer = undefined;
    void queries.invalidateQueries({
      predicate: ({ queryKey: [section, name, takes] }) =>
        stale.some((one) => one.section === section && one.name === name && (one.fits === undefined || (typeof takes === 'object' && takes !== null && one.fits({ ...takes })))),
    });
  };
  const stop = listen((news) => {
    gathered.push(...staleAfter(news));
    if (gathered.length > 0) timer ??= setTimeout(flush, gathering);
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
};
