// Profiles: named sets of settings for many guests, and how guests stand to them.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import LinearProgress from '@mui/material/LinearProgress';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { type ReactNode, useState } from 'react';
import { refusalOf, useAsk, useTell } from '../../api/api.tsx';
import type { Fleet } from '../../api/fleet.ts';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { BulkDialog } from '../bulk/tune-dialog.tsx';
import { ProfileCard } from './profile-card.tsx';
import { ProfileDialog } from './profile-dialog.tsx';

const ImportDialog = ({ onClose }: { readonly onClose: () => void }): ReactNode => {
  const take = useTell('profiles', 'importText');
  const [text, setText] = useState('');
  return (
    <BulkDialog title="Import profiles" onClose={onClose}>
      <DialogContent sx={{ display: 'grid', gap: '14px', pt: '8px !important' }}>
        <TextField autoFocus label="Profiles as JSON" multiline minRows={8} maxRows={20} value={text} onChange={(event) => setText(event.target.value)} slotProps={{ htmlInput: { spellCheck: false } }} />
        {take.error !== null && <RefusalCard refusal={refusalOf(take.error)} title="Not imported" />}
        {take.data !== undefined && <Alert severity="success">Imported: {take.data.map(({ name }) => name).join(', ')}.</Alert>}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>{take.data === undefined ? 'Cancel' : 'Close'}</Button>
        <Button variant="contained" color="primary" loading={take.isPending} disabled={text.trim() === ''} onClick={() => take.mutate({ text })}>Import</Button>
      </DialogActions>
    </BulkDialog>
  );
};

export const ProfilesScreen = ({ fleet }: { readonly fleet: Fleet }): ReactNode => {
  const profiles = useAsk('profiles', 'list', {});
  const [dialog, setDialog] = useState<'new' | 'import' | null>(null);
  const guest = fleet.guests.find(({ seen }) => seen === null) ?? null;
  return (
    <Box sx={{ flex: 1, minHeight: 0, overflow: 'auto', p: '14px 20px', display: 'grid', gap: '14px', alignContent: 'start' }}>
      <Box sx={{ display: 'flex', gap: '10px', alignItems: 'center', flexWrap: 'wrap' }}>
        <Typography variant="h1" sx={{ mr: 'auto' }}>Profiles</Typography>
        <Button onClick={() => setDialog('import')}>Import…</Button>
        <Button variant="contained" color="primary" onClick={() => setDialog('new')}>New profile…</Button>
      </Box>
      {profiles.error !== null && <RefusalCard refusal={refusalOf(profiles.error)} title="The profiles cannot be read" />}
      {profiles.isPending && <LinearProgress aria-label="Reading the profiles" />}
      {profiles.data?.map((profile) => <ProfileCard key={profile.id} profile={profile} guest={guest} />)}
      {dialog === 'new' && <ProfileDialog draft={{ id: null, name: '', description: '', settings: [] }} guest={guest} onClose={() => setDialog(null)} />}
      {dialog === 'import' && <ImportDialog onClose={() => setDialog(null)} />}
    </Box>
  );
};
