// The pinning matrix: rows are threads of the guest, columns the host's CPUs. A canvas for the eye, a thin grid for keyboard and screen reader.
import Box from '@mui/material/Box';
import { type KeyboardEvent, memo, type PointerEvent, type ReactNode, startTransition, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { useInterest, usePlaces } from '../api/api.tsx';
import { Canvas, type Draw } from '../ui/canvas.tsx';
import { useColors } from '../ui/colors.ts';
import { columnAt, type Layout } from './layout.ts';
import { bandsOf, cellState, drawMatrix, isSamePicture, type MatrixRow, type Picture, placeOf, rowHeight, type Shown } from './matrix-drawing.ts';
import { between } from './pins.ts';
import type { GuestKey } from './tuning.ts';

interface Cell {
  readonly row: number;
  readonly column: number;
}

interface Drag {
  readonly from: Cell;
  readonly to: Cell;
  readonly core: boolean;
}

/** How a cell is told to a screen reader. */
export const cellName = (row: MatrixRow, cpu: number, shown: Shown, takenBy: readonly string[]): string => {
  const { live, saved, changes } = cellState(row, cpu, shown);
  const pinned = live && saved ? 'pinned' : live ? 'pinned now, not after restart' : saved ? 'pinned after restart, not now' : 'not pinned';
  return `${row.label}, CPU ${cpu}: ${pinned}${changes ? ', edited' : ''}${takenBy.length > 0 ? `, also used by ${takenBy.join(', ')}` : ''}`;
};

/** Some rows of the matrix, drawn anew only where one of them is another. */
const Band = memo((picture: Picture): ReactNode => {
  const draw = useCallback<Draw>((context) => drawMatrix(context, picture), [picture]);
  return <Canvas draw={draw} width={picture.layout.width} height={picture.rows.length * rowHeight} />;
}, isSamePicture);

/** Where each row's thread runs now, over the pins, renewed with each sample; nothing else of the matrix is. */
const Places = ({ guest, layout, rows }: { readonly guest: GuestKey; readonly layout: Layout; readonly rows: readonly MatrixRow[] }): ReactNode => {
  const interest = useMemo(() => ({ host: guest.host, groups: ['vcpuPlace'], uuids: [guest.uuid] } as const), [guest.host, guest.uuid]);
  useInterest(interest);
  const colors = useColors();
  const places = usePlaces(guest.host, guest.uuid);
  return (
    // A dot for each row, so that what is painted anew is no more than where it was and is; of a path of all it would be the whole matrix.
    <svg aria-hidden width={layout.width} height={rows.length * rowHeight} fill={colors.panel} stroke={colors.ink} strokeWidth={1.5} style={{ position: 'absolute', inset: 0, pointerEvents: 'none' }}>
      {rows.map(({ key, vcpu }, row) => {
        const place = placeOf(layout, vcpu === null ? null : (places?.[vcpu] ?? null), row);
        return place === null ? null : <circle key={key} {...place} r={3} />;
      })}
    </svg>
  );
};

export const PinningMatrix = ({ guest, layout, rows, shown, taken, takenBy, onPaint, onClear }: {
  readonly guest: GuestKey;
  readonly layout: Layout;
  readonly rows: readonly MatrixRow[];
  readonly shown: Shown;
  readonly taken: CpuSet;
  readonly takenBy: (cpu: number) => readonly string[];
  /** Adds these CPUs to these rows, or takes them away when all are there. */
  readonly onPaint: (rows: readonly string[], cpus: CpuSet) => void;
  readonly onClear: (row: string) => void;
}): ReactNode => {
  const colors = useColors();
  const area = useRef<HTMLDivElement>(null);
  const [focus, setFocus] = useState<Cell>({ row: 0, column: 0 });
  const [drag, setDrag] = useState<Drag | null>(null);
  const over = useRef<Cell | null>(null);
  const height = rows.length * rowHeight;

  const cellAt = ({ clientX, clientY }: PointerEvent): Cell | null => {
    const box = area.current?.getBoundingClientRect();
    if (box === undefined) return null;
    const row = Math.floor((clientY - box.top) / rowHeight);
    const column = columnAt(layout, clientX - box.left);
    return column === null || row < 0 || row >= rows.length ? null : { row, column };
  };
  /** Whole cores when shift is held, otherwise what lies between the two cells. */
  const spanOf = ({ from, to, core }: Drag): { readonly rows: readonly string[]; readonly cpus: CpuSet; readonly first: number; readonly last: number } => {
    let [first, last] = [Math.min(from.column, to.column), Math.max(from.column, to.column)];
    if (core) {
      const inside = layout.cores.filter((span) => span.first <= last && span.first + span.count > first);
      first = Math.min(first, ...inside.map((span) => span.first));
      last = Math.max(last, ...inside.map((span) => span.first + span.count - 1));
    }
    return { rows: between(rows.map(({ key }) => key), from.row, to.row), cpus: CpuSet.of(layout.columns.slice(first, last + 1).map(({ cpu }) => cpu)), first, last };
  };
  const paint = (stroke: Drag): void => {
    const span = spanOf(stroke);
    onPaint(span.rows, span.cpus);
  };

  /** Says what is under the pointer, without a rendering for each cell that it passes. */
  const look = (cell: Cell | null): void => {
    over.current = cell;
    const overRow = cell === null ? undefined : rows[cell.row];
    const overColumn = cell === null ? undefined : layout.columns[cell.column];
    const title = overRow === undefined || overColumn === undefined ? '' : cellName(overRow, overColumn.cpu, shown, takenBy(overColumn.cpu));
    if (area.current !== null && area.current.title !== title) area.current.title = title;
  };
  // The cell may be another one by now.
  useLayoutEffect(() => look(over.current));

  const onPointerDown = (event: PointerEvent): void => {
    const cell = event.button === 0 ? cellAt(event) : null;
    if (cell === null) return;
    event.preventDefault();
    area.current?.focus({ preventScroll: true });
    event.currentTarget.setPointerCapture(event.pointerId);
    setFocus(cell);
    setDrag({ from: cell, to: cell, core: event.shiftKey });
  };
  const onPointerMove = (event: PointerEvent): void => {
    const cell = cellAt(event);
    if (cell?.row !== over.current?.row || cell?.column !== over.current?.column) look(cell);
    if (event.buttons !== 0 && drag !== null && cell !== null && (cell.row !== drag.to.row || cell.column !== drag.to.column)) setDrag({ ...drag, to: cell });
  };
  /** What a stroke changes is rendered in pieces; its frame stays until it is. */
  const onPointerUp = (): void => {
    if (drag === null) return;
    startTransition(() => {
      paint(drag);
      setFocus(drag.to);
      setDrag(null);
    });
  };

  const at: Cell = { row: Math.min(focus.row, rows.length - 1), column: Math.min(focus.column, layout.columns.length - 1) };
  const row = rows[at.row];
  const column = layout.columns[at.column];
  const move = (rowStep: number, columnStep: number): void => setFocus({
    row: Math.max(0, Math.min(rows.length - 1, at.row + rowStep)),
    column: Math.max(0, Math.min(layout.columns.length - 1, at.column + columnStep)),
  });
  const keys: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
    ArrowLeft: () => move(0, -1),
    ArrowRight: () => move(0, 1),
    ArrowUp: () => move(-1, 0),
    ArrowDown: () => move(1, 0),
    Home: () => move(0, -layout.columns.length),
    End: () => move(0, layout.columns.length),
    PageUp: () => move(-rows.length, 0),
    PageDown: () => move(rows.length, 0),
    ' ': (event) => paint({ from: at, to: at, core: event.shiftKey }),
    Enter: (event) => paint({ from: at, to: at, core: event.shiftKey }),
    Delete: () => row !== undefined && onClear(row.key),
    Backspace: () => row !== undefined && onClear(row.key),
    Escape: () => setDrag(null),
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]?.(event);
  };

  const stroke = drag === null ? null : spanOf(drag);
  const strokeFrom = layout.columns[stroke?.first ?? -1];
  const strokeTo = layout.columns[stroke?.last ?? -1];
  return (
    <Box
      ref={area}
      role="grid"
      aria-label="Pinning: arrows move, Space pins or unpins, Shift+Space the whole core, Delete unpins the row"
      aria-rowcount={rows.length}
      aria-colcount={layout.columns.length}
      tabIndex={0}
      {...(row !== undefined && { 'aria-activedescendant': 'pinning-cell' })}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={() => setDrag(null)}
      onPointerLeave={() => look(null)}
      sx={{ position: 'relative', cursor: 'cell', touchAction: 'none', userSelect: 'none', outline: 'none !important', '&:focus-visible .focus': { outline: `2px solid ${colors.ink}`, outlineOffset: 1 } }}
      style={{ width: layout.width, height }}
    >
      {bandsOf(rows).map((band) => <Band key={band[0]?.key} layout={layout} rows={band} shown={shown} taken={taken} colors={colors} />)}
      <Places guest={guest} layout={layout} rows={rows} />
      {row !== undefined && column !== undefined && (
        <Box role="row" aria-rowindex={at.row + 1} sx={{ position: 'absolute', inset: 0, pointerEvents: 'none' }}>
          <Box
            id="pinning-cell"
            className="focus"
            role="gridcell"
            aria-colindex={at.column + 1}
            aria-selected={cellState(row, column.cpu, shown).live}
            aria-label={cellName(row, column.cpu, shown, takenBy(column.cpu))}
            sx={{ position: 'absolute', height: rowHeight - 2, borderRadius: '3px' }}
            style={{ left: column.x, top: at.row * rowHeight + 1, width: layout.cell }}
          />
        </Box>
      )}
      {drag !== null && strokeFrom !== undefined && strokeTo !== undefined && (
        <Box
          aria-hidden
          sx={{ position: 'absolute', border: `2px solid ${colors.ink}`, borderRadius: '4px', pointerEvents: 'none' }}
          style={{
            left: strokeFrom.x - 2, width: strokeTo.x + layout.cell - strokeFrom.x + 4,
            top: Math.min(drag.from.row, drag.to.row) * rowHeight - 1, height: (Math.abs(drag.from.row - drag.to.row) + 1) * rowHeight + 2,
          }}
        />
      )}
    </Box>
  );
};
