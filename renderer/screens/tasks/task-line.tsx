// One task: what it is, how far, what it came to, and how to stop it.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import type { ReactNode } from 'react';
import type { Task } from '../../../app/contract/tasks.ts';
import { useAsk, useTell } from '../../api/api.tsx';
import { useColors } from '../../ui/colors.ts';
import { Chip, type ToneName } from '../../ui/tag.tsx';
import { dateTime } from '../../ui/time.ts';

const none: readonly Task[] = [];

/** Everything that takes its time, newest first. */
export const useTasks = (): readonly Task[] => useAsk('tasks', 'list', {}).data ?? none;

const marks: Readonly<Record<NonNullable<Task['outcome']>, { readonly label: string; readonly tone: ToneName }>> = {
  done: { label: 'done', tone: 'good' },
  failed: { label: 'failed', tone: 'bad' },
  cancelled: { label: 'cancelled', tone: 'warn' },
};

export const TaskLine = ({ task }: { readonly task: Task }): ReactNode => {
  const cancel = useTell('tasks', 'cancel');
  const { faint } = useColors();
  const { title, at, ended, outcome, progress, words, cancellable } = task;
  const mark = outcome === null ? { label: 'under way', tone: 'accent' as const } : marks[outcome];
  return (
    <Box component="li" sx={{ py: '8px', borderBottom: `1px solid ${faint}`, display: 'grid', gap: '4px' }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '2px 10px', alignItems: 'center' }}>
        <Box component="strong" sx={{ overflowWrap: 'anywhere', minWidth: 0 }}>{title}</Box>
        <Chip tone={mark.tone}>{mark.label}</Chip>
        <Box component="time" dateTime={new Date(at).toISOString()} sx={{ color: 'text.secondary', fontSize: 12, ml: 'auto' }}>{dateTime(ended ?? at)}</Box>
        {cancellable && <Button aria-label={`Cancel ${title}`} disabled={cancel.isPending} onClick={() => cancel.mutate({ id: task.id })}>Cancel</Button>}
      </Box>
      {ended === null && <LinearProgress aria-label={`Progress: ${title}`} {...(progress === null ? {} : { variant: 'determinate' as const, value: (100 * progress.done) / Math.max(1, progress.total) })} />}
      {words !== '' && <Box sx={{ color: 'text.secondary', fontSize: 12, overflowWrap: 'anywhere' }}>{words}</Box>}
      {cancel.error !== null && <Box role="alert" sx={{ color: 'error.main', fontSize: 12 }}>{cancel.error.message}</Box>}
    </Box>
  );
};
