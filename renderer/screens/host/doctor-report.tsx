// What the doctor found: the stages with their times, what a closer look showed where one failed, and what can be done.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { type ReactNode, useState } from 'react';
import type { DoctorReport, DoctorStage, Remedy } from '../../../app/contract/doctor.ts';
import { useColors } from '../../ui/colors.ts';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { StageRow } from '../add-host/stages.tsx';
import { RemedyDialog, takeRemedy } from './doctor-remedy.tsx';

const Said = ({ stage }: { readonly stage: DoctorStage }): ReactNode => {
  const { warn } = useColors();
  switch (stage.outcome) {
    case 'done':
      return <>{stage.seen}{stage.warnings.map((warning) => <Box key={warning} sx={{ color: warn.text }}>{warning}</Box>)}</>;
    case 'failed':
      return (
        <Box sx={{ display: 'grid', gap: 1 }}>
          <RefusalCard refusal={stage.refusal} />
          {stage.findings.length > 0 && (
            <Box component="ul" aria-label="Seen by a closer look" sx={{ m: 0, pl: 2.5 }}>
              {stage.findings.map((finding) => <li key={finding}>{finding}</li>)}
            </Box>
          )}
        </Box>
      );
    case 'skipped':
      return stage.why;
  }
};

export const ReportView = ({ id, report, onReport }: { readonly id: string; readonly report: DoctorReport; readonly onReport: (report: DoctorReport) => void }): ReactNode => {
  const [remedy, setRemedy] = useState<Remedy | null>(null);
  return (
    <Box sx={{ display: 'grid', gap: 1 }}>
      <Box component="ol" aria-label="Stages examined" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {report.stages.map((stage) => (
          <StageRow key={stage.stage} stage={stage.stage} mark={stage.outcome} {...(stage.outcome !== 'skipped' && { milliseconds: stage.milliseconds })}><Said stage={stage} /></StageRow>
        ))}
      </Box>
      {report.remedies.length > 0 && (
        <Box role="group" aria-label="What can be done" sx={{ display: 'flex', flexWrap: 'wrap', gap: 1 }}>
          {report.remedies.map(({ remedy: offered, label }, at) => (
            <Button key={JSON.stringify(offered)} {...(at === 0 && { variant: 'contained' as const, color: 'primary' as const })} onClick={() => takeRemedy(offered, id, setRemedy)}>{label}…</Button>
          ))}
        </Box>
      )}
      {remedy !== null && <RemedyDialog id={id} remedy={remedy} onReport={onReport} onClose={() => setRemedy(null)} />}
    </Box>
  );
};
