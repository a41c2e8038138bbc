// Types a text into a guest, key by key, at a rate that a console keeps up with; it can be stopped at any character.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import LinearProgress from '@mui/material/LinearProgress';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { type ReactNode, useEffect, useId, useState } from 'react';
import { type Key, type Layout, layoutLabel, layoutNames, strokesFor } from '../../../../app/domain/keyboard.ts';
import { monospace } from '../../../ui/theme.ts';

/** Milliseconds between characters. */
const pace = 30;

export const TypeText = ({ guest, layout, onLayout, press, onClose }: {
  readonly guest: string;
  readonly layout: Layout;
  readonly onLayout: (layout: Layout) => void;
  readonly press: (keys: readonly Key[]) => void;
  readonly onClose: () => void;
}): ReactNode => {
  const title = useId();
  const [text, setText] = useState('');
  const [typed, setTyped] = useState<number | null>(null);
  const { strokes, missing } = strokesFor(text, layout);
  const next = typed === null ? undefined : strokes[typed];
  useEffect(() => {
    if (typed === null) return undefined;
    if (next === undefined) return onClose();
    const timer = setTimeout(() => {
      press(next);
      setTyped(typed + 1);
    }, pace);
    return () => clearTimeout(timer);
  }, [typed, next, press, onClose]);
  return (
    <Dialog open onClose={onClose} aria-labelledby={title} maxWidth="sm" fullWidth>
      <DialogTitle id={title}>Type a text into {guest}</DialogTitle>
      <DialogContent sx={{ display: 'grid', gap: 2 }}>
        <Box sx={{ color: 'text.secondary' }}>It is typed as keystrokes where the guest has its focus. Line ends are Enter. The clipboard of this computer stays hidden from the guest.</Box>
        <TextField
          autoFocus multiline minRows={4} maxRows={12} label="Text" value={text} disabled={typed !== null} onChange={({ target }) => setText(target.value)} sx={{ mt: 1 }} slotProps={{ htmlInput: { spellCheck: false, style: { fontFamily: monospace } } }}
          error={missing.length > 0} helperText={missing.length > 0 ? `Left out, for this keyboard has no keys for them: ${missing.slice(0, 20).join(' ')}` : `${strokes.length} characters, about ${Math.max(1, Math.round((strokes.length * pace) / 1000))} s`}
        />
        <TextField select label="Keyboard of the guest" value={layout} disabled={typed !== null} onChange={({ target }) => onLayout(layoutNames.find((one) => one === target.value) ?? layout)}>
          {layoutNames.map((one) => <MenuItem key={one} value={one}>{layoutLabel(one)}</MenuItem>)}
        </TextField>
        {typed !== null && <LinearProgress variant="determinate" value={(100 * typed) / Math.max(1, strokes.length)} aria-label="Typed so far" />}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>{typed === null ? 'Cancel' : 'Stop'}</Button>
        <Button variant="contained" color="primary" disabled={strokes.length === 0 || typed !== null} onClick={() => setTyped(0)}>Type</Button>
      </DialogActions>
    </Dialog>
  );
};
