// What a cell of the matrix says, for the eye and for a screen reader.
import { describe, expect, it } from 'vitest';
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { layoutOf } from './layout.ts';
import { topologyFromNodeInfo } from '../../app/domain/topology.ts';
import { colors } from '../ui/colors.ts';
import { bandsOf, cellState, isSamePicture, type MatrixRow, type Picture, placeOf, runsOf } from './matrix-drawing.ts';
import { cellName } from './pinning-matrix.tsx';

const set = (...cpus: readonly number[]): CpuSet => CpuSet.of(cpus);
const row: MatrixRow = {
  key: 'vcpuPinning/7', label: 'vCPU 7', vcpu: 7,
  actual: { live: set(7), saved: set(7) },
  edited: { live: set(7, 23), saved: set(7) },
};

describe('a cell', () => {
  it('shows now and after restart apart, and what is edited', () => {
    expect(cellState(row, 7, 'both')).toEqual({ live: true, saved: true, changes: false });
    expect(cellState(row, 23, 'both')).toEqual({ live: true, saved: false, changes: true });
    expect(cellState(row, 23, 'saved')).toEqual({ live: false, saved: false, changes: false });
    expect(cellState(row, 1, 'both')).toEqual({ live: false, saved: false, changes: false });
  });

  it('of a guest that is off shows what will be, whole', () => {
    const off: MatrixRow = { ...row, actual: { live: null, saved: set(7) }, edited: { live: null, saved: set(7) } };
    expect(cellState(off, 7, 'both')).toEqual({ live: true, saved: true, changes: false });
  });

  it('is named in words', () => {
    expect(cellName(row, 7, 'both', [])).toBe('vCPU 7, CPU 7: pinned');
    expect(cellName(row, 23, 'both', ['db-replica'])).toBe('vCPU 7, CPU 23: pinned now, not after restart, edited, also used by db-replica');
    expect(cellName(row, 1, 'live', [])).toBe('vCPU 7, CPU 1: not pinned');
  });
});

describe('the picture', () => {
  const picture: Picture = { layout: layoutOf(topologyFromNodeInfo({ cpus: 32, memory: 1024, nodes: 1, sockets: 2, cores: 8, threads: 2 }), 800), rows: [row, { ...row, key: 'vcpuPinning/8' }], shown: 'both', taken: set(4), colors: colors.light };

  it('is drawn in bands of rows, anew only where a row of the band is another', () => {
    const rows = Array.from({ length: 18 }, (_, index) => ({ ...row, key: `vcpuPinning/${index}` }));
    const edited = rows.with(9, { ...row, edited: { live: set(1), saved: set(1) } });
    expect(bandsOf(rows).map((band) => band.length)).toEqual([8, 8, 2]);
    expect(bandsOf(rows).flat()).toEqual(rows);
    const now = bandsOf(edited);
    expect(bandsOf(rows).map((band, index) => isSamePicture({ ...picture, rows: band }, { ...picture, rows: now[index] ?? [] }))).toEqual([true, false, true]);
  });

  it.each<[string, Partial<Picture>]>([
    ['where cells lie', { layout: { ...picture.layout } }], ['which truth is shown', { shown: 'live' }], ['what others are pinned to', { taken: set(5) }], ['the colours', { colors: colors.dark }], ['how many rows there are', { rows: [row] }],
  ])('is another one with %s', (_, other) => expect(isSamePicture(picture, { ...picture, ...other })).toBe(false));

  it('is copied by runs of cells that look alike, which cover every column once', () => {
    const { layout } = picture;
    const { columns } = layout;
    const runs = runsOf(row, layout, 'both');
    // Of pinned now and after restart, of edited and pinned now alone, and what lies between and around them.
    expect(runs.map(({ look }) => look).filter((look) => look !== 0).toSorted()).toEqual([3, 5]);
    const covered = runs.flatMap(({ look, from, to }) => columns.filter(({ x }) => from <= x && x <= to).map(({ cpu }) => [cpu, look]));
    const looks = new Map([[7, 3], [23, 5]]);
    expect(covered).toEqual(columns.map(({ cpu }) => [cpu, looks.get(cpu) ?? 0]));
    expect(runs.every(({ look }, index) => look !== runs[index - 1]?.look)).toBe(true);
  });

  it('has a dot in the middle of the cell of the CPU that a thread runs on', () => {
    const { layout } = picture;
    const [x = 0] = layout.columns.filter(({ cpu }) => cpu === 5).map((column) => column.x);
    expect([null, 5, 99].map((cpu) => placeOf(layout, cpu, 1))).toEqual([null, { cx: x + layout.cell / 2, cy: 36 }, null]);
  });
});
