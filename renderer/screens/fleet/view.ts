// The view of the fleet that this window has: kept while it is open, so that who comes back from a guest finds what was left.
import { useCallback, useEffect, useMemo, useState } from 'react';
import { type FleetColumn, fleetView, type FleetView } from '../../../app/contract/fleet.ts';
import { useAsk, useTell } from '../../api/api.tsx';
import { keep, kept } from '../../panels/kept.ts';
import { usualColumns } from './columns.ts';

type Choice = Omit<FleetView, 'columns'>;
const choice = fleetView.omit({ columns: true });

const place = 'fleet';
const all: Choice = { text: '', states: [], hosts: [], running: false, pending: false, order: 'name', descending: false, grouping: 'none' };

/** Everything is shown, in the order and the groups it is in. */
export const unfiltered = { text: '', states: [], hosts: [], running: false, pending: false } as const satisfies Partial<Choice>;

export interface ViewState {
  readonly view: FleetView;
  readonly change: (part: Partial<Choice>) => void;
  /** Columns are kept with the settings, for every window; none = the usual ones. */
  readonly setColumns: (columns: readonly FleetColumn[]) => void;
}

export const useView = (hasTags: boolean): ViewState => {
  const [chosen, setChosen] = useState<Choice>(() => {
    const read = choice.safeParse(kept(place));
    return read.success ? read.data : all;
  });
  const preferred = useAsk('program', 'preferences', {}).data?.fleetColumns;
  const { mutate } = useTell('program', 'setPreferences');
  const columns = useMemo(() => [...(preferred === undefined || preferred.length === 0 ? usualColumns(hasTags) : preferred)], [preferred, hasTags]);
  useEffect(() => keep(place, chosen), [chosen]);
  const change = useCallback((part: Partial<Choice>) => setChosen((before) => ({ ...before, ...part })), []);
  const setColumns = useCallback((wanted: readonly FleetColumn[]) => mutate({ preferences: { fleetColumns: [...wanted] } }), [mutate]);
  return { view: useMemo(() => ({ ...chosen, columns }), [chosen, columns]), change, setColumns };
};
