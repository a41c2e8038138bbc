// The columns of the fleet table: which are chosen, and which of those fit.
import { type FleetColumn, fleetColumns, type FleetOrder } from '../../../app/contract/fleet.ts';

export type ColumnName = 'select' | 'name' | FleetColumn;

export interface Column {
  readonly name: ColumnName;
  readonly label: string;
  readonly width: string;
  /** Words of its heading by which the rows can be put in order. */
  readonly orders: readonly { readonly by: FleetOrder; readonly label: string }[];
  /** What a cell has for its content, in CSS pixels, where it has to know. */
  readonly room?: number;
}

/** What a cell keeps free on its left and on its right, in CSS pixels. */
export const cellPadding = 12;

interface Entry extends Omit<Column, 'name' | 'room'> {
  /** The least width it needs, in CSS pixels. */
  readonly least: number;
}
const fixed = (least: number): Pick<Entry, 'width' | 'least'> => ({ width: `${least}px`, least });
const growing = (least: number, share: number): Pick<Entry, 'width' | 'least'> => ({ width: `minmax(${least}px, ${share}fr)`, least });

const tagsWidth = 150;
const tuningLeast = 174;

const entries: Readonly<Record<ColumnName, Entry>> = {
  select: { label: '', ...fixed(44), orders: [] },
  name: { label: 'Name', ...growing(110, 1.6), orders: [{ by: 'name', label: 'Name' }] },
  state: { label: 'State', ...fixed(106), orders: [{ by: 'state', label: 'State' }] },
  host: { label: 'Host', ...growing(90, 1.15), orders: [{ by: 'host', label: 'Host' }] },
  vcpus: { label: 'vCPU · use', ...fixed(150), orders: [{ by: 'vcpus', label: 'vCPU' }, { by: 'cpu', label: 'use' }] },
  memory: { label: 'Memory in use', ...fixed(202), orders: [{ by: 'used', label: 'In use' }, { by: 'memory', label: 'memory' }] },
  disk: { label: 'Disk', ...fixed(114), orders: [] },
  network: { label: 'Network', ...fixed(114), orders: [] },
  tags: { label: 'Tags', ...fixed(tagsWidth), orders: [] },
  tuning: { label: 'Tuning', ...fixed(tuningLeast), orders: [] },
};

/** What a column is called where columns are chosen. */
export const columnLabel = (name: FleetColumn): string => entries[name].label;

/** Those to begin with: tags once there are any. */
export const usualColumns = (hasTags: boolean): readonly FleetColumn[] => fleetColumns.filter((name) => name !== 'tags' || hasTags);

/** The first to go where there is little room. Tuning is last: what is pinned or waits for a restart is told nowhere else at a glance. */
const leaving: readonly FleetColumn[] = ['network', 'disk', 'tags', 'memory', 'vcpus', 'host', 'state'];

/** A seventh of the table, so that names come first where it is narrow and no mark is left out where it is wide; at least two marks and the count of the rest. */
const tuningWidth = (width: number): number => Math.max(tuningLeast, Math.round(width / 7));

/** The chosen columns, as far as they fit into `width` CSS pixels. */
export const columnsFor = (width: number, chosen: readonly FleetColumn[]): readonly Column[] => {
  const names: ColumnName[] = ['select', 'name', ...fleetColumns.filter((name) => chosen.includes(name))];
  for (const name of leaving) {
    if (names.reduce((sum, one) => sum + entries[one].least, 0) <= width) break;
    if (names.includes(name)) names.splice(names.indexOf(name), 1);
  }
  const others = names.reduce((sum, one) => sum + (one === 'tuning' ? 0 : entries[one].least), 0);
  return names.map((name): Column => {
    const { label, width: usual, orders } = entries[name];
    const wide = name === 'tuning' ? Math.max(tuningLeast, Math.min(tuningWidth(width), width - others)) : name === 'tags' ? tagsWidth : null;
    return { name, label, orders, width: name === 'tuning' ? `${wide}px` : usual, ...(wide !== null && { room: wide - 2 * cellPadding }) };
  });
};
