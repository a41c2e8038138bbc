// How a host is listed and used here: name, group, colour, tags, and what is allowed on it.
import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { type ReactNode, useId } from 'react';
import { type Connection, type HostColor, hostColors } from '../../../app/contract/connections.ts';
import { useColors } from '../../ui/colors.ts';
import { Tick } from '../../ui/tick.tsx';

export type Listing = Pick<Connection, 'name' | 'group' | 'color' | 'tags' | 'autoConnect' | 'readOnly' | 'allowPlain'>;

export const emptyListing: Listing = { name: '', group: '', color: null, tags: [], autoConnect: true, readOnly: false, allowPlain: false };

interface ListingFieldsProps {
  readonly listing: Listing;
  /** The name the host has when none is given. */
  readonly usualName: string;
  readonly isTcp: boolean;
  readonly connections: readonly Connection[];
  readonly busy: boolean;
  readonly onChange: (part: Partial<Listing>) => void;
}

const ColorChoice = ({ color, busy, onChange }: { readonly color: HostColor | null; readonly busy: boolean; readonly onChange: (color: HostColor | null) => void }): ReactNode => {
  const { hosts } = useColors();
  const label = useId();
  return (
    <Box>
      <Box id={label} sx={{ fontSize: 12, color: 'text.secondary', mb: 0.5 }}>Colour</Box>
      <ToggleButtonGroup exclusive value={color} aria-labelledby={label} disabled={busy} onChange={(_, chosen: HostColor | null) => onChange(chosen)}>
        {hostColors.map((one) => (
          <ToggleButton key={one} value={one} aria-label={one} title={one} sx={{ p: '6px' }}>
            <Box component="span" sx={{ width: 14, height: 14, borderRadius: '4px', bgcolor: hosts[one] }} />
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </Box>
  );
};

export const ListingFields = ({ listing, usualName, isTcp, connections, busy, onChange }: ListingFieldsProps): ReactNode => {
  const { name, group, color, tags, autoConnect, readOnly, allowPlain } = listing;
  const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)].filter((text) => text !== '').toSorted();
  return (
    <>
      <TextField label="Name in Guestdeck" value={name} disabled={busy} placeholder={usualName} onChange={(event) => onChange({ name: event.target.value })} />
      <Autocomplete
        freeSolo
        options={distinct(connections.map((one) => one.group))}
        inputValue={group}
        value={null}
        disabled={busy}
        onInputChange={(_, typed) => onChange({ group: typed })}
        renderInput={(props) => <TextField {...props} label="Group" placeholder="none" />}
      />
      <Autocomplete
        multiple
        freeSolo
        autoSelect
        options={distinct(connections.flatMap((one) => one.tags))}
        value={[...tags]}
        disabled={busy}
        onChange={(_, chosen) => onChange({ tags: [...new Set(chosen.map((tag) => tag.trim()))].filter((tag) => tag !== '') })}
        renderInput={(props) => <TextField {...props} label="Tags" placeholder={tags.length === 0 ? 'Enter after each' : ''} />}
      />
      <ColorChoice color={color} busy={busy} onChange={(chosen) => onChange({ color: chosen })} />
      <Tick label="Connect at start" effect="Connects whenever Guestdeck starts" checked={autoConnect} disabled={busy} onChange={(on) => onChange({ autoConnect: on })} />
      <Tick label="Read-only" effect="Looks and never changes: libvirt itself refuses whatever would change the host or a guest" checked={readOnly} disabled={busy} onChange={(on) => onChange({ readOnly: on })} />
      {isTcp && (
        <Tick
          label="Plain connection without login"
          effect={allowPlain ? 'Anybody on the way can read and change what is sent, and whoever reaches the daemon rules the host.' : 'Accepts a daemon that asks for no login; otherwise such a connection is refused'}
          bad={allowPlain}
          checked={allowPlain}
          disabled={busy}
          onChange={(on) => onChange({ allowPlain: on })}
        />
      )}
    </>
  );
};
