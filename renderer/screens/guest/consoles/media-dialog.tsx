// The media in a guest's drives: another one is put in, or it is taken out, as a plan like any other.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { type ReactNode, useId, useState } from 'react';
import type { Settings } from '../../../../app/tuning/knobs.ts';
import { truths } from '../../../../app/tuning/knob.ts';
import type { Tuning } from '../../../panels/tuning.ts';
import { TextRow } from '../../certificates/rows.tsx';

type Disk = NonNullable<Settings['diskList'][string]>[number];

/** The drives for media, as they would be after applying what is wished already. */
export const drivesOf = (tuning: Tuning | null): readonly Disk[] => ((tuning?.edited.live ?? tuning?.edited.saved)?.diskList[''] ?? []).filter(({ device }) => device === 'cdrom' || device === 'floppy');

export const MediaDialog = ({ tuning, onClose }: { readonly tuning: Tuning; readonly onClose: () => void }): ReactNode => {
  const title = useId();
  const drives = drivesOf(tuning);
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const sourceOf = ({ target, source }: Disk): string => typed[target] ?? source ?? '';
  const plan = (): void => {
    for (const truth of truths) {
      const list = tuning.edited[truth]?.diskList[''];
      if (list === undefined) continue;
      tuning.set('diskList', [truth], { '': list.map((disk) => (typed[disk.target] === undefined ? disk : { ...disk, source: sourceOf(disk).trim() === '' ? null : sourceOf(disk).trim() })) });
    }
    onClose();
  };
  return (
    <Dialog open onClose={onClose} aria-labelledby={title} maxWidth="sm" fullWidth>
      <DialogTitle id={title}>Media of {tuning.guest.name}</DialogTitle>
      <DialogContent sx={{ display: 'grid', gap: '10px' }}>
        {drives.map((drive) => (
          <Box key={drive.target} sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto', gap: '10px', alignItems: 'start' }}>
            <TextRow label={`${drive.device === 'floppy' ? 'Floppy' : 'CD'} drive ${drive.target}`} value={sourceOf(drive)} placeholder="empty" hint="A file of the host, or a device below /dev." onChange={(text) => setTyped({ ...typed, [drive.target]: text })} />
            <Button disabled={sourceOf(drive) === ''} onClick={() => setTyped({ ...typed, [drive.target]: '' })}>Take out</Button>
          </Box>
        ))}
        <Box sx={{ color: 'text.secondary' }}>The plan below the page has the change, for the running guest and after a restart. A drive that the guest has locked is refused until the guest lets go of it.</Box>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="contained" disabled={Object.keys(typed).length === 0} onClick={plan}>Plan the change</Button>
      </DialogActions>
    </Dialog>
  );
};
