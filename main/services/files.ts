// Small files of the data folder: written whole and atomically, private to the user.
import { open, readFile, rename } from 'node:fs/promises';
import { Refused } from '../../app/contract/refusal.ts';
import type { z } from '../../app/contract/schema.ts';

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/**
 * Reads JSON of this form; null when there is no such file.
 * @throws Refused `storage` when it cannot be read or does not have the form; it is left as it is.
 */
export const readJson = async <T>(path: string, form: z.ZodType<T>): Promise<T | null> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw new Refused('storage', `${path} cannot be read: ${reasonOf(error)}.`, {}, { cause: error });
  }
  try {
    return form.parse(JSON.parse(text));
  } catch (error) {
    throw new Refused('storage', `${path} is damaged.`, { remedy: 'Repair it, or move it away to start afresh.' }, { cause: error });
  }
};

/** Replaces a file in one step: after a crash it is the old one or the new one, whole. */
export const writeJson = async (path: string, value: unknown): Promise<void> => {
  const fresh = `${path}.${process.pid}.new`;
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
    throw new Refused('storage', `${path} cannot be written: ${reasonOf(error)}.`, { remedy: 'Check free space and permissions of the data folder.' }, { cause: error });
  }
};
