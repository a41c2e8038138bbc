// Tags of guests: kept on disk, told of, and gone with the last one.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { demoMain } from './demo-main.test-peer.ts';

const [one, other] = ['7d1e0001-4b5c-4d6e-8f70-5a1c0de00001', '7d1e0002-4b5c-4d6e-8f70-5a1c0de00002'] as const;

it('tags of guests are added and taken away, kept in one file and told of', async () => {
  const { ask, folder, news } = await demoMain();
  expect(await ask('tags', 'list', {})).toEqual([]);
  await ask('tags', 'change', { uuids: [one, other], add: ['db', ' night ', 'db'], remove: [] });
  await ask('tags', 'change', { uuids: [other], add: ['web'], remove: ['db', 'none'] });
  expect(await ask('tags', 'list', {})).toEqual([{ uuid: one, tags: ['db', 'night'] }, { uuid: other, tags: ['night', 'web'] }]);
  await ask('tags', 'change', { uuids: [one], add: [], remove: ['db', 'night'] });
  expect(JSON.parse(await readFile(join(folder, 'tags.json'), 'utf8'))).toEqual([{ uuid: other, tags: ['night', 'web'] }]);
  expect(news.filter(({ section }) => section === 'tags')).toHaveLength(3);
});

it('a guest has no more tags than a person can read, and what is too much changes nothing', async () => {
  const { ask } = await demoMain();
  const tags = Array.from({ length: 32 }, (_, index) => `tag-${index}`);
  await ask('tags', 'change', { uuids: [one], add: tags, remove: [] });
  await expect(ask('tags', 'change', { uuids: [other, one], add: ['one more'], remove: [] })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'add' } });
  expect(await ask('tags', 'list', {})).toEqual([{ uuid: one, tags }]);
  await expect(ask('tags', 'change', { uuids: [one], add: ['  '], remove: [] })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'add.0' } });
});
