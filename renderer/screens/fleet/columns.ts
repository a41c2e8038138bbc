// The columns of the fleet table, and which of them fit.
import type { SortColumn } from './rows.ts';

export type ColumnName = 'select' | 'name' | 'state' | 'host' | 'vcpus' | 'memory' | 'disk' | 'network' | 'tuning';

export interface Column {
  readonly name: ColumnName;
  readonly label: string;
  readonly width: string;
  readonly sort?: SortColumn;
  /** Shown only when the table is at least this wide, in CSS pixels. */
  readonly from: number;
  /** What a cell has for its content, in CSS pixels, where it has to know. */
  readonly room?: number;
}

/** What a cell keeps free on its left and on its right, in CSS pixels. */
export const cellPadding = 12;

const columns: readonly Column[] = [
  { name: 'select', label: '', width: '44px', from: 0 },
  { name: 'name', label: 'Name', width: 'minmax(110px, 1.6fr)', sort: 'name', from: 0 },
  { name: 'state', label: 'State', width: '106px', sort: 'state', from: 0 },
  { name: 'host', label: 'Host', width: 'minmax(90px, 1.15fr)', sort: 'host', from: 0 },
  { name: 'vcpus', label: 'vCPU · use', width: '150px', sort: 'vcpus', from: 674 },
  { name: 'memory', label: 'Memory in use', width: '202px', sort: 'memory', from: 876 },
  { name: 'disk', label: 'Disk', width: '114px', from: 990 },
  { name: 'network', label: 'Network', width: '114px', from: 1104 },
  // Last to go: what is pinned or waits for a restart is told nowhere else at a glance.
  { name: 'tuning', label: 'Tuning', width: '', from: 0 },
];

/** A seventh of the table, so that names come first where it is narrow and no mark is left out where it is wide; at least two marks and the count of the rest. */
const tuningWidth = (width: number): number => Math.max(174, Math.round(width / 7));

/** The columns that fit into `width` CSS pixels. */
export const columnsFor = (width: number): readonly Column[] =>
  columns.filter(({ from }) => width >= from).map((column) => (column.name === 'tuning' ? { ...column, width: `${tuningWidth(width)}px`, room: tuningWidth(width) - 2 * cellPadding } : column));
