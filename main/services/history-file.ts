// History on disk: a line a record, each with its checksum, only ever appended; what a crash tore is passed over.
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { type Entry, entry as entryForm } from '../../app/contract/history.ts';
import { Refused } from '../../app/contract/refusal.ts';

const checksum = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** An entry as a line: `checksum json\n`. */
const lineOf = (entry: Entry): string => {
  const text = JSON.stringify(entry);
  return `${checksum(text)} ${text}\n`;
};

/** The entry of a line; null when it was torn or is not one. */
const entryOf = (line: string): Entry | null => {
  const text = line.slice(17);
  if (checksum(text) !== line.slice(0, 16)) return null;
  const checked = entryForm.safeParse(JSON.parse(text));
  return checked.success ? checked.data : null;
};

/**
 * The entries of one data folder. A later record of the same id replaces the earlier one: what is begun is written before
 * anything is done, so that an end that never came is seen. Other processes may append to the same file.
 */
export class HistoryFile {
  readonly #file: FileHandle;
  readonly #entries = new Map<string, Entry>();
  #read = 0;
  #rest = '';
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @throws Refused `storage` when the file cannot be opened. */
  static async open(path: string): Promise<HistoryFile> {
    try {
      const history = new HistoryFile(await open(path, 'a+', 0o600));
      await history.#catchUp();
      // What a crash left of a last line must not swallow the next one.
      if (history.#rest !== '') await history.#file.write('\n');
      return history;
    } catch (error) {
      throw new Refused('storage', `${path} cannot be opened: ${error instanceof Error ? error.message : String(error)}.`, {}, { cause: error });
    }
  }

  /** Writes an entry; it is on the disk when this resolves. Throws Refused `storage`. */
  async append(entry: Entry): Promise<void> {
    await this.#inTurn(async () => {
      try {
        await this.#file.appendFile(lineOf(entry));
        await this.#file.datasync();
      } catch (error) {
        throw new Refused('storage', `The history cannot be written: ${error instanceof Error ? error.message : String(error)}.`, { remedy: 'Check free space of the data folder.' }, { cause: error });
      }
      await this.#catchUp();
    });
  }

  /** Every entry, oldest first. */
  async entries(): Promise<readonly Entry[]> {
    await this.#inTurn(async () => await this.#catchUp());
    return [...this.#entries.values()];
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => await this.#file.close());
  }

  /** One reader or writer at a time, in the order they came. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return await turn;
  }

  /** Reads what was appended since, by whomever. */
  async #catchUp(): Promise<void> {
    const { size } = await this.#file.stat();
    if (size <= this.#read) return;
    const bytes = Buffer.alloc(size - this.#read);
    const { bytesRead } = await this.#file.read(bytes, 0, bytes.length, this.#read);
    const lines = (this.#rest + bytes.toString('latin1', 0, bytesRead)).split('\n');
    this.#read += bytesRead;
    // latin1 keeps bytes apart from their meaning, so that a piece may end inside a character.
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const entry = line.length > 17 ? entryOf(Buffer.from(line, 'latin1').toString('utf8')) : null;
      if (entry !== null) this.#entries.set(entry.id, entry);
    }
  }
}
