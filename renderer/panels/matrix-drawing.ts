// Draws the pinning matrix: a strip of all cells for each look that a cell can have, of which rows are copies, so that rows of 128 cells cost next to nothing.
import type { CpuSet } from '../../app/domain/cpu-set.ts';
import type { Brush } from '../ui/canvas.tsx';
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

/** Whether a CPU is in a set; null = there is no such truth. */
const isIn = (set: CpuSet | null, cpu: number): boolean | null => set?.has(cpu) ?? null;
const moved = ({ actual, edited }: MatrixRow, cpu: number, truth: 'live' | 'saved'): boolean => isIn(edited[truth], cpu) !== isIn(actual[truth], cpu);

/** The state of a cell in the truths that are shown. A guest without one of the truths shows the other alone. */
export const cellState = (row: MatrixRow, cpu: number, shown: Shown): CellState => {
  if (shown === 'both') {
    const live = isIn(row.edited.live, cpu);
    const saved = isIn(row.edited.saved, cpu);
    return { live: live ?? saved ?? false, saved: saved ?? live ?? false, changes: moved(row, cpu, 'live') || moved(row, cpu, 'saved') };
  }
  const one = isIn(row.edited[shown], cpu) ?? false;
  return { live: one, saved: one, changes: moved(row, cpu, shown) };
};

/** Diagonal stripes of two colours, each so wide, as the screen shows one pixel for each of theirs. */
const hatched = (on: Brush, [one, other]: readonly [string, string], width: number): CanvasPattern | null => {
  const scale = window.devicePixelRatio;
  const side = Math.round(width * 2 * scale);
  const tile = new OffscreenCanvas(side, side);
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
  const pattern = on.createPattern(tile, 'repeat');
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

/** The patterns that cells are filled with. */
interface Hatches {
  readonly taken: CanvasPattern | null;
  readonly change: CanvasPattern | null;
}

const drawCell = (brush: Brush, { live, saved, changes }: CellState, { taken, color }: Ground, width: number, hatches: Hatches, colors: Colors): void => {
  const fill = (style: string | CanvasPattern | null, y: number, height: number, corners: number[]): void => {
    brush.fillStyle = style ?? colors.cell;
    brush.beginPath();
    brush.roundRect(0, y, width, height, corners);
    brush.fill();
  };
  const isPinned = live || saved;
  if (!live || !saved) fill(taken && (isPinned || !changes) ? hatches.taken : colors.cell, 0, cellHeight, [radius]);
  const pin = changes ? hatches.change : color;
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
const corner = (brush: Brush, right: number, size: number, colors: Colors): void => {
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

/** A strip for each look, made when it is first needed. */
interface Strips {
  readonly taken: CpuSet;
  readonly colors: Colors;
  readonly scale: number;
  readonly looks: (OffscreenCanvas | undefined)[];
}
const kept = new WeakMap<Layout, Strips>();

const stripsFor = ({ layout, taken, colors }: Picture, scale: number): Strips => {
  const before = kept.get(layout);
  if (before !== undefined && before.taken === taken && before.colors === colors && before.scale === scale) return before;
  const strips: Strips = { taken, colors, scale, looks: [] };
  kept.set(layout, strips);
  return strips;
};

const lookOf = ({ live, saved, changes }: CellState): number => (live ? 1 : 0) + (saved ? 2 : 0) + (changes ? 4 : 0);

/** All cells of a row that look so, as many pixels further right as a corner's edge stands out of its cell. */
const makeStrip = (look: number, { layout: { columns, cell, width }, taken, colors }: Picture, scale: number): OffscreenCanvas => {
  const edge = Math.ceil(margin * scale);
  const strip = new OffscreenCanvas(Math.ceil(width * scale) + 2 * edge, Math.ceil((cellHeight + 2 * margin) * scale));
  const brush = strip.getContext('2d');
  if (brush === null) return strip;
  const hatches: Hatches = { taken: hatched(brush, colors.hatch, 3), change: hatched(brush, colors.change, 4) };
  const state: CellState = { live: (look & 1) !== 0, saved: (look & 2) !== 0, changes: (look & 4) !== 0 };
  for (const { cpu, node, x } of columns) {
    // Whole pixels of the screen: each cell is as sharp as the others.
    brush.setTransform(scale, 0, 0, scale, Math.round(x * scale) + edge, margin * scale);
    drawCell(brush, state, { taken: taken.has(cpu), color: colors.nodes[node % colors.nodes.length] ?? colors.cell }, cell, hatches, colors);
  }
  return strip;
};

/** Columns side by side whose cells look alike in a row: by their left edges. */
interface Run {
  readonly look: number;
  readonly from: number;
  to: number;
}

/** The cells of a row from left to right, as few runs as there can be. */
export const runsOf = (row: MatrixRow, { columns }: Layout, shown: Shown): readonly Run[] => {
  const runs: Run[] = [];
  for (const { cpu, x } of columns) {
    const look = lookOf(cellState(row, cpu, shown));
    const last = runs.at(-1);
    if (last?.look === look) last.to = x;
    else runs.push({ look, from: x, to: x });
  }
  return runs;
};

/** On an empty canvas. */
export const drawMatrix = (brush: Brush, picture: Picture): void => {
  const { layout, rows, shown } = picture;
  const scale = window.devicePixelRatio;
  const { looks } = stripsFor(picture, scale);
  const edge = Math.ceil(margin * scale);
  rows.forEach((row, index) => {
    const y = Math.round(index * rowHeight * scale) / scale;
    for (const { look, from, to } of runsOf(row, layout, shown)) {
      const strip = (looks[look] ??= makeStrip(look, picture, scale));
      const left = Math.round((from - margin) * scale);
      const width = Math.round((to + layout.cell + margin) * scale) - left;
      brush.drawImage(strip, left + edge, 0, width, strip.height, left / scale, y, width / scale, strip.height / scale);
    }
  });
};

/** Where the middle of a row's dot is: in the cell of the CPU that its thread runs on; null = not known, or not shown. */
export const placeOf = ({ columns, cell }: Layout, cpu: number | null, row: number): { readonly cx: number; readonly cy: number } | null => {
  const x = cpu === null ? undefined : columns.find((column) => column.cpu === cpu)?.x;
  return x === undefined ? null : { cx: x + cell / 2, cy: row * rowHeight + rowHeight / 2 };
};

/** The load of each CPU as heat; CPUs whose load is not known stay empty. */
export const drawHeat = (brush: Brush, { columns, cell }: Layout, loads: readonly (number | null)[] | null, colors: Colors): void => {
  for (const { cpu, x } of columns) {
    const load = loads?.[cpu] ?? null;
    brush.fillStyle = colors.cell;
    brush.beginPath();
    brush.roundRect(x, 1, cell, cellHeight, radius);
    brush.fill();
    if (load === null) continue;
    brush.fillStyle = `rgba(${colors.heat},${0.06 + 0.74 * Math.max(0, Math.min(1, load))})`;
    brush.fill();
  }
};
