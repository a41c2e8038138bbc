// All guests of all hosts in one table: filtered as one types, drawn only where it is looked at.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import InputAdornment from '@mui/material/InputAdornment';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { mdiFilterOutline, mdiServerNetworkOff } from '@mdi/js';
import { type ReactNode, useCallback, useDeferredValue, useMemo, useRef, useState } from 'react';
import { type GuestState, guestStates, isActive } from '../../../app/domain/guest.ts';
import { usePending } from '../../api/badges.ts';
import type { Fleet, FleetGuest } from '../../api/fleet.ts';
import { EmptyState } from '../../ui/card.tsx';
import { ChoiceMenu } from '../../ui/choice-menu.tsx';
import { Icon } from '../../ui/icon.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { ExpiryNotice } from '../certificates/expiry-notice.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { FleetTable } from './fleet-table.tsx';
import { chosen, inOrder, keyOf, type SortColumn, type View } from './rows.ts';

const stateNames = Object.keys(guestStates) as readonly GuestState[];

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

const countsOf = (guests: readonly FleetGuest[]): { readonly states: ReadonlyMap<GuestState, number>; readonly hosts: ReadonlyMap<string, number>; readonly running: number } => {
  const states = new Map<GuestState, number>();
  const hosts = new Map<string, number>();
  for (const { state, host } of guests) {
    states.set(state, (states.get(state) ?? 0) + 1);
    hosts.set(host, (hosts.get(host) ?? 0) + 1);
  }
  return { states, hosts, running: guests.filter(({ state }) => isActive(state)).length };
};

export const FleetScreen = ({ fleet, onAddHost }: { readonly fleet: Fleet; readonly onAddHost: () => void }): ReactNode => {
  const [view, setView] = useState<View>({ text: '', states: [], hosts: [], pending: false, sort: 'name', descending: false });
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  const filter = useRef<HTMLInputElement>(null);
  const { guests, connections } = fleet;
  const { text, states, hosts: chosenHosts, pending, sort, descending } = view;
  const waiting = usePending(guests, pending);
  // What is typed is shown at once; the rows follow as soon as there is time, and a further key makes them wait.
  const shownText = useDeferredValue(text);
  const ordered = useMemo(() => inOrder(guests, { sort, descending }), [guests, sort, descending]);
  const rows = useMemo(() => chosen(ordered, { text: shownText, states, hosts: chosenHosts, pending }, waiting.keys), [ordered, shownText, states, chosenHosts, pending, waiting.keys]);
  const selected = useMemo(() => guests.filter((guest) => selection.has(keyOf(guest))), [guests, selection]);
  const counts = useMemo(() => countsOf(guests), [guests]);
  const hosts = connections.filter(({ id }) => counts.hosts.has(id));
  const filtered = view.text !== '' || view.states.length > 0 || view.hosts.length > 0 || view.pending;
  const onSort = useCallback((by: SortColumn) => setView((before) => ({ ...before, sort: by, descending: before.sort === by && !before.descending })), []);
  const onType = useCallback((letter: string) => {
    setView((before) => ({ ...before, text: before.text + letter }));
    filter.current?.focus();
  }, []);
  const onShowAll = useCallback(() => setView((before) => ({ ...before, text: '', states: [], hosts: [], pending: false })), []);
  return (
    <>
      <Box sx={{ flex: 1, minHeight: 0, p: '14px 20px 20px', display: 'flex', flexDirection: 'column', gap: '14px' }}>
        <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '8px 10px' }}>
          <Typography variant="h1">All guests</Typography>
          <Typography sx={{ color: 'text.secondary', mr: 'auto' }} role="status">
            {plural(guests.length, 'guest')} on {plural(hosts.length, 'host')} · {counts.running} running{filtered && ` · ${rows.length} shown`}
          </Typography>
          <TextField
            placeholder="Filter"
            value={view.text}
            onChange={(event) => setView({ ...view, text: event.target.value })}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setView({ ...view, text: '' });
            }}
            inputRef={filter}
            slotProps={{
              htmlInput: { 'aria-label': 'Filter by name or host', type: 'search' },
              input: { sx: { height: 30, bgcolor: 'background.paper', width: 190 }, startAdornment: <InputAdornment position="start"><Icon path={mdiFilterOutline} size={16} /></InputAdornment> },
            }}
          />
          <Button aria-pressed={pending} loading={waiting.looking} title="Only guests of which settings wait for a restart" onClick={() => setView({ ...view, pending: !pending })} {...(pending && { color: 'primary' as const })}>Pending</Button>
          <ChoiceMenu
            label="State"
            options={stateNames.map((value) => ({ value, label: guestStates[value].label, count: counts.states.get(value) ?? 0 })).filter(({ count, value }) => count > 0 || view.states.includes(value))}
            chosen={view.states}
            onChange={(states) => setView({ ...view, states })}
          />
          <ChoiceMenu
            label="Host"
            options={hosts.map(({ id, name }) => ({ value: id, label: name, count: counts.hosts.get(id) ?? 0 }))}
            chosen={view.hosts}
            onChange={(chosen) => setView({ ...view, hosts: chosen })}
          />
        </Box>
        <ExpiryNotice linked />
        {fleet.refusals.map(({ host, name, refusal }) => <RefusalCard key={host} refusal={refusal} title={host === '' ? 'The list of hosts cannot be read' : `The guests of ${name} cannot be listed`} />)}
        <Box sx={{ flex: 1, minHeight: 0, display: 'flex', flexDirection: 'column', bgcolor: 'background.paper', border: 1, borderColor: 'divider', borderRadius: '10px', overflow: 'hidden' }}>
          {guests.length === 0 && !fleet.loading
            ? (
              <EmptyState icon={mdiServerNetworkOff} title={connections.length === 0 ? 'No hosts yet' : 'No guests to show'} action={<Button variant="contained" color="primary" onClick={onAddHost}>Add host…</Button>}>
                {connections.length === 0 ? 'Add a host to see its guests here.' : 'No connected host has a guest. Connect a host in the list on the left, or add another one.'}
              </EmptyState>
            )
            : (
              <FleetTable
                rows={rows}
                loading={fleet.loading}
                sort={sort}
                descending={descending}
                onSort={onSort}
                selection={selection}
                onSelection={setSelection}
                onType={onType}
                onShowAll={onShowAll}
              />
            )}
        </Box>
      </Box>
      {selected.length > 0 && <BulkBar selected={selected} onClear={() => setSelection(new Set())} />}
    </>
  );
};
