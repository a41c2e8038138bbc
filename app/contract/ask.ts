// The idiom of the contract: an ask is a question with its answer, news is what main tells by itself, a channel is bytes both ways.
import { z } from './schema.ts';

/** One question: what it takes, what it gives. Both are JSON (and bytes). */
export interface Ask<T extends z.ZodType = z.ZodType, G extends z.ZodType = z.ZodType> {
  readonly takes: T;
  readonly gives: G;
}

/** An ask from the fields it takes and the schema of what it gives. */
export const ask = <T extends z.ZodRawShape, G extends z.ZodType>(takes: T, gives: G): Ask<z.ZodObject<T, z.core.$strict>, G> => ({
  takes: z.strictObject(takes),
  gives,
});

/** The answer of asks that only succeed or are refused. */
export const done = z.null();

/** Bytes both ways, until either side closes it: what it takes to open one. How it travels is in `page-channels.ts`. */
export interface Channel<T extends z.ZodType = z.ZodType> {
  readonly takes: T;
}

/** A channel from the fields it takes to open it. */
export const channel = <T extends z.ZodRawShape>(takes: T): Channel<z.ZodObject<T, z.core.$strict>> => ({ takes: z.strictObject(takes) });

/** One part of the contract. */
export interface Section {
  readonly asks: Readonly<Record<string, Ask>>;
  readonly news: Readonly<Record<string, z.ZodType>>;
  readonly channels?: Readonly<Record<string, Channel>>;
}
