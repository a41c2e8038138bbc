// A form in a dialog that asks main once: what it needs, why it was refused, and the verb.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { type FormEvent, type ReactNode, useId } from 'react';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import type { Act } from './act.ts';

export const AskDialog = ({ title, verb, act, wide = false, destroys = false, disabled = false, done = false, onSubmit, onClose, children }: {
  readonly title: string;
  readonly verb: string;
  readonly act: Act;
  readonly wide?: boolean;
  /** Then Cancel has the focus. */
  readonly destroys?: boolean;
  readonly disabled?: boolean;
  /** What was asked for is there; only Close is left. */
  readonly done?: boolean;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}): ReactNode => {
  const id = useId();
  return (
    <Dialog open onClose={act.busy ? undefined : onClose} aria-labelledby={id} maxWidth={wide ? 'md' : 'sm'} fullWidth>
      <Box component="form" noValidate sx={{ display: 'flex', flexDirection: 'column', minHeight: 0 }} onSubmit={(event: FormEvent) => {
        event.preventDefault();
        onSubmit();
      }}>
        <DialogTitle id={id}>{title}</DialogTitle>
        <DialogContent sx={{ display: 'grid', gap: '10px' }}>
          {children}
          {act.refusal !== null && <RefusalCard refusal={act.refusal} title="Not done" />}
        </DialogContent>
        <DialogActions>
          <Button autoFocus={destroys || done} disabled={act.busy} onClick={onClose}>{done ? 'Close' : 'Cancel'}</Button>
          {!done && <Button type="submit" variant="contained" color={destroys ? 'error' : 'primary'} loading={act.busy} disabled={disabled}>{verb}</Button>}
        </DialogActions>
      </Box>
    </Dialog>
  );
};
