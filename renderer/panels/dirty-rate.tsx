// How fast a guest writes to its memory, measured when asked: it tells whether a live migration can come to an end.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import type { ReactNode } from 'react';
import { refusalOf, useTell } from '../api/api.tsx';
import { RefusalCard } from '../ui/refusal-card.tsx';
import type { GuestKey } from './tuning.ts';

/** Seconds it is measured for. */
const seconds = 2;

/** @param fixed why nothing of the guest can be asked for; null = it can. */
export const DirtyRate = ({ guest, fixed }: { readonly guest: GuestKey; readonly fixed: string | null }): ReactNode => {
  const measure = useTell('memory', 'dirtyRate');
  return (
    <Box sx={{ display: 'grid', gap: '6px' }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '6px 12px' }}>
        <Button loading={measure.isPending} disabled={fixed !== null} title={fixed ?? undefined} onClick={() => measure.mutate({ host: guest.host, uuid: guest.uuid, seconds })}>Measure writing</Button>
        <Box component="span" role="status" sx={{ color: 'text.secondary' }}>
          {measure.data === undefined ? `How much memory the guest writes to, over ${seconds} s.` : `The guest writes to ${measure.data.mebibytesPerSecond} MiB of its memory each second.`}
        </Box>
      </Box>
      {measure.error !== null && <RefusalCard refusal={refusalOf(measure.error)} title="Not measured" />}
    </Box>
  );
};
