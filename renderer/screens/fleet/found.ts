// What the fleet shows of all guests: searched, in order, under headings; and what is to be looked up for that.
import { useCallback, useMemo, useState } from 'react';
import type { FleetView } from '../../../app/contract/fleet.ts';
import { isActive } from '../../../app/domain/guest.ts';
import { type Beside, needs, parseSearch, type SearchProblem } from '../../../app/domain/guest-search.ts';
import { marksOf, useKnownBadges, useReading } from '../../api/badges.ts';
import type { FleetGuest } from '../../api/fleet.ts';
import { type Measured, useMeasured } from '../../api/measured.ts';
import type { Usage } from '../../api/samples.ts';
import type { Tags } from '../../api/tags.ts';
import { type Chosen, chosen, inOrder, keyOf, type Line, linesOf, Ranks } from './rows.ts';

const noTags: readonly string[] = [];
const noUsage: Usage = { cpu: null, usedKiB: null };
const unmeasured = (): Usage => noUsage;

export interface Found extends Chosen {
  readonly lines: readonly Line[];
  /** What is wrong with what is searched for. */
  readonly problems: readonly SearchProblem[];
  /** Another value when something else is shown. */
  readonly shows: string;
  /** What guests use decides what is shown, or in which order: it is taken when that is asked for, and then stays. */
  readonly measured: Measured | null;
  /** Of so many of the unknown the definition was not read. */
  readonly unread: number;
  /** Those are being read, or begin to be by this. */
  readonly reading: { readonly isOn: boolean; readonly begin: () => void };
  readonly folded: { readonly turn: (key: string) => void };
}

export const useFound = (guests: readonly FleetGuest[], view: FleetView, tags: Tags): Found => {
  const { text, states, hosts, running, pending, order, descending, grouping } = view;
  // In the same frame as what is typed: choosing among thousands takes less than drawing twice.
  const search = useMemo(() => parseSearch(text), [text]);
  const need = needs(search);
  const isByUse = order === 'cpu' || order === 'used';
  const isUseSought = need.cpu || need.used;
  const measured = useMeasured(guests, isByUse || isUseSought);
  const known = useKnownBadges(need.tuned || pending);
  const [isReading, setReading] = useState(false);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [names] = useState(() => new Ranks());
  const tagsOf = useMemo(() => ({ uuid }: FleetGuest) => tags.byGuest.get(uuid) ?? noTags, [tags]);
  const orderUse = isByUse ? measured.of : unmeasured;
  const searchUse = isUseSought ? measured.of : unmeasured;
  const ordered = useMemo(() => inOrder(guests, { order, descending }, names, orderUse), [guests, order, descending, names, orderUse]);
  const picked = useMemo(() => {
    const marks = (guest: FleetGuest) => known.get(keyOf(guest));
    const beside: Beside<FleetGuest> = {
      tags: tagsOf,
      tuned: (guest) => {
        const its = marks(guest);
        return its === undefined ? null : marksOf(its);
      },
      cpu: (guest) => searchUse(guest).cpu,
      usedKiB: (guest) => searchUse(guest).usedKiB,
    };
    // A guest that is off has nothing to wait for.
    const waiting = (guest: FleetGuest): boolean | null => (isActive(guest.state) ? ((its) => (its === undefined ? null : its.pending > 0))(marks(guest)) : false);
    return chosen(ordered, { states, hosts, running, pending }, search, beside, waiting);
  }, [ordered, states, hosts, running, pending, search, known, tagsOf, searchUse]);
  const unread = useMemo(() => (need.tuned || pending ? picked.unknown.filter((guest) => !known.has(keyOf(guest))) : []), [need.tuned, pending, picked, known]);
  useReading(unread, pending || (isReading && need.tuned));
  const lines = useMemo(() => linesOf(picked.guests, grouping, folded, tagsOf), [picked, grouping, folded, tagsOf]);
  const turn = useCallback((key: string) => setFolded((before) => new Set(before.has(key) ? [...before].filter((one) => one !== key) : [...before, key])), []);
  return {
    ...picked, lines, problems: search.problems,
    shows: JSON.stringify([text, states, hosts, running, pending, order, descending, grouping, isByUse || isUseSought ? measured.at : 0]),
    measured: isByUse || isUseSought ? measured : null,
    unread: unread.length,
    reading: { isOn: pending || isReading, begin: () => setReading(true) },
    folded: { turn },
  };
};
