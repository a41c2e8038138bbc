// Hugepages that a host sets aside, node by node, and how to make the pool larger or smaller.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import { type ReactNode, useId, useState } from 'react';
import type { PagePool } from '../../../app/contract/memory.ts';
import { sayKib } from '../../../app/tuning/memory-size.ts';
import { refusalOf, useAsk, useTell } from '../../api/api.tsx';
import { Bar } from '../../ui/bar.tsx';
import { Card } from '../../ui/card.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';

const nameOf = ({ node, size }: PagePool): string => `${sayKib(size)} pages of node ${node}`;

/** Asks how many there are to be; says what was got. */
const Resize = ({ host, pool, onClose }: { readonly host: string; readonly pool: PagePool; readonly onClose: () => void }): ReactNode => {
  const [typed, setTyped] = useState(`${pool.count}`);
  const allocate = useTell('memory', 'allocatePages');
  const heading = useId();
  const count = /^\d+$/.test(typed.trim()) ? Number(typed.trim()) : null;
  const inUse = pool.count - pool.free;
  const problem = count === null ? 'Write a whole number.' : count < inUse ? `${inUse} are in use and stay.` : null;
  const got = allocate.data;
  return (
    <Dialog open onClose={onClose} aria-labelledby={heading} maxWidth="xs" fullWidth>
      <DialogTitle id={heading}>{nameOf(pool)}</DialogTitle>
      <DialogContent sx={{ display: 'grid', gap: '12px' }}>
        <Box>The host keeps this memory for guests with hugepages; nothing else can use it. It lasts until the host restarts.</Box>
        <TextField
          autoFocus fullWidth label="Pages to set aside" value={typed} error={problem !== null} sx={{ mt: '6px' }}
          helperText={problem ?? `${sayKib((count ?? 0) * pool.size)} in all; ${pool.free} of ${pool.count} are free now`}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Box role="status">
          {got !== undefined && (got.count === count ? `The host has set aside ${got.count} pages.` : `The host found memory for ${got.count} of ${count ?? 0} pages. Memory in whole pages is easier to find soon after the host starts.`)}
        </Box>
        {allocate.error !== null && <RefusalCard refusal={refusalOf(allocate.error)} title="Not changed" />}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>{got === undefined ? 'Cancel' : 'Close'}</Button>
        <Button variant="contained" color="primary" loading={allocate.isPending} disabled={count === null || problem !== null || count === (got ?? pool).count} onClick={() => {
          if (count !== null) allocate.mutate({ host, node: pool.node, size: pool.size, count });
        }}>Set aside {typed.trim()} pages</Button>
      </DialogActions>
    </Dialog>
  );
};

/** @param fixed why nothing can be changed; null = it can. */
export const PagesCard = ({ host, fixed }: { readonly host: string; readonly fixed: string | null }): ReactNode => {
  const pages = useAsk('memory', 'pages', { host });
  const [chosen, choose] = useState<PagePool | null>(null);
  if (pages.data === undefined || pages.data.length === 0) return null;
  return (
    <Card title="Hugepages">
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gap: '8px' }}>
        {pages.data.map((pool) => (
          <Box component="li" key={`${pool.node}/${pool.size}`} sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '6px 12px' }}>
            <Box sx={{ minWidth: 170 }}>{nameOf(pool)}</Box>
            <Bar share={pool.count === 0 ? 0 : (pool.count - pool.free) / pool.count} label={`${pool.count - pool.free} of ${pool.count} ${nameOf(pool)} in use`} />
            <Box sx={{ color: 'text.secondary', mr: 'auto' }}>{pool.free} of {pool.count} free</Box>
            <Button disabled={fixed !== null} title={fixed ?? undefined} aria-label={`Change ${nameOf(pool)}`} onClick={() => choose(pool)}>Change…</Button>
          </Box>
        ))}
      </Box>
      {chosen !== null && <Resize host={host} pool={chosen} onClose={() => {
        choose(null);
        void pages.refetch();
      }} />}
    </Card>
  );
};
