// Seven days of guests on the disk, a file of fixed size each: every record has its place and its checksum, so that nothing grows and nothing damaged is believed.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** Slots of five minutes, for seven days. */
export const days = { step: 300_000, slots: 2016 } as const;
/** Values in a record. */
export const columns = 6;

const recordBytes = 4 + columns * 4 + 4;
/** More files than this are not kept: those that were not written for longest go. */
const mostFiles = 10_000;

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** What is kept of one guest in one slot; NaN = not known. */
export interface SampleRecord {
  readonly slot: number;
  readonly values: readonly number[];
}

/** The folder with the files. What cannot be read is a gap, not a failure. */
export class SampleFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Names say nothing of hosts and guests, and are file names whatever those are called. */
  #path(guest: string): string {
    return join(this.#folder, createHash('sha256').update(guest).digest('hex').slice(0, 32));
  }

  /** Writes a record at its place. Throws what the file system says. */
  async write(guest: string, { slot, values }: SampleRecord): Promise<void> {
    const record = Buffer.alloc(recordBytes);
    record.writeUInt32LE(slot, 0);
    for (let column = 0; column < columns; column += 1) record.writeFloatLE(values[column] ?? Number.NaN, 4 + column * 4);
    record.writeUInt32LE(crc32(record.subarray(0, -4)), recordBytes - 4);
    const path = this.#path(guest);
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

  /** The values of one guest by column, in the slots after `after` up to and with `last`; what is not there, or damaged, is NaN. Throws what the file system says. */
  async read(guest: string, after: number, last: number): Promise<number[][]> {
    const bytes = await readFile(this.#path(guest)).catch((error: unknown) => {
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
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const files: { readonly path: string; readonly written: number }[] = [];
    for (const name of names) {
      const path = join(this.#folder, name);
      files.push({ path, written: (await stat(path)).mtimeMs });
    }
    files.sort((one, other) => other.written - one.written);
    for (const [place, { path, written }] of files.entries()) {
      if (place >= mostFiles || now - written > days.step * days.slots) await rm(path, { force: true });
    }
  }
}
