// Connections opened beside a host's first one, for slow calls and for single streams: all of them end with it.
import type { Connection } from '../libvirt/connection.ts';

type Ending = Pick<Connection, 'isOpen' | 'closed' | 'close'>;

/**
 * Answers what takes one in that is to end with `first`; where that has ended already, it is closed at once. Those that ended before are
 * let go of: a promise of the first one's end would keep every console that was ever open until the host is left.
 */
export const endingWith = (first: Pick<Ending, 'isOpen' | 'closed'>): (<C extends Ending>(connection: C) => C) => {
  const open = new Set<Ending>();
  void first.closed.then(() => {
    for (const one of [...open]) one.close();
  });
  return (connection) => {
    open.add(connection);
    void connection.closed.then(() => open.delete(connection));
    if (!first.isOpen) connection.close();
    return connection;
  };
};
