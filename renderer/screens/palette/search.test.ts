// What the palette finds.
import { expect, it } from 'vitest';
import type { Connection } from '../../../app/contract/connections.ts';
import type { Fleet, FleetGuest } from '../../api/fleet.ts';
import { connections, guestsOf } from '../../stand-in/data.ts';
import { find, findablesOf } from './search.ts';

const fleetOf = (count: number, more: Partial<FleetGuest> = {}): Fleet => ({
  connections, loading: false, refusals: [],
  guests: guestsOf(count).map((guest) => ({ ...guest, hostName: guest.host, seen: null, fixed: null, ...more })),
});
const fleet = fleetOf(12);
const guest = (name: string): FleetGuest => {
  const found = fleet.guests.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no guest ${name}`);
  return found;
};
const commands = [{ key: 'history', label: 'History', detail: 'go to', act: () => undefined }];
const all = findablesOf(fleet, commands);
const labels = (typed: string, recent: readonly string[] = [], here: string | null = null): readonly string[] => find(all, typed, recent, here).map(({ label }) => label);
const first = (typed: string) => find(all, typed, [], null)[0];

it('a guest is found by its name, and by letters of it', () => {
  for (const typed of ['db-primary', 'DB-PRI', 'dbp', 'primary']) expect([typed, first(typed)?.label]).toEqual([typed, 'db-primary']);
});

it('a setting is found by its label and the guest, in any order', () => {
  const { host, uuid } = guest('web-01');
  for (const typed of ['CPU shares of web-01', 'cpu shares web-01', 'web-01 shares']) {
    expect(first(typed)).toMatchObject({ kind: 'Settings', label: 'CPU shares of web-01', deed: { does: 'go', place: { at: 'guest', host, uuid, tab: 'cpu', setting: 'cpuShares' } } });
  }
});

it('settings of one label are told apart by where they are', () => {
  const found = find(all, 'limits web-01', [], null).filter(({ label }) => label === 'Limits of web-01').map(({ detail }) => detail.split(' · ').slice(1).join(' · '));
  expect(new Set(found)).toEqual(new Set(['Disks · Limits', 'Memory · Limits']));
});

it('without a guest in the words, the one that is shown comes first and then those of before', () => {
  const [shown, before] = [guest('db-primary'), guest('web-02')];
  expect(labels('cpu shares', [`guest:${before.host}/${before.uuid}`], `${shown.host}/${shown.uuid}`).slice(0, 2)).toEqual(['CPU shares of db-primary', 'CPU shares of web-02']);
});

it('an action says why it is not possible now', () => {
  const { state } = guest('web-01');
  expect(state).toBe('running');
  expect([first('start web-01')?.unable, first('shut down web-01')?.unable]).toEqual(['web-01 is running', null]);
  const others = (more: Partial<FleetGuest>) => find(findablesOf(fleetOf(12, more), []), 'shut down web-01', [], null)[0]?.unable;
  expect([others({ fixed: 'Read-only.' }), others({ seen: 1 })]).toEqual(['Read-only.', `${guest('web-01').hostName} does not answer`]);
});

it('what can be done comes before what cannot and fits as well', () => {
  const guests = fleet.guests.map((one) => ({ ...one, state: one.name === 'web-02' ? 'shutoff' as const : one.state }));
  const starts = find(findablesOf({ ...fleet, guests }, []), 'start web', [], null).map(({ label }) => label).filter((label) => label.startsWith('Start '));
  expect(starts.slice(0, 2)).toEqual(['Start web-02', 'Start web-01']);
});

it('hosts are connected and disconnected, by the phase they are in', () => {
  const unable = (phase: Connection['state']['phase']) => {
    const one = connections.find(({ state }) => state.phase === phase);
    if (one === undefined) throw new Error(`no host is ${phase}`);
    return ['Connect', 'Disconnect'].map((verb) => find(all, `${verb} ${one.name}`, [], null).find(({ label }) => label === `${verb} ${one.name}`)?.unable === null);
  };
  expect([unable('ready'), unable('off'), unable('lost')]).toEqual([[false, true], [true, false], [true, true]]);
});

it('a link that is pasted leads to its guest', () => {
  expect(first('guestdeck://atlas/web-01/cpu')?.deed).toEqual({ does: 'go', place: { at: 'link', to: { host: 'atlas', guest: 'web-01', tab: 'cpu' } } });
});

it('with nothing typed, what was chosen lately comes first, as far as it is there still', () => {
  const { host, uuid } = guest('web-01');
  const recent = [`set:cpuShares:${host}/${uuid}`, 'guest:atlas/gone', `guest:${host}/${uuid}`, 'act:nothing:x/y'];
  const found = find(all, ' ', recent, null);
  expect(found.filter(({ kind }) => kind === 'Recent').map(({ label }) => label)).toEqual(['CPU shares of web-01', 'web-01']);
  expect(found.map(({ label }) => label)).toContain('History');
});

it('lines of one kind stand together, no key is there twice, and of thousands of guests only some are shown', () => {
  const many = findablesOf(fleetOf(2000), commands);
  for (const typed of ['', 'w', 'web', 'start', 'cpu web', 'memory', 'a b', 'of']) {
    const found = find(many, typed, [], null);
    const kinds = found.map(({ kind }) => kind).filter((kind, at, list) => kind !== list[at - 1]);
    expect([typed, new Set(kinds).size, new Set(found.map(({ key }) => key)).size, found.length <= 48]).toEqual([typed, kinds.length, found.length, true]);
  }
});
