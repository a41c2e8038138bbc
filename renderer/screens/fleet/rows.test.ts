// Which guests the fleet shows, and in which order.
import { describe, expect, it } from 'vitest';
import type { FleetGuest } from '../../api/fleet.ts';
import { guestsOf } from '../../stand-in/data.ts';
import { chosen, inOrder, keyOf, type View } from './rows.ts';

const guests: readonly FleetGuest[] = guestsOf(16).map((guest) => ({ ...guest, hostName: guest.host, seen: null, fixed: null }));
const view: View = { text: '', states: [], hosts: [], pending: false, sort: 'name', descending: false };
const rowsOf = (all: readonly FleetGuest[], shown: View): readonly FleetGuest[] => chosen(inOrder(all, shown), shown, new Set([keyOf({ host: 'borealis', uuid: all[0]?.uuid ?? '' })]));
const names = (change: Partial<View>): readonly string[] => rowsOf(guests, { ...view, ...change }).map(({ name }) => name);

describe('the rows', () => {
  it('are in the order of names as people count: web-2 before web-10', () => {
    const two = guests.slice(0, 2).map((guest, index) => ({ ...guest, name: ['web-10', 'web-2'][index] ?? '' }));
    expect(rowsOf(two, view).map(({ name }) => name)).toEqual(['web-2', 'web-10']);
  });

  it('have every typed word in the name of the guest or of its host, in any case', () => {
    expect(names({ text: 'WEB' })).toEqual(['web-01', 'web-02', 'web-03']);
    expect(names({ text: ' web borealis ' })).toEqual(['web-01', 'web-02']);
    expect(names({ text: 'web nowhere' })).toEqual([]);
  });

  it('keep to the chosen states and hosts', () => {
    expect(names({ states: ['shutoff'] })).toEqual(['build-runner', 'etl-night']);
    expect(names({ states: ['shutoff', 'paused'], hosts: ['demo'] })).toEqual(['etl-night', 'web-03']);
  });

  it('keep to those that wait for a restart, where that is asked', () => {
    expect(names({ pending: true })).toEqual(['db-primary']);
  });

  it('sort by numbers, and those that are equal by name', () => {
    expect(names({ sort: 'vcpus', descending: true }).slice(0, 3)).toEqual(['etl-night', 'k8s-w-2', 'k8s-w-1']);
    expect(names({ sort: 'memory' }).slice(0, 2)).toEqual(['jump', 'mail']);
  });

  it('come in the same order however they were listed', () => {
    expect(rowsOf(guests.toReversed(), { ...view, sort: 'state' }).map(({ uuid }) => uuid)).toEqual(rowsOf(guests, { ...view, sort: 'state' }).map(({ uuid }) => uuid));
  });
});
