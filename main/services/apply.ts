// Applying a plan: step by step, stopping at the first failure, waiting for a host that is lost in the midst, and never silent about what is left.
import { randomUUID } from 'node:crypto';
import type { Entry } from '../../app/contract/history.ts';
import { type Refusal, Refused } from '../../app/contract/refusal.ts';
import type { Applied, Reading } from '../../app/contract/tuning.ts';
import { readSettings, type Wanted } from '../../app/tuning/knobs.ts';
import { arrivalWords, type Change, conflicts, invert } from '../../app/tuning/change.ts';
import { isSteady } from '../../app/tuning/alike.ts';
import { makePlan, type Plan, planChanges, withWanted } from '../../app/tuning/plan.ts';
import { takeStep } from '../../app/tuning/steps.ts';
import type { Domain } from '../libvirt/objects.ts';
import type { Context } from './context.ts';
import { refreshed } from './guests.ts';
import { definedText, isText, shownText, textWithout, writesText } from './definition-text.ts';
import { definedAnew, type Ground, groundOf } from './ground.ts';
import { parsed, planFor, type Read, readGuest, reversed, shown, standing } from './guest-reading.ts';
import type { Head } from './history-record.ts';
import type { HostSession } from './host-session.ts';
import { stepHandlers } from './step-handlers.ts';
import { takesBack, Undone } from './undone.ts';

type Step = Applied['steps'][number];

/** How long an apply waits for a host that it lost, in milliseconds, in all. */
const patience = 60_000;

/** How long an apply waits for a guest to come to what it is asked for, in milliseconds; the rest of the way is watched, not waited for. */
const arriving = 3_000;

/** The guest that is changed, and where. */
interface Where {
  readonly context: Context;
  readonly session: HostSession;
  readonly dom: Domain;
}

const refuseFindings = (plan: Plan): void => {
  const finding = plan.findings.find(({ level }) => level === 'error');
  if (finding !== undefined) throw new Refused('plan-invalid', finding.message, { field: ['wanted', finding.truth, finding.knob, finding.unit].filter((part) => part !== '').join('.') });
};

/** Why a step failed. A bug ends up in the log, and what was begun is still brought to its end. */
const refusalOf = (context: Context, error: unknown): Refusal => {
  if (error instanceof Refused) return error.refusal;
  context.complain(error);
  return { code: 'bug', message: 'Guestdeck itself failed at this.', remedy: 'The log in the data folder has the details.' };
};

/** Whether a call found no host at the other end any more. */
const isLoss = (refusal: Refusal | undefined): boolean => refusal?.code === 'connection-lost' || refusal?.code === 'not-connected';
const isDone = ({ outcome }: Step): boolean => outcome === 'done';
/** Whether a step was not so much as tried. */
const isUntouched = ({ outcome, refusal }: Step): boolean => outcome === 'not-reached' || (outcome === 'failed' && refusal?.code === 'changed-meanwhile');
const movedAgain: Refusal = { code: 'changed-meanwhile', message: 'It was changed again by someone else meanwhile, and is left as they set it.' };
const isMissing = ({ outcome }: Step): boolean => outcome === 'failed' || outcome === 'unknown';

/**
 * Takes the steps in order. After a failure the rest is not reached; putting back goes on, since every value counts by itself.
 * Whether the step was done in whose midst the host was lost is unknown.
 * @param ground looks before each step whether it would overwrite what somebody else did; null for what was planned just now.
 */
const take = async ({ context, session, dom }: Where, plan: Plan, { facts, reading }: Read, ground: Ground | null, onFailure: 'stop' | 'go on'): Promise<readonly Step[]> => {
  const steps: Step[] = [];
  for (const planned of plan.steps) {
    const { title, virsh, scope } = planned;
    if (onFailure === 'stop' && steps.some(isMissing)) {
      steps.push({ title, virsh, scope, outcome: 'not-reached' });
      continue;
    }
    try {
      const isDefine = planned.step.kind === 'define';
      const now = isDefine || ground !== null ? parsed(await session.reached.facts.definitions(dom, isDefine)) : null;
      const obstacle = now === null ? null : (ground?.obstacle(planned, now) ?? null);
      if (obstacle !== null) throw obstacle;
      const saved = async (secure: boolean): Promise<string | null> => (await session.reached.facts.definitions(dom, secure)).saved;
      const step = planned.step.kind !== 'define' || now === null
        ? planned.step
        : isText(planned) ? await definedText(planned.step, reading.savedXml, saved) : definedAnew(planned.changes, now, facts);
      await takeStep(step, stepHandlers, { connection: session.reached.connection, facts: session.reached.facts.memory, dom });
      steps.push({ title, virsh, scope, outcome: 'done' });
    } catch (error) {
      const refusal = refusalOf(context, error);
      steps.push({ title, virsh, scope, outcome: isLoss(refusal) ? 'unknown' : 'failed', refusal });
    }
  }
  return steps;
};

/** What came of a plan once its host was read again; `after` is null for a guest that is gone. */
interface Settled {
  readonly steps: readonly Step[];
  readonly after: Read | null;
}

/** Reads the guest; null when it cannot be read any more. @throws Refused when the host is lost. */
const readAfter = async ({ context, session, dom }: Where): Promise<Read | null> => {
  try {
    return await readGuest(session, dom);
  } catch (error) {
    const refusal = refusalOf(context, error);
    if (isLoss(refusal)) throw error;
    return null;
  }
};

/**
 * Brings what was begun to its end: steps that nobody knows of are judged by what the host shows, and unless all were done, all is put back.
 * @throws Refused when the host is lost; to be called again, with the same steps, when it is back.
 */
const settle = async (where: Where, plan: Plan, before: Reading, ground: Ground, taken: readonly Step[]): Promise<Settled> => {
  if (taken.every(isDone) && planChanges(plan).some((change) => arrivalWords(change) !== null)) {
    await where.session.reached.facts.memory.arrival(where.dom.uuid, AbortSignal.timeout(arriving));
  }
  const now = await readAfter(where);
  const known = taken.map((step, at): Step => {
    const planned = plan.steps[at];
    if (step.outcome !== 'unknown' || now === null || planned === undefined) return step;
    return judged(step, isText(planned) ? shownText(before.savedXml, planned.changes, now) : shown(planned.changes, now));
  });
  if (known.every(isDone)) return { steps: known.map(({ title, virsh, scope, outcome }) => ({ title, virsh, scope, outcome })), after: now };
  // Steps that were never begun moved nothing, nor does a text that was not written, and what somebody else has moved since is theirs.
  const begun = plan.steps.flatMap((planned, at) => (known[at] === undefined || isUntouched(known[at]) || isText(planned) ? [] : planned.changes));
  const foreign = new Set(now === null ? [] : begun.filter((change) => ground.isForeign(change, now.reading)));
  const { refusal, after } = await takeBack(where, [...new Set(begun)].filter((change) => !foreign.has(change)), now);
  const steps = known.map((step, at): Step => {
    const planned = plan.steps[at];
    if (planned === undefined || isUntouched(step) || isText(planned)) return step;
    if (planned.changes.some((change) => foreign.has(change))) return { ...step, outcome: 'not-put-back', refusal: step.refusal ?? movedAgain };
    const remains = after === null || conflicts(standing(planned.changes.filter(isSteady), after).map(reversed), after.reading).length > 0;
    if (remains) return { ...step, outcome: 'not-put-back', ...(step.refusal === undefined && refusal !== undefined ? { refusal } : {}) };
    return isDone(step) ? { ...step, outcome: 'put-back' } : step;
  });
  return { steps, after };
};

const judged = (step: Step, seen: ReturnType<typeof shown>): Step => (seen === 'nothing' ? step : { ...step, outcome: seen === 'wanted' ? 'done' : 'failed' });

/**
 * Takes back what is different from before: planned anew from what the host has now, because libvirt may do half of a step
 * that acts live and saved. Answers what the host shows then, and why something could not be taken back.
 */
const takeBack = async (where: Where, changes: readonly Change[], now: Read | null): Promise<{ readonly refusal?: Refusal | undefined; readonly after: Read | null }> => {
  const { context, session, dom } = where;
  let refusal: Refusal | undefined;
  try {
    if (now === null) throw new Refused('unknown-guest', 'The guest cannot be read any more.');
    const back = makePlan(parsed(await session.reached.facts.definitions(dom)), invert(standing(changes, now)), now.facts);
    refusal = (await take(where, back, now, null, 'go on')).find(isMissing)?.refusal;
  } catch (error) {
    refusal = refusalOf(context, error);
  }
  if (refusal !== undefined && isLoss(refusal)) throw new Refused(refusal.code, refusal.message);
  return { refusal, after: await readAfter(where) };
};

const changedMeanwhile = (): Refused =>
  new Refused('changed-meanwhile', 'The guest was changed by someone else since it was read.', { remedy: 'Look at the new values and apply again; nothing was changed.' });

const titleOf = (plan: Plan): string => {
  const [first, ...rest] = plan.steps.map((step) => step.title);
  return rest.length === 0 ? (first ?? 'Nothing') : `${first} and ${rest.length} more`;
};

/** The entry of a plan before its first step: should nobody see its end, this is what is known. */
const begin = async ({ context, session, dom }: Where, plan: Plan, read: Read, wanted: Wanted): Promise<Entry> => {
  const before = read.reading;
  const changes = planChanges(plan);
  const undone = await undoneBy(context, session.id, dom.uuid, plan, read, wanted);
  return {
    id: randomUUID(),
    at: Date.now(),
    user: context.user,
    host: { id: session.id, name: context.hostName(session.id) },
    guest: { uuid: dom.uuid, name: dom.name },
    kind: undone === null ? 'tuning' : undone.kind === 'undo' ? 'redo' : 'undo',
    title: titleOf(plan),
    outcome: 'interrupted',
    steps: withChanges(plan, plan.steps.map(({ title, virsh, scope }) => ({ title, virsh, scope, outcome: 'unknown' }))),
    changes: [...changes],
    savedBefore: before.savedXml,
    savedAfter: before.savedXml === null ? null : plan.savedAfter,
    undoes: undone?.id ?? null,
    ...(writesText(plan) && { definition: true }),
  };
};

/** Steps as the history keeps them: with the places of their changes in the entry, so that they can be judged by what a host shows. */
const withChanges = (plan: Plan, steps: readonly Step[]): Entry['steps'] => {
  const all = planChanges(plan);
  return steps.map((step, at) => ({ ...step, changes: (plan.steps[at]?.changes ?? []).map((change) => all.indexOf(change)) }));
};

/**
 * Applies what is wanted and writes it down, before and after. A host that is lost in the midst is waited for; one that does not come
 * back leaves the outcome `interrupted`.
 * @throws Refused `changed-meanwhile`, `plan-invalid`, or what the host says, when nothing was begun.
 */
export const apply = async (where: Where, wanted: Wanted, basis: string): Promise<Applied> => {
  const { context, session, dom } = where;
  const before = await readGuest(session, dom);
  if (before.reading.basis !== basis) throw changedMeanwhile();
  const plan = planFor(before, wanted);
  refuseFindings(plan);
  if (plan.steps.length === 0) return { outcome: 'complete', steps: [], unconfirmed: [], entry: null, reading: before.reading };
  const begun = await begin(where, plan, before, wanted);
  await context.history.append(begun);
  // Done is done: that it could not be written down is for the log, and the line from before tells that it was begun.
  const write = async (entry: Partial<Entry>, steps: readonly Step[]): Promise<void> => {
    await context.history.append({ ...begun, ...entry, steps: withChanges(plan, steps) }).catch(context.complain);
    context.tell('history', 'changed', { id: begun.id });
  };

  const ground = groundOf(before);
  const taken = await take(where, plan, before, ground, 'stop');
  const settled = await whileComing(session, async () => await settle(where, plan, before.reading, ground, taken), async () => await write({}, taken));
  if (settled === null) return { outcome: 'interrupted', steps: [...taken], unconfirmed: [], entry: begun.id, reading: before.reading };
  const { steps, after } = settled;
  session.forget(dom.uuid);
  const isWhole = steps.every(isDone);
  const unconfirmed = !isWhole || after === null ? [] : conflicts(confirmable(plan), after.reading);
  // What libvirt does not understand, as a comment, it does not keep.
  const isKept = !writesText(plan) || after?.reading.savedXml !== before.reading.savedXml;
  const outcome = outcomeOf(steps, after !== null && isKept, unconfirmed);
  await write({ outcome, savedAfter: after === null ? begun.savedAfter : after.reading.savedXml }, steps);
  // libvirt tells nobody of this.
  if (plan.steps.some(({ step }) => step.kind === 'setAutostart')) await refreshed(session, dom.uuid);
  context.tell('guests', 'changed', { host: session.id, uuids: [dom.uuid] });
  return { outcome, steps: [...steps], unconfirmed: [...unconfirmed], entry: begun.id, reading: after?.reading ?? before.reading };
};

/** Does the work, and again whenever the host is lost over it and comes back; `lost` runs before each wait. Null when it does not come back. */
const whileComing = async <T>(session: HostSession, work: () => Promise<T>, lost: () => Promise<void>): Promise<T | null> => {
  const ended = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  try {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Refused && isLoss(error.refusal))) throw error;
      }
      timer ??= setTimeout(() => ended.abort(), patience);
      await lost();
      if (!(await session.comeBack(ended.signal))) return null;
    }
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
};

const outcomeOf = (steps: readonly Step[], wasRead: boolean, unconfirmed: readonly Change[]): Applied['outcome'] => {
  if (steps.some((step) => step.outcome === 'not-put-back')) return 'partial';
  if (!steps.every(isDone)) return 'put-back';
  return !wasRead || unconfirmed.length > 0 ? 'unconfirmed' : 'complete';
};

/** What the host has to show. A text may bring things whose names are libvirt's to give. */
const confirmable = (plan: Plan): readonly Change[] => {
  const named = new Set(plan.steps.filter(isText).flatMap(({ changes }) => changes.filter(({ from, to }) => from === null || to === null)));
  return planChanges(plan).filter((change) => !named.has(change));
};

/** How many entries that moved the same settings are looked at for the one that is taken back. */
const mostCandidates = 100;

/** The latest entry that a plan takes back as a whole. */
const undoneBy = async ({ history }: Context, host: string, uuid: string, plan: Plan, { definitions, facts, reading }: Read, wanted: Wanted): Promise<Head | null> => {
  const byText = writesText(plan);
  // Of the saved definition, a text is the whole truth.
  const counts = ({ truth }: Change): boolean => !byText || truth === 'live';
  const changes = planChanges(plan).filter(counts);
  const { live, saved } = withWanted(definitions, wanted, facts);
  const after = { live: live === null ? null : readSettings(live, facts), saved: saved === null ? null : readSettings(saved, facts) };
  const undone = new Undone();
  let candidates = 0;
  for await (const head of history.newestFirst([host, uuid])) {
    if (head.host?.id !== host || head.guest?.uuid !== uuid) continue;
    if (undone.see(head) !== null || head.outcome === 'put-back' || (head.definition === true) !== byText || (changes.length > 0 && !changes.some(({ knob }) => head.knobs.includes(knob)))) continue;
    if (++candidates > mostCandidates) return null;
    const entry = await (byText ? history.find(head.id) : history.listed(head.id));
    if (entry === null || (byText && textWithout({ savedBefore: null, savedAfter: null, ...entry }, plan.savedBefore) !== plan.savedAfter)) continue;
    if (takesBack(changes, entry.changes.filter(counts), reading, after)) return head;
  }
  return null;
};
