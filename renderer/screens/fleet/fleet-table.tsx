// The fleet's table: only rows in view exist; one tab stop, arrows move, Enter opens, Space selects, letters filter.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import TableSortLabel from '@mui/material/TableSortLabel';
import { mdiFilterRemoveOutline } from '@mdi/js';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, type ReactNode, useCallback, useMemo, useRef, useState } from 'react';
import { isActive } from '../../../app/domain/guest.ts';
import type { FleetGuest } from '../../api/fleet.ts';
import type { Interest } from '../../api/samples.ts';
import { useWidth } from '../../ui/canvas.tsx';
import { EmptyState } from '../../ui/card.tsx';
import { useColors } from '../../ui/colors.ts';
import { go } from '../place.ts';
import { columnsFor } from './columns.ts';
import { FleetRow, rowHeight, rowStyles, templateOf } from './fleet-row.tsx';
import { keyOf, type SortColumn } from './rows.ts';
import { Watch } from './watch.tsx';

const headerHeight = 35;

/** What the rows in view need of each host. */
const interestsOf = (guests: readonly FleetGuest[]): readonly Interest[] => {
  const hosts = new Map<string, string[]>();
  for (const { host, uuid, state, seen } of guests) {
    if (seen === null && isActive(state)) hosts.set(host, [...(hosts.get(host) ?? []), uuid]);
  }
  return [...hosts].map(([host, uuids]) => ({ host, groups: ['cpu', 'memory', 'disk', 'network'], uuids: uuids.toSorted() }));
};

export const FleetTable = memo(function FleetTable({ rows, loading, sort: sortedBy, descending, onSort, selection, onSelection, onType, onShowAll }: {
  readonly rows: readonly FleetGuest[];
  readonly loading: boolean;
  readonly sort: SortColumn;
  readonly descending: boolean;
  readonly onSort: (column: SortColumn) => void;
  readonly selection: ReadonlySet<string>;
  readonly onSelection: (selection: ReadonlySet<string>) => void;
  readonly onType: (letter: string) => void;
  readonly onShowAll: () => void;
}): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const colors = useColors();
  const [measure, width] = useWidth();
  const [current, setCurrent] = useState(0);
  const anchor = useRef(0);
  const columns = useMemo(() => columnsFor(width), [width]);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 6, scrollMargin: headerHeight, scrollPaddingStart: headerHeight });
  const items = virtual.getVirtualItems();
  const at = Math.min(current, rows.length - 1);

  const latest = useRef({ rows, selection, onSelection });
  latest.current = { rows, selection, onSelection };
  const select = useCallback((index: number, range: boolean) => {
    const { rows: all, selection: before, onSelection: tell } = latest.current;
    const guest = all[index];
    if (guest === undefined) return;
    const after = new Set(before);
    const on = !before.has(keyOf(guest));
    const [first, last] = range ? [Math.min(anchor.current, index), Math.max(anchor.current, index)] : [index, index];
    for (const one of all.slice(first, last + 1)) {
      if (on) after.add(keyOf(one));
      else after.delete(keyOf(one));
    }
    anchor.current = index;
    tell(after);
  }, []);
  const allSelected = rows.length > 0 && rows.every((guest) => selection.has(keyOf(guest)));
  const someSelected = rows.some((guest) => selection.has(keyOf(guest)));
  const selectAll = (on: boolean): void => onSelection(on ? new Set(rows.map(keyOf)) : new Set());

  const move = (to: number): void => {
    const index = Math.max(0, Math.min(rows.length - 1, to));
    setCurrent(index);
    virtual.scrollToIndex(index);
  };
  const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => move(at + 1),
    ArrowUp: () => move(at - 1),
    PageDown: () => move(at + page),
    PageUp: () => move(at - page),
    Home: () => move(0),
    End: () => move(rows.length - 1),
    ' ': () => select(at, false),
    Escape: () => selectAll(false),
    Enter: () => {
      const guest = rows[at];
      if (guest !== undefined) go({ at: 'guest', host: guest.host, uuid: guest.uuid, tab: 'overview' });
    },
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') selectAll(true);
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (Object.hasOwn(keys, event.key)) {
      if (event.shiftKey && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) select(at, false);
      keys[event.key]?.();
    } else if (event.key.length === 1) onType(event.key);
    else return;
    event.preventDefault();
  };

  const template = templateOf(columns);
  const styles = useMemo(() => rowStyles(colors, columns), [colors, columns]);
  return (
    <>
      <Watch interests={interestsOf(items.flatMap(({ index }) => rows[index] ?? []))} />
      <Box
        role="grid"
        aria-label="Guests"
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length}
        aria-multiselectable
        aria-busy={loading}
        tabIndex={0}
        {...(rows.length > 0 && { 'aria-activedescendant': `guest-row-${at}` })}
        onKeyDown={onKeyDown}
        onClick={(event) => {
          const row = event.target instanceof Element ? event.target.closest('.guest') : null;
          if (row !== null) setCurrent(Number(row.getAttribute('aria-rowindex')) - 2);
        }}
        ref={measure}
        sx={{ display: 'flex', flexDirection: 'column', minHeight: 0, flex: rows.length > 0 ? 1 : 'none', '&:focus-visible': { outlineOffset: -2, '& [data-current=true]': { boxShadow: 'inset 3px 0 var(--mui-palette-primary-main)' } } }}
      >
        {loading && <LinearProgress aria-label="Listing guests" sx={{ height: 2, flex: 'none' }} />}
        <Box ref={scroller} role="presentation" sx={{ overflowY: 'auto', flex: 1, minHeight: 0 }}>
          <Box role="row" aria-rowindex={1} sx={{ display: 'grid', alignItems: 'center', height: headerHeight, borderBottom: 1, borderColor: 'divider', color: 'text.secondary', fontSize: 12, fontWeight: 600, flex: 'none', position: 'sticky', top: 0, zIndex: 2, bgcolor: 'background.paper' }} style={{ gridTemplateColumns: template }}>
            {columns.map(({ name, label, sort }) => (
              <Box role="columnheader" key={name} sx={{ px: '12px' }} {...(sort !== undefined && sort === sortedBy && { 'aria-sort': descending ? 'descending' as const : 'ascending' as const })}>
                {name === 'select'
                  ? <input type="checkbox" aria-label="Select all shown guests" checked={allSelected} ref={(box) => { if (box !== null) box.indeterminate = someSelected && !allSelected; }} onChange={(event) => selectAll(event.target.checked)} style={{ width: 15, height: 15, margin: '0 2px', accentColor: colors.accent.mark, verticalAlign: 'middle' }} />
                  : sort === undefined
                    ? label
                    : <TableSortLabel active={sortedBy === sort} direction={sortedBy === sort && descending ? 'desc' : 'asc'} onClick={() => onSort(sort)}>{label}</TableSortLabel>}
              </Box>
            ))}
          </Box>
          <Box role="rowgroup" sx={[{ position: 'relative' }, styles]} style={{ height: virtual.getTotalSize() }}>
            {items.map(({ index, start }) => {
              const guest = rows[index];
              return guest === undefined ? null : (
                <FleetRow key={keyOf(guest)} guest={guest} columns={columns} index={index} top={start - headerHeight} selected={selection.has(keyOf(guest))} current={index === at} onSelect={select} />
              );
            })}
          </Box>
        </Box>
      </Box>
      {rows.length === 0 && !loading && (
        <EmptyState icon={mdiFilterRemoveOutline} title="No guest fits the filter" action={<Button onClick={onShowAll}>Show all guests</Button>} />
      )}
    </>
  );
});
