// The buttons around the fleet's table: what is shown of it, and how.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { memo, type ReactNode, useMemo } from 'react';
import type { Connection } from '../../../app/contract/connections.ts';
import { type FleetColumn, fleetColumns, fleetGroupings, type FleetView } from '../../../app/contract/fleet.ts';
import { type GuestState, guestStates } from '../../../app/domain/guest.ts';
import type { FleetGuest } from '../../api/fleet.ts';
import { ChoiceMenu } from '../../ui/choice-menu.tsx';
import { columnLabel } from './columns.ts';

export type Change = (part: Partial<Omit<FleetView, 'columns'>>) => void;

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

export const FilterButtons = memo(function FilterButtons({ states: chosenStates, hosts: chosenHosts, running, pending, onChange, guests, connections }: Pick<FleetView, 'states' | 'hosts' | 'running' | 'pending'> & { readonly onChange: Change; readonly guests: readonly FleetGuest[]; readonly connections: readonly Connection[] }): ReactNode {
  const counts = useMemo(() => countsOf(guests), [guests]);
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '8px' }}>
      <Button aria-pressed={running} title="Only guests that run" onClick={() => onChange({ running: !running })} {...(running && { color: 'primary' as const })}>Running</Button>
      <Button aria-pressed={pending} title="Only guests of which settings wait for a restart; reads the definition of each that runs once" onClick={() => onChange({ pending: !pending })} {...(pending && { color: 'primary' as const })}>Pending</Button>
      <ChoiceMenu
        label="State"
        options={stateNames.map((value) => ({ value, label: guestStates[value].label, count: counts.states.get(value) ?? 0 })).filter(({ count, value }) => count > 0 || chosenStates.includes(value))}
        chosen={chosenStates}
        onChange={(states) => onChange({ states: [...states] })}
      />
      <ChoiceMenu
        label="Host"
        options={connections.filter(({ id }) => counts.hosts.has(id)).map(({ id, name }) => ({ value: id, label: name, count: counts.hosts.get(id) ?? 0 }))}
        chosen={chosenHosts}
        onChange={(chosen) => onChange({ hosts: [...chosen] })}
      />
    </Box>
  );
});

const groupingNames = { none: 'No groups', host: 'By host', state: 'By state', tag: 'By tag' } as const satisfies Readonly<Record<FleetView['grouping'], string>>;

export const ArrangeButtons = memo(function ArrangeButtons({ grouping, columns, onChange, onColumns }: Pick<FleetView, 'grouping' | 'columns'> & { readonly onChange: Change; readonly onColumns: (columns: readonly FleetColumn[]) => void }): ReactNode {
  return (
    <>
      <TextField
        select
        value={grouping}
        onChange={({ target }) => onChange({ grouping: fleetGroupings.find((name) => name === target.value) ?? 'none' })}
        slotProps={{ htmlInput: { 'aria-label': 'Groups' }, input: { sx: { height: 30, bgcolor: 'background.paper' } } }}
      >
        {fleetGroupings.map((name) => <MenuItem key={name} value={name}>{groupingNames[name]}</MenuItem>)}
      </TextField>
      <ChoiceMenu
        label="Columns"
        options={fleetColumns.map((value) => ({ value, label: columnLabel(value) }))}
        chosen={columns}
        onChange={onColumns}
        undo="The usual columns"
        isQuiet
      />
    </>
  );
});
