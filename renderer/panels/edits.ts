// What was edited and not yet applied, for each guest; it stays while one looks elsewhere, while the host is away, and when the page is loaded again.
import { useCallback, useLayoutEffect, useState, useSyncExternalStore } from 'react';
import type { Reading } from '../../app/contract/tuning.ts';
import { type DefinitionWish, withoutPasswords } from '../../app/tuning/definition.ts';
import { truths, type Truth, type Unit } from '../../app/tuning/knob.ts';
import { knobNames, type KnobName, knobs, type KnobValue, type SomeSettings, type Wanted, wanted as wantedForm } from '../../app/tuning/knobs.ts';
import { alike } from '../../app/tuning/alike.ts';
import { type Definitions, type Plan, withWanted } from '../../app/tuning/plan.ts';
import { same } from '../../app/tuning/same.ts';
import { keep, kept as keptBefore } from './kept.ts';

/** What is wished of the units of one knob. */
export type Wishes<K extends KnobName> = Readonly<Record<Unit, KnobValue<K>>>;

/** The same wishes with more, of any number of units at once. */
export const withEdits = <K extends KnobName>(wanted: Wanted, truth: Truth, knob: K, units: Wishes<K>): Wanted => ({
  ...wanted,
  [truth]: { ...wanted[truth], [knob]: { ...wanted[truth]?.[knob], ...units } },
});

/** The same wishes with all of some others over them. */
export const withAll = (wanted: Wanted, more: Wanted): Wanted => {
  const over = <K extends KnobName>(wishes: Wanted, truth: Truth, knob: K): Wanted => {
    const units = more[truth]?.[knob];
    return units === undefined ? wishes : withEdits(wishes, truth, knob, units);
  };
  return truths.reduce((all, truth) => knobNames.reduce((wishes, knob) => over(wishes, truth, knob), all), withDefinition(wanted, more.definition ?? wanted.definition));
};

/** The same wishes with this text of the saved definition, or none. */
export const withDefinition = ({ live, saved }: Wanted, definition: DefinitionWish | undefined): Wanted => ({
  ...(live !== undefined && { live }), ...(saved !== undefined && { saved }), ...(definition !== undefined && { definition }),
});

/** The same wishes without those of one unit, in both truths. */
export const withoutEdit = (wanted: Wanted, knob: KnobName, unit: Unit): Wanted =>
  kept(wanted, (_, of, at) => of !== knob || at !== unit);

/**
 * Wishes that the host does not fulfil already: what is left after an apply or a change by others.
 * @param there the settings as they would be with all wishes: a wish on a unit that is not even there then is dropped.
 */
export const openWishes = (wanted: Wanted, reading: Pick<Reading, 'live' | 'saved'> & { readonly savedXml?: string | null }, there: Pick<Reading, 'live' | 'saved'> | null = null): Wanted =>
  kept(wanted.definition?.to === reading.savedXml ? withDefinition(wanted, undefined) : wanted, (truth, knob, unit, value) => {
    const units: Readonly<Record<Unit, unknown>> = reading[truth]?.[knob] ?? {};
    if (Object.hasOwn(units, unit)) return !same(units[unit], value);
    return there === null || Object.hasOwn(there[truth]?.[knob] ?? {}, unit);
  });

/**
 * Wishes without those that come to nothing once the host has them in its words: a CD drive is never written to, whatever is wished, and
 * a weight may be the usual one. They would come up when the host has something else. What is wrong stays to be mended.
 */
export const telling = (wanted: Wanted, reading: Pick<Reading, 'live' | 'saved' | 'facts'>, definitions: Definitions, { steps, findings }: Pick<Plan, 'steps' | 'findings'>): Wanted => {
  const told = (truth: Truth, knob: KnobName): Readonly<Record<Unit, unknown>> => {
    const only = withWanted(definitions, { [truth]: { [knob]: wanted[truth]?.[knob] } }, reading.facts)[truth];
    return only === null ? {} : knobs[knob].read(only, reading.facts);
  };
  const read = new Map<string, Readonly<Record<Unit, unknown>>>();
  const isThis = (truth: Truth, knob: KnobName, unit: Unit) => (of: { readonly truth: Truth; readonly knob: KnobName | null; readonly unit: Unit }): boolean => of.truth === truth && of.knob === knob && of.unit === unit;
  return kept(wanted, (truth, knob, unit) => {
    const is = isThis(truth, knob, unit);
    if (steps.some(({ changes }) => changes.some(is)) || findings.some((finding) => finding.level === 'error' && is(finding))) return true;
    const units: Readonly<Record<Unit, unknown>> = reading[truth]?.[knob] ?? {};
    const own = read.get(`${truth} ${knob}`) ?? told(truth, knob);
    read.set(`${truth} ${knob}`, own);
    return !Object.hasOwn(units, unit) || !same(own[unit], units[unit]);
  });
};

/**
 * Wishes without those that were applied and came true, if in libvirt's own words: it may write down what was left to it.
 * @param applied what was asked for; a wish that was typed since stays. @param isWritten whether the text of the saved definition was taken.
 */
export const unfulfilled = (wanted: Wanted, applied: Wanted, reading: Pick<Reading, 'live' | 'saved'>, isWritten = false): Wanted =>
  kept(isWritten && same(wanted.definition, applied.definition) ? withDefinition(wanted, undefined) : wanted, (truth, knob, unit, value) => {
    const [asked, has]: readonly Readonly<Record<Unit, unknown>>[] = [applied[truth]?.[knob] ?? {}, reading[truth]?.[knob] ?? {}];
    return asked === undefined || has === undefined || !Object.hasOwn(asked, unit) || !same(asked[unit], value) || !alike(knob, has[unit], value);
  });

const kept = (wanted: Wanted, keep: (truth: Truth, knob: KnobName, unit: Unit, value: unknown) => boolean): Wanted => {
  const result: { live?: SomeSettings; saved?: SomeSettings; definition?: DefinitionWish } = { ...(wanted.definition !== undefined && { definition: wanted.definition }) };
  for (const truth of truths) {
    const knobs = knobNames.flatMap((knob) => {
      const units = Object.entries(wanted[truth]?.[knob] ?? {}).filter(([unit, value]) => keep(truth, knob, unit, value));
      return units.length === 0 ? [] : [[knob, Object.fromEntries(units)] as const];
    });
    if (knobs.length > 0) result[truth] = Object.fromEntries(knobs);
  }
  return result;
};

export const isEmpty = (wanted: Wanted): boolean => wanted.live === undefined && wanted.saved === undefined && wanted.definition === undefined;

const nothing: Wanted = {};
const place = 'edits';
/** Edits of a page that was loaded before; a knob or a form that this one does not know is dropped with its guest's. */
const edits = new Map<string, Wanted>(Object.entries(keptBefore(place)).flatMap(([key, value]) => {
  const read = wantedForm.safeParse(value);
  return read.success ? [[key, read.data] as const] : [];
}));
const tellers = new Set<() => void>();
const changed = (): void => {
  keep(place, Object.fromEntries([...edits].map(([key, { definition, ...rest }]) => [key, { ...rest, ...(definition !== undefined && { definition: { ...definition, to: withoutPasswords(definition.to) } }) }])));
  for (const tell of tellers) tell();
};
const subscribe = (tell: () => void): (() => void) => {
  tellers.add(tell);
  return () => tellers.delete(tell);
};

/** The edits of one guest and how to replace them. `key` names the guest over all hosts. */
export const useEdits = (key: string): readonly [Wanted, (change: (before: Wanted) => Wanted) => void] => {
  // State, and not a store read at once: a change made in a transition is then rendered in pieces, between which frames are drawn.
  const [held, hold] = useState({ key, wanted: edits.get(key) ?? nothing });
  useLayoutEffect(() => {
    const look = (): void => hold((before) => {
      const wanted = edits.get(key) ?? nothing;
      return before.key === key && before.wanted === wanted ? before : { key, wanted };
    });
    look();
    return subscribe(look);
  }, [key]);
  const wanted = held.key === key ? held.wanted : (edits.get(key) ?? nothing);
  const replace = useCallback((change: (before: Wanted) => Wanted): void => {
    const before = edits.get(key) ?? nothing;
    const after = change(before);
    if (JSON.stringify(after) === JSON.stringify(before)) return;
    if (isEmpty(after)) edits.delete(key);
    else edits.set(key, after);
    changed();
  }, [key]);
  return [wanted, replace];
};

/** Forgets the wishes of a guest that an apply fulfilled: otherwise they would come up again when someone takes the change back. */
export const forgetFulfilled = (key: string, applied: Wanted, reading: Pick<Reading, 'live' | 'saved'>, isWritten: boolean): void => {
  const before = edits.get(key);
  if (before === undefined) return;
  const after = unfulfilled(before, applied, reading, isWritten);
  if (isEmpty(after)) edits.delete(key);
  else edits.set(key, after);
  changed();
};

/** The guests of a host with edits that were not applied, by UUID. */
export const usePendingGuests = (host: string): readonly string[] => {
  const prefix = `${host}/`;
  const uuids = useSyncExternalStore(subscribe, () => [...edits.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)).join(' '));
  return uuids === '' ? [] : uuids.split(' ');
};

/** Drops the edits of every guest of a host that is not there any more. */
export const dropEdits = (host: string): void => {
  for (const key of [...edits.keys()].filter((one) => one.startsWith(`${host}/`))) edits.delete(key);
  changed();
};
