// Holds the cache to its promise: whole folders only, each built by one process at a time.
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureFolder, withLock } from './cache.ts';

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'guestdeck-cache-test-'));
});
afterEach(() => rm(parent, { recursive: true }));

const build = async (unfinished: string): Promise<void> => writeFile(join(unfinished, 'part'), 'built');
const fail = async (unfinished: string): Promise<void> => {
  await writeFile(join(unfinished, 'part'), 'half');
  throw new Error('no more space');
};

describe('a cached folder', () => {
  it('is built once and then used as it is', async () => {
    const folder = join(parent, 'image');
    const first = await ensureFolder(folder, build);
    const second = await ensureFolder(folder, fail);
    expect({ first, second, text: await readFile(join(folder, 'part'), 'utf8') }).toEqual({ first: { fresh: true }, second: { fresh: false }, text: 'built' });
  });

  it('is not there at all when its build fails', async () => {
    await expect(ensureFolder(join(parent, 'image'), fail)).rejects.toThrow('no more space');
    expect(await readdir(parent)).toEqual([]);
  });

  it('is built again when one of its files was cut short, is missing, or was never listed', async () => {
    const folder = join(parent, 'image');
    await ensureFolder(folder, build);
    await truncate(join(folder, 'part'), 2);
    const afterCut = await ensureFolder(folder, build);
    await rm(join(folder, 'part'));
    const afterLoss = await ensureFolder(folder, build);
    await writeFile(join(folder, 'manifest.json'), '{"part":');
    const afterHalfManifest = await ensureFolder(folder, build);
    expect([afterCut, afterLoss, afterHalfManifest].map(({ fresh }) => fresh)).toEqual([true, true, true]);
    expect(await readFile(join(folder, 'part'), 'utf8')).toBe('built');
  });

  it('clears away what a build that was killed left beside it', async () => {
    const left = await mkdtemp(join(parent, 'image.unfinished-'));
    await ensureFolder(join(parent, 'image'), build);
    expect(existsSync(left)).toBe(false);
  });
});

describe('the lock', () => {
  it('lets one work at a time, and the next one begin when the first has failed', async () => {
    const order: string[] = [];
    const gate = new EventEmitter();
    const first = withLock(parent, async () => {
      order.push('first begins');
      await once(gate, 'open');
      order.push('first ends');
      throw new Error('first failed');
    });
    const second = withLock(parent, async () => order.push('second begins'));
    const other = withLock(`${parent} another`, async () => order.push('another is not kept waiting'));
    await other;
    gate.emit('open');
    await expect(first).rejects.toThrow('first failed');
    await second;
    expect(order).toEqual(['first begins', 'another is not kept waiting', 'first ends', 'second begins']);
  });
});
