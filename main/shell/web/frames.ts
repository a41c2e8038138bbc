// Messages between page and web shell: JSON text, and one binary frame [u32 header length][JSON][bytes] only when bytes are there.
import { z } from '../../../app/contract/schema.ts';
import type { News } from '../../../app/contract/contract.ts';
import type { Answer } from '../../../app/contract/refusal.ts';

/** The largest message a page may send, in bytes. */
export const messageLimit = 16 * 1024 * 1024;

/** What a page sends. `takes` is checked by main against the contract. */
const request = z.strictObject({ id: z.int().nonnegative(), section: z.string().max(64), name: z.string().max(64), takes: z.unknown() });
export type Request = z.infer<typeof request>;

/** What a page hears. */
export type Message = { readonly id: number; readonly answer: Answer<unknown> } | { readonly news: News };

/** The header of a binary frame: the message with null where bytes were, and where each run of bytes belongs, in order. */
const header = z.strictObject({
  message: z.unknown(),
  bytes: z.array(z.strictObject({ at: z.array(z.string()).min(1).max(32), length: z.int().nonnegative() })).max(1024),
});

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Takes the byte arrays out of a value: the value without them, and where they were. */
const lift = (value: unknown, at: readonly string[], found: { at: readonly string[]; bytes: Uint8Array }[]): unknown => {
  if (value instanceof Uint8Array) {
    found.push({ at, bytes: value });
    return null;
  }
  if (Array.isArray(value)) return value.map((item, index) => lift(item, [...at, String(index)], found));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, lift(item, [...at, key], found)]));
};

/** A message as it travels. */
export const encode = (message: unknown): string | Uint8Array => {
  const found: { at: readonly string[]; bytes: Uint8Array }[] = [];
  const bare = lift(message, [], found);
  if (found.length === 0) return JSON.stringify(bare);
  const head = Buffer.from(JSON.stringify({ message: bare, bytes: found.map(({ at, bytes }) => ({ at, length: bytes.length })) }));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, ...found.map(({ bytes }) => bytes)]);
};

/** Puts bytes back where a null waits for them; own keys only, so that no name of a prototype can be reached. */
const put = (message: unknown, at: readonly string[], bytes: Uint8Array): boolean => {
  let holder = message;
  for (const key of at.slice(0, -1)) {
    if (!isObject(holder) || !Object.hasOwn(holder, key)) return false;
    holder = holder[key];
  }
  const last = at.at(-1);
  if (last === undefined || !isObject(holder) || !Object.hasOwn(holder, last) || holder[last] !== null) return false;
  holder[last] = bytes;
  return true;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** The message of a binary frame; undefined when it is not one. */
export const decodeBinary = (frame: Buffer): unknown => {
  if (frame.length < 4) return undefined;
  const end = 4 + frame.readUInt32BE(0);
  if (end > frame.length) return undefined;
  const head = header.safeParse(parseJson(frame.toString('utf8', 4, end)));
  if (!head.success) return undefined;
  let from = end;
  for (const { at, length } of head.data.bytes) {
    if (from + length > frame.length || !put(head.data.message, at, new Uint8Array(frame.subarray(from, from + length)))) return undefined;
    from += length;
  }
  return from === frame.length ? head.data.message : undefined;
};

/** What a page asked; undefined when that was no request. */
export const requestIn = (data: Buffer, isBinary: boolean): Request | undefined => {
  const read = request.safeParse(isBinary ? decodeBinary(data) : parseJson(data.toString('utf8')));
  return read.success ? read.data : undefined;
};
