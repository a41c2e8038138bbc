// Which answers are read again after which news.
import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { News } from '../../app/contract/contract.ts';
import { keepFresh } from './stale.ts';

const [h, g] = ['one', '00000000-0000-4000-8000-000000000000'];
const other = '00000000-0000-4000-8000-000000000001';
const keys = {
  connections: ['connections', 'list', {}],
  guests: ['guests', 'list', { host: h }],
  elsewhere: ['guests', 'list', { host: 'two' }],
  guest: ['guests', 'describe', { host: h, uuid: g }],
  neighbour: ['guests', 'describe', { host: h, uuid: other }],
  reading: ['tuning', 'read', { host: h, uuid: g }],
  host: ['hosts', 'describe', { host: h }],
  history: ['history', 'list', { host: h, uuid: g }],
} as const;

describe('news', () => {
  let queries: QueryClient;
  let hear: (news: News) => void;
  let stop: () => void;
  const stale = (): readonly string[] => Object.entries(keys).filter(([, key]) => queries.getQueryState(key)?.isInvalidated).map(([name]) => name);
  beforeEach(() => {
    vi.useFakeTimers();
    queries = new QueryClient();
    for (const key of Object.values(keys)) queries.setQueryData(key, 'known');
    stop = keepFresh(queries, (listener) => {
      hear = listener;
      return () => undefined;
    });
  });
  afterEach(() => {
    stop();
    queries.clear();
    vi.useRealTimers();
  });

  it.each<[string, News, readonly string[]]>([
    ['a guest changed', { section: 'guests', name: 'changed', told: { host: h, uuids: [g] } }, ['guests', 'guest', 'reading', 'host']],
    ['any guest of a host may have changed', { section: 'guests', name: 'changed', told: { host: h, uuids: null } }, ['guests', 'guest', 'neighbour', 'reading', 'host']],
    ['the list of hosts changed', { section: 'connections', name: 'changed', told: { id: null } }, ['connections']],
    ['a host changed its state', { section: 'connections', name: 'changed', told: { id: h } }, ['connections', 'guests', 'guest', 'neighbour', 'reading', 'host']],
    ['something was done', { section: 'history', name: 'changed', told: { id: '1' } }, ['history']],
    ['a sample came', { section: 'live', name: 'sample', told: { host: h, at: 0, guests: [], values: [], hostCpus: null, places: [], balloons: [], disks: [] } }, []],
  ])('%s: only what it touches is read again', (_, news, expected) => {
    hear(news);
    vi.runAllTimers();
    expect(stale()).toEqual(expected);
  });

  it('in a storm is answered by one reading', () => {
    const invalidate = vi.spyOn(queries, 'invalidateQueries');
    for (let count = 0; count < 100; count += 1) hear({ section: 'guests', name: 'changed', told: { host: h, uuids: [g] } });
    vi.runAllTimers();
    expect(invalidate).toHaveBeenCalledTimes(1);
  });
});
