// A card with a heading, and what stands in an empty place.
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { type ReactNode, useId } from 'react';
import { Icon } from './icon.tsx';

export const Card = ({ title, beside, children, fill = false }: { readonly title: ReactNode; readonly beside?: ReactNode; readonly children: ReactNode; readonly fill?: boolean }): ReactNode => {
  const id = useId();
  return (
    <Box component="section" aria-labelledby={id} sx={{ isolation: 'isolate', bgcolor: 'background.paper', border: 1, borderColor: 'divider', borderRadius: '10px', p: '14px 16px', minWidth: 0, height: fill ? '100%' : 'auto' }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '6px 10px', alignItems: 'center', mb: '10px', minHeight: 28 }}>
        <Typography id={id} variant="h2">{title}</Typography>
        {beside}
      </Box>
      {children}
    </Box>
  );
};

/** Says why a place is empty and what can be done about it. */
export const EmptyState = ({ icon, title, children, action }: { readonly icon: string; readonly title: string; readonly children?: ReactNode; readonly action?: ReactNode }): ReactNode => (
  <Box sx={{ display: 'grid', justifyItems: 'center', alignContent: 'center', gap: 1, p: 6, textAlign: 'center', color: 'text.secondary', minHeight: 220 }}>
    <Icon path={icon} size={40} />
    <Typography variant="h2" component="p" sx={{ color: 'text.primary' }}>{title}</Typography>
    {children !== undefined && <Typography component="div" sx={{ maxWidth: 460 }}>{children}</Typography>}
    {action !== undefined && <Box sx={{ mt: 1 }}>{action}</Box>}
  </Box>
);

/** Facts as a list of names and values. */
export const Facts = ({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }): ReactNode => (
  <Box component="dl" sx={{ m: 0, display: 'grid', gridTemplateColumns: 'max-content 1fr', gap: '6px 16px', alignContent: 'start', alignItems: 'center' }}>
    {facts.map(([name, value]) => (
      <Box key={name} sx={{ display: 'contents' }}>
        <Box component="dt" sx={{ color: 'text.secondary' }}>{name}</Box>
        <Box component="dd" sx={{ m: 0, minWidth: 0, overflowWrap: 'anywhere' }}>{value}</Box>
      </Box>
    ))}
  </Box>
);
