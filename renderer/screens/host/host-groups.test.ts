// Groups of hosts, and the orders that moving leaves.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupsOf, groupStepped, hostDropped, hostStepped } from './host-groups.ts';

/** `b1` = host b1 of group b; a bare number has none. */
const hosts = (text: string) => text.split(' ').map((id) => ({ id, group: id.replaceAll(/\d/g, '') }));
const shown = (text: string): string => groupsOf(hosts(text)).map(({ name, hosts: of }) => `${name}:${of.map(({ id }) => id).join(',')}`).join(' ');
const joined = (ids: readonly string[] | null): string | null => ids?.join(' ') ?? null;

describe('groups', () => {
  it('stand where their first host does, behind the hosts without one', () => {
    expect(shown('b1 a1 1 b2 2 a2')).toBe(':1,2 b:b1,b2 a:a1,a2');
    expect(shown('a1')).toBe('a:a1');
  });
});

describe('moving', () => {
  const list = hosts('1 b1 a1 b2 2');

  it('takes a host one place within its group, and no further', () => {
    expect(joined(hostStepped(list, 'b2', -1))).toBe('1 2 b2 b1 a1');
    expect(joined(hostStepped(list, '1', 1))).toBe('2 1 b1 b2 a1');
    expect([hostStepped(list, 'b1', -1), hostStepped(list, 'b2', 1), hostStepped(list, 'a1', 1), hostStepped(list, 'gone', 1)]).toEqual([null, null, null, null]);
  });

  it('takes a group past its neighbour, never before the hosts without one', () => {
    expect(joined(groupStepped(list, 'a', -1))).toBe('1 2 a1 b1 b2');
    expect([groupStepped(list, 'b', -1), groupStepped(list, 'a', 1), groupStepped(list, '', 1)]).toEqual([null, null, null]);
  });

  it('puts a host before another one, or at the end of a group', () => {
    expect(joined(hostDropped(list, '2', { group: 'b', before: 'b2' }))).toBe('1 b1 2 b2 a1');
    expect(joined(hostDropped(list, 'b1', { group: 'a', before: null }))).toBe('1 2 b2 a1 b1');
    expect(joined(hostDropped(list, 'b2', { group: '', before: '1' }))).toBe('b2 1 2 b1 a1');
    expect(joined(hostDropped(hosts('b1 a1'), 'a1', { group: '', before: null }))).toBe('a1 b1');
    expect([hostDropped(list, 'b1', { group: 'b', before: 'b2' }), hostDropped(list, 'b1', { group: 'b', before: 'b1' }), hostDropped(list, 'gone', { group: '', before: null })]).toEqual([null, null, null]);
  });

  it('loses no host and doubles none', () => {
    const any = fc.uniqueArray(fc.record({ id: fc.nat(50).map(String), group: fc.constantFrom('', 'a', 'b', 'c') }), { minLength: 1, maxLength: 12, selector: ({ id }) => id });
    fc.assert(fc.property(any, fc.nat(), fc.nat(), fc.constantFrom<-1 | 1>(-1, 1), (connections, one, other, step) => {
      const { id = '', group = '' } = connections[one % connections.length] ?? {};
      const target = connections[other % connections.length];
      const all = connections.map((host) => host.id).toSorted();
      for (const after of [hostStepped(connections, id, step), groupStepped(connections, group, step), hostDropped(connections, id, { group: target?.group ?? '', before: target?.id ?? null })]) {
        if (after !== null) expect(after.toSorted()).toEqual(all);
      }
    }));
  });
});
