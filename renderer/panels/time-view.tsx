// The part of time that pictures show: how far back, what of it was chosen, the buttons for both, and all of it as a file.
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import { mdiChevronLeft, mdiChevronRight, mdiDownload, mdiMagnifyMinusOutline, mdiMagnifyPlusOutline } from '@mdi/js';
import { type ReactNode, useMemo, useState } from 'react';
import type { Range } from '../../app/contract/live.ts';
import { useApi } from '../api/api.tsx';
import { type Curves, slotsOf, timesOf, usePast } from '../api/past.ts';
import { Icon } from '../ui/icon.tsx';
import { type Span, spanWithin } from '../ui/plot.ts';
import { saveFile } from '../ui/save-file.ts';
import { movedSpan } from '../ui/time-chart.tsx';
import { csvOf } from './curves-file.ts';
import { RangeChoice } from './range-choice.tsx';

export interface TimeView {
  readonly range: Range;
  readonly past: Curves;
  /** What every picture of the view takes. */
  readonly common: { readonly times: readonly number[]; readonly span: Span; readonly group: string; readonly onSpan: (span: Span | null) => void };
  /** A part was chosen, that does not go along with time. */
  readonly isChosen: boolean;
  readonly setRange: (range: Range) => void;
}

/** @param uuid null = the host itself. @param latest seconds that are shown where none are chosen; all that the range has when left out. Null before the first answer. */
export const useTimeView = (host: string, uuid: string | null, latest?: number): TimeView | null => {
  const [range, setRange] = useState<Range>('minutes');
  const [chosen, setChosen] = useState<Span | null>(null);
  const past = usePast(useApi(), host, uuid, range);
  const slots = slotsOf[range];
  const times = useMemo(() => (past === null ? [] : timesOf(past, slots)), [past, slots]);
  if (past === null) return null;
  const [end, step] = [past.end / 1000, past.step / 1000];
  const whole: Span = { from: end - slots * step, to: end };
  // No further back than anything is kept, and no closer than a few values.
  const onSpan = (next: Span | null): void => setChosen(next === null ? null : spanWithin(next, whole, step * 5));
  return {
    range,
    past,
    common: { times, span: chosen ?? (latest === undefined ? whole : { from: end - latest, to: end }), group: `${host}/${uuid ?? ''}`, onSpan },
    isChosen: chosen !== null,
    setRange: (next) => {
      setRange(next);
      setChosen(null);
    },
  };
};

const controls = [
  ['Earlier', mdiChevronLeft, { by: -0.5 }], ['Later', mdiChevronRight, { by: 0.5 }], ['Closer', mdiMagnifyPlusOutline, { times: 0.5 }], ['Further', mdiMagnifyMinusOutline, { times: 2 }],
] as const;

/** @param name what the pictures are of: the file is called after it. */
export const TimeControls = ({ view: { range, past, common, isChosen, setRange }, name }: { readonly view: TimeView; readonly name: string }): ReactNode => (
  <>
    <RangeChoice value={range} onChange={setRange} />
    {controls.map(([label, icon, move]) => <IconButton key={label} aria-label={label} title={label} onClick={() => common.onSpan(movedSpan(common.span, move))}><Icon path={icon} /></IconButton>)}
    {isChosen && <Button onClick={() => common.onSpan(null)}>Follow the time</Button>}
    <Button sx={{ ml: 'auto' }} startIcon={<Icon path={mdiDownload} />} title="All numbers of these pictures, as a table" onClick={() => saveFile(`${name}-${range}.csv`, new Blob([csvOf(past)], { type: 'text/csv' }))}>CSV</Button>
  </>
);
