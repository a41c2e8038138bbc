// Reading, planning and applying settings: step by step, stopping at the first failure, and never silent about what is left.
import { createHash, randomUUID } from 'node:crypto';
import type { Entry } from '../../app/contract/history.ts';
import { type Refusal, Refused } from '../../app/contract/refusal.ts';
import type { Applied, Reading } from '../../app/contract/tuning.ts';
import type { Facts } from '../../app/tuning/knob.ts';
import { readSettings, type Wanted } from '../../app/tuning/knobs.ts';
import { type Change, conflicts, type Definitions, invert, makePlan, type Plan, planChanges } from '../../app/tuning/plan.ts';
import { same } from '../../app/tuning/same.ts';
import { takeStep } from '../../app/tuning/steps.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { isActive } from '../../app/domain/guest.ts';
import type { Domain } from '../libvirt/objects.ts';
import { type Context, domOf, guestOf } from './context.ts';
import type { DefinitionTexts } from './host-facts.ts';
import type { HostSession } from './host-session.ts';
import type { Services } from './services.ts';
import { stepHandlers } from './step-handlers.ts';

type Step = Applied['steps'][number];
type Outcome = Applied['outcome'];

/** A guest read for tuning. */
interface Read {
  readonly reading: Reading;
  readonly facts: Facts;
}

const parsed = (texts: DefinitionTexts): Definitions => ({
  live: texts.live === null ? null : DomainXml.parse(texts.live),
  saved: texts.saved === null ? null : DomainXml.parse(texts.saved),
});

/** Reads a guest's settings as the host has them now. */
export const readGuest = async (session: HostSession, dom: Domain): Promise<Read> => {
  const { facts: host, inventory } = session.reached;
  const texts = await host.definitions(dom);
  const others = inventory.list().filter((guest) => isActive(guest.state) && guest.uuid !== dom.uuid).slice(0, 5).map(domOf);
  const facts = await host.facts(dom, texts, others);
  const { live, saved } = parsed(texts);
  const settings = { live: live === null ? null : readSettings(live, facts), saved: saved === null ? null : readSettings(saved, facts) };
  // The live XML moves by itself (balloon, aliases, jobs); of it only settings count, of the saved one everything.
  const basis = createHash('sha256').update(JSON.stringify([settings.live, texts.saved])).digest('hex');
  return { facts, reading: { ...settings, basis, liveXml: texts.live, savedXml: texts.saved, facts } };
};

/** The plan for a guest as it was read. */
export const planFor = ({ reading, facts }: Read, wanted: Wanted): Plan => makePlan(parsed({ live: reading.liveXml, saved: reading.savedXml }), wanted, facts);

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

const isFailed = (step: Step): boolean => step.outcome === 'failed';

/** Takes the steps in order. After a failure the rest is not reached; putting back goes on, since every value counts by itself. */
const take = async (context: Context, plan: Plan, session: HostSession, dom: Domain, onFailure: 'stop' | 'go on'): Promise<readonly Step[]> => {
  const steps: Step[] = [];
  for (const { step, title, virsh, scope } of plan.steps) {
    if (onFailure === 'stop' && steps.some(isFailed)) {
      steps.push({ title, virsh, scope, outcome: 'not-reached' });
      continue;
    }
    try {
      await takeStep(step, stepHandlers, { connection: session.reached.connection, dom });
      steps.push({ title, virsh, scope, outcome: 'done' });
    } catch (error) {
      steps.push({ title, virsh, scope, outcome: 'failed', refusal: refusalOf(context, error) });
    }
  }
  return steps;
};

/**
 * Takes back what is different from before: planned anew from what the host has now, because libvirt may do half of a step
 * that acts live and saved. Afterwards each step is judged by what the host shows.
 */
const putBack = async (context: Context, plan: Plan, taken: readonly Step[], session: HostSession, dom: Domain): Promise<readonly Step[]> => {
  const changes = planChanges(plan);
  let refusal: Refusal | undefined;
  try {
    const now = await readGuest(session, dom);
    const back = makePlan(parsed(await session.reached.facts.definitions(dom, true)), invert(standing(changes, now)), now.facts);
    refusal = (await take(context, back, session, dom, 'go on')).find(isFailed)?.refusal;
  } catch (error) {
    refusal = refusalOf(context, error);
  }
  const after = await readGuest(session, dom).catch(unread(context));
  return taken.map((step, at): Step => {
    const planned = plan.steps[at];
    if (planned === undefined || step.outcome === 'not-reached') return step;
    const remains = after === null || conflicts(standing(planned.changes, after).map(reversed), after.reading).length > 0;
    if (remains) return { ...step, outcome: 'not-put-back', ...(step.refusal === undefined && refusal !== undefined ? { refusal } : {}) };
    return step.outcome === 'done' ? { ...step, outcome: 'put-back' } : step;
  });
};

/** Changes of what there still is: with a guest that has stopped, or a device that was taken away again, its values are gone. */
const standing = (changes: readonly Change[], { reading }: Read): readonly Change[] =>
  changes.filter(({ truth, knob, unit }) => Object.hasOwn(reading[truth]?.[knob] ?? {}, unit));

/** The change that takes this one back. */
export const reversed = ({ from, to, ...rest }: Change): Change => ({ ...rest, from: to, to: from });

/** A guest or host that is gone cannot be read. */
const unread = (context: Context) => (error: unknown): null => {
  refusalOf(context, error);
  return null;
};

const changedMeanwhile = (): Refused =>
  new Refused('changed-meanwhile', 'The guest was changed by someone else since it was read.', { remedy: 'Look at the new values and apply again; nothing was changed.' });

/** The same plan with the guest's passwords in what it defines: what is shown, compared and kept has none. */
const withPasswords = async (shown: Plan, wanted: Wanted, { facts }: Read, session: HostSession, dom: Domain): Promise<Plan> => {
  if (!shown.steps.some(({ step }) => step.kind === 'define')) return shown;
  const plan = makePlan(parsed(await session.reached.facts.definitions(dom, true)), wanted, facts);
  const changesOf = ({ steps }: Plan): readonly (readonly Change[])[] => steps.map(({ changes }) => changes);
  if (!same(changesOf(plan), changesOf(shown))) throw changedMeanwhile();
  return plan;
};

const titleOf = (plan: Plan): string => {
  const [first, ...rest] = plan.steps.map((step) => step.title);
  return rest.length === 0 ? (first ?? 'Nothing') : `${first} and ${rest.length} more`;
};

/** Applies what is wanted and writes it down, before and after. */
const apply = async (context: Context, session: HostSession, dom: Domain, wanted: Wanted, basis: string): Promise<Applied> => {
  const before = await readGuest(session, dom);
  if (before.reading.basis !== basis) throw changedMeanwhile();
  const shown = planFor(before, wanted);
  refuseFindings(shown);
  if (shown.steps.length === 0) return { outcome: 'complete', steps: [], unconfirmed: [], entry: null, reading: before.reading };
  const plan = await withPasswords(shown, wanted, before, session, dom);

  const changes = planChanges(shown);
  const undoes = await undoneBy(context, session.id, dom.uuid, changes, before.reading);
  const begun: Entry = {
    id: randomUUID(),
    at: Date.now(),
    user: context.user,
    host: { id: session.id, name: context.hostName(session.id) },
    guest: { uuid: dom.uuid, name: dom.name },
    kind: undoes === null ? 'tuning' : 'undo',
    title: titleOf(shown),
    outcome: 'partial',
    steps: shown.steps.map(({ title, virsh, scope }) => ({ title, virsh, scope, outcome: 'not-reached' })),
    changes: [...changes],
    savedBefore: before.reading.savedXml,
    savedAfter: before.reading.savedXml === null ? null : shown.savedAfter,
    undoes,
  };
  await context.history.append(begun);

  const taken = await take(context, plan, session, dom, 'stop');
  const isWhole = !taken.some(isFailed);
  const steps = isWhole ? taken : await putBack(context, shown, taken, session, dom);
  session.forget(dom.uuid);
  const after = await readGuest(session, dom).catch(unread(context));
  const unconfirmed = !isWhole || after === null ? [] : conflicts(changes, after.reading);
  const outcome = outcomeOf(steps, after !== null, unconfirmed);
  // Done is done: that it could not be written down is for the log, and the line from before tells that it was begun.
  await context.history.append({ ...begun, outcome, steps: [...steps], savedAfter: after === null ? begun.savedAfter : after.reading.savedXml }).catch(context.complain);
  context.tell('history', 'changed', { id: begun.id });
  context.tell('guests', 'changed', { host: session.id, uuids: [dom.uuid] });
  return { outcome, steps: [...steps], unconfirmed: [...unconfirmed], entry: begun.id, reading: after?.reading ?? before.reading };
};

const outcomeOf = (steps: readonly Step[], wasRead: boolean, unconfirmed: readonly Change[]): Outcome => {
  if (steps.some((step) => step.outcome === 'not-put-back')) return 'partial';
  if (steps.some((step) => step.outcome === 'failed')) return 'put-back';
  return !wasRead || unconfirmed.length > 0 ? 'unconfirmed' : 'complete';
};

/** The latest entry that these changes take back as a whole: whatever it set is set back by them, is back already, or is gone. */
const undoneBy = async (context: Context, host: string, uuid: string, changes: readonly Change[], now: Reading): Promise<string | null> => {
  const mine = (await context.history.entries()).filter((entry) => entry.host.id === host && entry.guest.uuid === uuid && entry.changes.length > 0);
  const undone = new Set(mine.map((entry) => entry.undoes));
  const isReverse = (change: Change, old: Change): boolean =>
    old.knob === change.knob && old.unit === change.unit && old.truth === change.truth && same(old.from, change.to) && same(old.to, change.from);
  const found = mine.findLast((entry) => {
    if (entry.outcome === 'put-back' || undone.has(entry.id)) return false;
    const others = entry.changes.filter((old) => now[old.truth] !== null && !changes.some((change) => isReverse(change, old)));
    return changes.every((change) => entry.changes.some((old) => isReverse(change, old))) && conflicts(others.map(reversed), now).length === 0;
  });
  return found?.id ?? null;
};

export const tuningServices = (context: Context): Services['tuning'] => {
  const find = async (host: string, uuid: string): Promise<{ readonly session: HostSession; readonly dom: Domain }> => {
    const session = await context.session(host);
    return { session, dom: domOf(guestOf(session, uuid)) };
  };
  /** One apply at a time for each guest. */
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(key) ?? Promise.resolve()).then(work, work);
    turns.set(key, turn);
    try {
      return await turn;
    } finally {
      if (turns.get(key) === turn) turns.delete(key);
    }
  };
  return {
    read: async ({ host, uuid }) => {
      const { session, dom } = await find(host, uuid);
      return (await readGuest(session, dom)).reading;
    },
    plan: async ({ host, uuid, wanted }) => {
      const { session, dom } = await find(host, uuid);
      return planFor(await readGuest(session, dom), wanted);
    },
    apply: async ({ host, uuid, wanted, basis }) => {
      const { session, dom } = await find(host, uuid);
      return await inTurn(`${host}/${uuid}`, async () => await apply(context, session, dom, wanted, basis));
    },
  };
};
