// Combinations of keys that a browser or a desktop keeps for itself, pressed for the guest: the usual ones, and those that people add.
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import Divider from '@mui/material/Divider';
import FormControlLabel from '@mui/material/FormControlLabel';
import Checkbox from '@mui/material/Checkbox';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { mdiMenuDown } from '@mdi/js';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { combinationOf, combinations, type Key } from '../../../../app/domain/keyboard.ts';
import { useAsk, useTell } from '../../../api/api.tsx';
import { Icon } from '../../../ui/icon.tsx';

const OtherKeys = ({ kept, press, onClose }: { readonly kept: readonly string[]; readonly press: (keys: readonly Key[]) => void; readonly onClose: () => void }): ReactNode => {
  const title = useId();
  const setPreferences = useTell('program', 'setPreferences');
  const [text, setText] = useState('');
  const [keep, setKeep] = useState(true);
  const keys = combinationOf(text);
  const label = text.split('+').map((name) => name.trim()).join('+');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (keys === null) return;
    if (keep && !kept.includes(label) && combinations.every((one) => one.label !== label)) setPreferences.mutate({ preferences: { keyCombinations: [...kept.slice(-39), label] } });
    onClose();
    press(keys);
  };
  return (
    <Dialog open onClose={onClose} aria-labelledby={title} maxWidth="xs" fullWidth>
      <form noValidate onSubmit={submit}>
        <DialogTitle id={title}>Press other keys</DialogTitle>
        <DialogContent>
          <TextField
            autoFocus fullWidth label="Keys" placeholder="Ctrl+Shift+F3" value={text} onChange={({ target }) => setText(target.value)} sx={{ mt: 1 }} slotProps={{ htmlInput: { spellCheck: false, autoComplete: 'off' } }}
            error={text !== '' && keys === null} helperText={text !== '' && keys === null ? 'Up to five different keys with + between them: Ctrl, Alt, AltGr, Shift, Super, F1 to F12, Print, Delete, Up, letters and digits.' : 'Pressed together, in this order, by their names with + between them.'}
          />
          <FormControlLabel control={<Checkbox checked={keep} onChange={({ target }) => setKeep(target.checked)} />} label="Keep in the menu" />
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="contained" disabled={keys === null}>Press</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
};

/** @param press may give the focus to the guest: it is called once the menu is closed. */
export const KeyMenu = ({ disabled, press }: { readonly disabled: boolean; readonly press: (keys: readonly Key[]) => void }): ReactNode => {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [asking, setAsking] = useState(false);
  const { data } = useAsk('program', 'preferences', {});
  const kept = data?.keyCombinations ?? [];
  const own = kept.flatMap((label) => {
    const keys = combinationOf(label);
    return keys === null ? [] : [{ label, keys }];
  });
  const items = (list: typeof combinations): ReactNode => list.map(({ label, keys }) => (
    <MenuItem key={label} onClick={() => {
      setAnchor(null);
      press(keys);
    }}>{label}</MenuItem>
  ));
  return (
    <>
      <Button disabled={disabled} aria-haspopup="menu" aria-expanded={anchor !== null} onClick={(event) => setAnchor(event.currentTarget)} endIcon={<Icon path={mdiMenuDown} />}>Press keys</Button>
      <Menu open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)} slotProps={{ list: { dense: true, 'aria-label': 'Press keys' } }}>
        {items(combinations)}
        <Divider />
        {items(own)}
        <MenuItem onClick={() => {
          setAnchor(null);
          setAsking(true);
        }}>Other keys…</MenuItem>
      </Menu>
      {asking && <OtherKeys kept={kept} press={press} onClose={() => setAsking(false)} />}
    </>
  );
};
