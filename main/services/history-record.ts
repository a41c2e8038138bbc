// A line of the history: how an entry, and the XML of its definitions, stand on disk, each with a checksum.
import { hash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Entry, entry as entryForm } from '../../app/contract/history.ts';
import { z } from '../../app/contract/schema.ts';

/** Sixteen hex digits. */
const checksum = (text: string | Buffer): string => hash('sha256', text, 'hex').slice(0, checksumLength);
const checksumLength = 16;

const headForm = entryForm.omit({ steps: true, changes: true, savedBefore: true, savedAfter: true }).extend({ /** The names of the knobs it moved. */ knobs: z.array(z.string()) });
/** What of an entry is kept in memory: enough to list it, to search it, and to tell what it took back. */
export type Head = z.infer<typeof headForm>;

const partsForm = entryForm.pick({ steps: true, changes: true }).extend({ savedBefore: z.string().nullable(), savedAfter: z.string().nullable() });
/** The rest of an entry; its definitions by their checksums, which stand before it in the same file. */
type Parts = z.infer<typeof partsForm>;

/** Bytes of a file, or of a line, and what they have to come to. */
export interface Span {
  readonly at: number;
  readonly length: number;
  readonly checksum: string;
}

/** What a whole line holds; spans are within the line. */
export type Line =
  /** `checksum head TAB length checksum TAB parts`; the first is over all up to the second tab. */
  | { readonly kind: 'entry'; readonly id: string; readonly head: string; readonly parts: Span }
  /** `checksum=length packed`: a definition, which entries name by its checksum. */
  | { readonly kind: 'text'; readonly text: Span }
  /** `checksum entry`: how all lines once were, definitions and all. */
  | { readonly kind: 'old'; readonly head: Head; readonly entry: Span };

/** A line that is an entry. */
export type EntryLine = Exclude<Line, { readonly kind: 'text' }>;

const [tab, space, equals] = [9, 0x20, 0x3d];

/**
 * The lines of an entry, with those of its definitions that `isKnown` does not say to be in this file already. Each begins anew, so
 * that what another process left torn at the end swallows nothing.
 */
export const linesOf = ({ steps, changes, savedBefore, savedAfter, ...rest }: Entry, isKnown: (sum: string) => boolean): { readonly bytes: Buffer; readonly texts: readonly string[] } => {
  const texts = new Map([savedBefore, savedAfter].flatMap((text) => (text === null ? [] : [[checksum(text), text] as const])));
  const packed = [...texts].filter(([sum]) => !isKnown(sum)).map(([sum, text]) => [sum, deflateRawSync(text).toString('base64')] as const);
  const nameOf = (text: string | null): string | null => (text === null ? null : checksum(text));
  const parts = JSON.stringify({ steps, changes, savedBefore: nameOf(savedBefore), savedAfter: nameOf(savedAfter) } satisfies Parts);
  const head = `${JSON.stringify(headOf({ ...rest, changes }))}\t${Buffer.byteLength(parts)} ${checksum(parts)}`;
  const lines = [...packed.map(([sum, text]) => `${sum}=${text.length} ${text}`), `${checksum(head)} ${head}\t${parts}`];
  return { bytes: Buffer.from(lines.map((line) => `\n${line}\n`).join('')), texts: [...texts.keys()] };
};

/** The id stands first, where it is found without reading the rest. */
const headOf = ({ id, changes, ...rest }: Omit<Entry, 'steps' | 'savedBefore' | 'savedAfter'>): Head => ({ id, ...rest, knobs: [...new Set(changes.map(({ knob }) => knob))] });

/** What a line holds; null when it was torn or is none. The bytes of spans are checked when they are read. */
export const readLine = (line: Buffer): Line | null => {
  const from = checksumLength + 1;
  if (line.length <= from) return null;
  const sum = line.toString('latin1', 0, checksumLength);
  if (line[checksumLength] === equals) {
    const end = line.indexOf(space, from);
    const length = line.length - end - 1;
    return end > 0 && Number(line.toString('latin1', from, end)) === length ? { kind: 'text', text: { at: end + 1, length, checksum: sum } } : null;
  }
  const headEnd = line.indexOf(tab, from);
  if (headEnd < 0) return oldLine(line, { at: from, length: line.length - from, checksum: sum });
  const end = line.indexOf(tab, headEnd + 1);
  if (end < 0 || checksum(line.subarray(from, end)) !== sum) return null;
  const [told, partsSum] = line.toString('latin1', headEnd + 1, end).split(' ');
  const head = line.toString('utf8', from, headEnd);
  const id = /^\{"id":("(?:[^"\\]|\\.)*")/.exec(head)?.[1];
  const length = line.length - end - 1;
  // A checksum that fits was written by us: the text is JSON.
  return id === undefined || partsSum === undefined || Number(told) !== length ? null : { kind: 'entry', id: String(JSON.parse(id)), head, parts: { at: end + 1, length, checksum: partsSum } };
};

const oldLine = (line: Buffer, span: Span): Line | null => {
  const entry = readOldEntry(line.subarray(span.at), span);
  return entry === null ? null : { kind: 'old', head: headOf(entry), entry: span };
};

/** The text of bytes whose checksum fits; null when it does not. */
const intact = (bytes: Buffer, span: Span): string | null => (checksum(bytes) === span.checksum ? bytes.toString('utf8') : null);

const readAs = <T>(form: z.ZodType<T>, text: string | null): T | null => {
  if (text === null) return null;
  const read = form.safeParse(JSON.parse(text));
  return read.success ? read.data : null;
};

/** The head of an entry; null when another version wrote what this one does not know. */
export const readHead = (head: string): Head | null => readAs(headForm, head);

/** The parts of an entry; null when they are damaged or not understood. */
export const readParts = (bytes: Buffer, span: Span): Parts | null => readAs(partsForm, intact(bytes, span));

/** An entry as it once was written; null when it is damaged or not understood. */
export const readOldEntry = (bytes: Buffer, span: Span): Entry | null => readAs(entryForm, intact(bytes, span));

/** A definition; null when it is damaged. */
export const readText = (bytes: Buffer, span: Span): string | null => {
  try {
    const text = inflateRawSync(Buffer.from(bytes.toString('latin1'), 'base64')).toString('utf8');
    return checksum(text) === span.checksum ? text : null;
  } catch (error) {
    // Damaged so that it cannot even be unpacked.
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) return null;
    throw error;
  }
};
