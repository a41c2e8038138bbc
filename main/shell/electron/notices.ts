// Notices as the system shows them, while nobody looks at a window.
import type { Notice } from '../../../app/contract/notices.ts';
import type { DeepLink } from '../../../app/domain/deep-link.ts';
import type { Main } from '../../services/services.ts';

/** The part of Electron's Notification that is used. */
export interface ShownNotice {
  on(event: 'click' | 'close', hear: () => void): unknown;
  show(): void;
}

/** The guest that a notice is about; null = something else, which the window knows. */
export const guestOf = ({ kind, host, uuid }: Notice): DeepLink | null => (kind === 'taskEnded' || host === null || uuid === null ? null : { host, guest: uuid, tab: null });

export interface NoticeOwner {
  readonly isLookedAt: () => boolean;
  /** Null where the system shows none. */
  readonly make: ((told: { readonly title: string; readonly body: string }) => ShownNotice) | null;
  /** Brings the window to the front, at what the notice is about. */
  readonly choose: (notice: Notice) => void;
}

/** Has the system show what it is to be told, until the returned function is called. */
export const showNotices = (main: Pick<Main, 'listen'>, { isLookedAt, make, choose }: NoticeOwner): (() => void) => {
  /** One that nothing refers to any more cannot be clicked. */
  const shown = new Set<ShownNotice>();
  return main.listen((news) => {
    if (make === null || news.section !== 'notices' || news.name !== 'raised' || !news.told.system || isLookedAt()) return;
    const { notice } = news.told;
    const one = make({ title: notice.title, body: notice.text });
    shown.add(one);
    one.on('close', () => shown.delete(one));
    one.on('click', () => {
      shown.delete(one);
      choose(notice);
    });
    one.show();
  });
};
