// Keeps what cannot be drawn from taking the whole page with it: it is said in its place, and everything around it goes on.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import type { ReactNode } from 'react';
import { ErrorBoundary, type FallbackProps } from 'react-error-boundary';
import { RefusalCard } from './refusal-card.tsx';

/** All that the error says is in the browser's console. */
const Told = ({ error }: FallbackProps): ReactNode => (
  <Box sx={{ p: '20px' }}>
    <RefusalCard
      title="This cannot be shown"
      refusal={{ code: 'bug', message: error instanceof Error ? error.message : String(error), remedy: 'Hosts and guests are not touched by this, and what you edited is kept. Load it again, or go on in another place.' }}
      below={<Button onClick={() => window.location.reload()}>Load again</Button>}
    />
  </Box>
);

/** @param at what is looked at: something else is tried to be drawn. */
export const Guarded = ({ at, children }: { readonly at: string; readonly children: ReactNode }): ReactNode => <ErrorBoundary FallbackComponent={Told} resetKeys={[at]}>{children}</ErrorBoundary>;
