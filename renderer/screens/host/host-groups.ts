// The list of hosts in its groups, and the lists that follow when a host or a group is moved.
import type { Connection } from '../../../app/contract/connections.ts';

type Grouped = Pick<Connection, 'id' | 'group'>;

export interface HostGroup<C extends Grouped = Connection> {
  /** '' = the hosts without a group. */
  readonly name: string;
  readonly hosts: readonly C[];
}

/** Hosts without a group first, then each group where its first host stands. */
export const groupsOf = <C extends Grouped>(connections: readonly C[]): readonly HostGroup<C>[] => {
  const groups = new Map<string, C[]>([['', []]]);
  for (const connection of connections) {
    const hosts = groups.get(connection.group);
    if (hosts === undefined) groups.set(connection.group, [connection]);
    else hosts.push(connection);
  }
  return [...groups].map(([name, hosts]) => ({ name, hosts })).filter(({ hosts }) => hosts.length > 0);
};

/** The ids in the order they are shown. */
const idsOf = <C extends Grouped>(groups: readonly HostGroup<C>[]): readonly string[] => groups.flatMap(({ hosts }) => hosts.map(({ id }) => id));

/** The list with the element at `from` put `steps` further; null when there is no such place. */
const stepped = <T>(list: readonly T[], from: number, steps: number): readonly T[] | null => {
  const [one] = list.slice(from, from + 1);
  const to = from + steps;
  return one === undefined || to < 0 || to >= list.length ? null : list.toSpliced(from, 1).toSpliced(to, 0, one);
};

/** The order with a host one place up (-1) or down (1) within its group; null at the end of it. */
export const hostStepped = <C extends Grouped>(connections: readonly C[], id: string, step: -1 | 1): readonly string[] | null => {
  let moved = false;
  const groups = groupsOf(connections).map((group) => {
    const hosts = stepped(group.hosts, group.hosts.findIndex((host) => host.id === id), step);
    const mine = group.hosts.some((host) => host.id === id);
    if (!mine || hosts === null) return group;
    moved = true;
    return { ...group, hosts };
  });
  return moved ? idsOf(groups) : null;
};

/** The order with a whole group one place up or down among the named groups; null at the end of them. */
export const groupStepped = <C extends Grouped>(connections: readonly C[], name: string, step: -1 | 1): readonly string[] | null => {
  const groups = groupsOf(connections);
  const named = groups.filter((group) => group.name !== '');
  const moved = stepped(named, named.findIndex((group) => group.name === name), step);
  return moved === null ? null : idsOf([...groups.filter((group) => group.name === ''), ...moved]);
};

/** Where a host is dropped: before another one, or at the end of a group. */
export interface Drop {
  readonly group: string;
  readonly before: string | null;
}

/** The order with a host put elsewhere; null when that is where it is. Its group is to be changed first where it is another one. */
export const hostDropped = <C extends Grouped>(connections: readonly C[], id: string, { group, before }: Drop): readonly string[] | null => {
  const host = connections.find((one) => one.id === id);
  const there = groupsOf(connections);
  const groups = there.some(({ name }) => name === group) ? there : group === '' ? [{ name: '', hosts: [] }, ...there] : [...there, { name: group, hosts: [] }];
  const target = groups.find(({ name }) => name === group)?.hosts.filter((one) => one.id !== id) ?? [];
  const at = before === null ? target.length : target.findIndex((one) => one.id === before);
  if (host === undefined || at < 0) return null;
  const after = idsOf(groups.map(({ name, hosts }) => {
    const others = hosts.filter((one) => one.id !== id);
    return { name, hosts: name === group ? others.toSpliced(at, 0, host) : others };
  }));
  return host.group === group && after.join('\n') === idsOf(groups).join('\n') ? null : after;
};
