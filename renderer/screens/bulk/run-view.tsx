// Work on many guests as it goes on, and what came of each.
import Box from '@mui/material/Box';
import LinearProgress from '@mui/material/LinearProgress';
import type { ReactNode } from 'react';
import type { Run, RunGuest } from '../../../app/contract/bulk.ts';
import { useAsk } from '../../api/api.tsx';
import { outcomeWords } from '../../panels/outcome-words.ts';
import { useColors } from '../../ui/colors.ts';
import { Chip, type ToneName } from '../../ui/tag.tsx';

/** A run as it is at this moment; null while it is not known. */
export const useRun = (id: string): Run | null => useAsk('bulk', 'runs', {}).data?.find((run) => run.id === id) ?? null;

const marks: Readonly<Record<RunGuest['state'], { readonly label: string; readonly tone: ToneName }>> = {
  waiting: { label: 'waiting', tone: 'quiet' },
  working: { label: 'under way', tone: 'accent' },
  done: { label: 'done', tone: 'good' },
  failed: { label: 'failed', tone: 'bad' },
  left: { label: 'not begun', tone: 'warn' },
};

const countOf = (run: Run, ...states: readonly RunGuest['state'][]): number => run.guests.filter(({ state }) => states.includes(state)).length;

/** Guests that are still to be done, whyever. */
export const leftOver = (run: Run): readonly RunGuest[] => run.guests.filter(({ state }) => state === 'failed' || state === 'left');

/** How far a run is, or how it ended. */
export const runWords = (run: Run): string => {
  const [done, failed, left] = [countOf(run, 'done'), countOf(run, 'failed'), countOf(run, 'left')];
  return [`${done} of ${run.guests.length} done`, ...(failed > 0 ? [`${failed} failed`] : []), ...(left > 0 ? [`${left} not begun`] : []), ...(run.cancelled ? ['cancelled'] : [])].join(' · ');
};

const wordsOf = ({ state, words, outcome, unconfirmed = [], refusal }: RunGuest): string => {
  const came = outcome === undefined || (state === 'done' && outcome === 'complete') ? words : outcomeWords({ outcome, unconfirmed }).text;
  const why = refusal === undefined || refusal.message === words ? (refusal?.remedy ?? '') : `${refusal.message} ${refusal.remedy ?? ''}`;
  return `${came} ${why}`.trim();
};

/** Failures come first, then what is under way; what is done is least of interest. */
const order: Readonly<Record<RunGuest['state'], number>> = { failed: 0, working: 1, left: 2, waiting: 3, done: 4 };

export const RunView = ({ run }: { readonly run: Run }): ReactNode => {
  const { faint } = useColors();
  const over = countOf(run, 'done', 'failed', 'left');
  return (
    <>
      <Box role="status" sx={{ fontWeight: 600, mb: '6px' }}>{runWords(run)}</Box>
      <LinearProgress variant="determinate" aria-label={`Progress: ${run.title}`} value={(100 * over) / Math.max(1, run.guests.length)} color={run.ended !== null && leftOver(run).length > 0 ? 'warning' : 'primary'} />
      <Box component="ul" aria-label={`Guests of ${run.title}`} sx={{ listStyle: 'none', m: 0, mt: '8px', p: 0 }}>
        {run.guests.toSorted((one, other) => order[one.state] - order[other.state]).map((guest) => (
          <Box component="li" key={`${guest.host}/${guest.uuid}`} sx={{ display: 'flex', flexWrap: 'wrap', gap: '2px 10px', alignItems: 'baseline', py: '5px', borderBottom: `1px solid ${faint}`, contentVisibility: 'auto', containIntrinsicSize: 'auto 28px' }}>
            <Box component="strong" sx={{ overflowWrap: 'anywhere' }}>{guest.name}</Box>
            <Chip tone={marks[guest.state].tone}>{marks[guest.state].label}</Chip>
            <Box sx={{ color: 'text.secondary', overflowWrap: 'anywhere' }}>{wordsOf(guest)}</Box>
          </Box>
        ))}
      </Box>
    </>
  );
};
