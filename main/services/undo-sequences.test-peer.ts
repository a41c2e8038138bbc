// Any sequence of plans, applied and taken back in turn: what is tried, and how it is compared with the start.
import fc from 'fast-check';
import { expect } from 'vitest';
import { edits, type Tree, treeOf } from '../../app/tuning/knob-edits.test-peer.ts';
import { truths, type Truth } from '../../app/tuning/knob.ts';
import { type KnobName, knobNames, knobs, type Settings, wanted as wantedForm, type Wanted } from '../../app/tuning/knobs.ts';
import { changeWords, isOnItsWay } from '../../app/tuning/change.ts';
import { alike } from '../../app/tuning/alike.ts';
import { Refused } from '../../app/contract/refusal.ts';
import type { Reading } from '../../app/contract/tuning.ts';
import { guestNames, type GuestName } from './knob-row.test-peer.ts';
import { rows } from './knob-table.test-peer.ts';
import type { Place } from './knobs.test-peer.ts';

/** One setting of a plan: a row of the table, or a knob of whatever unit the guest has given another value than it has. */
type Choice = { readonly kind: 'row'; readonly at: number } | { readonly kind: 'edit'; readonly knob: KnobName; readonly unit: number; readonly truths: readonly Truth[] };

interface Attempt {
  readonly guest: GuestName;
  readonly choices: readonly Choice[];
}

const fromTable: fc.Arbitrary<Choice> = fc.record({ kind: fc.constant('row' as const), at: fc.nat() });
const any: fc.Arbitrary<Choice> = fc.oneof(
  fromTable,
  fc.record({ kind: fc.constant('edit' as const), knob: fc.constantFrom(...knobNames), unit: fc.nat(), truths: fc.constantFrom<readonly Truth[]>(['live'], ['saved'], ['live', 'saved']) }),
);

/** So many plans of one to three settings each: any, or those of the table alone, which a real host is known to take. */
export const attempts = (guests: readonly GuestName[] = guestNames, length = 20, of: 'any' | 'table' = 'any'): fc.Arbitrary<readonly Attempt[]> =>
  fc.array(fc.record({ guest: fc.constantFrom(...guests), choices: fc.array(of === 'any' ? any : fromTable, { minLength: 1, maxLength: 3 }) }), { minLength: length, maxLength: length });

/** What libvirt completes when another plan came before, so that the host confirms something else: vCPUs that no cell names go to the first one. */
const completed: Readonly<Record<Place['name'], readonly KnobName[]>> = { demo: [], lab: ['guestNuma', 'memnode'] };

/** Rows that can be taken back at once in this place. */
const rowsIn = (place: Place['name'], guest: GuestName) =>
  rows.filter((row) => row.guest === guest && !completed[place].some((name) => name === row.knob || Object.hasOwn(row.also ?? {}, name)) && (row.only ?? place) === place && row.refused?.[place] === undefined && row.stays?.[place] === undefined && row.late?.[place] === undefined);

const pick = <T>(of: readonly T[], at: number): T | undefined => of[at % Math.max(of.length, 1)];

/** Another value of a knob than this one; null where none is known. */
const otherValue = (name: KnobName, now: unknown): unknown => {
  const { value, from }: { readonly value?: unknown; readonly from?: (before: never) => unknown } = edits[name];
  return from === undefined ? (value ?? null) : from(now as never);
};

type Wish = Record<string, Record<string, Record<string, unknown>>>;

const wishOf = ({ guest, choices }: Attempt, reading: Reading, place: Place['name']): Wanted | null => {
  const wish: Wish = {};
  const want = (truth: Truth, knob: string, unit: string, value: unknown): void => void (((wish[truth] ??= {})[knob] ??= {})[unit] = value);
  for (const one of choices) {
    if (one.kind === 'row') {
      const row = pick(rowsIn(place, guest), one.at);
      for (const truth of row?.truths ?? []) for (const [knob, units] of Object.entries({ ...row?.also, [row?.knob ?? '']: { [row?.unit ?? '']: row?.value } })) for (const [unit, value] of Object.entries(units)) want(truth, knob, unit, value);
      continue;
    }
    for (const truth of one.truths) {
      const units = reading[truth]?.[one.knob] ?? {};
      const unit = pick(Object.keys(units), one.unit);
      if (unit !== undefined) want(truth, one.knob, unit, otherValue(one.knob, Object.entries(units).find(([name]) => name === unit)?.[1]));
    }
  }
  const read = wantedForm.safeParse(wish);
  return read.success && truths.some((truth) => read.data[truth] !== undefined) ? read.data : null;
};

/** The settings of two readings that differ in more than their spelling. */
const differences = (one: Settings | null, other: Settings | null): readonly string[] =>
  knobNames.flatMap((name) => {
    const [first, second]: readonly Readonly<Record<string, unknown>>[] = [one?.[name] ?? {}, other?.[name] ?? {}];
    if (knobs[name].drifts === true) return [];
    return [...new Set([...Object.keys(first ?? {}), ...Object.keys(second ?? {})])].filter((unit) => !alike(name, first?.[unit], second?.[unit])).map((unit) => `${name} ${unit}: ${JSON.stringify(first?.[unit])} instead of ${JSON.stringify(second?.[unit])}`);
  });

/** What libvirt writes otherwise once it was touched, meaning the same. */
const respelled = rows.flatMap((row) => (row.respelled === undefined ? [] : [row.respelled]));
/** The definition as a second parser sees it; devices by their kinds, as libvirt itself writes them, wherever the demo host puts one that comes back. */
const spelled = (xml: string | null): readonly Tree[] => (xml === null ? [] : treeOf(respelled.reduce((text, pattern) => text.replaceAll(pattern, ''), xml)).map(sorted));
const nameOf = (tree: Tree): string => (typeof tree === 'string' ? '' : tree.name);
const sorted = (tree: Tree): Tree =>
  typeof tree === 'string' ? tree : { ...tree, children: tree.name === 'devices' ? tree.children.toSorted((one, other) => nameOf(one).localeCompare(nameOf(other))) : tree.children.map(sorted) };

/** Applies every plan that the host takes, takes them back from the last to the first, and compares with the start. @returns how many there were. */
export const undoAll = async (sequence: readonly Attempt[], { name, ask, host, uuidOf }: Place): Promise<number> => {
  const guests = [...new Set(sequence.map(({ guest }) => guest))];
  const read = async (guest: GuestName): Promise<Reading> => await ask('tuning', 'read', { host, uuid: uuidOf(guest) });
  const before = new Map<GuestName, Reading>();
  for (const guest of guests) before.set(guest, await read(guest));
  const done: { readonly guest: GuestName; readonly entry: string; readonly words: string }[] = [];
  for (const attempt of sequence) {
    const now = await read(attempt.guest);
    const wanted = wishOf(attempt, now, name);
    if (wanted === null) continue;
    try {
      const { outcome, entry, unconfirmed, steps } = await ask('tuning', 'apply', { host, uuid: uuidOf(attempt.guest), wanted, basis: now.basis });
      if (entry === null || outcome === 'put-back') continue;
      const { changes } = await ask('history', 'entry', { id: entry });
      // Written otherwise and the same: there is nothing to take back.
      if (changes.every(({ knob, from, to }) => alike(knob, from, to))) continue;
      const words = `${attempt.guest}: ${changes.map((change) => `${change.truth} ${changeWords(change).name}: ${changeWords(change).from} → ${changeWords(change).to}`).join('; ')}`;
      expect(outcome === 'complete' || isOnItsWay(unconfirmed), `${words} is ${outcome}: ${JSON.stringify(steps)} ${JSON.stringify(unconfirmed)}`).toBe(true);
      done.push({ guest: attempt.guest, entry, words });
    } catch (error) {
      // What is refused at the field changes nothing.
      if (!(error instanceof Refused) || error.refusal.code !== 'plan-invalid') throw error;
    }
  }
  const said = done.map(({ words }) => words).join('\n');
  for (const { guest, entry, words } of done.toReversed()) {
    const undo = async () => {
      const { wanted, basis } = await ask('history', 'undo', { id: entry });
      return await ask('tuning', 'apply', { host, uuid: uuidOf(guest), wanted, basis });
    };
    const { outcome, steps, unconfirmed, entry: back } = await undo().catch((error: unknown) => {
      throw new Error(`${words} cannot be taken back: ${String(error)} Of\n${said}`, { cause: error });
    });
    expect(outcome === 'complete' || isOnItsWay(unconfirmed), `taking back ${words} is ${outcome}: ${JSON.stringify(steps)} ${JSON.stringify(unconfirmed)}, of\n${said}`).toBe(true);
    const { kind } = await ask('history', 'entry', { id: back ?? '' });
    expect(['undo', 'redo'], `taking back ${words}, of\n${said}`).toContain(kind);
  }
  for (const guest of guests) {
    const [start, end] = [before.get(guest), await read(guest)];
    expect([...differences(end.live, start?.live ?? null), ...differences(end.saved, start?.saved ?? null)], `${guest} after\n${said}`).toEqual([]);
    expect(spelled(end.savedXml), `${guest} after\n${said}`).toEqual(spelled(start?.savedXml ?? null));
  }
  return done.length;
};
