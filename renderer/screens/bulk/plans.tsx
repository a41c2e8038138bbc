// The end of a dialog for many guests: their plans, applying them, and the run that follows.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import FormControlLabel from '@mui/material/FormControlLabel';
import { type ReactNode, useState } from 'react';
import type { PlannedGuest, Run } from '../../../app/contract/bulk.ts';
import { refusalOf, useTell } from '../../api/api.tsx';
import { plural } from '../../panels/plan-summary.ts';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { PlanList, plansWords, willing } from './plan-list.tsx';
import { leftOver, RunView, useRun } from './run-view.tsx';

/** A run that was begun here, until the dialog is closed. */
export const Going = ({ begun, onClose }: { readonly begun: Run; readonly onClose: () => void }): ReactNode => {
  const run = useRun(begun.id) ?? begun;
  const cancel = useTell('bulk', 'cancel');
  const over = leftOver(run).length === 0 ? '' : 'Those left over can be tried again there. ';
  return (
    <>
      <DialogContent><RunView run={run} /></DialogContent>
      <DialogActions>
        <Box sx={{ mr: 'auto', pl: '12px', color: 'text.secondary' }}>
          {run.ended === null ? 'This goes on when the dialog is closed: Tasks has it.' : `Tasks has it. ${over}${run.kind === 'tuning' ? 'All of it can be undone there.' : ''}`}
        </Box>
        {run.ended === null && <Button disabled={run.cancelled} onClick={() => cancel.mutate({ id: run.id })}>{run.cancelled ? 'Stops after those under way' : 'Cancel the rest'}</Button>}
        <Button autoFocus variant="contained" color="primary" onClick={onClose}>Close</Button>
      </DialogActions>
    </>
  );
};

/** @param title what the run is called. @param onBack leads back to what the plans came from; null = they came from no form. @param onBegun hears which guests are changed. */
export const Plans = ({ plans, title, onBack, onBegun, onClose }: {
  readonly plans: readonly PlannedGuest[];
  readonly title: string;
  readonly onBack: (() => void) | null;
  readonly onBegun?: () => void;
  readonly onClose: () => void;
}): ReactNode => {
  const apply = useTell('bulk', 'apply');
  const [stopAtFailure, setStop] = useState(false);
  if (apply.data !== undefined) return <Going begun={apply.data} onClose={onClose} />;
  const able = willing(plans);
  const start = (): void => apply.mutate(
    { title, stopAtFailure, guests: able.map(({ host, uuid, wanted, basis }) => ({ host, uuid, wanted, basis })) },
    { onSuccess: () => onBegun?.() },
  );
  return (
    <>
      <DialogContent>
        <Box role="status" sx={{ fontWeight: 600, mb: '6px' }}>{plansWords(plans)}</Box>
        {apply.error !== null && <RefusalCard refusal={refusalOf(apply.error)} title="Not applied" />}
        <PlanList plans={plans} />
      </DialogContent>
      <DialogActions>
        <FormControlLabel sx={{ mr: 'auto', pl: '12px' }} label="Stop at the first guest that fails" control={<Checkbox checked={stopAtFailure} onChange={(_, on) => setStop(on)} />} />
        <Button onClick={onBack ?? onClose}>{onBack === null ? 'Cancel' : 'Back'}</Button>
        <Button variant="contained" color="primary" loading={apply.isPending} disabled={able.length === 0} onClick={start}>Apply to {plural(able.length, 'guest')}</Button>
      </DialogActions>
    </>
  );
};
