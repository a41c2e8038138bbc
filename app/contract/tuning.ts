// Reading, planning and applying settings. Adding a knob changes nothing here.
import { facts } from '../tuning/knob.ts';
import { settings, wanted } from '../tuning/knobs.ts';
import { change, plan } from '../tuning/plan.ts';
import { scopes } from '../tuning/steps.ts';
import { ask } from './ask.ts';
import { which } from './guests.ts';
import { refusal } from './refusal.ts';
import { z } from './schema.ts';

/** A guest's settings as the host has them. `basis` changes when any definition does. */
export const reading = z.object({
  live: settings.nullable(),
  saved: settings.nullable(),
  basis: z.string(),
  liveXml: z.string().nullable(),
  savedXml: z.string().nullable(),
  facts,
});
export type Reading = z.infer<typeof reading>;

/** What became of one step. `put-back` = done, then taken back because a later one failed. */
export const stepOutcome = z.object({
  title: z.string(),
  virsh: z.string(),
  scope: z.enum(scopes),
  outcome: z.enum(['done', 'failed', 'put-back', 'not-put-back', 'not-reached']),
  refusal: refusal.optional(),
});

/** The report of an apply. `complete` only when every step was done and the host shows the wanted values. */
export const applied = z.object({
  outcome: z.enum(['complete', 'put-back', 'partial', 'unconfirmed']),
  steps: z.array(stepOutcome),
  /** What the host shows that was not wanted. */
  unconfirmed: z.array(change),
  /** The history entry that holds it; null when nothing was to do. */
  entry: z.string().nullable(),
  reading,
});
export type Applied = z.infer<typeof applied>;

export const tuning = {
  asks: {
    read: ask(which, reading),
    /** What would be done; the same arithmetic the window uses. */
    plan: ask({ ...which, wanted }, plan),
    /** Does it, if the guest is still as `basis` says. */
    apply: ask({ ...which, wanted, basis: z.string().max(128) }, applied),
  },
  news: {},
};
