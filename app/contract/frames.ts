// Messages with bytes in them as one run of bytes: [u32 header length][JSON in ASCII][bytes]. For carriers that know only text and bytes.
import { z } from './schema.ts';

/** The header: the message with null where bytes were, and where each run of bytes belongs, in order. */
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

/** JSON whose every character is one byte. */
const asciiJson = (value: unknown): string => JSON.stringify(value).replaceAll(/[\u0080-\uffff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** A message as it travels: text unless there are bytes in it. */
export const encode = (message: unknown): string | Uint8Array<ArrayBuffer> => {
  const found: { at: readonly string[]; bytes: Uint8Array }[] = [];
  const bare = lift(message, [], found);
  if (found.length === 0) return JSON.stringify(bare);
  const head = asciiJson({ message: bare, bytes: found.map(({ at, bytes }) => ({ at, length: bytes.length })) });
  const frame = new Uint8Array(4 + head.length + found.reduce((sum, { bytes }) => sum + bytes.length, 0));
  new DataView(frame.buffer).setUint32(0, head.length);
  for (let at = 0; at < head.length; at += 1) frame[4 + at] = head.charCodeAt(at);
  let from = 4 + head.length;
  for (const { bytes } of found) {
    frame.set(bytes, from);
    from += bytes.length;
  }
  return frame;
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

/** What a text says as JSON; undefined when it says nothing. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** The message of a frame; undefined when it is not one. */
export const decode = (frame: Uint8Array): unknown => {
  if (frame.length < 4) return undefined;
  const end = 4 + new DataView(frame.buffer, frame.byteOffset, 4).getUint32(0);
  if (end > frame.length) return undefined;
  let text = '';
  // In parts: a call takes only so many arguments.
  for (let at = 4; at < end; at += 8192) text += String.fromCharCode(...frame.subarray(at, Math.min(end, at + 8192)));
  const head = header.safeParse(parseJson(text));
  if (!head.success) return undefined;
  let from = end;
  for (const { at, length } of head.data.bytes) {
    if (from + length > frame.length || !put(head.data.message, at, frame.slice(from, from + length))) return undefined;
    from += length;
  }
  return from === frame.length ? head.data.message : undefined;
};
