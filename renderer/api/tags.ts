// Tags of all guests, by UUID.
import { useMemo } from 'react';
import { useAsk } from './api.tsx';

/** The tags of every guest that has any; and each tag there is, in the order in which people count. */
export interface Tags {
  readonly byGuest: ReadonlyMap<string, readonly string[]>;
  readonly all: readonly string[];
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

export const useTags = (): Tags => {
  const { data } = useAsk('tags', 'list', {});
  return useMemo(() => ({
    byGuest: new Map((data ?? []).map(({ uuid, tags }) => [uuid, tags])),
    all: [...new Set((data ?? []).flatMap(({ tags }) => tags))].toSorted(collator.compare),
  }), [data]);
};
