// What stands around a console: its name, how it stands, its buttons, and what was refused.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { type ReactNode, useState } from 'react';
import { RefusalCard } from '../../../ui/refusal-card.tsx';
import { Tag } from '../../../ui/tag.tsx';
import type { Returning } from './returning.ts';
import { TakeOver } from './take-over.tsx';

const words = (possible: boolean, { standing }: Returning): string => {
  if (standing.phase === 'open') return possible ? 'connected' : 'last seen';
  if (!possible) return 'waiting for the guest';
  return standing.phase === 'opening' ? 'connecting' : standing.returns ? 'lost, trying again' : 'closed';
};

/** @param waiting why it cannot be open now; null = it can. */
export const ConsoleFrame = ({ title, returning, waiting, tools, children }: {
  readonly title: string;
  readonly returning: Returning;
  readonly waiting: string | null;
  readonly tools: ReactNode;
  readonly children: ReactNode;
}): ReactNode => {
  const [asking, setAsking] = useState(false);
  const { standing, again } = returning;
  const refusal = waiting === null && standing.phase === 'over' ? standing.refusal : null;
  const taken = refusal?.code === 'console-taken';
  return (
    <Box component="section" aria-label={title} sx={{ bgcolor: 'background.paper', border: 1, borderColor: 'divider', borderRadius: '10px', minWidth: 0, minHeight: 0, display: 'flex', flexDirection: 'column', overflow: 'hidden' }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '6px 10px', p: '8px 12px', borderBottom: 1, borderColor: 'divider' }}>
        <Box component="h2" sx={{ m: 0, fontSize: 13, fontWeight: 700 }}>{title}</Box>
        <Box role="status" sx={{ mr: 'auto' }}><Tag>{words(waiting === null, returning)}</Tag></Box>
        {tools}
      </Box>
      {waiting !== null && <Alert severity="info" square>{waiting}</Alert>}
      {refusal !== null && (
        <Box sx={{ p: '8px 12px' }}>
          <RefusalCard
            refusal={refusal}
            title={standing.phase === 'over' && standing.returns ? 'Lost, trying again' : 'The console cannot be opened'}
            below={<>{taken && <Button onClick={() => setAsking(true)}>Take over…</Button>}<Button onClick={() => again()}>Try again</Button></>}
          />
        </Box>
      )}
      {/* Nothing is true of what is shown any more, but it may be read. */}
      <Box sx={{ flex: 1, minHeight: 0, position: 'relative', transition: 'opacity .2s', ...(standing.phase !== 'open' || waiting !== null ? { opacity: 0.5, filter: 'grayscale(1)' } : {}) }}>{children}</Box>
      {asking && <TakeOver console={title} onClose={() => setAsking(false)} onTake={() => {
        setAsking(false);
        again(true);
      }} />}
    </Box>
  );
};
