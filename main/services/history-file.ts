// History on disk: a folder of files that are only ever appended to, the oldest given up when there is too much; in memory only what lists it.
import { mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Entry } from '../../app/contract/history.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { type EntryLine, type Head, linesOf, readHead, readOldEntry, readParts, readText, type Span } from './history-record.ts';
import { HistorySegment } from './history-segment.ts';

const storage = (doing: string, error: unknown): Refused =>
  new Refused('storage', `${doing}: ${error instanceof Error ? error.message : String(error)}.`, { remedy: 'Check free space and permissions of the data folder.' }, { cause: error });
const hasCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;

/** How much is kept, in bytes: of one file before another one is begun, and of all together. */
export interface HistoryLimits {
  readonly segment: number;
  readonly all: number;
}

/** Some forty thousand changes. */
const usualLimits: HistoryLimits = { segment: 8 * 1024 ** 2, all: 256 * 1024 ** 2 };

/** The file beside the folder in which all history once was; it is read, and never written again. */
const oldNumber = 0;
/** After so many heads others get their turn. */
const headsInTurn = 256;

/** Where the latest record of an entry is. */
interface Place {
  readonly segment: HistorySegment;
  readonly span: Span;
  readonly isOld: boolean;
  /** As it was written; read when somebody asks for it. */
  readonly text: string;
  head: Head | null | undefined;
}

/** An entry without its definitions. */
type Listed = Omit<Entry, 'savedBefore' | 'savedAfter'>;

/**
 * The entries of one data folder. A later record of the same id replaces the earlier one: what is begun is written before anything is
 * done, so that an end that never came is seen. Other processes may read and append at the same time.
 */
export class HistoryFile {
  readonly #folder: string;
  readonly #limits: HistoryLimits;
  #segments: HistorySegment[] = [];
  #isClosed = false;
  readonly #places = new Map<string, Place>();
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(folder: string, limits: HistoryLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /**
   * @param folder is made when it is not there. What once was kept in the file `folder.jsonl` is read along.
   * @throws Refused `storage` when it cannot be opened or read.
   */
  static async open(folder: string, limits: HistoryLimits = usualLimits): Promise<HistoryFile> {
    const history = new HistoryFile(folder, limits);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await history.#add(oldNumber, 'read');
      await history.#catchUp();
      return history;
    } catch (error) {
      await history.#closeAll();
      throw storage(`${folder} cannot be read`, error);
    }
  }

  /** Writes an entry; it is on the disk when this resolves. Throws Refused `storage`, also after `close`. */
  async append(entry: Entry): Promise<void> {
    await this.#inTurn(async () => {
      try {
        await this.#catchUp();
        const segment = await this.#writable();
        const { bytes, texts } = linesOf(entry, (text) => segment.written.has(text));
        await segment.append(bytes);
        for (const text of texts) segment.written.add(text);
        await this.#catchUp();
      } catch (error) {
        throw storage('The history cannot be written', error);
      }
    });
  }

  /**
   * The heads of all entries, those begun last first.
   * @param having values that are in the head as they are, such as a UUID: those without them are passed over unread.
   */
  async *newestFirst(having: readonly string[] = []): AsyncGenerator<Head> {
    const words = having.map((value) => JSON.stringify(value));
    let read = 0;
    for (const place of (await this.#all()).toReversed()) {
      if (!words.every((word) => place.text.includes(word))) continue;
      const head = headAt(place);
      if (++read % headsInTurn === 0) await turn();
      if (head !== null) yield head;
    }
  }

  /** An entry without its definitions; null when there is none, or it is damaged. */
  async listed(id: string): Promise<Listed | null> {
    return await this.#entry(id, false);
  }

  /** An entry with everything; null when there is none, or it is damaged. A definition that is damaged is missing. */
  async find(id: string): Promise<Entry | null> {
    return await this.#entry(id, true);
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => await this.#closeAll());
  }

  async #all(): Promise<readonly Place[]> {
    return await this.#inTurn(async () => {
      await this.#catchUp();
      return [...this.#places.values()];
    });
  }

  async #entry(id: string, whole: boolean): Promise<Entry | null> {
    return await this.#inTurn(async () => {
      await this.#catchUp();
      const place = this.#places.get(id);
      const head = place === undefined ? null : headAt(place);
      if (place === undefined || head === null) return null;
      const { segment, span, isOld } = place;
      const bytes = await segment.bytes(span);
      if (isOld) return readOldEntry(bytes, span);
      const parts = readParts(bytes, span);
      if (parts === null) return null;
      const { knobs: _, ...rest } = head;
      const textOf = async (name: string | null): Promise<string | null> => {
        const text = name === null || !whole ? undefined : segment.texts.get(name);
        return text === undefined ? null : readText(await segment.bytes(text), text);
      };
      return { ...rest, ...parts, savedBefore: await textOf(parts.savedBefore), savedAfter: await textOf(parts.savedAfter) };
    });
  }

  /** One reader or writer at a time, in the order they came. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    // Whoever asked for the work hears how it failed; the next one's turn comes all the same.
    this.#turn = mine.catch(() => undefined);
    return await mine;
  }

  /** Reads what was appended since, and lets go of files that are gone, by whomever. */
  async #catchUp(): Promise<void> {
    if (this.#isClosed) throw new Error('the history is closed');
    const there = (await readdir(this.#folder)).flatMap((name) => (/^\d+\.jsonl$/.test(name) ? [Number.parseInt(name, 10)] : []));
    for (const segment of this.#segments) if (segment.number !== oldNumber && !there.includes(segment.number)) await this.#letGo(segment);
    for (const number of there.toSorted((one, other) => one - other)) if (!this.#segments.some((segment) => segment.number === number)) await this.#add(number, 'append');
    for (const segment of this.#segments) await segment.catchUp((line) => this.#take(segment, line));
  }

  #take(segment: HistorySegment, line: EntryLine): void {
    if (line.kind === 'old') this.#places.set(line.head.id, { segment, span: line.entry, isOld: true, text: JSON.stringify(line.head), head: line.head });
    else this.#places.set(line.id, { segment, span: line.parts, isOld: false, text: line.head, head: undefined });
  }

  /** The file that is written to: another one once it has enough, and then the oldest are given up. */
  async #writable(): Promise<HistorySegment> {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.number !== oldNumber && last.size < this.#limits.segment) return last;
    const made = await this.#add((last?.number ?? oldNumber) + 1, 'make');
    if (made === null) throw new Error('the file that was just made is gone');
    await synced(this.#folder);
    let all = this.#segments.reduce((sum, { size }) => sum + size, 0);
    for (const segment of this.#segments.slice(0, -1)) {
      if (all <= this.#limits.all - this.#limits.segment) break;
      all -= segment.size;
      await unlink(this.#pathOf(segment.number)).catch((error: unknown) => {
        // Another process was quicker.
        if (!hasCode(error, 'ENOENT')) throw error;
      });
      await this.#letGo(segment);
    }
    return made;
  }

  /** Null when there is no such file, or not any more. */
  async #add(number: number, how: 'read' | 'append' | 'make'): Promise<HistorySegment | null> {
    try {
      const segment = await HistorySegment.open(number, this.#pathOf(number), how);
      this.#segments = [...this.#segments, segment];
      return segment;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return null;
      throw error;
    }
  }

  /** What is in the file alone is forgotten. */
  async #letGo(gone: HistorySegment): Promise<void> {
    this.#segments = this.#segments.filter((segment) => segment !== gone);
    for (const [id, { segment }] of this.#places) if (segment === gone) this.#places.delete(id);
    await gone.close();
  }

  #pathOf(number: number): string {
    return number === oldNumber ? `${this.#folder}.jsonl` : join(this.#folder, `${String(number).padStart(6, '0')}.jsonl`);
  }

  async #closeAll(): Promise<void> {
    this.#isClosed = true;
    for (const segment of this.#segments.splice(0)) await segment.close();
  }
}

/** The head of a place, read the first time. */
const headAt = (place: Place): Head | null => (place.head === undefined ? (place.head = readHead(place.text)) : place.head);

/** Has a folder's new names on the disk. */
const synced = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};
