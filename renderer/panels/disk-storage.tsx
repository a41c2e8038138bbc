// What each disk is on the host: its image, how much of it is used, the images below, and the way to make it larger while the guest runs.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { type ReactNode, useId, useState } from 'react';
import type { DiskStorage as Disk } from '../../app/contract/guests.ts';
import { printBytes } from '../../app/domain/bytes.ts';
import { readMeasure } from '../../app/tuning/measure.ts';
import { refusalOf, useAsk, useTell } from '../api/api.tsx';
import { RefusalCard } from '../ui/refusal-card.tsx';
import { monospace } from '../ui/theme.ts';
import type { GuestKey, Tuning } from './tuning.ts';

const sizeWords = ({ capacity, allocation }: Disk): string =>
  [capacity === null ? 'size not known' : printBytes(capacity), ...(allocation === null ? [] : [`${printBytes(allocation)} used on the host`])].join(', ');
const imageWords = ({ source, format }: Disk['chain'][number]): string => `${source ?? 'an image that is not named'}${format === null ? '' : ` (${format})`}`;

/** What is wrong with a wished size; null = nothing. */
const against = (wished: number | null, capacity: number | null): string | null =>
  wished === null ? 'Write a size such as 50 GiB.' : capacity !== null && wished <= capacity ? `It has ${printBytes(capacity)} already, and cannot be made smaller.` : null;

const GrowDialog = ({ guest, disk: { target, capacity }, onClose, onGrown }: { readonly guest: GuestKey; readonly disk: Disk; readonly onClose: () => void; readonly onGrown: () => void }): ReactNode => {
  const grow = useTell('guests', 'growDisk');
  const [typed, setTyped] = useState('');
  const id = useId();
  const wished = readMeasure(typed, 'bytes');
  const problem = against(wished, capacity);
  const start = (): void => {
    if (wished !== null && problem === null) grow.mutate({ host: guest.host, uuid: guest.uuid, target, capacity: wished }, { onSuccess: onGrown });
  };
  return (
    <Dialog open onClose={onClose} aria-labelledby={id} maxWidth="xs" fullWidth>
      <DialogTitle id={id}>Grow disk {target} of {guest.name}</DialogTitle>
      <DialogContent sx={{ display: 'grid', gap: '12px' }}>
        <Typography component="div">The guest sees the new size at once; its partitions and file systems are its own to grow. It cannot be made smaller again.</Typography>
        <TextField
          fullWidth autoFocus autoComplete="off" label={`New size${capacity === null ? '' : `, now ${printBytes(capacity)}`}`} value={typed} error={typed !== '' && problem !== null} helperText={typed === '' ? ' ' : (problem ?? `${wished} bytes`)}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') start();
          }}
          sx={{ mt: 1 }}
        />
        {grow.error !== null && <RefusalCard refusal={refusalOf(grow.error)} title="The disk was not made larger" />}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="contained" loading={grow.isPending} disabled={problem !== null} onClick={start}>Grow</Button>
      </DialogActions>
    </Dialog>
  );
};

export const DiskStorage = ({ tuning: { guest, xml, fixed } }: { readonly tuning: Tuning }): ReactNode => {
  const { data, error, refetch } = useAsk('guests', 'disks', { host: guest.host, uuid: guest.uuid });
  const [growing, setGrowing] = useState<string | null>(null);
  if (error !== null) return <Box sx={{ mb: '10px' }}><RefusalCard refusal={refusalOf(error)} title="What the disks are on the host cannot be read" /></Box>;
  const disk = data?.find(({ target }) => target === growing);
  return (
    <>
      <Box component="ul" aria-label="Disks on the host" sx={{ listStyle: 'none', m: 0, mb: '12px', p: 0, display: 'grid', gap: '10px' }}>
        {(data ?? []).map((each) => (
          <Box component="li" key={each.target} sx={{ display: 'flex', flexWrap: 'wrap', gap: '4px 16px', alignItems: 'start' }}>
            <Box sx={{ flex: '1 1 260px', minWidth: 0 }}>
              <Box><strong>{each.target}</strong> {each.source === null ? <Box component="span" sx={{ color: 'text.secondary' }}>empty</Box> : <span title={`${each.capacity ?? '?'} bytes, ${each.allocation ?? '?'} used`}>{sizeWords(each)}</span>}</Box>
              {each.source !== null && <Box sx={{ font: `12px ${monospace}`, overflowWrap: 'anywhere' }}>{imageWords(each)}</Box>}
              {each.chain.map((image, depth) => <Box key={depth} sx={{ pl: `${(depth + 1) * 14}px`, font: `12px ${monospace}`, color: 'text.secondary', overflowWrap: 'anywhere' }}>on {imageWords(image)}</Box>)}
            </Box>
            {xml.live !== null && each.source !== null && <Button aria-label={`Grow disk ${each.target}…`} disabled={fixed !== null} onClick={() => setGrowing(each.target)}>Grow…</Button>}
          </Box>
        ))}
      </Box>
      {disk !== undefined && (
        <GrowDialog
          guest={guest}
          disk={disk}
          onClose={() => setGrowing(null)}
          onGrown={() => {
            setGrowing(null);
            void refetch();
          }}
        />
      )}
    </>
  );
};
