// History on disk: a line a record, each with its checksum, only ever appended; what a crash tore is passed over.
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { type Entry, entry as entryForm } from '../../app/contract/history.ts';
import { Refused } from '../../app/contract/refusal.ts';

const checksum = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** An entry as a line, `checksum json`. It begins a line of its own, so that what another process left torn at the end swallows nothing. */
const lineOf = (entry: Entry): string => {
  const text = JSON.stringify(entry);
  return `\n${checksum(text)} ${text}\n`;
};

/** The entry of a line; null when it was torn or is not one. */
const entryOf = (line: string): Entry | null => {
  const text = line.slice(17);
  if (text === '' || checksum(text) !== line.slice(0, 16)) return null;
  const checked = entryForm.safeParse(jsonOf(text));
  return checked.success ? checked.data : null;
};
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};

const pieceBytes = 262_144;
const newline = 10;
const storage = (doing: string, error: unknown): Refused =>
  new Refused('storage', `${doing}: ${error instanceof Error ? error.message : String(error)}.`, { remedy: 'Check free space and permissions of the data folder.' }, { cause: error });

/**
 * The entries of one data folder. A later record of the same id replaces the earlier one: what is begun is written before
 * anything is done, so that an end that never came is seen. Other processes may append to the same file.
 */
export class HistoryFile {
  readonly #file: FileHandle;
  readonly #entries = new Map<string, Entry>();
  readonly #piece = Buffer.allocUnsafe(pieceBytes);
  #read = 0;
  /** The pieces of a line whose end is not there yet. */
  #rest: Buffer[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @throws Refused `storage` when the file cannot be opened or read. */
  static async open(path: string): Promise<HistoryFile> {
    const file = await open(path, 'a+', 0o600).catch((error: unknown) => {
      throw storage(`${path} cannot be opened`, error);
    });
    const history = new HistoryFile(file);
    try {
      await history.#catchUp();
      return history;
    } catch (error) {
      await file.close();
      throw storage(`${path} cannot be read`, error);
    }
  }

  /** Writes an entry; it is on the disk when this resolves. Throws Refused `storage`, also after `close`. */
  async append(entry: Entry): Promise<void> {
    await this.#inTurn(async () => {
      try {
        await this.#file.appendFile(lineOf(entry));
        await this.#file.datasync();
        await this.#catchUp();
      } catch (error) {
        throw storage('The history cannot be written', error);
      }
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
    // Whoever asked for the work hears how it failed; the next one's turn comes all the same.
    this.#turn = turn.catch(() => undefined);
    return await turn;
  }

  /** Reads what was appended since, by whomever. */
  async #catchUp(): Promise<void> {
    for (;;) {
      const { bytesRead } = await this.#file.read(this.#piece, 0, pieceBytes, this.#read);
      if (bytesRead === 0) return;
      this.#read += bytesRead;
      this.#take(Buffer.from(this.#piece.subarray(0, bytesRead)));
    }
  }

  #take(piece: Buffer): void {
    let from = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, from)) {
      const line = Buffer.concat([...this.#rest, piece.subarray(from, end)]).toString('utf8');
      this.#rest = [];
      from = end + 1;
      const entry = entryOf(line);
      if (entry !== null) this.#entries.set(entry.id, entry);
    }
    if (from < piece.length) this.#rest.push(piece.subarray(from));
  }
}
