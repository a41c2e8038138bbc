// Saved connections, their state, and the questions that connecting asks.
import { ask, done } from './ask.ts';
import { question, questionAnswer, stageReport } from './questions.ts';
import { refusal } from './refusal.ts';
import { z } from './schema.ts';

export const hostIdOf = z.string().min(1).max(64);

/** How a connection fares. `lost` comes back by itself; `failed` waits for a person. */
export const connectionState = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('off') }),
  z.object({ phase: z.literal('connecting'), stages: z.array(stageReport) }),
  z.object({ phase: z.literal('ready'), since: z.number(), stages: z.array(stageReport).optional() }),
  z.object({ phase: z.literal('lost'), since: z.number(), refusal, nextTry: z.number() }),
  z.object({ phase: z.literal('failed'), refusal, stages: z.array(stageReport) }),
]);
export type ConnectionState = z.infer<typeof connectionState>;

export const connection = z.object({
  id: hostIdOf,
  /** What people call the host. */
  name: z.string(),
  uri: z.string(),
  transport: z.enum(['unix', 'ssh', 'tls', 'tcp', 'ext', 'demo']),
  autoConnect: z.boolean(),
  state: connectionState,
});
export type Connection = z.infer<typeof connection>;

const name = z.string().trim().max(200);
const uri = z.string().trim().min(1).max(4096);
const one = { id: hostIdOf };

export const connections = {
  asks: {
    /** Every saved connection, in the order of the list. */
    list: ask({}, z.array(connection)),
    /** Saves one; an empty name becomes the URI's host. Does not connect. */
    add: ask({ uri, name: name.optional(), autoConnect: z.boolean().optional() }, z.object({ id: hostIdOf })),
    /** Changes what is named. A new URI takes effect with the next connect. */
    update: ask({ ...one, uri: uri.optional(), name: name.optional(), autoConnect: z.boolean().optional() }, done),
    /** Forgets a connection and closes it; its history stays. */
    remove: ask(one, done),
    /** Answers when the host is ready; refused with the stage that failed. */
    connect: ask(one, done),
    disconnect: ask(one, done),
    /** Questions waiting for a person. */
    questions: ask({}, z.array(z.object({ id: z.string(), host: hostIdOf, question }))),
    /** Answers one of them. */
    answer: ask({ id: z.string().max(64), answer: questionAnswer }, done),
  },
  news: {
    /** The list or the state of one connection changed; null = the list itself. */
    changed: z.object({ id: hostIdOf.nullable() }),
    /** A question came or went. */
    asked: z.object({ id: z.string() }),
  },
};
