// Messages between page and web shell: JSON text, and binary frames only when bytes are there.
import type { News } from '../../../app/contract/contract.ts';
import { decode, parseJson } from '../../../app/contract/frames.ts';
import type { FromMain } from '../../../app/contract/page-channels.ts';
import type { Answer } from '../../../app/contract/refusal.ts';
import { z } from '../../../app/contract/schema.ts';

/** The largest message a page may send, in bytes. */
export const messageLimit = 16 * 1024 * 1024;

/** What a page asks. `takes` is checked by main against the contract. */
const request = z.strictObject({ id: z.int().nonnegative(), section: z.string().max(64), name: z.string().max(64), takes: z.unknown() });
export type Request = z.infer<typeof request>;

/** What a page hears. */
export type Message = { readonly id: number; readonly answer: Answer<unknown> } | { readonly news: News } | FromMain;

/** What a page sent; undefined when that was no message. A question comes as `request`; what belongs to a channel is checked where it goes. */
export const sentIn = (data: Buffer, isBinary: boolean): { readonly request: Request } | { readonly ofChannel: unknown } | undefined => {
  const message = isBinary ? decode(data) : parseJson(data.toString('utf8'));
  if (typeof message === 'object' && message !== null && 'channel' in message) return { ofChannel: message };
  const read = request.safeParse(message);
  return read.success ? { request: read.data } : undefined;
};
