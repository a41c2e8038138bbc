// Notices of every kind, seen and not, for the stand-in.
import type { News } from '../../app/contract/contract.ts';
import type { Notice } from '../../app/contract/notices.ts';

export const noticeAnswers = (hosts: boolean, now: number, tell: (news: News) => void) => {
  let kept: readonly Notice[] = hosts ? [
    { id: 'n1', kind: 'guestCrashed', at: now - 60_000, title: 'web-02 crashed', text: 'On atlas.', host: 'atlas', uuid: null, read: false },
    { id: 'n2', kind: 'hostLost', at: now - 120_000, title: 'cumulus is lost', text: 'The connection ended.', host: 'cumulus', uuid: null, read: false },
    { id: 'n3', kind: 'taskEnded', at: now - 290_000, title: 'Restore ci-4711 is done', text: '', host: 'atlas', uuid: null, read: true },
    { id: 'n4', kind: 'certificate', at: now - 3_600_000, title: 'The certificate borealis expires in 19 days', text: 'CN=borealis', host: null, uuid: null, read: true },
  ] : [];
  const changed = (next: readonly Notice[]): null => {
    kept = next;
    tell({ section: 'notices', name: 'changed', told: {} });
    return null;
  };
  return {
    list: () => kept,
    read: ({ ids }: { readonly ids?: unknown }) => changed(kept.map((one) => (Array.isArray(ids) && ids.includes(one.id) ? { ...one, read: true } : one))),
    clear: () => changed([]),
  };
};
