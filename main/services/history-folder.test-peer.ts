// The history as it lies on the disk, for tests: its lines read without Guestdeck, and cut off where a process could have been killed.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The first file of the history in a data folder. */
export const historyPath = (dataFolder: string): string => join(dataFolder, 'history', '000001.jsonl');

const isEntry = (line: string): boolean => line.includes('\t');

/** Every record of an entry, the first first, head and parts in one. */
export const recordsIn = async (dataFolder: string): Promise<readonly object[]> =>
  (await readFile(historyPath(dataFolder), 'utf8')).split('\n').filter(isEntry).map((line) => {
    const [head = '', , parts = ''] = line.slice(17).split('\t');
    return { ...(JSON.parse(head) as object), ...(JSON.parse(parts) as object) };
  });

/** Leaves what a process leaves that is killed after its first record. */
export const keepFirstRecord = async (dataFolder: string): Promise<void> => {
  const lines = (await readFile(historyPath(dataFolder), 'utf8')).split('\n');
  await writeFile(historyPath(dataFolder), `${lines.slice(0, lines.findIndex(isEntry) + 1).join('\n')}\n`);
};
