// Everything that was done, on all hosts.
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import { HistoryList } from './history-list.tsx';

export const HistoryScreen = (): ReactNode => (
  <Box sx={{ p: '14px 20px 20px', display: 'flex', flexDirection: 'column', gap: '14px', minHeight: 0, flex: 1 }}>
    <Typography variant="h1">History</Typography>
    <Box sx={{ bgcolor: 'background.paper', border: 1, borderColor: 'divider', borderRadius: '10px', overflow: 'auto', minHeight: 0 }}>
      <HistoryList of={{}} withGuest />
    </Box>
  </Box>
);
