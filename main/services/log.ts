// The log: what went wrong inside Guestdeck, for a bug report. Holds no question, answer or XML.
import { appendFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const mostBytes = 1_048_576;

/** Writes to guestdeck.log in the data folder; starts afresh when it has grown over 1 MiB. */
export const openLog = (dataFolder: string): ((error: unknown) => void) => {
  const path = join(dataFolder, 'guestdeck.log');
  return (error) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    try {
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > mostBytes) rmSync(path);
      appendFileSync(path, `${new Date().toISOString()} ${text}\n`, { mode: 0o600 });
    } catch (unwritable) {
      // The last resort: a log that cannot be written must not take the program down.
      process.stderr.write(`${text}\n(the log cannot be written: ${String(unwritable)})\n`);
    }
  };
};
