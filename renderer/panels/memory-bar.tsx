// Memory as what a guest has, uses, gave back and could get: one bar, with the balloon's target as a handle, and the numbers beside it.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Slider from '@mui/material/Slider';
import { type ReactNode, useState } from 'react';
import { sayKib } from '../../app/tuning/memory-size.ts';
import { type Truth, truths } from '../../app/tuning/knob.ts';
import { useBalloon, useInterest } from '../api/api.tsx';
import { useColors } from '../ui/colors.ts';
import { useNow } from '../ui/now.ts';
import { timeAgo } from '../ui/time.ts';
import { TruthSwitch } from '../ui/truth.tsx';
import type { ShownTruth } from '../ui/truth-names.ts';
import { DirtyRate } from './dirty-rate.tsx';
import { balloonStep, balloonWords, memoryParts, type MemoryParts, type Part } from './memory-parts.ts';
import type { Tuning } from './tuning.ts';

const height = 26;
const partNames: Readonly<Record<Part['kind'], string>> = { used: 'in use', caches: 'caches', free: 'free', 'given back': 'given back', room: 'room to plug' };

/** How each part is painted. */
const usePaint = (): Readonly<Record<Part['kind'], string>> => {
  const { memory, hatch: [line, ground], track } = useColors();
  return {
    used: memory,
    caches: `color-mix(in srgb, ${memory} 55%, ${track})`,
    free: `color-mix(in srgb, ${memory} 22%, ${track})`,
    'given back': `repeating-linear-gradient(135deg, ${line} 0 3px, ${ground} 3px 7px)`,
    room: 'transparent',
  };
};

/** The bar itself; what it says is said in words by the legend below it. */
const Drawing = ({ most, parts, devices }: MemoryParts): ReactNode => {
  const paint = usePaint();
  const { ink, line } = useColors();
  const at = (kib: number): string => `${(kib / most) * 100}%`;
  return (
    <Box aria-hidden sx={{ position: 'relative', height, borderRadius: '6px', border: `1px dashed ${line}`, overflow: 'hidden' }}>
      {parts.map(({ kind, from, to }) => <Box key={kind} title={`${partNames[kind]}: ${sayKib(to - from)}`} sx={{ position: 'absolute', insetBlock: 0, left: at(from), width: at(to - from), background: paint[kind] }} />)}
      {devices.map(({ at: from, size, words }, index) => <Box key={index} title={words} sx={{ position: 'absolute', insetBlock: 0, left: at(from), width: at(size), borderLeft: `2px solid ${ink}` }} />)}
    </Box>
  );
};

const Legend = ({ parts, devices, freeSlots, most, total }: MemoryParts): ReactNode => {
  const paint = usePaint();
  const { line } = useColors();
  return (
    <Box component="ul" aria-label="What the memory is" sx={{ listStyle: 'none', m: 0, p: 0, display: 'flex', flexWrap: 'wrap', gap: '4px 16px', color: 'text.secondary' }}>
      {parts.map(({ kind, from, to }) => (
        <Box component="li" key={kind} sx={{ display: 'flex', alignItems: 'center', gap: '6px' }}>
          <Box aria-hidden sx={{ width: 12, height: 12, borderRadius: '3px', background: paint[kind], border: `1px solid ${line}` }} />
          <span>{partNames[kind]} <Box component="span" sx={{ color: 'text.primary' }} title={`${to - from} KiB`}>{sayKib(to - from)}</Box></span>
        </Box>
      ))}
      {devices.length > 0 && <li>{devices.map(({ words }) => words).join('; ')}</li>}
      {most > total && <li>{freeSlots} free slot{freeSlots === 1 ? '' : 's'}</li>}
    </Box>
  );
};

/** Numbers that the guest told last. */
const Numbers = ({ tuning, now }: { readonly tuning: Tuning; readonly now: number }): ReactNode => {
  const told = useBalloon(tuning.guest.host, tuning.guest.uuid);
  if (told === null) return null;
  const each = (count: number | null): string | null => (count === null ? null : `${Math.round(count)}/s`);
  const size = (kib: number | null): string | null => (kib === null ? null : sayKib(kib));
  const numbers: readonly (readonly [string, string | null])[] = [
    ['Has', size(told.actual)],
    ['Available', size(told.usable)], ['On the host', size(told.rss)],
    ['Swapped in', told.swapIn === null ? null : `${sayKib(Math.round(told.swapIn))}/s`], ['Swapped out', told.swapOut === null ? null : `${sayKib(Math.round(told.swapOut))}/s`],
    ['Major faults', each(told.majorFaults)], ['Minor faults', each(told.minorFaults)],
  ];
  const silent = told.lastUpdate === null || told.lastUpdate === 0;
  return (
    <Box sx={{ display: 'grid', gap: '4px' }}>
      <Box component="dl" sx={{ m: 0, display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(104px, 1fr))', gap: '6px 12px' }}>
        {numbers.flatMap(([name, value]) => (value === null ? [] : [(
          <Box key={name}>
            <Box component="dt" sx={{ color: 'text.secondary', fontSize: 12 }}>{name}</Box>
            <Box component="dd" sx={{ m: 0, fontVariantNumeric: 'tabular-nums' }}>{value}</Box>
          </Box>
        )]))}
      </Box>
      <Box sx={{ color: 'text.secondary', fontSize: 12 }}>
        {silent ? 'The guest has told nothing of its own: it has no balloon driver, or is not asked.' : `The guest told this ${timeAgo((told.lastUpdate ?? 0) * 1000, now)}.`}
      </Box>
    </Box>
  );
};

/** The card's picture: of the running guest where there is one, else of what it starts with. */
export const MemoryBar = ({ tuning }: { readonly tuning: Tuning }): ReactNode => {
  const { guest, actual, edited, xml, facts, fixed, set } = tuning;
  const runs = actual.live !== null;
  useInterest(runs ? { host: guest.host, groups: ['balloon'], uuids: [guest.uuid] } : null);
  const told = useBalloon(guest.host, guest.uuid);
  const now = useNow();
  const has = { live: runs, saved: actual.saved !== null };
  const [chosen, choose] = useState<ShownTruth>('both');
  const shown: ShownTruth = has.live && has.saved ? chosen : has.live ? 'live' : 'saved';
  const truth: Truth = shown === 'saved' ? 'saved' : 'live';
  const definition = xml[truth];
  const balloon = actual[truth]?.currentMemory[''];
  const target = edited[truth]?.currentMemory[''];
  if (definition === null || balloon === undefined || target === undefined) return null;
  const bar = memoryParts(definition, truth === 'live' ? (told?.actual ?? balloon) : balloon, truth === 'live' ? told : null);
  const words = truth === 'live' ? balloonWords(facts.balloon, bar.actual, now) : null;
  const on = truths.filter((each) => shown === 'both' || each === shown);
  return (
    <Box sx={{ display: 'grid', gap: '10px', mb: '16px' }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '6px 12px' }}>
        <span>Balloon <strong title={`${target} KiB`}>{sayKib(target)}</strong>{target === balloon ? '' : `, was ${sayKib(balloon)}`} of {sayKib(bar.total)}</span>
        <Box sx={{ flex: 1 }} />
        <TruthSwitch value={shown} has={has} onChange={choose} />
      </Box>
      <Box sx={{ position: 'relative' }}>
        <Drawing {...bar} />
        <Slider
          aria-label={`Balloon target, ${shown === 'both' ? 'now and after restart' : shown === 'live' ? 'now' : 'after restart'}`}
          value={target}
          min={0}
          max={bar.most}
          step={balloonStep(bar.total)}
          disabled={fixed !== null}
          getAriaValueText={sayKib}
          valueLabelDisplay="auto"
          valueLabelFormat={sayKib}
          onChange={(_, value) => set('currentMemory', on, { '': Math.min(Math.max(typeof value === 'number' ? value : target, balloonStep(bar.total)), bar.total) })}
          sx={{
            position: 'absolute', inset: 0, height, p: 0, '& .MuiSlider-rail, & .MuiSlider-track': { opacity: 0, border: 0 },
            '& .MuiSlider-thumb': { width: 10, height: height + 8, borderRadius: '4px', bgcolor: 'background.paper', border: 2, borderColor: 'primary.main' },
          }}
        />
      </Box>
      <Legend {...bar} />
      {words !== null && <Alert severity={words.level} role="status">{words.text}</Alert>}
      {runs && <Numbers tuning={tuning} now={now} />}
      {runs && <DirtyRate guest={guest} fixed={fixed} />}
    </Box>
  );
};
