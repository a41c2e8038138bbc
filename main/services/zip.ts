// An archive that every system opens: the files one after another, not compressed (PKWARE APPNOTE 6.3). Names and modes are kept.

export interface Packed {
  /** With slashes. */
  readonly name: string;
  readonly content: Buffer;
  /** Permission bits, which unzip gives back. */
  readonly mode: number;
}

const crcTable = Array.from({ length: 256 }, (_, start) => Array.from({ length: 8 }).reduce<number>((value) => (value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1), start) >>> 0);
const crc32 = (bytes: Buffer): number => (bytes.reduce((crc, byte) => (crc >>> 8) ^ (crcTable[(crc ^ byte) & 0xff] ?? 0), 0xffffffff) ^ 0xffffffff) >>> 0;

/** MS-DOS time, to two seconds, and date since 1980. */
const dosTime = (at: Date): { readonly time: number; readonly date: number } => ({
  time: (at.getHours() << 11) | (at.getMinutes() << 5) | Math.floor(at.getSeconds() / 2),
  date: (Math.max(0, at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate(),
});

const localHeader = 0x04034b50;
const directoryHeader = 0x02014b50;
const endOfDirectory = 0x06054b50;
/** Version 2.0; in the directory with the number of Unix, so that modes are heeded. */
const version = 20;
const byUnix = 3 << 8;
const utf8Names = 0x0800;
const regularFile = 0o100000;

/** Little-endian numbers of two or four bytes, one after another. */
const numbers = (...all: readonly (readonly [2 | 4, number])[]): Buffer => Buffer.concat(all.map(([size, value]) => {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntLE(value, 0, size);
  return bytes;
}));

export function zip(files: readonly Packed[], at = new Date()): Buffer {
  const { time, date } = dosTime(at);
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, mode } of files) {
    const path = Buffer.from(name, 'utf8');
    const shared = numbers([2, version], [2, utf8Names], [2, 0], [2, time], [2, date], [4, crc32(content)], [4, content.length], [4, content.length], [2, path.length], [2, 0]);
    const local = Buffer.concat([numbers([4, localHeader]), shared, path, content]);
    locals.push(local);
    directory.push(numbers([4, directoryHeader], [2, version | byUnix]), shared, numbers([2, 0], [2, 0], [2, 0], [4, (regularFile | mode) * 0x10000], [4, offset]), path);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  return Buffer.concat([...locals, listed, numbers([4, endOfDirectory], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, listed.length], [4, offset], [2, 0])]);
}
