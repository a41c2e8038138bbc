// How many tasks are under way, beside the way to them.
import type { ReactNode } from 'react';
import { Count } from '../place-row.tsx';
import { useTasks } from '../tasks/task-line.tsx';

export const UnderWay = (): ReactNode => {
  const count = useTasks().filter(({ ended }) => ended === null).length;
  return count === 0 ? null : <Count>{count} under way</Count>;
};
