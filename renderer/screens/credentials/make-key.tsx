// Making an SSH key pair: its name, kind, comment and passphrase.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Typography from '@mui/material/Typography';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import type { KeyType, SshKey } from '../../../app/contract/credentials.ts';
import { refusalOf, useApi, useAsk } from '../../api/api.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';

const types: { readonly [T in KeyType]: { readonly label: string; readonly hint: string } } = {
  ed25519: { label: 'Ed25519', hint: 'Short and quick; every SSH server since 2014 takes it.' },
  rsa: { label: 'RSA, 3072 bits', hint: 'For hosts that are older than that.' },
};

export const MakeKeyDialog = ({ onClose, onMade }: { readonly onClose: () => void; readonly onMade: (key: SshKey) => void }): ReactNode => {
  const { client } = useApi();
  const about = useAsk('program', 'about', {});
  const title = useId();
  const [type, setType] = useState<KeyType>('ed25519');
  const [named, setNamed] = useState<string | null>(null);
  const [commented, setCommented] = useState<string | null>(null);
  const [passphrase, setPassphrase] = useState('');
  const [repeated, setRepeated] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const name = named ?? `id_${type}_guestdeck`;
  const comment = commented ?? `${about.data?.user ?? ''} by Guestdeck`.trim();
  const differs = passphrase !== repeated;
  // Not a mutation: its cache would keep the passphrase.
  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (differs) return;
    setBusy(true);
    setError(null);
    try {
      onMade(await client.ask('credentials', 'makeKey', { name, type, comment, ...(passphrase !== '' && { passphrase }) }));
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={busy ? undefined : onClose} aria-labelledby={title} maxWidth="sm" fullWidth>
      <form noValidate onSubmit={(event) => void make(event)}>
        <DialogTitle id={title}>Make an SSH key</DialogTitle>
        <DialogContent sx={{ display: 'grid', gap: 2 }}>
          <Typography>Writes two files to ~/.ssh: {name}, which stays on this computer, and {name}.pub, which hosts are given. Files that exist are never overwritten.</Typography>
          <Box>
            <ToggleButtonGroup exclusive value={type} aria-label="Kind of key" disabled={busy} onChange={(_, chosen: KeyType | null) => {
              if (chosen !== null) setType(chosen);
            }}>
              {Object.entries(types).map(([value, { label }]) => <ToggleButton key={value} value={value}>{label}</ToggleButton>)}
            </ToggleButtonGroup>
            <Box sx={{ color: 'text.secondary', fontSize: 12, mt: 0.5 }}>{types[type].hint}</Box>
          </Box>
          <TextField label="File name" value={name} disabled={busy} onChange={(event) => setNamed(event.target.value)} slotProps={{ htmlInput: { spellCheck: false } }} />
          <TextField label="Comment" value={comment} disabled={busy} helperText="Shown beside the key wherever it is listed." onChange={(event) => setCommented(event.target.value)} />
          <TextField label="Passphrase" type="password" autoComplete="new-password" value={passphrase} disabled={busy} helperText="Locks the file. Asked for once in each run of Guestdeck, or remembered. Without one, whoever can read the file can use the key." onChange={(event) => setPassphrase(event.target.value)} />
          <TextField label="Passphrase again" type="password" autoComplete="new-password" value={repeated} disabled={busy} error={differs && repeated !== ''} helperText={differs && repeated !== '' ? 'Differs from the first.' : ' '} onChange={(event) => setRepeated(event.target.value)} />
          {error !== null && <RefusalCard refusal={refusalOf(error)} />}
        </DialogContent>
        <DialogActions>
          <Button disabled={busy} onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="contained" color="primary" loading={busy} disabled={differs || name === ''}>Make key</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
};
