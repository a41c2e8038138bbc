// Notices as the window knows them: the list, where each leads, and telling them by the system.
import { useEffect } from 'react';
import type { Notice } from '../../../app/contract/notices.ts';
import { useApi, useAsk, useTell } from '../../api/api.tsx';
import { go, type Place } from '../place.ts';

const none: readonly Notice[] = [];

/** Newest first. */
export const useNotices = (): readonly Notice[] => useAsk('notices', 'list', {}).data ?? none;

/** Where what it tells of is shown. */
export const placeOf = ({ kind, host, uuid }: Notice): Place => {
  if (kind === 'certificate') return { at: 'certificates' };
  if (kind === 'taskEnded') return { at: 'tasks' };
  if (host === null) return { at: 'fleet' };
  return uuid === null ? { at: 'host', host } : { at: 'guest', host, uuid, tab: 'overview' };
};

/** Whether somebody looks at this window. */
const isLookedAt = (): boolean => document.visibilityState === 'visible' && document.hasFocus();

/** Has the system tell a notice; a click on it leads there. */
const tellBySystem = (notice: Notice): void => {
  const shown = new Notification(notice.title, { body: notice.text, tag: notice.id });
  shown.addEventListener('click', () => {
    window.focus();
    go(placeOf(notice));
    shown.close();
  });
};

/**
 * Follows notices for as long as it is mounted: goes where one leads that was chosen outside of the window, and, in a browser that was
 * allowed to, has the system tell those that come while nobody looks. Electron's shell does that by itself.
 */
export const useNoticeNews = (): void => {
  const { client } = useApi();
  const notices = useNotices();
  const { mutate: read } = useTell('notices', 'read');
  const shell = useAsk('program', 'about', {}).data?.shell;
  useEffect(() => client.listen((news) => {
    if (news.section !== 'notices') return;
    if (news.name === 'chosen') {
      const chosen = notices.find(({ id }) => id === news.told.id);
      if (chosen !== undefined) go(placeOf(chosen));
    }
    // Whoever looks at the window saw it end.
    if (news.name === 'raised' && news.told.notice.kind === 'taskEnded' && isLookedAt()) read({ ids: [news.told.notice.id] });
    if (news.name === 'raised' && news.told.system && shell === 'web' && !isLookedAt() && 'Notification' in window && Notification.permission === 'granted') tellBySystem(news.told.notice);
  }), [client, notices, read, shell]);
};
