// Everything that was done, on all hosts or on one.
import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import type { Fleet } from '../../api/fleet.ts';
import { addressOf } from '../place.ts';
import { HistoryList } from './history-list.tsx';

export const HistoryScreen = ({ host, fleet }: { readonly host: string | undefined; readonly fleet: Fleet }): ReactNode => {
  const name = fleet.connections.find(({ id }) => id === host)?.name ?? host;
  return (
    <Box sx={{ p: '14px 20px 20px', display: 'flex', flexDirection: 'column', gap: '14px', minHeight: 0, flex: 1 }}>
      <Box sx={{ display: 'flex', alignItems: 'baseline', flexWrap: 'wrap', gap: '4px 16px' }}>
        <Typography variant="h1">{host === undefined ? 'History' : <>History of <Link href={addressOf({ at: 'host', host })} color="inherit">{name}</Link></>}</Typography>
        {host !== undefined && <Link href={addressOf({ at: 'history' })}>All hosts</Link>}
      </Box>
      <Box sx={{ bgcolor: 'background.paper', border: 1, borderColor: 'divider', borderRadius: '10px', overflow: 'auto', minHeight: 0 }}>
        <HistoryList key={host ?? ''} of={host === undefined ? {} : { host }} withGuest />
      </Box>
    </Box>
  );
};
