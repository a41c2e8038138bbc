// One guest's settings as panels need them: both truths from the host, the edits over them, and the plan that follows.
import { useEffect, useMemo, useState } from 'react';
import type { HostDescription } from '../../app/contract/hosts.ts';
import type { Refusal } from '../../app/contract/refusal.ts';
import type { Reading } from '../../app/contract/tuning.ts';
import type { DefinitionWish } from '../../app/tuning/definition.ts';
import { type Facts, type Finding, type Truth, truths, type Unit } from '../../app/tuning/knob.ts';
import { checkSetting, type KnobName, readSettings, type Settings, type Wanted } from '../../app/tuning/knobs.ts';
import { type Plan, planning, withWanted } from '../../app/tuning/plan.ts';
import { same } from '../../app/tuning/same.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { refusalOf, useAsk } from '../api/api.tsx';
import { isEmpty, openWishes, telling, useEdits, type Wishes, withAll, withDefinition, withEdits, withoutEdit } from './edits.ts';
import { reasonAgainst, useRefused } from './refused.ts';

export interface GuestKey {
  readonly host: string;
  readonly uuid: string;
  readonly name: string;
}

export interface Tuning {
  readonly guest: GuestKey;
  readonly reading: Reading;
  readonly facts: Facts;
  readonly hostPins: HostDescription['pins'];
  readonly freeKiB: HostDescription['freeKiB'];
  readonly cpuKinds: HostDescription['cpuKinds'];
  readonly xml: { readonly live: DomainXml | null; readonly saved: DomainXml | null };
  /** What the host has. */
  readonly actual: { readonly [T in Truth]: Settings | null };
  /** The definitions as they would be after applying. */
  readonly after: { readonly [T in Truth]: DomainXml | null };
  /** What would be after applying. */
  readonly edited: { readonly [T in Truth]: Settings | null };
  readonly wanted: Wanted;
  /** Why nothing can be edited; null = it can. */
  readonly fixed: string | null;
  /** Made when it is first asked for, since planning hundreds of settings takes longer than drawing what was edited; null = nothing is wished. */
  readonly plan: () => Plan | null;
  /** Wishes for any number of units of a knob in these truths, as one edit; a truth the guest does not have is left out. */
  readonly set: <K extends KnobName>(knob: K, on: readonly Truth[], units: Wishes<K>) => void;
  /** What speaks against a value of any form, beside everything else that is wished. */
  readonly check: (knob: KnobName, unit: Unit, truth: Truth, value: unknown) => readonly Finding[];
  /** Why the host refused this value at the last apply; null when it did not. */
  readonly refused: (knob: KnobName, unit: Unit, truth: Truth, value: unknown) => string | null;
  /** All that it refused; another list when that changes. */
  readonly refusals: readonly unknown[];
  /** Wishes for many knobs at once, over those that are there. */
  readonly want: (wanted: Wanted) => void;
  /** Wishes this text of the saved definition, or none any more. */
  readonly write: (definition: DefinitionWish | undefined) => void;
  readonly revert: (knob: KnobName, unit: Unit) => void;
  readonly discard: () => void;
}

/** What the plan as a whole has against a value, if it is the one that is wished: there may be no step to it. */
const againstWish = ({ wanted, plan }: { readonly wanted: Wanted; readonly plan: Making }, knob: KnobName, unit: Unit, truth: Truth, value: unknown): readonly Finding[] => {
  const wishes: Readonly<Record<Unit, unknown>> = wanted[truth]?.[knob] ?? {};
  return same(wishes[unit], value) ? (plan.now()?.findings ?? []).filter((finding) => finding.knob === knob && finding.unit === unit && finding.truth === truth) : [];
};

const parse = (text: string | null, settings: Settings | null): DomainXml | null => {
  if (text === null) return null;
  const xml = DomainXml.parse(text);
  xml.autostart = settings?.autostart[''] ?? null;
  return xml;
};

/** A plan on its way: made at once when it is asked for, or a piece at a time before, and then kept; null = nothing is wished. */
interface Making {
  readonly now: () => Plan | null;
  /** Does a piece of it that is not done yet; whether all is done. */
  readonly piece: () => boolean;
}

const making = (pieces: Generator<undefined, Plan | null>): Making => {
  let made: (() => Plan | null) | null = null;
  const piece = (): boolean => {
    if (made !== null) return true;
    try {
      const { done, value } = pieces.next();
      if (done === true) made = () => value;
    } catch (error) {
      // Told to whoever asks for the plan.
      made = () => {
        throw error;
      };
    }
    return made !== null;
  };
  const now = (): Plan | null => {
    while (!piece());
    return made?.() ?? null;
  };
  return { now, piece };
};

/** How long pieces of a plan may take until frames and keys have their turn, in milliseconds. */
const turn = 3;

/** The newest of what is given whose plan is made; that begins once what was edited is drawn, and goes on between frames. */
const useMade = <T extends { readonly plan: Making }>(newest: T | null): T | null => {
  const [made, keep] = useState<T | null>(null);
  useEffect(() => {
    if (newest === null) return undefined;
    const goOn = (): void => {
      const end = performance.now() + turn;
      do if (newest.plan.piece()) return keep(newest); while (performance.now() < end);
      timer = setTimeout(goOn);
    };
    let timer = setTimeout(goOn);
    return () => clearTimeout(timer);
  }, [newest]);
  return made;
};

/**
 * The tuning of one guest; null until both the guest and its host are read, and the same for as long as nothing of it changes.
 * `plan` is the newest that is made: it follows the edits by a moment. @param fixed why nothing can be edited.
 */
export const useTuning = (guest: GuestKey, enabled: boolean, fixed: string | null = null): { readonly tuning: Tuning | null; readonly plan: Plan | null; readonly refusal: Refusal | null } => {
  const read = useAsk('tuning', 'read', { host: guest.host, uuid: guest.uuid }, enabled);
  const description = useAsk('hosts', 'describe', { host: guest.host }, enabled);
  const key = `${guest.host}/${guest.uuid}`;
  const [edits, change] = useEdits(key);
  const refused = useRefused(key);
  const reading = read.data;
  const host = description.data;
  const error = read.error ?? description.error;
  const base = useMemo(() => {
    if (reading === undefined || host === undefined) return null;
    const xml = { live: parse(reading.liveXml, null), saved: parse(reading.savedXml, reading.saved) };
    return { reading, host, xml };
  }, [reading, host]);
  const planned = useMemo(() => {
    if (base === null) return null;
    const { facts } = base.reading;
    const settings = (xml: DomainXml | null): Settings | null => (xml === null ? null : readSettings(xml, facts));
    const after = withWanted(base.xml, edits, facts);
    const edited = { live: settings(after.live), saved: settings(after.saved) };
    const wanted = openWishes(edits, base.reading, edited);
    const plan = making((function* () {
      return isEmpty(wanted) ? null : yield* planning(base.xml, wanted, facts);
    })());
    const open = (): Wanted => {
      const made = plan.now();
      return made === null ? wanted : telling(wanted, base.reading, base.xml, made);
    };
    return { ...base, key, edits, wanted, after, edited, plan, open };
  }, [base, key, edits]);
  // A wish that came true is forgotten: otherwise it would come up again when someone takes the change back. That waits until what was edited
  // is drawn; by then there may be other edits, of which it will be told in turn.
  const settled = useMade(planned);
  useEffect(() => {
    if (settled !== null) change((before) => (before === settled.edits ? settled.open() : before));
  }, [settled, change]);
  const { host: on, uuid, name } = guest;
  const tuning = useMemo((): Tuning | null => {
    if (planned === null) return null;
    const { live, saved, facts } = planned.reading;
    const { wanted, edited, after, plan, xml } = planned;
    const actual = { live, saved };
    return {
      guest: { host: on, uuid, name },
      reading: planned.reading,
      facts,
      hostPins: planned.host.pins,
      freeKiB: planned.host.freeKiB,
      cpuKinds: planned.host.cpuKinds,
      xml,
      actual,
      after,
      edited,
      wanted,
      fixed,
      plan: plan.now,
      set: (knob, inTruths, units) => change((before) => {
        const had = truths.filter((truth) => inTruths.includes(truth) && actual[truth] !== null);
        return openWishes(had.reduce((wishes, truth) => withEdits(wishes, truth, knob, units), before), planned.reading);
      }),
      want: (more) => change((before) => openWishes(withAll(before, more), planned.reading)),
      check: (knob, unit, truth, value) => {
        const findings = checkSetting(knob, unit, truth, value, facts, after[truth]);
        return [...findings, ...againstWish(planned, knob, unit, truth, value).filter(({ message }) => findings.every((one) => one.message !== message))];
      },
      refusals: refused,
      refused: (knob, unit, truth, value) => reasonAgainst(refused, knob, unit, truth, value),
      write: (definition) => change((before) => openWishes(withDefinition(before, definition), planned.reading)),
      revert: (knob, unit) => change((before) => withoutEdit(before, knob, unit)),
      discard: () => change(() => ({})),
    };
  }, [planned, on, uuid, name, fixed, refused, change]);
  return { tuning, plan: settled?.key === key ? settled.plan.now() : null, refusal: error === null ? null : refusalOf(error) };
};
