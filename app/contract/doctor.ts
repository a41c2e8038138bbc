// The doctor: what was found at each stage of reaching a host, and what can be done where it failed.
import { remedy } from '../domain/remedy.ts';
import { refusal, stages } from './refusal.ts';
import { z } from './schema.ts';

export { commandOfRemedy, effectOfRemedy, isRunnable, labelOfRemedy, type Remedy, type RunnableRemedy, runnableRemedy } from '../domain/remedy.ts';

/** One stage of the transport, in the order of all stages. Times are without the waiting for a person. */
export const doctorStage = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('done'),
    stage: z.enum(stages),
    seen: z.string(),
    milliseconds: z.number(),
    /** What works, and yet is worth knowing. */
    warnings: z.array(z.string()),
  }),
  z.object({
    outcome: z.literal('failed'),
    stage: z.enum(stages),
    refusal,
    milliseconds: z.number(),
    /** What a closer look found, a sentence each. */
    findings: z.array(z.string()),
  }),
  /** `why`: an earlier stage failed, or this one was not needed. */
  z.object({ outcome: z.literal('skipped'), stage: z.enum(stages), why: z.string() }),
]);
export type DoctorStage = z.infer<typeof doctorStage>;

export const doctorReport = z.object({
  uri: z.string(),
  /** When it was begun, in milliseconds since 1970. */
  at: z.number(),
  /** Whether no stage failed. */
  well: z.boolean(),
  stages: z.array(doctorStage),
  /** The likeliest first. `command` is what it runs or shows, word for word. */
  remedies: z.array(z.object({ remedy, label: z.string(), effect: z.string(), command: z.string().nullable() })),
});
export type DoctorReport = z.infer<typeof doctorReport>;

/** What became of a remedy. The report is of after it. */
export const remedyOutcome = z.object({
  /** What was run; null where nothing is. */
  command: z.string().nullable(),
  /** Its exit code; null where nothing ran, or a signal ended it. */
  code: z.number().nullable(),
  /** The end of what it said. */
  output: z.string(),
  report: doctorReport,
});
export type RemedyOutcome = z.infer<typeof remedyOutcome>;
