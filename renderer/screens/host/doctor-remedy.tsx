// One remedy: what it does and the very command, which is run only when that was read, and what came of it.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import Typography from '@mui/material/Typography';
import { type ReactNode, useId } from 'react';
import { commandOfRemedy, type DoctorReport, effectOfRemedy, isRunnable, labelOfRemedy, type Remedy } from '../../../app/contract/doctor.ts';
import { refusalOf, useTell } from '../../api/api.tsx';
import { CodeBlock } from '../../ui/code-block.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { go } from '../place.ts';

/** What a remedy's button does: certificates have a wizard of their own; of all else is told first what it does. */
export const takeRemedy = (remedy: Remedy, id: string, show: (remedy: Remedy) => void): void => {
  if (remedy.kind === 'makeCertificates') go({ at: 'certificates', setUp: id });
  else show(remedy);
};

/** @param onReport told of the examination after the remedy. */
export const RemedyDialog = ({ id, remedy, onReport, onClose }: {
  readonly id: string;
  readonly remedy: Remedy;
  readonly onReport: (report: DoctorReport) => void;
  readonly onClose: () => void;
}): ReactNode => {
  const title = useId();
  const run = useTell('connections', 'remedy');
  const planned = commandOfRemedy(remedy);
  const done = run.data;
  const start = (): void => {
    if (isRunnable(remedy)) run.mutate({ id, remedy }, { onSuccess: ({ report }) => onReport(report) });
  };
  return (
    <Dialog open onClose={run.isPending ? undefined : onClose} aria-labelledby={title} maxWidth="sm" fullWidth>
      <DialogTitle id={title}>{labelOfRemedy(remedy)}</DialogTitle>
      <DialogContent sx={{ display: 'grid', gap: 2 }}>
        <Typography>{effectOfRemedy(remedy)}</Typography>
        {planned !== null && (
          <Box>
            {isRunnable(remedy) && <Typography sx={{ mb: 0.5 }}>Runs on the host{planned.asRoot && ', by sudo unless root is logged in'}:</Typography>}
            <CodeBlock label="Command">{planned.command}</CodeBlock>
            <CopyButton label="Copy command" text={() => planned.command} />
          </Box>
        )}
        {run.error !== null && <RefusalCard refusal={refusalOf(run.error)} title="Not done" />}
        {done !== undefined && (
          <Box role="status" sx={{ display: 'grid', gap: 0.5 }}>
            <Typography>{outcomeWords(done)}</Typography>
            {done.output !== '' && <CodeBlock label="What it said">{done.output}</CodeBlock>}
          </Box>
        )}
      </DialogContent>
      <DialogActions>
        <Button autoFocus={!isRunnable(remedy)} disabled={run.isPending} onClick={onClose}>{done === undefined && isRunnable(remedy) ? 'Cancel' : 'Close'}</Button>
        {isRunnable(remedy) && done?.code !== 0 && <Button variant="contained" color="primary" loading={run.isPending} onClick={start}>{planned === null ? 'Show it' : done === undefined ? 'Run' : 'Run again'}</Button>}
      </DialogActions>
    </Dialog>
  );
};

const outcomeWords = ({ command, code, report }: { readonly command: string | null; readonly code: number | null; readonly report: DoctorReport }): string => {
  const ran = command === null ? '' : code === 0 ? 'The command was run. ' : `The command ended with ${code === null ? 'a signal' : `code ${code}`}. `;
  return `${ran}${report.well ? 'All stages are well now.' : 'A stage still fails: the report says which.'}`;
};
