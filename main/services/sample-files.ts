// Seven days of guests and hosts on the disk, a file of fixed size for each of their parts: every record has its place and its checksum, so that nothing grows and nothing damaged is believed.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { columns, whole } from './sample-places.ts';

/** Slots of five minutes, for seven days. */
export const days = { step: 300_000, slots: 2016 } as const;
const recordBytes = 4 + columns * 4 + 4;
/** More files than this, 64 KB each, are not kept: those that were not written for longest go. */
const mostFiles = 10_000;

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** What is kept of one part in one slot; NaN = not known. */
export interface SampleRecord {
  readonly slot: number;
  readonly values: readonly number[];
}

/** Names say nothing of hosts and guests, and are file names whatever those are called. */
const nameOf = (guest: string): string => createHash('sha256').update(guest).digest('hex').slice(0, 32);

/** The folder with the files. What cannot be read is a gap, not a failure. */
export class SampleFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  #path(guest: string, part: string): string {
    return join(this.#folder, part === whole ? nameOf(guest) : `${nameOf(guest)}-${Buffer.from(part).toString('hex')}`);
  }

  /** Writes a record at its place. Throws what the file system says. */
  async write(guest: string, part: string, { slot, values }: SampleRecord): Promise<void> {
    const record = Buffer.alloc(recordBytes);
    record.writeUInt32LE(slot, 0);
    for (let column = 0; column < columns; column += 1) record.writeFloatLE(values[column] ?? Number.NaN, 4 + column * 4);
    record.writeUInt32LE(crc32(record.subarray(0, -4)), recordBytes - 4);
    const path = this.#path(guest, part);
    const ways = constants.O_WRONLY | constants.O_CREAT;
    const file = await open(path, ways, 0o600).catch(async (error: unknown) => {
      if (!isMissing(error)) throw error;
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      return await open(path, ways, 0o600);
    });
    try {
      await file.write(record, 0, recordBytes, (slot % days.slots) * recordBytes);
    } finally {
      await file.close();
    }
  }

  /** The parts of a guest that there are besides `whole`, by name. Throws what the file system says. */
  async parts(guest: string): Promise<readonly string[]> {
    const begin = `${nameOf(guest)}-`;
    return (await this.#names()).filter((name) => name.startsWith(begin)).map((name) => Buffer.from(name.slice(begin.length), 'hex').toString()).sort();
  }

  /** The values of one part by column, in the slots after `after` up to and with `last`; what is not there, or damaged, is NaN. Throws what the file system says. */
  async read(guest: string, part: string, after: number, last: number): Promise<number[][]> {
    const bytes = await readFile(this.#path(guest, part)).catch((error: unknown) => {
      if (isMissing(error)) return Buffer.alloc(0);
      throw error;
    });
    const count = Math.min(last - after, days.slots);
    const found = Array.from({ length: columns }, () => Array.from<number>({ length: count }).fill(Number.NaN));
    for (let index = 0; index < count; index += 1) {
      const slot = last - count + 1 + index;
      const at = (slot % days.slots) * recordBytes;
      const record = bytes.subarray(at, at + recordBytes);
      if (record.length < recordBytes || record.readUInt32LE(0) !== slot || record.readUInt32LE(recordBytes - 4) !== crc32(record.subarray(0, -4))) continue;
      found.forEach((column, place) => (column[index] = record.readFloatLE(4 + place * 4)));
    }
    return found;
  }

  /** Takes away files in which nothing is recent enough to be shown, and those that are too many. Throws what the file system says. */
  async prune(now: number): Promise<void> {
    const files: { readonly path: string; readonly written: number }[] = [];
    for (const name of await this.#names()) {
      const path = join(this.#folder, name);
      files.push({ path, written: (await stat(path)).mtimeMs });
    }
    files.sort((one, other) => other.written - one.written);
    for (const [place, { path, written }] of files.entries()) {
      if (place >= mostFiles || now - written > days.step * days.slots) await rm(path, { force: true });
    }
  }
  async #names(): Promise<readonly string[]> {
    return await readdir(this.#folder).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
  }
}
