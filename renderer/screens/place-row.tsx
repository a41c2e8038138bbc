// One line of the sidebar: a link to a place, marked where the window is.
import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import type { ReactNode } from 'react';
import { useColors } from '../ui/colors.ts';
import { addressOf, type Place } from './place.ts';

export const PlaceRow = ({ place, here, start, children, end, indent = 0 }: {
  readonly place: Place;
  readonly here: boolean;
  readonly start?: ReactNode;
  readonly children: ReactNode;
  readonly end?: ReactNode;
  readonly indent?: number;
}): ReactNode => {
  const { accent } = useColors();
  return (
    <Link
      href={addressOf(place)}
      underline="none"
      color="inherit"
      {...(here && { 'aria-current': 'page' as const })}
      sx={{
        display: 'flex', alignItems: 'center', gap: 1, p: '4px 8px', pl: `${8 + indent}px`, borderRadius: '6px', minHeight: 28, flex: 1, minWidth: 0,
        ...(here ? { bgcolor: accent.soft, color: accent.text, fontWeight: 600 } : { '&:hover': { bgcolor: 'action.hover' } }),
      }}
    >
      {start}
      <Box component="span" sx={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{children}</Box>
      {end}
    </Link>
  );
};

export const Count = ({ children }: { readonly children: ReactNode }): ReactNode => <Box component="small" sx={{ ml: 'auto', fontSize: 11, color: 'text.secondary' }}>{children}</Box>;
