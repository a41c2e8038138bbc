// All guests of all hosts in one table: searched as one types, drawn only where it is looked at.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { mdiFilterRemoveOutline, mdiServerNetworkOff } from '@mdi/js';
import { type ReactNode, useCallback, useMemo, useRef, useState } from 'react';
import type { FleetOrder } from '../../../app/contract/fleet.ts';
import { isActive } from '../../../app/domain/guest.ts';
import type { SearchValues } from '../../../app/domain/search-suggestions.ts';
import { marksOf, useKnownBadges } from '../../api/badges.ts';
import type { Fleet } from '../../api/fleet.ts';
import { useTags } from '../../api/tags.ts';
import { plural } from '../../panels/plan-summary.ts';
import { EmptyState } from '../../ui/card.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { ExpiryNotice } from '../certificates/expiry-notice.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { allInterests, FleetTable } from './fleet-table.tsx';
import { useFound } from './found.ts';
import { FoundSays } from './found-says.tsx';
import { keyOf } from './rows.ts';
import { type Focusable, SearchField } from './search-field.tsx';
import { TotalsRow } from './totals-row.tsx';
import { unfiltered, useView } from './view.ts';
import { ArrangeButtons, FilterButtons } from './view-buttons.tsx';
import { ViewsMenu } from './views-menu.tsx';
import { Watch } from './watch.tsx';

export const FleetScreen = ({ fleet, onAddHost }: { readonly fleet: Fleet; readonly onAddHost: () => void }): ReactNode => {
  const { guests, connections } = fleet;
  const tags = useTags();
  const { view, change, setColumns } = useView(tags.all.length > 0);
  const found = useFound(guests, view, tags);
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  const [isMeasuring, setMeasuring] = useState(false);
  const search = useRef<Focusable>(null);
  const table = useRef<Focusable>(null);
  const selected = useMemo(() => guests.filter((guest) => selection.has(keyOf(guest))), [guests, selection]);
  const withGuests = useMemo(() => new Set(guests.map(({ host }) => host)), [guests]);
  const running = useMemo(() => guests.filter(({ state }) => isActive(state)).length, [guests]);
  const known = useKnownBadges(view.text.includes('tu'));
  const values = useMemo((): SearchValues => ({
    host: [...new Set(guests.map(({ hostName }) => hostName))],
    tag: tags.all,
    tuned: [...new Set([...known.values()].flatMap(marksOf))],
  }), [guests, tags, known]);
  const { text } = view;
  const { order, descending } = view;
  const onOrder = useCallback((by: FleetOrder) => change({ order: by, descending: by === order ? !descending : by === 'cpu' || by === 'used' }), [change, order, descending]);
  const onType = useCallback((letter: string) => {
    change({ text: text + letter });
    search.current?.focus();
  }, [change, text]);
  const isAllMeasured = isMeasuring || found.measured !== null;
  const everyone = useMemo(() => (isAllMeasured ? allInterests(guests) : []), [isAllMeasured, guests]);
  return (
    <>
      <Watch interests={everyone} />
      <Box sx={{ flex: 1, minHeight: 0, p: '14px 20px 20px', display: 'flex', flexDirection: 'column', gap: '8px' }}>
        <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '8px 10px' }}>
          <Typography variant="h1">All guests</Typography>
          <Typography sx={{ color: 'text.secondary', mr: 'auto' }} role="status">
            {plural(guests.length, 'guest')} on {plural(withGuests.size, 'host')} · {running} running
          </Typography>
          <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '8px' }}>
            <ArrangeButtons grouping={view.grouping} columns={view.columns} onChange={change} onColumns={setColumns} />
            <ViewsMenu view={view} onChange={change} onColumns={setColumns} />
          </Box>
        </Box>
        <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'flex-start', gap: '4px 10px' }}>
          <SearchField text={text} onText={(typed) => change({ text: typed })} problems={found.problems} values={values} onDown={() => table.current?.focus()} handle={search} says={<FoundSays found={found} view={view} of={guests.length} />} />
          <FilterButtons states={view.states} hosts={view.hosts} running={view.running} pending={view.pending} onChange={change} guests={guests} connections={connections} />
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
              <>
                <FleetTable
                  lines={found.lines}
                  shows={found.shows}
                  tags={tags}
                  columns={view.columns}
                  loading={fleet.loading}
                  order={order}
                  descending={descending}
                  onOrder={onOrder}
                  selection={selection}
                  onSelection={setSelection}
                  onType={onType}
                  onFold={found.folded.turn}
                  handle={table}
                />
                {found.lines.length === 0 && !fleet.loading && (
                  <Box sx={{ flex: 1 }}><EmptyState icon={mdiFilterRemoveOutline} title="No guest fits the search" action={<Button onClick={() => change(unfiltered)}>Show all guests</Button>} /></Box>
                )}
                <TotalsRow guests={found.guests} isMeasuring={isAllMeasured} onMeasure={found.measured === null ? setMeasuring : null} />
              </>
            )}
        </Box>
      </Box>
      {selected.length > 0 && <BulkBar selected={selected} onClear={() => setSelection(new Set())} />}
    </>
  );
};
