// One file of the history: read as it grows, by whomever; spans of it on demand.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type EntryLine, type Line, readLine, type Span } from './history-record.ts';

const pieceBytes = 4_194_304;
const newline = 10;

/** A file that somebody gave up is not made again by appending to it. */
const ways = { read: constants.O_RDONLY, append: constants.O_RDWR | constants.O_APPEND, make: constants.O_RDWR | constants.O_APPEND | constants.O_CREAT } as const;

/** A file that is only ever appended to. Other processes may append to it too. */
export class HistorySegment {
  readonly number: number;
  /** The definitions in it, by their checksums. */
  readonly texts = new Map<string, Span>();
  /** Those that this process wrote, and that are therefore surely on the disk. */
  readonly written = new Set<string>();
  readonly #file: FileHandle;
  #read = 0;
  /** The pieces of a line whose end is not there yet, and where it begins. */
  #rest: Buffer[] = [];
  #lineAt = 0;

  private constructor(number: number, file: FileHandle) {
    this.number = number;
    this.#file = file;
  }

  /** @throws what the file system says. */
  static async open(number: number, path: string, how: keyof typeof ways): Promise<HistorySegment> {
    return new HistorySegment(number, await open(path, ways[how], 0o600));
  }

  /** How many bytes were read of it so far: all of them after `catchUp`. */
  get size(): number {
    return this.#read;
  }

  /** Hears each line that was appended since the last time; spans are in the file. */
  async catchUp(hear: (line: EntryLine) => void): Promise<void> {
    const { size } = await this.#file.stat();
    if (size <= this.#read) return;
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, size - this.#read));
    for (;;) {
      const { bytesRead } = await this.#file.read(piece, 0, piece.length, this.#read);
      if (bytesRead === 0) return;
      this.#take(piece.subarray(0, bytesRead), hear);
      this.#read += bytesRead;
    }
  }

  /** Appends in one call, so that what several processes write does not mix; it is on the disk when this resolves. */
  async append(bytes: Buffer): Promise<void> {
    const { bytesWritten } = await this.#file.write(bytes);
    if (bytesWritten !== bytes.length) throw new Error(`only ${bytesWritten} of ${bytes.length} bytes could be written`);
    await this.#file.datasync();
  }

  /** The bytes of a span. */
  async bytes({ at, length }: Span): Promise<Buffer> {
    const bytes = Buffer.alloc(length);
    await this.#file.read(bytes, 0, length, at);
    return bytes;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #take(piece: Buffer, hear: (line: EntryLine) => void): void {
    let from = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, from)) {
      const own = piece.subarray(from, end);
      const line = readLine(this.#rest.length === 0 ? own : Buffer.concat([...this.#rest, own]));
      this.#rest = [];
      if (line !== null) this.#place(line, hear);
      from = end + 1;
      this.#lineAt = this.#read + from;
    }
    // The piece is read into again.
    if (from < piece.length) this.#rest.push(Buffer.from(piece.subarray(from)));
  }

  #place(line: Line, hear: (line: EntryLine) => void): void {
    const placed = (span: Span): Span => ({ ...span, at: this.#lineAt + span.at });
    if (line.kind === 'text') this.texts.set(line.text.checksum, placed(line.text));
    else if (line.kind === 'old') hear({ ...line, entry: placed(line.entry) });
    else hear({ ...line, parts: placed(line.parts) });
  }
}
