// What waits for a restart: settings whose live and saved values differ.
import type { Unit } from './knob.ts';
import { knobNames, type KnobName, type KnobValue, type Settings } from './knobs.ts';
import { compareUnits } from './plan.ts';
import { same } from './same.ts';

/** A setting that is one thing now and another after a restart. A unit that only one truth has is not pending by itself. */
export interface PendingUnit {
  readonly knob: KnobName;
  readonly unit: Unit;
  readonly live: KnobValue;
  readonly saved: KnobValue;
}

/** Every difference, in the order of knobs and units; none for a guest that is not running or is transient. */
export function pendingUnits(live: Settings | null, saved: Settings | null): readonly PendingUnit[] {
  if (live === null || saved === null) return [];
  return knobNames.flatMap((knob) =>
    Object.keys(live[knob]).toSorted(compareUnits).flatMap((unit): readonly PendingUnit[] => {
      const [now, later] = [live[knob][unit], saved[knob][unit]];
      return now === undefined || later === undefined || same(now, later) ? [] : [{ knob, unit, live: now, saved: later }];
    }));
}
