// How far a connection came: each stage with what was seen there and the time it took.
import Box from '@mui/material/Box';
import CircularProgress from '@mui/material/CircularProgress';
import { mdiCheck, mdiClose, mdiMinus } from '@mdi/js';
import type { ReactNode } from 'react';
import type { StageReport } from '../../../app/contract/questions.ts';
import type { Stage } from '../../../app/contract/refusal.ts';
import { useColors } from '../../ui/colors.ts';
import { Icon } from '../../ui/icon.tsx';
import { stageNames } from '../../ui/refusal-card.tsx';
import { duration } from '../host/doctor-text.ts';

const order = Object.keys(stageNames);

/** One line a stage, in the order they are passed: the report of its end takes the place of the report of its start. */
export const lastReports = (reports: readonly StageReport[]): readonly StageReport[] =>
  [...new Map(reports.map((report) => [report.stage, report])).values()].toSorted((one, other) => order.indexOf(one.stage) - order.indexOf(other.stage));

const marks = { done: mdiCheck, failed: mdiClose, skipped: mdiMinus } as const;

/** One stage on its line: how it stands, its name, what is said of it, and the time it took. */
export const StageRow = ({ stage, mark, milliseconds, children }: {
  readonly stage: Stage;
  readonly mark: keyof typeof marks | 'started';
  readonly milliseconds?: number;
  readonly children: ReactNode;
}): ReactNode => {
  const { good, bad, accent, quiet } = useColors();
  const tone = { done: good, failed: bad, started: accent, skipped: quiet }[mark];
  return (
    <Box component="li" sx={{ display: 'flex', gap: '10px', alignItems: 'flex-start', py: '5px' }}>
      <Box sx={{ width: 20, height: 20, borderRadius: '50%', bgcolor: tone.soft, color: tone.text, display: 'grid', placeItems: 'center', flex: 'none' }}>
        {mark === 'started' ? <CircularProgress size={12} color="inherit" aria-label="under way" /> : <Icon path={marks[mark]} size={13} title={mark} />}
      </Box>
      <Box sx={{ width: 120, flex: 'none', fontWeight: 600 }}>{stageNames[stage]}</Box>
      <Box sx={{ flex: 1, minWidth: 0, color: 'text.secondary', overflowWrap: 'anywhere' }}>{children}</Box>
      {milliseconds !== undefined && <Box sx={{ color: 'text.secondary', whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' }}>{duration(milliseconds)}</Box>}
    </Box>
  );
};

export const Stages = ({ reports }: { readonly reports: readonly StageReport[] }): ReactNode => (
  <Box component="ol" aria-label="Stages of connecting" sx={{ listStyle: 'none', m: 0, p: 0 }}>
    {lastReports(reports).map((report) => (
      <StageRow key={report.stage} stage={report.stage} mark={report.outcome} {...(report.outcome !== 'started' && { milliseconds: report.milliseconds })}>
        {report.outcome === 'done' ? report.seen : report.outcome === 'failed' ? 'refused' : 'under way'}
      </StageRow>
    ))}
  </Box>
);
