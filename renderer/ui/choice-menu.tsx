// A button that opens a list to tick: a filter of several values.
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import { mdiMenuDown } from '@mdi/js';
import { type ReactNode, useState } from 'react';
import { Icon } from './icon.tsx';

export const ChoiceMenu = <V extends string>({ label, options, chosen, onChange, undo = 'Show all', isQuiet = false }: {
  readonly label: string;
  readonly options: readonly { readonly value: V; readonly label: string; /** How many have it; left out where nobody counts. */ readonly count?: number }[];
  readonly chosen: readonly V[];
  readonly onChange: (chosen: readonly V[]) => void;
  /** What choosing none of them is called. */
  readonly undo?: string;
  /** Something is always chosen, so that it need not be said. */
  readonly isQuiet?: boolean;
}): ReactNode => {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const says = chosen.length > 0 && !isQuiet;
  return (
    <>
      <Button aria-label={isQuiet ? label : `${label} filter${says ? `: ${chosen.length} chosen` : ''}`} aria-haspopup="menu" aria-expanded={anchor !== null} onClick={(event) => setAnchor(event.currentTarget)} endIcon={<Icon path={mdiMenuDown} />} {...(says && { color: 'primary' as const })}>
        {label}{says && `: ${chosen.length}`}
      </Button>
      <Menu open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)} slotProps={{ list: { dense: true, 'aria-label': label } }}>
        {options.map(({ value, label: text, count }) => {
          const ticked = chosen.includes(value);
          return (
            <MenuItem key={value} role="menuitemcheckbox" aria-checked={ticked} onClick={() => onChange(ticked ? chosen.filter((one) => one !== value) : [...chosen, value])}>
              <Checkbox checked={ticked} tabIndex={-1} disableRipple slotProps={{ input: { 'aria-hidden': true } }} sx={{ p: 0, mr: 1 }} />
              {text}{count !== undefined && ` (${count})`}
            </MenuItem>
          );
        })}
        {chosen.length > 0 && <MenuItem onClick={() => onChange([])}>{undo}</MenuItem>}
      </Menu>
    </>
  );
};
