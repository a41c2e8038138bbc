// The question before somebody else is thrown out of a console.
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { type ReactNode, useId } from 'react';

export const TakeOver = ({ console: name, onTake, onClose }: { readonly console: string; readonly onTake: () => void; readonly onClose: () => void }): ReactNode => {
  const title = useId();
  return (
    <Dialog open onClose={onClose} aria-labelledby={title} maxWidth="xs" fullWidth>
      <DialogTitle id={title}>Take over {name}?</DialogTitle>
      <DialogContent>Only one client can have it open. Whoever has it now is disconnected from it; what runs inside the guest goes on.</DialogContent>
      <DialogActions>
        <Button autoFocus onClick={onClose}>Cancel</Button>
        <Button variant="contained" color="error" onClick={onTake}>Take over</Button>
      </DialogActions>
    </Dialog>
  );
};
