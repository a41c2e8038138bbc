// An icon from one of @mdi/js's paths; named only where it stands alone.
import SvgIcon from '@mui/material/SvgIcon';
import type { ReactNode } from 'react';

export const Icon = ({ path, size = 18, title }: { readonly path: string; readonly size?: number; readonly title?: string }): ReactNode => (
  <SvgIcon sx={{ fontSize: size }} {...(title === undefined ? { 'aria-hidden': true } : { titleAccess: title })}>
    <path d={path} />
  </SvgIcon>
);
