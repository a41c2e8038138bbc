// Reading, planning and applying settings. Adding a knob changes nothing here.
import { facts } from '../tuning/knob.ts';
import { settings, wanted } from '../tuning/knobs.ts';
import { siblingPolicies } from '../tuning/free-cores.ts';
import { placementPolicies } from '../tuning/placement.ts';
import { change } from '../tuning/change.ts';
import { plan } from '../tuning/plan.ts';
import { scopes } from '../tuning/steps.ts';
import { ask } from './ask.ts';
import { hostIdOf } from './connections.ts';
import { uuidOf, which } from './guests.ts';
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

/** What became of one step. `put-back` = done, then taken back because a later one failed; `unknown` = the host was lost in its midst, or shows nothing of it. */
export const stepOutcome = z.object({
  title: z.string(),
  virsh: z.string(),
  scope: z.enum(scopes),
  outcome: z.enum(['done', 'failed', 'put-back', 'not-put-back', 'not-reached', 'unknown']),
  refusal: refusal.optional(),
});

/**
 * The report of an apply. `complete` only when every step was done and the host shows the wanted values; `interrupted` when the host
 * was lost in the midst and did not come back in time: the history has the end once the host is reached again.
 */
export const applied = z.object({
  outcome: z.enum(['complete', 'put-back', 'partial', 'unconfirmed', 'interrupted']),
  steps: z.array(stepOutcome),
  /** What the host shows that was not wanted. */
  unconfirmed: z.array(change),
  /** The history entry that holds it; null when nothing was to do. */
  entry: z.string().nullable(),
  reading,
});
export type Applied = z.infer<typeof applied>;

/** A guest's place on the host's CPUs: what to want of it and the plan that makes, or why there is none. */
export const placed = z.discriminatedUnion('outcome', [
  z.object({
    uuid: z.string(), name: z.string(), outcome: z.literal('placed'),
    /** NUMA nodes of its vCPUs. */
    nodes: z.array(z.number()),
    /** What the policy could not do as well as wished. */
    notes: z.array(z.string()),
    /** The cpuset of each vCPU, by its number, and that of emulator and I/O threads. */
    vcpus: z.array(z.string()), spare: z.string(),
    wanted, plan, basis: z.string(),
  }),
  z.object({ uuid: z.string(), name: z.string(), outcome: z.literal('refused'), reason: z.string() }),
]);
export type Placed = z.infer<typeof placed>;

export const tuning = {
  asks: {
    read: ask(which, reading),
    /** What would be done; the same arithmetic the window uses. */
    plan: ask({ ...which, wanted }, plan),
    /** Looks for a place for guests of one host, all in one picture. `kept`: CPUs that stay the host's, as a cpuset or `^0,^1`, and the first cores of each node. */
    place: ask({
      host: hostIdOf,
      guests: z.array(z.strictObject({ uuid: uuidOf, policy: z.enum(placementPolicies), siblings: z.enum(siblingPolicies) })).min(1).max(200),
      kept: z.strictObject({ cpus: z.string().max(65_536), cores: z.int().min(0).max(1024) }),
    }, z.array(placed)),
    /** Does it, if the guest is still as `basis` says. A host that is lost in the midst is waited for, for a minute. */
    apply: ask({ ...which, wanted, basis: z.string().max(128) }, applied),
  },
  news: {},
};
