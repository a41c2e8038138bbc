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
}

const columns: readonly Column[] = [
  { name: 'select', label: '', width: '44px', from: 0 },
  { name: 'name', label: 'Name', width: 'minmax(110px, 1.2fr)', sort: 'name', from: 0 },
  { name: 'state', label: 'State', width: '106px', sort: 'state', from: 0 },
  { name: 'host', label: 'Host', width: 'minmax(108px, .7fr)', sort: 'host', from: 0 },
  { name: 'vcpus', label: 'vCPU · use', width: '150px', sort: 'vcpus', from: 560 },
  { name: 'memory', label: 'Memory in use', width: '202px', sort: 'memory', from: 700 },
  { name: 'disk', label: 'Disk', width: '114px', from: 960 },
  { name: 'network', label: 'Network', width: '114px', from: 1080 },
  { name: 'tuning', label: 'Tuning', width: 'minmax(150px, 1.2fr)', from: 860 },
];

/** The columns that fit into `width` CSS pixels. */
export const columnsFor = (width: number): readonly Column[] => columns.filter(({ from }) => width >= from);
