// The stand-in's tags of guests: some to begin with, changed in memory.
import type { AskName, Gives, News, Takes } from '../../app/contract/contract.ts';
import type { GuestSummary } from '../../app/contract/guests.ts';

type Answers = { readonly [A in AskName<'tags'>]: (takes: Takes<'tags', A>) => Gives<'tags', A> };

const first = (guests: readonly GuestSummary[]): readonly (readonly [uuid: string, tags: string[]])[] => guests.flatMap(({ uuid, name }, index) => {
  const tags = [...(name.startsWith('db-') ? ['database', 'backed up'] : []), ...(name.startsWith('web-') ? ['shop'] : []), ...(name.startsWith('node-') && index % 3 === 0 ? ['batch'] : [])];
  return tags.length === 0 ? [] : [[uuid, tags] as const];
});

export const tagAnswers = (guests: readonly GuestSummary[], tell: (news: News) => void): Answers => {
  const held = new Map(first(guests));
  return {
    list: () => [...held].map(([uuid, tags]) => ({ uuid, tags })),
    change: ({ uuids, add, remove }) => {
      for (const uuid of uuids) held.set(uuid, [...new Set([...(held.get(uuid) ?? []), ...add])].filter((tag) => !remove.includes(tag)));
      tell({ section: 'tags', name: 'changed', told: {} });
      return null;
    },
  };
};
