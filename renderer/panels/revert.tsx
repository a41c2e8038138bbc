// The way back of one setting: an edit is taken back; where now and after restart differ, after restart becomes as now.
import IconButton from '@mui/material/IconButton';
import { mdiUndoVariant } from '@mdi/js';
import type { ReactNode } from 'react';
import { truths, type Unit } from '../../app/tuning/knob.ts';
import { knobs, type KnobName, type KnobValue } from '../../app/tuning/knobs.ts';
import { runsAs } from '../../app/tuning/pending.ts';
import { Icon } from '../ui/icon.tsx';
import type { Tuning } from './tuning.ts';

interface WayBack {
  readonly label: string;
  readonly act: () => void;
}

/** How one setting goes back; null when there is nothing to go back from. */
export const wayBack = <K extends KnobName>({ wanted, actual, set, revert }: Pick<Tuning, 'wanted' | 'actual' | 'set' | 'revert'>, knob: K, unit: Unit): WayBack | null => {
  const name = knobs[knob].name(unit);
  if (truths.some((truth) => Object.hasOwn(wanted[truth]?.[knob] ?? {}, unit))) return { label: `Take back the edit of ${name}`, act: () => revert(knob, unit) };
  const units: Readonly<Record<Unit, KnobValue<K>>> | undefined = actual.live?.[knob];
  const live = units?.[unit];
  const saved = actual.saved?.[knob][unit];
  if (live === undefined || saved === undefined || runsAs(knob, live, saved)) return null;
  return { label: `${name}: after restart as now, ${knobs[knob].say(live)}`, act: () => set(knob, ['saved'], { [unit]: live }) };
};

/** Its tip is the browser's own: one stroke over the pinning matrix brings up dozens of these at once. */
export const Revert = ({ way }: { readonly way: WayBack | null }): ReactNode =>
  (way === null ? null : <IconButton aria-label={way.label} title={way.label} onClick={way.act} sx={{ p: '3px' }}><Icon path={mdiUndoVariant} size={14} /></IconButton>);
