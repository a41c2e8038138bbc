// What the marks of the matrix mean.
import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import type { HostDescription } from '../../app/contract/hosts.ts';
import { useColors } from '../ui/colors.ts';
import type { Shown } from './matrix-drawing.ts';

const Mark = ({ ground, children }: { readonly ground: string; readonly children: ReactNode }): ReactNode => (
  <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center', gap: '6px' }}>
    <Box component="span" aria-hidden sx={{ width: 12, height: 12, borderRadius: '2px', background: ground, flex: 'none' }} />
    {children}
  </Box>
);

export const Legend = ({ shown, kinds, others }: { readonly shown: Shown; readonly kinds: HostDescription['cpuKinds']; readonly others: readonly string[] }): ReactNode => {
  const { nodes, cell, change, hatch, ink, panel, warn } = useColors();
  const [pin = ''] = nodes;
  const names = others.length > 3 ? `${others.slice(0, 3).join(', ')} and ${others.length - 3} more` : others.join(', ');
  return (
    <Box sx={{ mt: '10px', color: 'text.secondary', display: 'flex', flexWrap: 'wrap', gap: '4px 18px', fontSize: 12 }}>
      <Mark ground={pin}>{shown === 'both' ? 'pinned now and after restart' : shown === 'live' ? 'pinned now' : 'pinned after restart'}</Mark>
      {shown === 'both' && (
        <>
          <Mark ground={`linear-gradient(${pin} 50%, ${cell} 50%)`}>now only</Mark>
          <Mark ground={`linear-gradient(${cell} 50%, ${pin} 50%)`}>after restart only</Mark>
        </>
      )}
      <Mark ground={`repeating-linear-gradient(45deg, ${change[0]} 0 4px, ${change[1]} 4px 8px)`}>will change</Mark>
      {shown !== 'saved' && <Mark ground={`radial-gradient(circle, ${panel} 0 2px, ${ink} 2.5px 4px, transparent 4.5px)`}>runs there at this moment</Mark>}
      {kinds !== null && kinds.isolated !== '' && <Mark ground={`repeating-linear-gradient(90deg, ${ink} 0 3px, transparent 3px 6px) bottom / 100% 2px no-repeat`}>isolated CPU</Mark>}
      {kinds !== null && kinds.performance !== '' && kinds.efficient !== '' && <span>P performance core, E efficiency core</span>}
      {others.length > 0 && <Mark ground={`repeating-linear-gradient(45deg, ${hatch[0]} 0 3px, ${hatch[1]} 3px 6px)`}>pinned by {names}</Mark>}
      {others.length > 0 && <Mark ground={`linear-gradient(225deg, ${warn.mark} 0 5px, ${panel} 5px 6px, ${pin} 6px)`}>pinned by this guest and by others</Mark>}
    </Box>
  );
};
