// Tags of guests as a file of the data folder. In the guests' definitions, as metadata, others would see them too, but there is no call that reads those of all guests, and none that a read-only connection may write them by.
import { join } from 'node:path';
import { mostTags, tagged } from '../../app/contract/tags.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { z } from '../../app/contract/schema.ts';
import { changeJson, readJson } from './files.ts';
import type { Services, Tell } from './services.ts';

const file = z.array(tagged);

export const tagServices = (dataFolder: string, tell: Tell): Services['tags'] => {
  const path = join(dataFolder, 'tags.json');
  return {
    list: async () => (await readJson(path, file)) ?? [],
    change: async ({ uuids, add, remove }) => {
      await changeJson(path, file, (held) => {
        const tagsOf = new Map((held ?? []).map(({ uuid, tags }) => [uuid, tags]));
        for (const uuid of uuids) {
          const tags = [...new Set([...(tagsOf.get(uuid) ?? []), ...add])].filter((tag) => !remove.includes(tag));
          if (tags.length > mostTags) throw new Refused('bad-input', `A guest has at most ${mostTags} tags.`, { field: 'add' });
          tagsOf.set(uuid, tags);
        }
        return [...tagsOf].flatMap(([uuid, tags]) => (tags.length === 0 ? [] : [{ uuid, tags }]));
      });
      tell('tags', 'changed', {});
      return null;
    },
  };
};
