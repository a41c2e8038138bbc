// The field in the top bar: finds guests, hosts and places by name; Ctrl+K goes to it.
import Autocomplete, { createFilterOptions } from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import InputAdornment from '@mui/material/InputAdornment';
import TextField from '@mui/material/TextField';
import { mdiMagnify } from '@mdi/js';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import type { Fleet } from '../api/fleet.ts';
import { Icon } from '../ui/icon.tsx';
import { GuestDot, PhaseDot } from '../ui/status-chip.tsx';
import { monospace } from '../ui/theme.ts';
import { go } from './place.ts';

export interface Found {
  readonly key: string;
  readonly kind: 'Guests' | 'Hosts' | 'Actions';
  readonly label: string;
  readonly detail: string;
  readonly mark?: ReactNode;
  readonly act: () => void;
}

/** Enough to choose from; whoever needs the next one types another letter. */
const shown = createFilterOptions<Found>({ limit: 40, stringify: ({ label, detail }) => `${label} ${detail}` });

/** Everything that can be found: actions first given, then hosts, then guests. */
export const findables = (fleet: Fleet, actions: readonly Found[]): readonly Found[] => [
  ...fleet.guests.map((guest): Found => ({
    key: `${guest.host}/${guest.uuid}`, kind: 'Guests', label: guest.name, detail: guest.hostName, mark: <GuestDot state={guest.state} />,
    act: () => go({ at: 'guest', host: guest.host, uuid: guest.uuid, tab: 'overview' }),
  })),
  ...fleet.connections.map((connection): Found => ({
    key: connection.id, kind: 'Hosts', label: connection.name, detail: [connection.uri, connection.group, ...connection.tags].filter((text) => text !== '').join(' · '), mark: <PhaseDot phase={connection.state.phase} />,
    act: () => go({ at: 'host', host: connection.id }),
  })),
  ...actions,
];

export const Palette = ({ fleet, actions }: { readonly fleet: Fleet; readonly actions: readonly Found[] }): ReactNode => {
  const field = useRef<HTMLDivElement>(null);
  const [text, setText] = useState('');
  const options = useMemo(() => findables(fleet, actions), [fleet, actions]);
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'k') return;
      event.preventDefault();
      const input = field.current?.querySelector('input');
      input?.focus();
      input?.select();
    };
    window.addEventListener('keydown', focus);
    return () => window.removeEventListener('keydown', focus);
  }, []);
  return (
    <Autocomplete<Found>
      ref={field}
      options={options}
      value={null}
      inputValue={text}
      onInputChange={(_, value, reason) => setText(reason === 'selectOption' ? '' : value)}
      onChange={(_, found) => {
        found?.act();
      }}
      filterOptions={shown}
      groupBy={({ kind }) => kind}
      getOptionLabel={({ label }) => label}
      getOptionKey={({ key }) => key}
      isOptionEqualToValue={(one, other) => one.key === other.key}
      autoHighlight
      openOnFocus
      blurOnSelect
      forcePopupIcon={false}
      noOptionsText="No guest, host or action has this in its name"
      sx={{ flex: '0 1 460px', minWidth: 120 }}
      slotProps={{ paper: { sx: { fontSize: 13 } }, listbox: { 'aria-label': 'Found' } }}
      renderOption={({ key, ...props }, { label, detail, mark }) => (
        <Box component="li" key={key} {...props} sx={{ gap: 1 }}>
          {mark}
          <span>{label}</span>
          <Box component="span" sx={{ ml: 'auto', color: 'text.secondary', fontSize: 12, overflow: 'hidden', textOverflow: 'ellipsis' }}>{detail}</Box>
        </Box>
      )}
      renderInput={(props) => (
        <TextField
          {...props}
          placeholder="Find a guest, host or action…"
          slotProps={{
            ...props.slotProps,
            htmlInput: { ...props.slotProps.htmlInput, 'aria-label': 'Find a guest, host or action' },
            input: {
              ...props.slotProps.input,
              sx: { bgcolor: 'background.default', height: 32, py: '0 !important' },
              startAdornment: <InputAdornment position="start"><Icon path={mdiMagnify} size={16} /></InputAdornment>,
              endAdornment: <Box component="kbd" sx={{ font: `11px ${monospace}`, border: 1, borderBottomWidth: 2, borderColor: 'divider', borderRadius: '4px', px: '5px', bgcolor: 'background.paper', color: 'text.secondary', whiteSpace: 'nowrap' }}>Ctrl K</Box>,
            },
          }}
        />
      )}
    />
  );
};
