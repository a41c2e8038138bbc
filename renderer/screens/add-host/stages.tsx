// How far a connection came: each stage with what was seen there and the time it took.
import Box from '@mui/material/Box';
import CircularProgress from '@mui/material/CircularProgress';
import { mdiCheck, mdiClose } from '@mdi/js';
import type { ReactNode } from 'react';
import type { StageReport } from '../../../app/contract/questions.ts';
import { useColors } from '../../ui/colors.ts';
import { Icon } from '../../ui/icon.tsx';
import { stageNames } from '../../ui/refusal-card.tsx';

const order = Object.keys(stageNames);

/** One line a stage, in the order they are passed: the report of its end takes the place of the report of its start. */
export const lastReports = (reports: readonly StageReport[]): readonly StageReport[] =>
  [...new Map(reports.map((report) => [report.stage, report])).values()].toSorted((one, other) => order.indexOf(one.stage) - order.indexOf(other.stage));

const duration = (milliseconds: number): string => (milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`);

export const Stages = ({ reports }: { readonly reports: readonly StageReport[] }): ReactNode => {
  const { good, bad, accent } = useColors();
  return (
    <Box component="ol" aria-label="Stages of connecting" sx={{ listStyle: 'none', m: 0, p: 0 }}>
      {lastReports(reports).map((report) => {
        const tone = report.outcome === 'done' ? good : report.outcome === 'failed' ? bad : accent;
        const says = report.outcome === 'done' ? report.seen : report.outcome === 'failed' ? 'refused' : 'under way';
        return (
          <Box component="li" key={report.stage} sx={{ display: 'flex', gap: '10px', alignItems: 'flex-start', py: '5px' }}>
            <Box sx={{ width: 20, height: 20, borderRadius: '50%', bgcolor: tone.soft, color: tone.text, display: 'grid', placeItems: 'center', flex: 'none' }}>
              {report.outcome === 'started' ? <CircularProgress size={12} color="inherit" aria-label="under way" /> : <Icon path={report.outcome === 'done' ? mdiCheck : mdiClose} size={13} title={report.outcome} />}
            </Box>
            <Box sx={{ width: 120, flex: 'none', fontWeight: 600 }}>{stageNames[report.stage]}</Box>
            <Box sx={{ flex: 1, color: 'text.secondary', overflowWrap: 'anywhere' }}>{says}</Box>
            {report.outcome !== 'started' && <Box sx={{ color: 'text.secondary', whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' }}>{duration(report.milliseconds)}</Box>}
          </Box>
        );
      })}
    </Box>
  );
};
