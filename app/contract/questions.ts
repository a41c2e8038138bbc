// What a connection being made asks a person and tells about its progress, as data that crosses to the window.
import { refusal, stages } from './refusal.ts';
import { z } from './schema.ts';

/** What only a person can decide or know. `again` says that the answer before this one was wrong. */
export const question = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('hostKey'),
    host: z.string(),
    port: z.number().int(),
    /** The SSH name of the key's kind, such as `ssh-ed25519`. */
    keyType: z.string(),
    /** As `ssh-keygen -l` prints it: `SHA256:` and base64 without padding. */
    sha256: z.string(),
    /** As `ssh-keygen -l -E md5` prints it: `MD5:` and 16 pairs of hexadecimal digits. */
    md5: z.string().optional(),
  }),
  z.object({ kind: z.literal('password'), user: z.string(), host: z.string(), port: z.number().int().optional(), again: z.boolean() }),
  /** `of`: whose key it is, where the file does not say. */
  z.object({ kind: z.literal('passphrase'), keyFile: z.string(), of: z.string().optional(), again: z.boolean() }),
  /** What libvirt itself asks for, by SASL: who, and the password. `user` is what is known already. */
  z.object({ kind: z.literal('credentials'), host: z.string(), mechanism: z.string(), user: z.string().optional(), again: z.boolean() }),
  /** For sudo on the host. */
  z.object({ kind: z.literal('sudo'), user: z.string(), host: z.string(), again: z.boolean() }),
  /** Keyboard-interactive: the texts are the server's own. An answer may be shown while typed only where `echo` is set. */
  z.object({
    kind: z.literal('prompts'),
    user: z.string(),
    host: z.string(),
    port: z.number().int().optional(),
    name: z.string(),
    instructions: z.string(),
    prompts: z.array(z.object({ text: z.string(), echo: z.boolean() })),
    again: z.boolean().optional(),
  }),
]);
export type Question = z.infer<typeof question>;

/** How long an answer can be remembered: `kept` in the computer's safe storage, or for the `session`, until Guestdeck is closed. */
export const lasting = z.enum(['kept', 'session']);
export type Lasting = z.infer<typeof lasting>;

/** The answer has the question's kind, or is `declined`. Holds secrets: never logged, and kept only where a person says so. */
export const questionAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hostKey'), accept: z.enum(['once', 'always']) }),
  z.object({ kind: z.literal('password'), password: z.string() }),
  z.object({ kind: z.literal('passphrase'), passphrase: z.string() }),
  z.object({ kind: z.literal('credentials'), user: z.string(), password: z.string() }),
  /** As many answers as there were prompts, in their order. */
  z.object({ kind: z.literal('prompts'), answers: z.array(z.string()) }),
  z.object({ kind: z.literal('sudo'), password: z.string() }),
  z.object({ kind: z.literal('declined') }),
]);
export type QuestionAnswer = z.infer<typeof questionAnswer>;

/** One step of reaching a host: that it began, or how it ended and how long it took. */
export const stageReport = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('started'), stage: z.enum(stages) }),
  z.object({
    outcome: z.literal('done'),
    stage: z.enum(stages),
    /** What was found, for a person. */
    seen: z.string(),
    /** Time taken, without the time spent waiting for a person. */
    milliseconds: z.number(),
  }),
  z.object({ outcome: z.literal('failed'), stage: z.enum(stages), refusal, milliseconds: z.number() }),
]);
export type StageReport = z.infer<typeof stageReport>;
