// Saved connections, their state, and the questions that connecting asks.
import { ask, done } from './ask.ts';
import { doctorReport, remedyOutcome, runnableRemedy } from './doctor.ts';
import { lasting, question, questionAnswer, stageReport } from './questions.ts';
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

/** The colours a host may be marked with. */
export const hostColors = ['red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'grey'] as const;
export type HostColor = (typeof hostColors)[number];

const name = z.string().trim().max(200);
const uri = z.string().trim().min(1).max(4096);

/** What people set of a saved connection beside its URI and name. */
export const connectionMarks = z.object({
  /** The group it is listed in; empty = none. */
  group: z.string().trim().max(200),
  color: z.enum(hostColors).nullable(),
  /** No tag is empty or there twice. */
  tags: z.array(z.string().trim().min(1).max(64)).max(32).transform((tags) => [...new Set(tags)]),
  /** Opened without the right to change anything; takes effect with the next connect. */
  readOnly: z.boolean(),
  autoConnect: z.boolean(),
});

/** `no-verify`: another machine can pose as the host. `plain`: over TCP, anybody on the way can read and change what is sent. */
export const connectionWarnings = ['no-verify', 'plain'] as const;
export type ConnectionWarning = (typeof connectionWarnings)[number];

export const connection = z.object({
  id: hostIdOf,
  /** What people call the host. */
  name: z.string(),
  uri: z.string(),
  transport: z.enum(['unix', 'ssh', 'tls', 'tcp', 'ext', 'demo']),
  ...connectionMarks.shape,
  tags: z.array(z.string()),
  /** Over TCP, a daemon that asks for no login is accepted: somebody insisted on it. */
  allowPlain: z.boolean(),
  warnings: z.array(z.enum(connectionWarnings)),
  state: connectionState,
});
export type Connection = z.infer<typeof connection>;

/** What became of one connection of an imported list. */
export const importResult = z.object({
  name: z.string(),
  /** Empty where the entry names none. */
  uri: z.string(),
  /** The new connection; null = it was left out. */
  id: hostIdOf.nullable(),
  /** Why it was left out, or what is different from the imported entry. */
  remark: z.string().nullable(),
});
export type ImportResult = z.infer<typeof importResult>;

/** Where connections of other programs were found: libvirt's own aliases and default, virt-manager's list. */
export const importSources = ['uri_aliases', 'uri_default', 'virt-manager'] as const;

/** A connection that another program knows. */
export const importable = z.object({
  source: z.enum(importSources),
  /** The file, or the settings, it was found in. */
  place: z.string(),
  name: z.string(),
  uri: z.string(),
  autoConnect: z.boolean(),
  /** The saved connection that goes to the same place already; null = none. */
  savedAs: hostIdOf.nullable(),
  /** Why it cannot be used; null = it can. */
  refusal: refusal.nullable(),
});
export type Importable = z.infer<typeof importable>;

const one = { id: hostIdOf };
const { group, color, tags, readOnly, autoConnect } = connectionMarks.shape;
/** What `add` and `update` take of a connection beside its URI. */
const optional = {
  name: name.optional(), autoConnect: autoConnect.optional(), group: group.optional(), color: color.optional(), tags: tags.optional(), readOnly: readOnly.optional(), allowPlain: z.boolean().optional(),
};

export const connections = {
  asks: {
    /** Every saved connection, in the order of the list. */
    list: ask({}, z.array(connection)),
    /** Saves one; an empty name becomes the URI's host. Instead of a URI it takes an alias of libvirt.conf, which gives its name too. Does not connect. */
    add: ask({ uri, ...optional }, z.object({ id: hostIdOf })),
    /** Changes what is named. A new URI or another way of access takes effect with the next connect. */
    update: ask({ ...one, uri: uri.optional(), ...optional }, done),
    /** Puts the list into this order; what is not named stays behind those, as it was. */
    order: ask({ ids: z.array(hostIdOf).max(10_000) }, done),
    /** The whole list as JSON text, without secrets. */
    export: ask({}, z.object({ text: z.string() })),
    /** Adds the connections of an exported list, all in one step. What is saved already is left out. */
    import: ask({ text: z.string().max(4_194_304) }, z.array(importResult)),
    /** What libvirt's client configuration and virt-manager know. `failures`: what is there and cannot be read. */
    importable: ask({}, z.object({ entries: z.array(importable), failures: z.array(z.object({ place: z.string(), refusal })) })),
    /** Forgets a connection and closes it; its history stays. */
    remove: ask(one, done),
    /** Answers when the host is ready; refused with the stage that failed. */
    connect: ask(one, done),
    disconnect: ask(one, done),
    /** The network is back, or this machine woke up: lost hosts are tried at once, connected ones asked for a sign of life. */
    awake: ask({}, done),
    /** Looks at every stage of reaching a host, over a connection of its own; of a saved one by `id`, or of any `uri`, which is not saved. */
    doctor: ask({ id: hostIdOf.optional(), uri: uri.optional() }, doctorReport),
    /** Does what a remedy says, on the host, and looks again. Asks for the password of sudo where that is needed. */
    remedy: ask({ ...one, remedy: runnableRemedy }, remedyOutcome),
    /** Questions waiting for a person; `host` is null for those of no host, `canRemember` for answers that are good for once only. */
    questions: ask({}, z.array(z.object({ id: z.string(), host: hostIdOf.nullable(), question, canRemember: lasting.nullable() }))),
    /** Answers one of them; with `remember` the answer is given by itself from then on, until it is refused. */
    answer: ask({ id: z.string().max(64), answer: questionAnswer, remember: z.boolean().optional() }, done),
  },
  news: {
    /** The list or the state of one connection changed; null = the list itself. */
    changed: z.object({ id: hostIdOf.nullable() }),
    /** A question came or went. */
    asked: z.object({ id: z.string() }),
  },
};
