// A bar from nothing to a maximum.
import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import { useColors } from './colors.ts';

/** Above this share the bar warns. */
const tight = 0.8;

/** @param share 0..1, or null when nothing is known. */
export const Bar = ({ share, label, width = 110 }: { readonly share: number | null; readonly label: string; readonly width?: number | string }): ReactNode => {
  const { track, primary, warn } = useColors();
  return (
    <Box role="img" aria-label={label} title={label} sx={{ height: 6, width, borderRadius: '3px', bgcolor: track, flex: 'none', overflow: 'hidden' }}>
      <Box sx={{ height: '100%', borderRadius: '3px' }} style={{ width: `${Math.min(1, share ?? 0) * 100}%`, backgroundColor: (share ?? 0) > tight ? warn.mark : primary }} />
    </Box>
  );
};
