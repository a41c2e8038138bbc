// Lines as they are: a command, a script, what a program said. Reachable by keys, since long ones are scrolled.
import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import { monospace } from './theme.ts';

export const CodeBlock = ({ children, label }: { readonly children: string; readonly label?: string }): ReactNode => (
  <Box
    component="pre"
    tabIndex={0}
    {...(label !== undefined && { role: 'region', 'aria-label': label })}
    sx={{ m: 0, p: 1, border: 1, borderColor: 'divider', borderRadius: 1, fontFamily: monospace, fontSize: 12, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', maxHeight: 160, overflow: 'auto' }}
  >
    {children}
  </Box>
);
