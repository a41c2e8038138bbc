// Tags of the selected guests: given and taken away, of all at once.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import FormControlLabel from '@mui/material/FormControlLabel';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { type ReactNode, useId, useState } from 'react';
import { tagOf } from '../../../app/contract/tags.ts';
import { refusalOf, useTell } from '../../api/api.tsx';
import type { FleetGuest } from '../../api/fleet.ts';
import { useTags } from '../../api/tags.ts';
import { RefusalCard } from '../../ui/refusal-card.tsx';

export const TagsDialog = ({ guests, onClose }: { readonly guests: readonly FleetGuest[]; readonly onClose: () => void }): ReactNode => {
  const { byGuest, all } = useTags();
  const [wanted, setWanted] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [typed, setTyped] = useState('');
  const change = useTell('tags', 'change');
  const id = useId();
  const having = (tag: string): number => guests.filter(({ uuid }) => byGuest.get(uuid)?.includes(tag) === true).length;
  const fresh = tagOf.safeParse(typed);
  const add = (): void => {
    if (!fresh.success) return;
    setWanted(new Map(wanted).set(fresh.data, true));
    setTyped('');
  };
  const shown = [...all, ...[...wanted.keys()].filter((tag) => !all.includes(tag))];
  const tell = (): void => {
    const of = (on: boolean): string[] => [...wanted].flatMap(([tag, is]) => (is === on ? [tag] : []));
    // What is typed and not added yet is meant too.
    change.mutate({ uuids: [...new Set(guests.map(({ uuid }) => uuid))], add: [...new Set([...of(true), ...(fresh.success ? [fresh.data] : [])])], remove: of(false) }, { onSuccess: onClose });
  };
  return (
    <Dialog open onClose={onClose} aria-labelledby={id} maxWidth="xs" fullWidth>
      <DialogTitle id={id}>Tags of {guests.length === 1 ? guests[0]?.name : `${guests.length} guests`}</DialogTitle>
      <DialogContent>
        <Typography sx={{ color: 'text.secondary', mb: 1 }}>Kept by Guestdeck on this computer, also for guests of hosts that may only be looked at. A tag stays with its guest on whatever host it runs.</Typography>
        <Box sx={{ display: 'flex', flexDirection: 'column', maxHeight: 280, overflowY: 'auto' }}>
          {shown.map((tag) => {
            const count = having(tag);
            const on = wanted.get(tag);
            return (
              <FormControlLabel
                key={tag}
                control={<Checkbox checked={on ?? count === guests.length} indeterminate={on === undefined && count > 0 && count < guests.length} onChange={(_, is) => setWanted(new Map(wanted).set(tag, is))} />}
                label={`${tag}${guests.length > 1 && count > 0 ? ` (${count} of ${guests.length} now)` : ''}`}
              />
            );
          })}
        </Box>
        <Box component="form" sx={{ display: 'flex', gap: 1, mt: 1 }} onSubmit={(event) => {
          event.preventDefault();
          add();
        }}>
          <TextField autoFocus fullWidth label="New tag" value={typed} onChange={(event) => setTyped(event.target.value)} error={typed.trim() !== '' && !fresh.success} />
          <Button type="submit" disabled={!fresh.success}>Add</Button>
        </Box>
        {change.error !== null && <RefusalCard refusal={refusalOf(change.error)} title="The tags were not kept" />}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="contained" color="primary" disabled={wanted.size === 0 && !fresh.success} loading={change.isPending} onClick={tell}>Keep</Button>
      </DialogActions>
    </Dialog>
  );
};
