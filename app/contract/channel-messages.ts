// What a page may send of channels, as a value that main checks it by.
import type { FromPage } from './page-channels.ts';
import { z } from './schema.ts';

const channel = z.int().min(1);

/** Sizes are judged by main, which knows what is under way. */
export const fromPage: z.ZodType<FromPage> = z.discriminatedUnion('kind', [
  z.strictObject({ channel, kind: z.literal('open'), section: z.string().max(64), name: z.string().max(64), takes: z.unknown() }),
  z.strictObject({ channel, kind: z.literal('bytes'), bytes: z.instanceof(Uint8Array) }),
  z.strictObject({ channel, kind: z.literal('took'), count: z.int().min(1) }),
  z.strictObject({ channel, kind: z.literal('close') }),
]);
