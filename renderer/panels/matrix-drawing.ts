// Draws the pinning matrix: each kind of cell once, of which all others are copies, so that rows of 128 cells cost next to nothing.
import type { CpuSet } from '../../app/domain/cpu-set.ts';
import type { Colors } from '../ui/colors.ts';
import type { Layout } from './layout.ts';

export const rowHeight = 24;
const cellHeight = 22;
const radius = 3;

/** What one row shows: pins as the host has them and as they are edited, now and after a restart. */
export interface MatrixRow {
  readonly key: string;
  readonly label: string;
  /** The vCPU that is the row's thread; null for the others. */
  readonly vcpu: number | null;
  readonly actual: { readonly live: CpuSet | null; readonly saved: CpuSet | null };
  readonly edited: { readonly live: CpuSet | null; readonly saved: CpuSet | null };
}

export type Shown = 'live' | 'saved' | 'both';

/** How a cell stands: pinned in each truth, and whether that is an edit. */
export interface CellState {
  readonly live: boolean;
  readonly saved: boolean;
  readonly changes: boolean;
}

/** The state of a cell in the truths that are shown. A guest without one of the truths shows the other alone. */
export const cellState = ({ actual, edited }: MatrixRow, cpu: number, shown: Shown): CellState => {
  const pinned = (truth: 'live' | 'saved'): boolean | null => edited[truth]?.has(cpu) ?? null;
  const moved = (truth: 'live' | 'saved'): boolean => pinned(truth) !== (actual[truth]?.has(cpu) ?? null);
  const live = pinned('live');
  const saved = pinned('saved');
  if (shown === 'both') return { live: live ?? saved ?? false, saved: saved ?? live ?? false, changes: moved('live') || moved('saved') };
  const one = pinned(shown) ?? false;
  return { live: one, saved: one, changes: moved(shown) };
};

/** Diagonal stripes of two colours, each so wide, as the screen shows one pixel for each of theirs. */
const hatched = (context: CanvasRenderingContext2D, [one, other]: readonly [string, string], width: number): CanvasPattern | null => {
  const scale = window.devicePixelRatio;
  const tile = document.createElement('canvas');
  tile.width = tile.height = Math.round(width * 2 * scale);
  const brush = tile.getContext('2d');
  if (brush === null) return null;
  brush.scale(scale, scale);
  brush.fillStyle = other;
  brush.fillRect(0, 0, width * 2, width * 2);
  brush.strokeStyle = one;
  brush.lineWidth = width / Math.SQRT2;
  for (const offset of [-2, 0, 2]) {
    brush.beginPath();
    brush.moveTo(offset * width - 1, -1);
    brush.lineTo(offset * width + width * 2 + 1, width * 2 + 1);
    brush.stroke();
  }
  const pattern = context.createPattern(tile, 'repeat');
  pattern?.setTransform(new DOMMatrix().scale(1 / scale));
  return pattern;
};

export interface Picture {
  readonly layout: Layout;
  readonly rows: readonly MatrixRow[];
  readonly shown: Shown;
  /** CPUs that other guests are pinned to. */
  readonly taken: CpuSet;
  readonly colors: Colors;
}

/** Rows that are drawn together: the browser hands on a whole canvas where a cell changes, which of all rows at once takes milliseconds. */
const bandRows = 8;

export const bandsOf = (rows: readonly MatrixRow[]): readonly (readonly MatrixRow[])[] =>
  Array.from({ length: Math.ceil(rows.length / bandRows) }, (_, band) => rows.slice(band * bandRows, (band + 1) * bandRows));

/** Whether both are one picture, so that nothing has to be drawn anew. */
export const isSamePicture = ({ rows, ...one }: Picture, { rows: others, ...other }: Picture): boolean =>
  one.layout === other.layout && one.shown === other.shown && one.taken === other.taken && one.colors === other.colors && rows.length === others.length && rows.every((row, index) => row === others[index]);

/** What the cells of a column have in common. */
interface Ground {
  /** Whether other guests are pinned to its CPU. */
  readonly taken: boolean;
  readonly color: string;
}

const drawCell = (brush: CanvasRenderingContext2D, { live, saved, changes }: CellState, { taken, color }: Ground, width: number, colors: Colors): void => {
  const fill = (style: string | CanvasPattern | null, y: number, height: number, corners: number[]): void => {
    brush.fillStyle = style ?? colors.cell;
    brush.beginPath();
    brush.roundRect(0, y, width, height, corners);
    brush.fill();
  };
  const isPinned = live || saved;
  if (!live || !saved) fill(taken && (isPinned || !changes) ? hatched(brush, colors.hatch, 3) : colors.cell, 0, cellHeight, [radius]);
  const pin = changes ? hatched(brush, colors.change, 4) : color;
  // The upper half is now, the lower half after a restart.
  if (live && saved) fill(pin, 0, cellHeight, [radius]);
  else if (live) fill(pin, 0, cellHeight / 2, [radius, radius, 0, 0]);
  else if (saved) fill(pin, cellHeight / 2, cellHeight / 2, [0, 0, radius, radius]);
  if (changes) {
    brush.strokeStyle = colors.change[0];
    brush.lineWidth = 1.5;
    brush.beginPath();
    brush.roundRect(0.75, 0.75, width - 1.5, cellHeight - 1.5, radius);
    brush.stroke();
  }
  if (isPinned && taken) corner(brush, width, Math.min(9, width * 0.55), colors);
};

/** A triangle in the upper right corner: what is pinned there is pinned by others too. */
const corner = (brush: CanvasRenderingContext2D, right: number, size: number, colors: Colors): void => {
  brush.fillStyle = colors.warn.mark;
  brush.strokeStyle = colors.panel;
  brush.lineWidth = 1;
  brush.beginPath();
  brush.moveTo(right - size, 0);
  brush.lineTo(right, 0);
  brush.lineTo(right, size);
  brush.closePath();
  brush.fill();
  brush.stroke();
};

/** How far a corner's edge stands out of its cell. */
const margin = 1;

/** Cells that were drawn, by their colours, then by their width, scale and ground, then by their state. */
const drawn = new WeakMap<Colors, Map<string, (HTMLCanvasElement | undefined)[]>>();

const cellsOn = (ground: Ground, width: number, scale: number, colors: Colors): ((state: CellState) => HTMLCanvasElement) => {
  const grounds = drawn.get(colors) ?? new Map<string, (HTMLCanvasElement | undefined)[]>();
  drawn.set(colors, grounds);
  const key = `${width} ${scale} ${ground.taken} ${ground.color}`;
  const cells = grounds.get(key) ?? [];
  grounds.set(key, cells);
  return (state) => (cells[(state.live ? 1 : 0) + (state.saved ? 2 : 0) + (state.changes ? 4 : 0)] ??= makeCell(state, ground, width, scale, colors));
};

const makeCell = (state: CellState, ground: Ground, width: number, scale: number, colors: Colors): HTMLCanvasElement => {
  const cell = document.createElement('canvas');
  cell.width = Math.ceil((width + 2 * margin) * scale);
  cell.height = Math.ceil((cellHeight + 2 * margin) * scale);
  const brush = cell.getContext('2d');
  if (brush === null) return cell;
  brush.setTransform(scale, 0, 0, scale, margin * scale, margin * scale);
  drawCell(brush, state, ground, width, colors);
  return cell;
};

/** On an empty canvas. */
export const drawMatrix = (context: CanvasRenderingContext2D, { layout, rows, shown, taken, colors }: Picture): void => {
  const scale = window.devicePixelRatio;
  // Whole pixels of the screen: a copy is as sharp as what it is of.
  const at = (place: number): number => Math.round((place - margin) * scale) / scale;
  const columns = layout.columns.map(({ cpu, node, x }) => ({
    cpu, x: at(x), cell: cellsOn({ taken: taken.has(cpu), color: colors.nodes[node % colors.nodes.length] ?? colors.cell }, layout.cell, scale, colors),
  }));
  rows.forEach((row, index) => {
    const y = at(index * rowHeight + 1);
    for (const { cpu, x, cell } of columns) {
      const made = cell(cellState(row, cpu, shown));
      context.drawImage(made, x, y, made.width / scale, made.height / scale);
    }
  });
};

/** Where the middle of a row's dot is: in the cell of the CPU that its thread runs on; null = not known, or not shown. */
export const placeOf = ({ columns, cell }: Layout, cpu: number | null, row: number): { readonly cx: number; readonly cy: number } | null => {
  const x = cpu === null ? undefined : columns.find((column) => column.cpu === cpu)?.x;
  return x === undefined ? null : { cx: x + cell / 2, cy: row * rowHeight + rowHeight / 2 };
};

/** The load of each CPU as heat; CPUs whose load is not known stay empty. */
export const drawHeat = (context: CanvasRenderingContext2D, { columns, cell }: Layout, loads: readonly (number | null)[] | null, colors: Colors): void => {
  for (const { cpu, x } of columns) {
    const load = loads?.[cpu] ?? null;
    context.fillStyle = colors.cell;
    context.beginPath();
    context.roundRect(x, 1, cell, cellHeight, radius);
    context.fill();
    if (load === null) continue;
    context.fillStyle = `rgba(${colors.heat},${0.06 + 0.74 * Math.max(0, Math.min(1, load))})`;
    context.fill();
  }
};
