// The stand-in's list of hosts: every ask that changes it, without a connection behind any.
import type { Connection } from '../../app/contract/connections.ts';
import type { AskName, Gives, News, Takes } from '../../app/contract/contract.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';

type Asks = Exclude<AskName<'connections'>, 'questions' | 'answer' | 'doctor' | 'remedy'>;
type Answers = { readonly [A in Asks]: (takes: Takes<'connections', A>) => Gives<'connections', A> };

const fresh: Connection = { id: '', name: '', uri: '', transport: 'unix', group: '', color: null, tags: [], autoConnect: true, readOnly: false, allowPlain: false, warnings: [], state: { phase: 'off' } };

const withPart = (before: Connection, { uri = before.uri, name, group, color, tags, autoConnect, readOnly, allowPlain }: Omit<Takes<'connections', 'update'>, 'id'>): Connection => {
  const { transport, host } = parseConnectionUri(uri);
  return {
    ...before, uri, transport,
    name: name === undefined || name === '' ? before.name || (host ?? 'This computer') : name,
    group: group ?? before.group, color: color === undefined ? before.color : color, tags: tags ?? before.tags,
    autoConnect: autoConnect ?? before.autoConnect, readOnly: readOnly ?? before.readOnly, allowPlain: allowPlain ?? before.allowPlain,
  };
};

/** Answers over `connections`, which they change in place. */
export const hostAnswers = (connections: Connection[], tell: (news: News) => void): Answers => {
  const changed = (id: string | null): null => {
    tell({ section: 'connections', name: 'changed', told: { id } });
    return null;
  };
  const replace = (id: string, change: (before: Connection) => Connection): null => {
    const at = connections.findIndex((one) => one.id === id);
    const before = connections[at];
    if (before === undefined) throw new Refused('unknown-host', 'No saved connection has this id.');
    connections[at] = change(before);
    return changed(id);
  };
  return {
    list: () => connections,
    add: (part) => {
      const id = `host-${connections.length + 1}`;
      connections.push(withPart({ ...fresh, id }, part));
      changed(null);
      return { id };
    },
    update: ({ id, ...part }) => replace(id, (before) => withPart(before, part)),
    order: ({ ids }) => {
      connections.sort((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id));
      return changed(null);
    },
    export: () => ({ text: JSON.stringify(connections.map(({ name, uri, group }) => ({ name, uri, group })), null, 2) }),
    import: () => [{ name: 'epsilon', uri: 'qemu+tls://epsilon/system', id: null, remark: 'The stand-in imports nothing.' }],
    importable: () => ({
      entries: [
        { source: 'uri_aliases', place: '/home/admin/.config/libvirt/libvirt.conf', name: 'epsilon', uri: 'qemu+ssh://root@epsilon/system', autoConnect: false, savedAs: null, refusal: null },
        { source: 'uri_aliases', place: '/home/admin/.config/libvirt/libvirt.conf', name: 'old', uri: 'qemu+pigeon://old/system', autoConnect: false, savedAs: null, refusal: { code: 'bad-uri', message: 'The connection URI names a transport that does not exist.' } },
        { source: 'virt-manager', place: 'org.virt-manager.virt-manager.connections', name: 'borealis', uri: 'qemu+tls://borealis/system', autoConnect: true, savedAs: 'borealis', refusal: null },
      ],
      failures: [{ place: '/etc/libvirt/libvirt.conf', refusal: { code: 'storage', message: 'Line 12 of /etc/libvirt/libvirt.conf cannot be understood.' } }],
    }),
    remove: ({ id }) => {
      connections.splice(connections.findIndex((one) => one.id === id), 1);
      return changed(null);
    },
    connect: ({ id }) => replace(id, (before) => ({ ...before, state: { phase: 'ready', since: Date.now() } })),
    disconnect: ({ id }) => replace(id, (before) => ({ ...before, state: { phase: 'off' } })),
    awake: () => null,
  };
};
