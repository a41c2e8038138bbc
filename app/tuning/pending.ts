// What waits for a restart: settings whose live and saved values differ.
import { knobNames, type KnobName, type KnobValue, knobs, type Settings } from './knobs.ts';
import type { Knob, Unit } from './knob.ts';
import { alike, compareUnits } from './alike.ts';

/** A setting that is one thing now and another after a restart. A unit that only one truth has is not pending by itself. */
export interface PendingUnit {
  readonly knob: KnobName;
  readonly unit: Unit;
  readonly live: KnobValue;
  readonly saved: KnobValue;
}

/** Whether a guest that shows `live` is as one would be that starts with `saved`. */
export function runsAs<K extends KnobName>(name: K, live: KnobValue<K>, saved: KnobValue<K>): boolean {
  const knob: Knob<KnobValue<K>> = knobs[name];
  return alike(name, live, saved) || knob.runsAs?.(live, saved) === true;
}

/** Every difference, in the order of knobs and units; none for a guest that is not running or is transient. */
export function pendingUnits(live: Settings | null, saved: Settings | null): readonly PendingUnit[] {
  if (live === null || saved === null) return [];
  return knobNames.flatMap((knob) =>
    Object.keys(live[knob]).toSorted(compareUnits).flatMap((unit): readonly PendingUnit[] => {
      const [now, later] = [live[knob][unit], saved[knob][unit]];
      return now === undefined || later === undefined || runsAs(knob, now, later) ? [] : [{ knob, unit, live: now, saved: later }];
    }));
}
