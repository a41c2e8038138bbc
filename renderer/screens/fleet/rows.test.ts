// Which guests the fleet shows, in which order, under which headings, and what they come to.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FleetView } from '../../../app/contract/fleet.ts';
import { type Beside, parseSearch } from '../../../app/domain/guest-search.ts';
import type { FleetGuest } from '../../api/fleet.ts';
import type { Usage } from '../../api/samples.ts';
import { guestsOf } from '../../stand-in/data.ts';
import { chosen, inOrder, type Line, linesOf, Ranks, totalsOf } from './rows.ts';

const fleetOf = (count: number): readonly FleetGuest[] => guestsOf(count).map((guest) => ({ ...guest, hostName: guest.host, seen: null, fixed: null }));
const guests = fleetOf(16);
const named = (name: string): FleetGuest => guests.find((guest) => guest.name === name) ?? expect.fail(name);
const nothing: Usage = { cpu: null, usedKiB: null };
const tags = ({ name }: FleetGuest): readonly string[] => (name.startsWith('db-') ? ['db', 'core'] : name.startsWith('ceph') ? ['core'] : []);
const beside: Beside<FleetGuest> = { tags, tuned: ({ name }) => (name === 'web-01' ? null : ['pinned']), cpu: () => null, usedKiB: () => null };
const waiting = ({ name }: FleetGuest): boolean | null => (name === 'mail' ? null : name === 'db-primary');

const view = { text: '', states: [], hosts: [], running: false, pending: false, order: 'name', descending: false } as const satisfies Partial<FleetView>;
const found = ({ text = '', ...change }: Partial<FleetView>) => chosen(inOrder(guests, { ...view, ...change }, new Ranks(), () => nothing), { ...view, ...change }, parseSearch(text), beside, waiting);
const names = (change: Partial<FleetView>): readonly string[] => found(change).guests.map(({ name }) => name);

describe('the rows', () => {
  it('are in the order of names as people count: web-2 before web-10', () => {
    const two = guests.slice(0, 2).map((guest, index) => ({ ...guest, name: ['web-10', 'web-2'][index] ?? '' }));
    expect(inOrder(two, view, new Ranks(), () => nothing).map(({ name }) => name)).toEqual(['web-2', 'web-10']);
  });

  it('keep to what is searched for, to the chosen states and hosts, and to those that run', () => {
    expect(names({ text: ' WEB borealis ' })).toEqual(['web-01', 'web-02']);
    expect(names({ states: ['shutoff'] })).toEqual(['build-runner', 'etl-night']);
    expect(names({ states: ['shutoff', 'paused'], hosts: ['demo'] })).toEqual(['etl-night', 'web-03']);
    expect(names({ states: ['shutoff', 'paused'], running: true })).toEqual(['web-03']);
    expect(names({ text: 'tag:db -replica' })).toEqual(['db-primary']);
  });

  it('count apart those of which it is not known whether they belong there', () => {
    expect(found({ pending: true })).toEqual({ guests: [named('db-primary')], unknown: [named('mail')] });
    expect(found({ text: 'tuned:pinned web' })).toEqual({ guests: [named('web-02'), named('web-03')], unknown: [named('web-01')] });
    expect(found({ text: 'tuned:pinned', hosts: ['atlas'], pending: true })).toEqual({ guests: [], unknown: [named('mail')] });
  });

  it('sort by numbers, and those that are equal by name', () => {
    expect(names({ order: 'vcpus', descending: true }).slice(0, 3)).toEqual(['etl-night', 'k8s-w-2', 'k8s-w-1']);
    expect(names({ order: 'memory' }).slice(0, 2)).toEqual(['jump', 'mail']);
    expect(names({ order: 'state' }).slice(-2)).toEqual(['build-runner', 'etl-night']);
  });

  it('sort by what is measured; what is not known comes last either way, and who is off uses nothing', () => {
    const usage = ({ name }: FleetGuest): Usage => ({ cpu: { jump: 0.5, mail: 2 }[name] ?? null, usedKiB: null });
    const some = guests.filter(({ name }) => ['jump', 'mail', 'etl-night', 'web-01'].includes(name));
    const sorted = (descending: boolean): readonly string[] => inOrder(some, { order: 'cpu', descending }, new Ranks(), usage).map(({ name }) => name);
    expect([sorted(false), sorted(true)]).toEqual([['etl-night', 'jump', 'mail', 'web-01'], ['mail', 'jump', 'etl-night', 'web-01']]);
  });

  it('come in the same order however they were listed, and after other names were ranked', () => {
    const ranks = new Ranks();
    const orders = fc.constantFrom<FleetView['order']>('name', 'state', 'host', 'vcpus', 'memory');
    fc.assert(fc.property(fc.shuffledSubarray([...guests]), orders, fc.boolean(), (some, order, descending) => {
      const uuids = (list: readonly FleetGuest[], by: Ranks): readonly string[] => inOrder(list, { order, descending }, by, () => nothing).map(({ uuid }) => uuid);
      expect(uuids(some, ranks)).toEqual(uuids(guests.filter((guest) => some.includes(guest)), new Ranks()));
    }));
  });
});

describe('the lines', () => {
  const said = (lines: readonly Line[]): readonly string[] => lines.map((line) => (line.kind === 'guest' ? line.guest.name : `${line.label} ${line.running}/${line.guests}${line.isFolded ? ' folded' : ''}`));
  const some = ['db-primary', 'ceph-osd-1', 'etl-night'].map(named);

  it('are guests under the headings of their hosts, states or tags; who has two tags is under both', () => {
    expect(said(linesOf(some, 'none', new Set(), tags))).toEqual(['db-primary', 'ceph-osd-1', 'etl-night']);
    expect(said(linesOf(some, 'host', new Set(), tags))).toEqual(['borealis 1/1', 'db-primary', 'demo 1/2', 'ceph-osd-1', 'etl-night']);
    expect(said(linesOf(some, 'state', new Set(), tags))).toEqual(['Running 2/2', 'db-primary', 'ceph-osd-1', 'Shut off 0/1', 'etl-night']);
    expect(said(linesOf(some, 'tag', new Set(['tag tag core']), tags))).toEqual(['core 2/2 folded', 'db 1/1', 'db-primary', 'No tag 0/1', 'etl-night']);
  });

  it('each have a key of their own, and none is lost', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 60 }), fc.constantFrom('none', 'host', 'state', 'tag'), (count, grouping) => {
      const all = fleetOf(count);
      const lines = linesOf(all, grouping, new Set(), tags);
      expect(new Set(lines.map(({ key }) => key)).size).toBe(lines.length);
      expect(new Set(lines.flatMap((line) => (line.kind === 'guest' ? [line.guest] : [])))).toEqual(new Set(all));
    }));
  });
});

describe('the totals', () => {
  it('are what all shown guests have, and what the measured ones use', () => {
    const usage = ({ name }: FleetGuest): Usage => ({ cpu: { mail: 1.5, jump: 0.25 }[name] ?? null, usedKiB: name === 'mail' ? 1024 : null });
    expect(totalsOf(['mail', 'jump', 'win-erp', 'etl-night', 'web-03'].map(named), usage)).toEqual({
      guests: 5, vcpus: 47, memoryKiB: 173 * 1024 ** 2, cpu: 1.75, usedKiB: 1024, measured: 2, running: 4, states: [['running', 3], ['paused', 1], ['shutoff', 1]],
    });
  });

  it('say nothing of memory where it is measured of none', () => {
    expect(totalsOf(guests, () => ({ cpu: 0.5, usedKiB: null }))).toHaveProperty('usedKiB', null);
  });
});
