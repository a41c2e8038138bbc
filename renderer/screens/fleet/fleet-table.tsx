// The fleet's table: only rows in view exist; one tab stop, arrows move, Enter opens, Space selects, letters search.
import Box from '@mui/material/Box';
import LinearProgress from '@mui/material/LinearProgress';
import TableSortLabel from '@mui/material/TableSortLabel';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, type ReactNode, type Ref, type RefObject, useCallback, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { FleetColumn, FleetOrder } from '../../../app/contract/fleet.ts';
import { isActive } from '../../../app/domain/guest.ts';
import type { FleetGuest } from '../../api/fleet.ts';
import type { Interest } from '../../api/samples.ts';
import type { Tags } from '../../api/tags.ts';
import { useAfterPaint } from '../../ui/after-paint.ts';
import { useWidth } from '../../ui/canvas.tsx';
import { useColors } from '../../ui/colors.ts';
import { hint } from '../../ui/hint.ts';
import { go } from '../place.ts';
import { type Column, columnsFor } from './columns.ts';
import { FleetRow, HeadingRow, rowHeight, rowStyles, templateOf } from './fleet-row.tsx';
import { keyOf, type Line } from './rows.ts';
import type { Focusable } from './search-field.tsx';
import { SparkColumns } from './spark-columns.tsx';
import { Watch } from './watch.tsx';

const headerHeight = 35;

/** What the rows in view need of each host. */
const interestsOf = (lines: readonly Line[], columns: readonly Column[]): readonly Interest[] => {
  const hosts = new Map<string, Set<string>>();
  for (const line of lines) {
    if (line.kind === 'heading' || line.guest.seen !== null || !isActive(line.guest.state)) continue;
    const uuids = hosts.get(line.guest.host) ?? new Set();
    hosts.set(line.guest.host, uuids.add(line.guest.uuid));
  }
  const groups = (['cpu', 'memory', 'disk', 'network'] as const).filter((group) => columns.some(({ name }) => name === (group === 'cpu' ? 'vcpus' : group)));
  return groups.length === 0 ? [] : [...hosts].map(([host, uuids]) => ({ host, groups, uuids: [...uuids].sort() }));
};

const noTags: readonly string[] = [];

/** What stands where in the table: moved by keys and by lines that come and go. */
const useCurrent = (lines: readonly Line[]): readonly [at: number, move: (to: number) => void] => {
  const [current, setCurrent] = useState({ at: 0, key: '' });
  // The row stays the current one wherever it goes; of one that is gone, its place.
  const at = useMemo(() => {
    const stays = lines[current.at]?.key === current.key ? current.at : lines.findIndex(({ key }) => key === current.key);
    return stays >= 0 ? stays : Math.max(0, Math.min(current.at, lines.length - 1));
  }, [lines, current]);
  return [at, useCallback((to: number) => setCurrent({ at: to, key: lines[to]?.key ?? '' }), [lines])];
};

/** The heading of the columns. */
const HeaderRow = memo(function HeaderRow({ columns, order, descending, onOrder, selected, onAll }: {
  readonly columns: readonly Column[];
  readonly order: FleetOrder;
  readonly descending: boolean;
  readonly onOrder: (by: FleetOrder) => void;
  readonly selected: 'all' | 'some' | 'none';
  readonly onAll: (on: boolean) => void;
}): ReactNode {
  const { accent } = useColors();
  return (
      <Box role="row" aria-rowindex={1} sx={{ display: 'grid', alignItems: 'center', height: headerHeight, borderBottom: 1, borderColor: 'divider', color: 'text.secondary', fontSize: 12, fontWeight: 600, flex: 'none', position: 'sticky', top: 0, zIndex: 2, bgcolor: 'background.paper' }} style={{ gridTemplateColumns: templateOf(columns) }}>
        {columns.map(({ name, label, orders }) => (
          <Box role="columnheader" key={name} sx={{ px: '12px', display: 'flex', gap: '4px', whiteSpace: 'nowrap', overflow: 'hidden' }} {...(orders.some(({ by }) => by === order) && { 'aria-sort': descending ? 'descending' as const : 'ascending' as const })}>
            {name === 'select'
              ? <input type="checkbox" aria-label="Select all shown guests" checked={selected === 'all'} ref={(box) => { if (box !== null) box.indeterminate = selected === 'some'; }} onChange={(event) => onAll(event.target.checked)} style={{ width: 15, height: 15, margin: '0 2px', accentColor: accent.mark, verticalAlign: 'middle' }} />
              : orders.length === 0
                ? label
                : orders.map(({ by, label: word }, index) => (
                  <Box component="span" key={by} sx={{ display: 'flex', gap: '4px' }}>
                    {index > 0 && '·'}
                    <TableSortLabel active={order === by} direction={order === by && descending ? 'desc' : 'asc'} onClick={() => onOrder(by)} sx={{ '& .MuiTableSortLabel-icon': { mx: order === by ? '2px' : 0, width: order === by ? 14 : 0 } }}>{word}</TableSortLabel>
                  </Box>
                ))}
          </Box>
        ))}
      </Box>
  );
});

/** Rows before and after those in view. */
const overscan = 6;

/** The rows in view. What is scrolled out of view is used again for what comes into it: to change a row takes less than to make one. */
const Rows = memo(function Rows({ lines, tags, columns, scroller, selection, current, onSelect }: {
  readonly lines: readonly Line[];
  readonly tags: Tags;
  readonly columns: readonly Column[];
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly selection: ReadonlySet<string>;
  readonly current: number;
  readonly onSelect: (index: number, range: boolean) => void;
}): ReactNode {
  const virtual = useVirtualizer({ count: lines.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 0, scrollMargin: headerHeight });
  const slots = Math.min(lines.length, Math.ceil((virtual.scrollRect?.height ?? 0) / rowHeight) + 2 * overscan + 1);
  // Always as many: a row that comes into view is in the slot of the one that goes.
  const first = Math.max(0, Math.min(virtual.range?.startIndex ?? 0, lines.length - slots + overscan) - overscan);
  const indexes = Array.from({ length: slots }, (_, index) => first + index);
  // In the page in the order of their slots, since putting a row elsewhere takes as long as making one; in which order they are read is said once they rest.
  const placed = indexes.toSorted((one, other) => (one % slots) - (other % slots));
  // What is out of view may be another line a moment later: who types waits for the rows in view alone.
  const later = useAfterPaint(lines);
  const { startIndex = 0, endIndex = lines.length } = virtual.range ?? {};
  const reads = virtual.isScrolling ? {} : { 'aria-owns': indexes.map((index) => `guest-row-${index}`).join(' ') };
  return (
    <>
      <Watch interests={interestsOf(lines.slice(first, first + slots), columns)} />
      <div role="rowgroup" className="rows" {...reads} style={{ height: lines.length * rowHeight }}>
        {placed.map((index) => {
          const line = (index < startIndex || index > endIndex ? later : lines)[index];
          const slot = index % slots;
          const top = index * rowHeight;
          if (line === undefined) return null;
          if (line.kind === 'heading') return <HeadingRow key={`heading ${slot}`} line={line} index={index} top={top} current={index === current} columns={columns.length} />;
          const { guest } = line;
          return <FleetRow key={slot} guest={guest} tags={tags.byGuest.get(guest.uuid) ?? noTags} columns={columns} index={index} top={top} selected={selection.has(keyOf(guest))} current={index === current} onSelect={onSelect} />;
        })}
        <SparkColumns columns={columns} lines={lines} first={first} count={slots} rowHeight={rowHeight} />
      </div>
    </>
  );
});

export const FleetTable = memo(function FleetTable({ lines, shows, tags, columns: chosen, loading, order, descending, onOrder, selection, onSelection, onType, onFold, handle }: {
  readonly lines: readonly Line[];
  /** Another value when something else is shown, rather than the same with changes: then it is shown from the top. */
  readonly shows: string;
  readonly tags: Tags;
  readonly columns: readonly FleetColumn[];
  readonly loading: boolean;
  readonly order: FleetOrder;
  readonly descending: boolean;
  readonly onOrder: (by: FleetOrder) => void;
  readonly selection: ReadonlySet<string>;
  readonly onSelection: (selection: ReadonlySet<string>) => void;
  readonly onType: (letter: string) => void;
  readonly onFold: (key: string) => void;
  readonly handle: Ref<Focusable>;
}): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLDivElement>(null);
  const colors = useColors();
  const [measure, width] = useWidth();
  const columns = useMemo(() => columnsFor(width, chosen), [width, chosen]);
  const [at, setCurrent] = useCurrent(lines);
  const anchor = useRef(0);
  const guests = useMemo(() => lines.flatMap((line) => (line.kind === 'guest' ? [line.guest] : [])), [lines]);
  useImperativeHandle(handle, () => ({ focus: () => grid.current?.focus() }), []);

  // What is in view stays there when rows come and go above it.
  const before = useRef({ lines, shows });
  /** Where it is scrolled to, in CSS pixels: to ask the page for it has it laid out at once. */
  const offset = useRef(0);
  useLayoutEffect(() => {
    const element = scroller.current;
    const was = before.current;
    before.current = { lines, shows };
    if (element === null || was.lines === lines || offset.current === 0) return;
    if (was.shows !== shows) element.scrollTop = 0;
    else {
      const first = Math.floor(offset.current / rowHeight);
      const key = was.lines[first]?.key;
      const now = lines[first]?.key === key ? first : lines.findIndex((line) => line.key === key);
      if (now >= 0 && now !== first) element.scrollTop += (now - first) * rowHeight;
    }
  }, [lines, shows]);

  const latest = useRef({ lines, selection, onSelection });
  useLayoutEffect(() => {
    latest.current = { lines, selection, onSelection };
  });
  const select = useCallback((index: number, range: boolean) => {
    const { lines: all, selection: had, onSelection: tell } = latest.current;
    const [first, last] = range ? [Math.min(anchor.current, index), Math.max(anchor.current, index)] : [index, index];
    const keys = all.slice(first, last + 1).flatMap((line) => (line.kind === 'guest' ? [keyOf(line.guest)] : []));
    // A range is selected whole; one row is turned over.
    const on = range || !keys.every((key) => had.has(key));
    if (!range) anchor.current = index;
    tell(new Set(on ? [...had, ...keys] : [...had].filter((key) => !keys.includes(key))));
  }, []);
  const [allSelected, someSelected] = useMemo(() => {
    // Mostly none is, and then none of thousands is looked at for each key in the search.
    if (selection.size === 0 || guests.length === 0) return [false, false];
    return [guests.every((guest) => selection.has(keyOf(guest))), guests.some((guest) => selection.has(keyOf(guest)))];
  }, [guests, selection]);
  const selectAll = useCallback((on: boolean): void => onSelection(on ? new Set(guests.map(keyOf)) : new Set()), [guests, onSelection]);

  const move = (to: number): number => {
    const index = Math.max(0, Math.min(lines.length - 1, to));
    setCurrent(index);
    const element = scroller.current;
    if (element !== null) element.scrollTop = Math.min(index * rowHeight, Math.max(element.scrollTop, (index + 1) * rowHeight + headerHeight - element.clientHeight));
    return index;
  };
  const line = lines[at];
  const fold = (isFolded: boolean): void => {
    if (line?.kind === 'heading' && line.isFolded === isFolded) onFold(line.key);
  };
  const keys: Readonly<Record<string, () => void>> = {
    ' ': () => (line?.kind === 'heading' ? onFold(line.key) : select(at, false)),
    ArrowRight: () => fold(true),
    ArrowLeft: () => fold(false),
    Escape: () => selectAll(false),
    Enter: () => {
      if (line?.kind === 'heading') onFold(line.key);
      else if (line !== undefined) go({ at: 'guest', host: line.guest.host, uuid: line.guest.uuid, tab: 'overview' });
    },
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    const steps: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: lines.length - 1 };
    const step = steps[event.key];
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') selectAll(true);
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (step !== undefined) {
      if (!event.shiftKey) anchor.current = move(step);
      else select(move(step), true);
    } else if (event.key === ' ' && event.shiftKey) select(at, true);
    else if (Object.hasOwn(keys, event.key)) keys[event.key]?.();
    else if (event.key.length === 1) onType(event.key);
    else return;
    event.preventDefault();
  };

  const styles = useMemo(() => rowStyles(colors, columns), [colors, columns]);
  return (
    <Box
        role="grid"
        aria-label="Guests"
        aria-rowcount={lines.length + 1}
        aria-colcount={columns.length}
        aria-multiselectable
        aria-busy={loading}
        tabIndex={0}
        {...(lines.length > 0 && { 'aria-activedescendant': `guest-row-${at}` })}
        onKeyDown={onKeyDown}
        onPointerOver={hint}
        onPointerMove={hint}
        onClick={(event) => {
          const row = event.target instanceof Element ? event.target.closest('.guest, .heading') : null;
          if (row === null) return;
          const index = Number(row.getAttribute('aria-rowindex')) - 2;
          const clicked = lines[index];
          setCurrent(index);
          // The keys go on in the table, not in a box of a row that may be scrolled away.
          grid.current?.focus({ preventScroll: true });
          if (clicked?.kind === 'heading') onFold(clicked.key);
        }}
        ref={grid}
        sx={{ display: 'flex', flexDirection: 'column', minHeight: 0, flex: lines.length > 0 ? 1 : 'none', '&:focus-visible': { outlineOffset: -2, '& [data-current=true]': { boxShadow: 'inset 3px 0 var(--mui-palette-primary-main)' } } }}
      >
        {loading && <LinearProgress aria-label="Listing guests" sx={{ height: 2, flex: 'none' }} />}
        <Box ref={scroller} role="presentation" onScroll={({ currentTarget }) => { offset.current = currentTarget.scrollTop; }} sx={[{ overflowY: 'auto', flex: 1, minHeight: 0, overflowAnchor: 'none' }, styles]}>
          {/* As wide as the rows: without the bar that scrolls them. */}
          <div ref={measure} role="presentation" />
          <HeaderRow columns={columns} order={order} descending={descending} onOrder={onOrder} selected={allSelected ? 'all' : someSelected ? 'some' : 'none'} onAll={selectAll} />
          <Rows lines={lines} tags={tags} columns={columns} scroller={scroller} selection={selection} current={at} onSelect={select} />
        </Box>
      </Box>
  );
});

/** What the rows in view and all others are: for who needs all guests at once. */
export const allInterests = (guests: readonly FleetGuest[]): readonly Interest[] =>
  [...new Set(guests.flatMap(({ host, seen, state }) => (seen === null && isActive(state) ? [host] : [])))].map((host) => ({ host, groups: ['cpu', 'memory'], uuids: null }));
