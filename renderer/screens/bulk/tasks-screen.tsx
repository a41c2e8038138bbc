// What was done to many guests since the program was started: how far it is, and the way back.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import { mdiCheckAll } from '@mdi/js';
import { type ReactNode, useState } from 'react';
import type { PlannedGuest, Run } from '../../../app/contract/bulk.ts';
import { refusalOf, useAsk, useTell } from '../../api/api.tsx';
import { plural } from '../../panels/plan-summary.ts';
import { Card, EmptyState } from '../../ui/card.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { dateTime } from '../../ui/time.ts';
import { TaskLine, useTasks } from '../tasks/task-line.tsx';
import { Plans } from './plans.tsx';
import { leftOver, RunView } from './run-view.tsx';
import { BulkDialog } from './tune-dialog.tsx';

interface Shown {
  readonly title: string;
  readonly plans: readonly PlannedGuest[];
}

const RunCard = ({ run }: { readonly run: Run }): ReactNode => {
  const cancel = useTell('bulk', 'cancel');
  const undo = useTell('bulk', 'undo');
  const again = useTell('bulk', 'again');
  const restart = useTell('bulk', 'restart');
  const [shown, setShown] = useState<Shown | null>(null);
  const left = leftOver(run);
  const undoable = run.guests.some(({ entry }) => entry !== null);
  const error = cancel.error ?? undo.error ?? again.error ?? restart.error;
  const retry = (): void => {
    if (run.kind === 'restart') restart.mutate({ title: run.title, guests: left.map(({ host, uuid }) => ({ host, uuid })), stopAtFailure: false });
    else again.mutate({ id: run.id }, { onSuccess: (plans) => setShown({ title: `Again: ${run.title}`.slice(0, 200), plans }) });
  };
  return (
    <Card
      title={run.title}
      beside={(
        <>
          <Box component="span" sx={{ color: 'text.secondary', mr: 'auto' }}><time dateTime={new Date(run.at).toISOString()}>{dateTime(run.at)}</time></Box>
          {run.ended === null && <Button disabled={run.cancelled} onClick={() => cancel.mutate({ id: run.id })}>{run.cancelled ? 'Stops after those under way' : 'Cancel the rest'}</Button>}
          {run.ended !== null && left.length > 0 && <Button loading={again.isPending || restart.isPending} onClick={retry}>Try {plural(left.length, 'guest')} again{run.kind === 'tuning' && '…'}</Button>}
          {run.ended !== null && run.kind === 'tuning' && <Button loading={undo.isPending} disabled={!undoable} onClick={() => undo.mutate({ id: run.id }, { onSuccess: (plans) => setShown({ title: `Undo: ${run.title}`.slice(0, 200), plans }) })}>Undo all…</Button>}
        </>
      )}
    >
      {error !== null && <RefusalCard refusal={refusalOf(error)} />}
      <Box sx={{ maxHeight: 360, overflow: 'auto' }} tabIndex={0} role="region" aria-label={`Results of ${run.title}`}><RunView run={run} /></Box>
      {shown !== null && <BulkDialog title={shown.title} onClose={() => setShown(null)}><Plans {...shown} onBack={null} onClose={() => setShown(null)} /></BulkDialog>}
    </Card>
  );
};

export const TasksScreen = (): ReactNode => {
  const runs = useAsk('bulk', 'runs', {});
  // Runs have cards of their own, with each of their guests.
  const others = useTasks().filter(({ kind }) => kind !== 'bulk');
  return (
    <Box sx={{ flex: 1, minHeight: 0, overflow: 'auto', p: '14px 20px', display: 'grid', gap: '14px', alignContent: 'start' }}>
      <Typography variant="h1">Tasks</Typography>
      {runs.error !== null && <RefusalCard refusal={refusalOf(runs.error)} title="The tasks cannot be read" />}
      {runs.isPending && <LinearProgress aria-label="Reading the tasks" />}
      {runs.data?.length === 0 && others.length === 0 && <EmptyState icon={mdiCheckAll} title="Nothing took its time yet">Select guests under All guests to tune or restart them together. Saving guests and setting hosts up are tasks too. What is under way, and what came of it, is here until the program ends; History keeps every change.</EmptyState>}
      {others.length > 0 && (
        <Card title="Guests and hosts">
          <Box component="ul" aria-label="Tasks of guests and hosts" sx={{ listStyle: 'none', m: 0, p: 0 }}>{others.map((task) => <TaskLine key={task.id} task={task} />)}</Box>
        </Card>
      )}
      {runs.data?.map((run) => <RunCard key={run.id} run={run} />)}
    </Box>
  );
};
