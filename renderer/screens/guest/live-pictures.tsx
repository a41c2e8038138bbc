// What a guest did over time: its pictures, how far back they go, what happened meanwhile, and all of it as a file.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import { mdiChevronLeft, mdiChevronRight, mdiDownload, mdiMagnifyMinusOutline, mdiMagnifyPlusOutline } from '@mdi/js';
import { type ReactNode, useMemo, useState } from 'react';
import type { GuestDescription } from '../../../app/contract/guests.ts';
import type { Happening, Range } from '../../../app/contract/live.ts';
import { isActive } from '../../../app/domain/guest.ts';
import { useApi, useAsk, useInterest } from '../../api/api.tsx';
import { slotsOf, timesOf, usePast } from '../../api/past.ts';
import { RangeChoice } from '../../panels/range-choice.tsx';
import { Card } from '../../ui/card.tsx';
import { useColors } from '../../ui/colors.ts';
import { Icon } from '../../ui/icon.tsx';
import { type PlotMark, type Span, spanWithin } from '../../ui/plot.ts';
import { useRateUnit } from '../../ui/rate-unit.ts';
import { saveFile } from '../../ui/save-file.ts';
import { movedSpan, TimeChart } from '../../ui/time-chart.tsx';
import { dateTime } from '../../ui/time.ts';
import { csvOf, picturesOf } from './pictures.ts';

const happened: Readonly<Record<Happening, string>> = {
  started: 'started', stopped: 'stopped', crashed: 'crashed', paused: 'paused', resumed: 'resumed', 'migrated-here': 'moved here', 'migrated-away': 'moved away',
};
/** Marks in words below the pictures, the last of them. */
const mostMarks = 8;

/** Changes that were applied to the guest, beside what its host told of it. */
const useChanges = (host: string, uuid: string): readonly PlotMark[] => {
  const { data } = useAsk('history', 'list', { host, uuid, kinds: ['tuning', 'undo', 'redo'], limit: 50 });
  return useMemo(() => (data ?? []).map(({ at, title }) => ({ at, what: title })), [data]);
};

export const LivePictures = ({ guest, answering }: { readonly guest: GuestDescription; readonly answering: boolean }): ReactNode => {
  const { host, uuid, name } = guest;
  const [range, setRange] = useState<Range>('minutes');
  const [chosen, setChosen] = useState<Span | null>(null);
  const isWatched = answering && isActive(guest.state);
  useInterest(isWatched ? { host, groups: ['cpu', 'memory', 'disk', 'disks', 'network', 'nics', 'vcpu'], uuids: [uuid] } : null);
  const past = usePast(useApi(), host, uuid, range);
  const changes = useChanges(host, uuid);
  const colors = useColors();
  const unit = useRateUnit();
  const slots = slotsOf[range];
  const { vcpus, memoryKiB, memoryMaximumKiB } = guest;
  const cards = useMemo(() => (past === null ? [] : picturesOf(past.values, range, { vcpus, memoryKiB, memoryMaximumKiB }, colors, unit)), [past, range, vcpus, memoryKiB, memoryMaximumKiB, colors, unit]);
  const times = useMemo(() => (past === null ? [] : timesOf(past, slots)), [past, slots]);
  const marks = useMemo(() => [...(past?.marks ?? []).map(({ at, what }) => ({ at, what: happened[what] })), ...changes].sort((one, other) => one.at - other.at), [past?.marks, changes]);
  const end = (past?.end ?? 0) / 1000;
  const whole: Span = { from: end - (slots * (past?.step ?? 0)) / 1000, to: end };
  const span = chosen ?? whole;
  // No further back than anything is kept, and no closer than a few values.
  const show = (next: Span | null): void => setChosen(next === null ? null : spanWithin(next, whole, ((past?.step ?? 0) / 1000) * 5));
  const inView = marks.filter(({ at }) => at / 1000 >= span.from && at / 1000 <= span.to);
  const controls = [
    ['Earlier', mdiChevronLeft, { by: -0.5 }], ['Later', mdiChevronRight, { by: 0.5 }], ['Closer', mdiMagnifyPlusOutline, { times: 0.5 }], ['Further', mdiMagnifyMinusOutline, { times: 2 }],
  ] as const;
  if (past === null || (past.values.size === 0 && !isWatched)) return null;
  return (
    <Box component="section" aria-label={`What ${name} does`} sx={{ display: 'grid', gap: '14px' }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '8px', alignItems: 'center' }}>
        <RangeChoice value={range} onChange={(next) => {
          setRange(next);
          setChosen(null);
        }} />
        {controls.map(([label, icon, move]) => <IconButton key={label} aria-label={label} title={label} onClick={() => show(movedSpan(span, move))}><Icon path={icon} /></IconButton>)}
        {chosen !== null && <Button onClick={() => setChosen(null)}>Follow the time</Button>}
        <Button sx={{ ml: 'auto' }} startIcon={<Icon path={mdiDownload} />} title="All numbers of these pictures, as a table" onClick={() => saveFile(`${name}-${range}.csv`, new Blob([csvOf(past)], { type: 'text/csv' }))}>CSV</Button>
      </Box>
      <Box sx={{ display: 'grid', gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'repeat(2, minmax(0, 1fr))' }, gap: '14px', alignItems: 'start' }}>
        {cards.map(({ title, wide, pictures }) => (
          <Box key={title} sx={{ minWidth: 0, ...(wide && { gridColumn: '1 / -1' }) }}><Card title={title}>
            <Box sx={{ display: 'grid', gap: '12px 20px', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 320px), 1fr))' }}>
              {pictures.map((picture) => (
                <TimeChart key={picture.label} {...picture} times={times} marks={marks} span={span} group={`${host}/${uuid}`} onSpan={show} />
              ))}
            </Box>
          </Card></Box>
        ))}
      </Box>
      {inView.length > 0 && (
        <Card title="What happened meanwhile">
          <Box component="ul" sx={{ m: 0, pl: '18px' }}>
            {inView.slice(-mostMarks).map(({ at, what }, place) => <li key={`${at}/${place}`}><Box component="span" sx={{ color: 'text.secondary' }}>{dateTime(at)}</Box> {what}</li>)}
          </Box>
        </Card>
      )}
      <Box sx={{ color: 'text.secondary', fontSize: 12 }}>
        {range === 'days' ? 'Means of five minutes, of the time in which Guestdeck showed the guest.' : 'Only what is on screen is measured; the rest of the time is left empty.'} Drag over a picture to look closer; a double click goes back.
      </Box>
    </Box>
  );
};
