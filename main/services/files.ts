// Small files of the data folder: written whole and atomically, private to the user, changed by one process at a time.
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Refused } from '../../app/contract/refusal.ts';
import type { z } from '../../app/contract/schema.ts';

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const hasCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;

/** A lock this old (milliseconds) belongs to a process that died: a change takes a hundredth of it. */
const abandoned = 10_000;
const betweenTries = 15;

/**
 * Reads JSON of this form; null when there is no such file.
 * @throws Refused `storage` when it cannot be read or does not have the form; it is left as it is.
 */
export const readJson = async <T>(path: string, form: z.ZodType<T>): Promise<T | null> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw new Refused('storage', `${path} cannot be read: ${reasonOf(error)}.`, { remedy: 'Check the permissions of the data folder.' }, { cause: error });
  }
  try {
    return form.parse(JSON.parse(text));
  } catch (error) {
    throw new Refused('storage', `${path} is damaged.`, { remedy: 'Repair it, or move it away to start afresh.' }, { cause: error });
  }
};

/**
 * Reads, edits and replaces a file; two that change it at once, in whatever process, take turns, so that neither's change is lost.
 * @param edit gets null when there is no file yet; what it throws leaves the file as it is.
 * @returns what stands in the file now.
 * @throws Refused `storage`.
 */
export const changeJson = async <T>(path: string, form: z.ZodType<T>, edit: (held: T | null) => T): Promise<T> =>
  await whileLocked(`${path}.lock`, async () => {
    const value = edit(await readJson(path, form));
    await writeJson(path, value);
    return value;
  });

/** Replaces a file in one step: after a crash it is the old one or the new one, whole. */
const writeJson = async (path: string, value: unknown): Promise<void> => {
  const fresh = `${path}.new`;
  try {
    const file = await open(fresh, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(value, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (error) {
    throw unwritable(path, error);
  }
};

const unwritable = (path: string, error: unknown): Refused =>
  new Refused('storage', `${path} cannot be written: ${reasonOf(error)}.`, { remedy: 'Check free space and permissions of the data folder.' }, { cause: error });

const whileLocked = async <T>(lock: string, work: () => Promise<T>): Promise<T> => {
  while (!(await isTaken(lock))) await delay(betweenTries);
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
};

/** Takes the lock; false when another has it. */
const isTaken = async (lock: string): Promise<boolean> => {
  try {
    await (await open(lock, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw unwritable(lock, error);
  }
  try {
    if (Date.now() - (await stat(lock)).mtimeMs > abandoned) await rm(lock, { force: true });
  } catch (error) {
    // Given back in between.
    if (!hasCode(error, 'ENOENT')) throw unwritable(lock, error);
  }
  return false;
};
