// How many runs are under way, beside the way to them.
import type { ReactNode } from 'react';
import { useAsk } from '../../api/api.tsx';
import { Count } from '../place-row.tsx';

export const UnderWay = (): ReactNode => {
  const count = useAsk('bulk', 'runs', {}).data?.filter(({ ended }) => ended === null).length ?? 0;
  return count === 0 ? null : <Count>{count} under way</Count>;
};
