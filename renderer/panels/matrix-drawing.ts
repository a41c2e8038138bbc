// Draws the pinning matrix: one path a style, so that 64 × 128 cells cost a few milliseconds.
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

/** Tiles that were drawn, by their colors, width and scale: there are two of them on a page, and a stroke needs both. */
const tiles = new Map<string, HTMLCanvasElement>();

const hatchedTile = (one: string, other: string, width: number, scale: number): HTMLCanvasElement => {
  const tile = document.createElement('canvas');
  tile.width = tile.height = Math.round(width * 2 * scale);
  const brush = tile.getContext('2d');
  if (brush === null) return tile;
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
  return tile;
};

const hatched = (context: CanvasRenderingContext2D, [one, other]: readonly [string, string], width: number): CanvasPattern | null => {
  const scale = window.devicePixelRatio;
  const key = [one, other, width, scale].join(' ');
  const tile = tiles.get(key) ?? hatchedTile(one, other, width, scale);
  tiles.set(key, tile);
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

/** On an empty canvas. */
export const drawMatrix = (context: CanvasRenderingContext2D, { layout, rows, shown, taken, colors }: Picture): void => {
  const { cell, columns } = layout;
  const free = new Path2D();
  const others = new Path2D();
  const pinned = colors.nodes.map(() => new Path2D());
  const halves = colors.nodes.map(() => new Path2D());
  const added = new Path2D();
  const removed = new Path2D();
  const addedHalves = new Path2D();
  const frames = new Path2D();
  const clashes = new Path2D();
  const sets = columns.map(({ cpu }) => taken.has(cpu));
  rows.forEach((row, index) => {
    const y = index * rowHeight + 1;
    columns.forEach(({ cpu, node, x }, column) => {
      const { live, saved, changes } = cellState(row, cpu, shown);
      if (!live && !saved) {
        (changes ? removed : sets[column] === true ? others : free).roundRect(x, y, cell, cellHeight, radius);
        if (changes) frames.roundRect(x + 0.75, y + 0.75, cell - 1.5, cellHeight - 1.5, radius);
        return;
      }
      if (sets[column] === true) corner(clashes, x + cell, y, Math.min(9, cell * 0.55));
      const paths = changes ? { whole: added, half: addedHalves } : { whole: pinned[node % pinned.length] ?? free, half: halves[node % halves.length] ?? free };
      if (live && saved) paths.whole.roundRect(x, y, cell, cellHeight, radius);
      else {
        // The upper half is now, the lower half after a restart.
        (sets[column] === true ? others : free).roundRect(x, y, cell, cellHeight, radius);
        paths.half.roundRect(x, live ? y : y + cellHeight / 2, cell, cellHeight / 2, live ? [radius, radius, 0, 0] : [0, 0, radius, radius]);
      }
      if (changes) frames.roundRect(x + 0.75, y + 0.75, cell - 1.5, cellHeight - 1.5, radius);
    });
  });
  const fill = (path: Path2D, style: string | CanvasPattern | null): void => {
    context.fillStyle = style ?? colors.cell;
    context.fill(path);
  };
  fill(free, colors.cell);
  fill(others, hatched(context, colors.hatch, 3));
  fill(removed, colors.cell);
  colors.nodes.forEach((color, node) => {
    fill(pinned[node] ?? free, color);
    fill(halves[node] ?? free, color);
  });
  const changing = hatched(context, colors.change, 4);
  fill(added, changing);
  fill(addedHalves, changing);
  context.strokeStyle = colors.change[0];
  context.lineWidth = 1.5;
  context.stroke(frames);
  fill(clashes, colors.warn.mark);
  context.strokeStyle = colors.panel;
  context.lineWidth = 1;
  context.stroke(clashes);
};

/** A triangle in the upper right corner of a cell: what is pinned there is pinned by others too. */
const corner = (path: Path2D, right: number, top: number, size: number): void => {
  path.moveTo(right - size, top);
  path.lineTo(right, top);
  path.lineTo(right, top + size);
  path.closePath();
};

/** As a path of SVG: a dot in the cell of the CPU that a row's thread runs on. `places`: a CPU for each row, null = not known. */
export const placesPath = ({ columns, cell }: Layout, places: readonly (number | null)[]): string => {
  const at = new Map(columns.map(({ cpu, x }) => [cpu, x]));
  return places.map((cpu, row) => {
    const x = cpu === null ? undefined : at.get(cpu);
    return x === undefined ? '' : `M${x + cell / 2 - 3} ${row * rowHeight + rowHeight / 2}a3 3 0 1 0 6 0a3 3 0 1 0-6 0z`;
  }).join('');
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
