// The buttons around the fleet's table: what is shown of it, and how.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { type ReactNode, useMemo } from 'react';
import type { Connection } from '../../../app/contract/connections.ts';
import { type FleetColumn, fleetColumns, fleetGroupings, type FleetView } from '../../../app/contract/fleet.ts';
import { type GuestState, guestStates } from '../../../app/domain/guest.ts';
import type { FleetGuest } from '../../api/fleet.ts';
import { ChoiceMenu } from '../../ui/choice-menu.tsx';
import { columnLabel } from './columns.ts';
import { ViewsMenu } from './views-menu.tsx';

type Change = (part: Partial<Omit<FleetView, 'columns'>>) => void;

const stateNames = Object.keys(guestStates) as readonly GuestState[];

const countsOf = (guests: readonly FleetGuest[]): { readonly states: ReadonlyMap<GuestState, number>; readonly hosts: ReadonlyMap<string, number> } => {
  const states = new Map<GuestState, number>();
  const hosts = new Map<string, number>();
  for (const { state, host } of guests) {
    states.set(state, (states.get(state) ?? 0) + 1);
    hosts.set(host, (hosts.get(host) ?? 0) + 1);
  }
  return { states, hosts };
};

export const FilterButtons = ({ view, onChange, guests, hosts }: { readonly view: FleetView; readonly onChange: Change; readonly guests: readonly FleetGuest[]; readonly hosts: readonly Connection[] }): ReactNode => {
  const counts = useMemo(() => countsOf(guests), [guests]);
  const { running, pending } = view;
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '8px' }}>
      <Button aria-pressed={running} title="Only guests that run" onClick={() => onChange({ running: !running })} {...(running && { color: 'primary' as const })}>Running</Button>
      <Button aria-pressed={pending} title="Only guests of which settings wait for a restart; reads the definition of each that runs once" onClick={() => onChange({ pending: !pending })} {...(pending && { color: 'primary' as const })}>Pending</Button>
      <ChoiceMenu
        label="State"
        options={stateNames.map((value) => ({ value, label: guestStates[value].label, count: counts.states.get(value) ?? 0 })).filter(({ count, value }) => count > 0 || view.states.includes(value))}
        chosen={view.states}
        onChange={(states) => onChange({ states: [...states] })}
      />
      <ChoiceMenu
        label="Host"
        options={hosts.map(({ id, name }) => ({ value: id, label: name, count: counts.hosts.get(id) ?? 0 }))}
        chosen={view.hosts}
        onChange={(chosen) => onChange({ hosts: [...chosen] })}
      />
    </Box>
  );
};

const groupingNames = { none: 'No groups', host: 'By host', state: 'By state', tag: 'By tag' } as const satisfies Readonly<Record<FleetView['grouping'], string>>;

export const ViewButtons = ({ view, onChange, onColumns }: { readonly view: FleetView; readonly onChange: Change; readonly onColumns: (columns: readonly FleetColumn[]) => void }): ReactNode => (
  <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '8px' }}>
    <TextField
      select
      value={view.grouping}
      onChange={({ target }) => onChange({ grouping: fleetGroupings.find((name) => name === target.value) ?? 'none' })}
      slotProps={{ htmlInput: { 'aria-label': 'Groups' }, input: { sx: { height: 30, bgcolor: 'background.paper' } } }}
    >
      {fleetGroupings.map((name) => <MenuItem key={name} value={name}>{groupingNames[name]}</MenuItem>)}
    </TextField>
    <ChoiceMenu
      label="Columns"
      options={fleetColumns.map((value) => ({ value, label: columnLabel(value) }))}
      chosen={view.columns}
      onChange={onColumns}
      undo="The usual columns"
      isQuiet
    />
    <ViewsMenu
      view={view}
      onView={({ columns, ...rest }) => {
        onChange(rest);
        onColumns(columns);
      }}
    />
  </Box>
);
