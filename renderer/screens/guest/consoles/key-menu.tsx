// Combinations of keys that a browser or a desktop keeps for itself, pressed for the guest.
import Button from '@mui/material/Button';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import { mdiMenuDown } from '@mdi/js';
import { type ReactNode, useState } from 'react';
import { combinations, type Key } from '../../../../app/domain/keyboard.ts';
import { Icon } from '../../../ui/icon.tsx';

export const KeyMenu = ({ disabled, press }: { readonly disabled: boolean; readonly press: (keys: readonly Key[]) => void }): ReactNode => {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  return (
    <>
      <Button disabled={disabled} aria-haspopup="menu" aria-expanded={anchor !== null} onClick={(event) => setAnchor(event.currentTarget)} endIcon={<Icon path={mdiMenuDown} />}>Press keys</Button>
      <Menu open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)} slotProps={{ list: { dense: true, 'aria-label': 'Press keys' } }}>
        {combinations.map(({ label, keys }) => (
          <MenuItem key={label} onClick={() => {
            setAnchor(null);
            press(keys);
          }}>{label}</MenuItem>
        ))}
      </Menu>
    </>
  );
};
