// A plan: the difference between what is and what is wanted, as ordered steps.
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { alike, compareUnits } from './alike.ts';
import { change, type Change, sentence } from './change.ts';
import { checkDefinition, editWords } from './definition.ts';
import { withEntailed } from './entailed.ts';
import { truths, type Facts, type Finding, type Knob, type Truth, type Unit } from './knob.ts';
import { knobNames, knobs, readSettings, type KnobName, type KnobValue, type Wanted } from './knobs.ts';
import { changedBetween } from './meanwhile.ts';
import { same } from './same.ts';
import { scopes, step, stepCommand, stepTitle, type Scope, type Step } from './steps.ts';

export const plannedStep = z.strictObject({
  /** `Pin vCPU 7 to CPUs 7,23` */
  title: z.string(),
  scope: z.enum(scopes),
  step,
  /** The same by hand. */
  virsh: z.string(),
  changes: z.array(change).readonly(),
}).readonly();
export type PlannedStep = z.infer<typeof plannedStep>;

/** A finding and where it belongs; with no knob, to the text of the saved definition. */
export const planFinding = z.strictObject({
  level: z.enum(['error', 'warning']),
  message: z.string(),
  knob: z.enum(knobNames).nullable(),
  unit: z.string(),
  truth: z.enum(truths),
}).readonly();
export type PlanFinding = z.infer<typeof planFinding>;

export const plan = z.strictObject({
  steps: z.array(plannedStep).readonly(),
  /** With an error among them the plan must not be applied. */
  findings: z.array(planFinding).readonly(),
  /** The saved definition before and after; equal when only live values move, empty for a transient guest. */
  savedBefore: z.string(),
  savedAfter: z.string(),
}).readonly();
export type Plan = z.infer<typeof plan>;

/** A guest's two definitions; null = not running, or transient. Read them with the SECURE flag, or defining drops passwords. */
export interface Definitions {
  readonly live: DomainXml | null;
  readonly saved: DomainXml | null;
}

/** What moves from where to where. */
interface Move<V> {
  readonly from: V;
  readonly to: V;
}

/** A plan while it is made. */
interface Draft {
  readonly before: Definitions;
  readonly wanted: Wanted;
  readonly facts: Facts;
  readonly steps: PlannedStep[];
  readonly findings: PlanFinding[];
  /** Saved changes that no call makes. */
  readonly defined: Change[];
  /** The saved definition is written as a text, and takes every saved change that it can hold along. */
  readonly isText: boolean;
  /** Both definitions with the changes so far. */
  readonly now: Definitions;
  /** Both definitions with everything wanted, right or wrong. */
  readonly after: Definitions;
  /** The guest as virsh is to find it. */
  readonly handle: string;
}

/**
 * The steps from what is to what is wanted: in the order of the knobs, then of their units; both truths in one step where
 * they move to the same value; what only a definition can change in one last step. Wanting what already is, in any
 * spelling, makes no step. What breaks a rule makes a finding and no step.
 */
export function makePlan(there: Definitions, asked: Wanted, facts: Facts): Plan {
  const pieces = planning(there, asked, facts);
  let piece = pieces.next();
  while (piece.done !== true) piece = pieces.next();
  return piece.value;
}

/** As `makePlan`, a piece at a time: the whole takes longer than a frame where a guest has many threads. */
export function* planning(there: Definitions, asked: Wanted, facts: Facts): Generator<undefined, Plan> {
  const { definition } = asked;
  const text = definition === undefined ? null : checkDefinition(definition, there.saved);
  const isText = text !== null && text.after !== null;
  const before = isText ? { live: there.live, saved: text.after } : there;
  const wanted = withEntailed(before, asked);
  const { name } = facts.guest;
  const savedBefore = there.saved?.text() ?? '';
  // virsh takes a name of digits for the id of some running guest.
  const handle = (/^\d+$/.test(name) ? (there.saved ?? there.live)?.textOf('uuid') : null) ?? name;
  const now = { live: before.live?.clone() ?? null, saved: before.saved?.clone() ?? null };
  const draft: Draft = { before, wanted, facts, steps: [], findings: [], defined: [], isText, now, after: withWanted(before, wanted, facts), handle };
  for (const { level, message, line } of text?.findings ?? []) {
    draft.findings.push({ level, message: line === undefined ? message : `Line ${line} of the saved definition: ${message}`, knob: null, unit: '', truth: 'saved' });
  }
  for (const knob of knobNames) if (truths.some((truth) => wanted[truth]?.[knob] !== undefined)) yield* planKnob(knob, draft);
  const savedAfter = now.saved?.text() ?? '';
  const changes = isText && there.saved !== null && now.saved !== null ? changedInText(there.saved, now.saved, draft) : draft.defined;
  if (isText ? savedAfter !== savedBefore : changes.length > 0) {
    const define: Step = { kind: 'define', xml: savedAfter, ...(isText && { text: { edit: editWords(savedBefore, savedAfter), validate: definition?.validate === true } }) };
    draft.steps.push({
      title: isText ? stepTitle(define) : sentence(changes),
      scope: 'saved',
      step: define,
      virsh: stepCommand(define, handle),
      changes: [...changes],
    });
  }
  for (const truth of truths) if (wanted[truth] !== undefined) addWhatIsLost(truth, draft);
  return { steps: draft.steps, findings: draft.findings, savedBefore, savedAfter };
}

/** What a text changes of what knobs know, but for what calls of the same plan change. */
const changedInText = (before: DomainXml, after: DomainXml, { facts, steps }: Draft): readonly Change[] => {
  const [was, is] = [before, after].map((xml) => ({ live: null, saved: readSettings(xml, facts) }));
  const called = steps.flatMap(({ changes }) => changes).filter(({ truth }) => truth === 'saved');
  return was === undefined || is === undefined ? [] : changedBetween(was, is).filter(({ knob, unit }) => !called.some((one) => one.knob === knob && one.unit === unit));
};

/** What goes with something taken away, as the pin of an I/O thread does, is changed too, so that undoing brings it back. */
function addWhatIsLost(truth: Truth, { before, now, facts, steps, findings }: Draft): void {
  const [xml, after] = [before[truth], now[truth]];
  const at = steps.findIndex(({ changes }) => changes.some((each) => each.truth === truth && knobs[each.knob].takesAway === true));
  const step = steps[at];
  if (xml === null || after === null || step === undefined) return;
  const lost = knobNames.flatMap((name) => {
    const had: Readonly<Record<Unit, KnobValue>> = knobs[name].read(xml, facts);
    const has = knobs[name].read(after, facts);
    return Object.entries(had).flatMap(([unit, from]): readonly Change[] => (Object.hasOwn(has, unit) || isNothing(from) ? [] : [{ knob: name, unit, truth, from, to: null }]));
  });
  const comesBack = <K extends KnobName>(name: K, { unit, from }: Change): boolean => {
    const knob: Knob<KnobValue<K>> = knobs[name];
    return truth === 'saved' || knob.step(unit, knob.value.parse(from), 'live', facts, xml) !== null;
  };
  const [back, gone] = [lost.filter((each) => comesBack(each.knob, each)), lost.filter((each) => !comesBack(each.knob, each))];
  for (const { knob, unit } of gone) findings.push({ level: 'warning', message: `${knobs[knob].name(unit)} goes with it, and cannot be set again while the guest runs.`, knob, unit, truth });
  steps[at] = { ...step, changes: [...step.changes, ...back] };
}

/** Whether a value says that nothing is set. */
export const isNothing = (value: unknown): boolean => value === null || value === false || (typeof value === 'object' && Object.values(value).every(isNothing));

/** Both definitions with everything wanted written into them, right or wrong: what rules between settings are judged by. */
export function withWanted(before: Definitions, asked: Wanted, facts: Facts): Definitions {
  const wanted = withEntailed(before, asked);
  const write = <K extends KnobName>(xml: DomainXml, name: K, units: Readonly<Record<Unit, KnobValue<K>>>): void => {
    const knob: Knob<KnobValue<K>> = knobs[name];
    const now = knob.read(xml, facts);
    for (const [unit, value] of Object.entries(units)) if (Object.hasOwn(now, unit) && !same(now[unit], value)) knob.write(xml, unit, value);
  };
  const after = (truth: Truth): DomainXml | null => {
    const [xml, wishes] = [before[truth], wanted[truth]];
    if (xml === null || wishes === undefined) return xml;
    const copy = xml.clone();
    for (const name of knobNames) write(copy, name, wishes[name] ?? {});
    return copy;
  };
  return { live: after('live'), saved: after('saved') };
}

function* planKnob<K extends KnobName>(name: K, draft: Draft): Generator<undefined, void> {
  const { facts } = draft;
  const knob: Knob<KnobValue<K>> = knobs[name];
  yield;
  const live = movesOf(name, 'live', draft);
  yield;
  const saved = movesOf(name, 'saved', draft);
  const base = { live: draft.now.live?.clone() ?? null, saved: draft.now.saved?.clone() ?? null };
  const changeOf = (unit: Unit, truth: Truth, { from, to }: Move<KnobValue<K>>): Change => ({ knob: name, unit, truth, from, to });
  /** The calls that set a value in one scope; live values are set on the guest as it runs. */
  const call = (unit: Unit, value: KnobValue<K>, scope: Scope, xml = scope === 'saved' ? base.saved : base.live): readonly Step[] | null => {
    const steps = xml === null ? null : knob.step(unit, value, scope, facts, xml);
    return steps === null || 'kind' in steps ? (steps === null ? null : [steps]) : steps;
  };
  /** Calls that set both truths at once: where what they do rests on what is there, only if that comes to the same. */
  const callBoth = (unit: Unit, value: KnobValue<K>): readonly Step[] | null => {
    const [forLive, forSaved] = [base.live, base.saved].map((xml) => call(unit, value, 'both', xml));
    return forLive !== undefined && forLive !== null && same(forLive, forSaved) ? forLive : null;
  };
  const add = (calls: readonly Step[], scope: Scope, changes: readonly Change[]): void => {
    for (const to of calls) {
      const title = calls.length === 1 && changes.some((each) => each.to === null) ? sentence(changes) : stepTitle(to);
      draft.steps.push({ title, scope, step: to, virsh: stepCommand(to, draft.handle), changes });
    }
  };
  /** A live value that no call sets again stays, whatever fails after it and whoever wants it undone. */
  const warnOfNoWayBack = (unit: Unit, now: Move<KnobValue<K>>): void => {
    const xml = draft.now.live;
    if (xml === null || knob.step(unit, now.from, 'live', facts, xml) !== null) return;
    draft.findings.push({ level: 'warning', message: 'The value it has now cannot be set again while the guest runs.', knob: name, unit, truth: 'live' });
  };

  for (const unit of [...new Set([...live.keys(), ...saved.keys()])].toSorted(compareUnits)) {
    yield;
    const now = live.get(unit);
    const later = saved.get(unit);
    const textBefore = draft.isText ? draft.now.saved?.text() : undefined;
    if (later !== undefined && draft.now.saved !== null) knob.write(draft.now.saved, unit, later.to);
    const isInText = draft.isText && draft.now.saved?.text() !== textBefore;
    if (now !== undefined && draft.now.live !== null) knob.write(draft.now.live, unit, now.to);
    const isOne = now !== undefined && later !== undefined && same(now.to, later.to);
    const together = isOne && !isInText ? callBoth(unit, now.to) : null;
    if (together !== null && now !== undefined && later !== undefined) {
      add(together, 'both', [changeOf(unit, 'live', now), changeOf(unit, 'saved', later)]);
      warnOfNoWayBack(unit, now);
      continue;
    }
    if (now !== undefined) {
      const to = call(unit, now.to, 'live');
      if (to === null) {
        draft.findings.push({ level: 'error', message: 'This cannot be changed while the guest runs.', knob: name, unit, truth: 'live' });
      } else {
        add(to, 'live', [changeOf(unit, 'live', now)]);
        warnOfNoWayBack(unit, now);
      }
    }
    if (later !== undefined) {
      const to = isInText ? null : call(unit, later.to, 'saved');
      if (to === null) draft.defined.push(changeOf(unit, 'saved', later));
      else add(to, 'saved', [changeOf(unit, 'saved', later)]);
    }
  }
}

/** What moves in one truth, in normal form; whatever speaks against it goes to the findings. */
function movesOf<K extends KnobName>(name: K, truth: Truth, { before, now: soFar, after, wanted, facts, findings }: Draft): ReadonlyMap<Unit, Move<KnobValue<K>>> {
  const knob: Knob<KnobValue<K>> = knobs[name];
  const asked: Readonly<Record<Unit, KnobValue<K>>> = wanted[truth]?.[name] ?? {};
  const units = Object.keys(asked).toSorted(compareUnits);
  const find = (unit: Unit, { level, message }: Finding): void => void findings.push({ level, message, knob: name, unit, truth });
  const [xml, then] = [soFar[truth], after[truth]];
  if (units.length === 0) return new Map();
  if (xml === null || then === null) {
    for (const unit of units) find(unit, { level: 'error', message: missing[truth] });
    return new Map();
  }
  const now = knob.read(xml, facts);
  // What an earlier knob of this plan takes away needs no setting any more.
  const first = before[truth];
  const had = first === null ? {} : knob.read(first, facts);
  const scratch = xml.clone();
  for (const unit of units) {
    const value = asked[unit];
    if (value === undefined) continue;
    if (!Object.hasOwn(now, unit)) {
      if (!Object.hasOwn(had, unit)) find(unit, { level: 'error', message: `The guest has no ${knob.name(unit)}.` });
    } else if (!same(value, now[unit])) {
      const against = knob.check(value, unit, truth, facts, then);
      for (const finding of against) find(unit, finding);
      if (!against.some(({ level }) => level === 'error')) knob.write(scratch, unit, value);
    }
  }
  // Reading back what was written gives every wanted value its normal form.
  const normal = knob.read(scratch, facts);
  const last = knob.read(then, facts);
  const moves = new Map<Unit, Move<KnobValue<K>>>();
  for (const unit of units) {
    const [soon, to] = [now[unit], normal[unit]];
    if (soon === undefined || to === undefined || same(soon, to)) continue;
    // An earlier knob of this plan may have moved it already; what undoing goes back to is what it was.
    moves.set(unit, { from: had[unit] ?? soon, to });
    const becomes = last[unit];
    // Settings of one thing, as how many vCPUs there are and which: the plan must not say of one what the other undoes.
    if (becomes !== undefined && !alike(name, to, becomes)) find(unit, { level: 'error', message: `Together with the other changes it becomes ${knob.say(becomes)}, not ${knob.say(to)}.` });
  }
  return moves;
}

/** Every change of a plan once: several steps may make one change. */
export const planChanges = ({ steps }: Plan): readonly Change[] => [...new Set(steps.flatMap(({ changes }) => changes))];

/** Why nothing can be set in a truth that the guest does not have. */
export const missing: Readonly<Record<Truth, string>> = {
  live: 'The guest is not running, so there is nothing to change now. Change it for the next start.',
  saved: 'The guest is transient: it has no saved definition, and is gone when it stops.',
};
