// The columns of the fleet table: which are chosen, and which of those fit.
import { type FleetColumn, fleetColumns, type FleetOrder } from '../../../app/contract/fleet.ts';

export type ColumnName = 'select' | 'name' | FleetColumn;

export interface Column {
  readonly name: ColumnName;
  readonly label: string;
  /** Where it begins and what it takes, in whole CSS pixels. */
  readonly left: number;
  readonly width: number;
  /** Words of its heading by which the rows can be put in order. */
  readonly orders: readonly { readonly by: FleetOrder; readonly label: string }[];
}

/** What a cell keeps free on its left and on its right, in CSS pixels. */
export const cellPadding = 12;

interface Entry extends Pick<Column, 'label' | 'orders'> {
  /** The least width it needs, in CSS pixels. */
  readonly least: number;
  /** Its share of the room that is left. */
  readonly share?: number;
}

const tuningLeast = 174;

const entries: Readonly<Record<ColumnName, Entry>> = {
  select: { label: '', least: 44, orders: [] },
  name: { label: 'Name', least: 110, share: 1.6, orders: [{ by: 'name', label: 'Name' }] },
  state: { label: 'State', least: 106, orders: [{ by: 'state', label: 'State' }] },
  host: { label: 'Host', least: 90, share: 1.15, orders: [{ by: 'host', label: 'Host' }] },
  vcpus: { label: 'vCPU · use', least: 150, orders: [{ by: 'vcpus', label: 'vCPU' }, { by: 'cpu', label: 'use' }] },
  memory: { label: 'Memory in use', least: 202, orders: [{ by: 'used', label: 'In use' }, { by: 'memory', label: 'memory' }] },
  disk: { label: 'Disk', least: 114, orders: [] },
  network: { label: 'Network', least: 114, orders: [] },
  tags: { label: 'Tags', least: 150, orders: [] },
  tuning: { label: 'Tuning', least: tuningLeast, orders: [] },
};

/** What a column is called where columns are chosen. */
export const columnLabel = (name: FleetColumn): string => entries[name].label;

/** Those to begin with: tags once there are any. */
export const usualColumns = (hasTags: boolean): readonly FleetColumn[] => fleetColumns.filter((name) => name !== 'tags' || hasTags);

/** The first to go where there is little room. Tuning is last: what is pinned or waits for a restart is told nowhere else at a glance. */
const leaving: readonly FleetColumn[] = ['network', 'disk', 'tags', 'memory', 'vcpus', 'host', 'state'];

/** A seventh of the table, so that names come first where it is narrow and no mark is left out where it is wide; at least two marks and the count of the rest. */
const tuningWidth = (width: number): number => Math.max(tuningLeast, Math.round(width / 7));

/** The chosen columns, as far as they fit into `width` CSS pixels, which they fill. */
export const columnsFor = (width: number, chosen: readonly FleetColumn[]): readonly Column[] => {
  const names: ColumnName[] = ['select', 'name', ...fleetColumns.filter((name) => chosen.includes(name))];
  const needed = (): number => names.reduce((sum, name) => sum + entries[name].least, 0);
  for (const name of leaving) {
    if (needed() <= width) break;
    if (names.includes(name)) names.splice(names.indexOf(name), 1);
  }
  const room = Math.max(0, width - needed());
  const forTuning = names.includes('tuning') ? Math.min(tuningWidth(width) - tuningLeast, room) : 0;
  const shares = names.reduce((sum, name) => sum + (entries[name].share ?? 0), 0);
  let left = 0;
  return names.map((name): Column => {
    const { label, orders, least, share = 0 } = entries[name];
    const column = { name, label, orders, left, width: least + Math.floor(((room - forTuning) * share) / shares) + (name === 'tuning' ? forTuning : 0) };
    left += column.width;
    return column;
  });
};
