// What is under way, in the top bar wherever one is: a number, and the list of it behind.
import Badge from '@mui/material/Badge';
import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';
import Link from '@mui/material/Link';
import Popover from '@mui/material/Popover';
import Tooltip from '@mui/material/Tooltip';
import { mdiProgressCheck } from '@mdi/js';
import { type ReactNode, useState } from 'react';
import { Icon } from '../../ui/icon.tsx';
import { addressOf } from '../place.ts';
import { TaskLine, useTasks } from './task-line.tsx';

/** Lines of the list; the rest is under Tasks. */
const shown = 12;

export const TaskMenu = (): ReactNode => {
  const tasks = useTasks();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const underWay = tasks.filter(({ ended }) => ended === null).length;
  const label = underWay === 0 ? 'Tasks: nothing is under way' : `Tasks: ${underWay} under way`;
  const close = (): void => setAnchor(null);
  const inOrder = tasks.toSorted((one, other) => Number(one.ended !== null) - Number(other.ended !== null));
  return (
    <>
      <Tooltip title={label}>
        <IconButton aria-label={label} aria-haspopup="dialog" aria-expanded={anchor !== null} onClick={(event) => setAnchor(event.currentTarget)}>
          <Badge badgeContent={underWay} color="primary" slotProps={{ badge: { 'aria-hidden': true } }}><Icon path={mdiProgressCheck} /></Badge>
        </IconButton>
      </Tooltip>
      <Popover open={anchor !== null} anchorEl={anchor} onClose={close} anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }} transformOrigin={{ vertical: 'top', horizontal: 'right' }} slotProps={{ paper: { role: 'dialog', 'aria-label': 'Tasks', sx: { width: 'min(440px, 94vw)', maxHeight: '70vh', p: '10px 16px', border: 1, borderColor: 'divider' } } }}>
        {tasks.length === 0
          ? <Box sx={{ color: 'text.secondary', py: '6px' }}>Nothing took its time yet.</Box>
          : <Box component="ul" aria-label="Tasks" sx={{ listStyle: 'none', m: 0, p: 0 }}>{inOrder.slice(0, shown).map((task) => <TaskLine key={task.id} task={task} />)}</Box>}
        <Link href={addressOf({ at: 'tasks' })} onClick={close} sx={{ display: 'inline-block', mt: '8px' }}>All tasks</Link>
      </Popover>
    </>
  );
};
