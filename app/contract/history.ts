// What was done, by whom, with what result.
import { wanted } from '../tuning/knobs.ts';
import { change } from '../tuning/change.ts';
import { plan } from '../tuning/plan.ts';
import { ask } from './ask.ts';
import { hostIdOf } from './connections.ts';
import { uuidOf } from './guests.ts';
import { z } from './schema.ts';
import { applied, stepOutcome } from './tuning.ts';

/** `undo` took an entry back; `redo` took an undo back. */
export const entryKinds = ['tuning', 'action', 'undo', 'redo', 'certificate'] as const;
/** `interrupted` = begun, and its end not seen yet. */
export const entryOutcomes = applied.shape.outcome.options;

export const entry = z.object({
  id: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
  user: z.string(),
  /** Null where no host was touched, as when a certificate was made. */
  host: z.object({ id: hostIdOf, name: z.string() }).nullable(),
  /** Null where no guest was. */
  guest: z.object({ uuid: z.string(), name: z.string() }).nullable(),
  kind: z.enum(entryKinds),
  title: z.string(),
  outcome: applied.shape.outcome,
  /** `changes`: which of the entry's changes a step makes, by their places. */
  steps: z.array(stepOutcome.extend({ changes: z.array(z.number().int().min(0)).optional() })),
  changes: z.array(change),
  savedBefore: z.string().nullable(),
  savedAfter: z.string().nullable(),
  /** The entry this one undid. */
  undoes: z.string().nullable(),
  /** The saved definition was written as a text: it is taken back as one. */
  definition: z.literal(true).optional(),
  /** When the end, which nobody had seen, was told from what the host showed; milliseconds since 1970. */
  judged: z.number().optional(),
});
export type Entry = z.infer<typeof entry>;

/** An entry in a list: without its definitions, and with what took it back, unless that was taken back in turn. */
export const listed = entry.omit({ savedBefore: true, savedAfter: true }).extend({ undoneBy: z.string().nullable() });
export type Listed = z.infer<typeof listed>;

/** Which entries are looked for; those that fit all of it. */
const sought = {
  host: hostIdOf.optional(),
  uuid: uuidOf.optional(),
  /** Words, all of which stand in the title or the name of guest, host, user or setting; letters of any size. */
  text: z.string().max(200).optional(),
  kinds: z.array(z.enum(entryKinds)).min(1).optional(),
  outcomes: z.array(z.enum(entryOutcomes)).min(1).optional(),
};

/** How many entries leave at once at most, the newest. */
export const mostExported = 1000;

export const history = {
  asks: {
    /** Newest first; `before` is the id of the last one already seen. */
    list: ask({ ...sought, before: z.string().optional(), limit: z.number().int().min(1).max(500).optional() }, z.array(listed)),
    /** One entry with the definitions before and after. */
    entry: ask({ id: z.string().max(64) }, entry),
    /** The plan that takes an entry back, to be reviewed and applied like any other; that of an undo does again what was undone. */
    undo: ask({ id: z.string().max(64) }, z.object({ host: hostIdOf, uuid: uuidOf, wanted, basis: z.string(), plan })),
    /** A file for people: the entries as JSON, or what was done as a shell script of virsh commands. `left` counts those that were too many. */
    export: ask({ ...sought, as: z.enum(['json', 'virsh']) }, z.object({ name: z.string(), content: z.string(), entries: z.number(), left: z.number() })),
  },
  news: {
    changed: z.object({ id: z.string() }),
  },
};
