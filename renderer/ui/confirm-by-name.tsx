// A question before something is destroyed: the name has to be typed, and Cancel is what Enter does.
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { type ReactNode, useId, useState } from 'react';

export const ConfirmByName = ({ title, effect, name, verb, onConfirm, onCancel }: {
  readonly title: string;
  /** What will be lost. */
  readonly effect: ReactNode;
  readonly name: string;
  readonly verb: string;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}): ReactNode => {
  const [typed, setTyped] = useState('');
  const id = useId();
  return (
    <Dialog open onClose={onCancel} aria-labelledby={id} maxWidth="xs" fullWidth>
      <DialogTitle id={id}>{title}</DialogTitle>
      <DialogContent>
        <Typography component="div" sx={{ mb: 2 }}>{effect}</Typography>
        <TextField fullWidth autoComplete="off" label={`Type ${name} to confirm`} value={typed} onChange={(event) => setTyped(event.target.value)} sx={{ mt: 1 }} />
      </DialogContent>
      <DialogActions>
        <Button autoFocus onClick={onCancel}>Cancel</Button>
        <Button variant="contained" color="error" disabled={typed !== name} onClick={onConfirm}>{verb}</Button>
      </DialogActions>
    </Dialog>
  );
};
