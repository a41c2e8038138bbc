// What moves along with what is wanted: disks of one group have one set of limits, whichever of them it was wanted for.
import { truths, type Knob, type Unit } from './knob.ts';
import { knobNames, knobs, type KnobName, type KnobValue, type SomeSettings, type Wanted } from './knobs.ts';
import type { Definitions } from './plan.ts';

/** The same wishes with those that follow from them; what is wanted for a unit by itself stands. */
export function withEntailed(before: Definitions, wanted: Wanted): Wanted {
  const more = <K extends KnobName>(name: K, some: SomeSettings, xml: NonNullable<Definitions['live']>): SomeSettings => {
    const knob: Knob<KnobValue<K>> = knobs[name];
    const units: Readonly<Record<Unit, KnobValue<K>>> | undefined = some[name];
    if (knob.entails === undefined || units === undefined) return some;
    const entailed = Object.entries(units).reduce((all, [unit, value]) => ({ ...all, ...knob.entails?.(unit, value, xml) }), {});
    return { ...some, [name]: { ...entailed, ...units } };
  };
  return truths.reduce((wishes, truth) => {
    const [some, xml] = [wishes[truth], before[truth]];
    return some === undefined || xml === null ? wishes : { ...wishes, [truth]: knobNames.reduce((each, name) => more(name, each, xml), some) };
  }, wanted);
}
