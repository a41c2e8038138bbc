// Our own side: connecting as the program does, and the work that is measured on such a connection.
import { driverUri, parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { remote } from '../../main/libvirt/procedures.ts';
import type { Connection } from '../../main/libvirt/connection.ts';
import { openConnection } from '../../main/libvirt/open.ts';
import { Inventory } from '../../main/services/inventory.ts';
import { openTransport } from '../../main/transport/open-transport.ts';
import type { Surroundings } from '../../main/transport/transport.ts';
import { LabError } from '../lab/state.ts';
import { timed, type Run } from './measure.ts';

/** A connection, and how to end it with everything under it. */
export interface OurConnection {
  readonly connection: Connection;
  readonly close: () => Promise<void>;
}

/** A user whose home is an empty folder and whom nobody can ask. */
const surroundingsIn = (home: string): Surroundings => ({
  ask: async () => ({ kind: 'declined' }),
  report: () => undefined,
  home,
  env: {},
  isRoot: true,
});

/** Connects like a session of the program: transport, stream, driver open. */
export async function connectOurs(uri: string, home: string): Promise<OurConnection> {
  const parsed = parseConnectionUri(uri);
  const { signal } = new AbortController();
  const link = await openTransport(parsed, surroundingsIn(home), signal);
  try {
    const { connection } = await openConnection(await link.open(signal), { name: driverUri(parsed), signal });
    return {
      connection,
      close: async () => {
        connection.close();
        link.close();
        await Promise.all([connection.closed, link.closed]);
      },
    };
  } catch (error) {
    link.close();
    throw error;
  }
}

/** Milliseconds from nothing to the end of `work`; the connection is closed after the clock has stopped. */
export function fromNothing(uri: string, home: string, work: (connection: Connection) => Promise<unknown>): Run {
  return async () => {
    let opened: OurConnection | undefined;
    const took = await timed(async () => {
      opened = await connectOurs(uri, home);
      await work(opened.connection);
    });
    await opened?.close();
    return took;
  };
}

/** The first question a person would have. */
export const firstAnswer = (connection: Connection): Promise<unknown> => connection.call(remote.connectGetHostname, {});

/** Every guest with its state, sizes and marks, as the fleet shows it. */
export async function loadInventory(connection: Connection, count: number): Promise<void> {
  const inventory = new Inventory('bench', connection, () => undefined);
  await inventory.load();
  expectGuests(inventory.list().length, count);
}

/** All statistics libvirt has of all guests, by one call. */
export async function allStatistics(connection: Connection, count: number): Promise<void> {
  const { retStats } = await connection.call(remote.connectGetAllDomainStats, { doms: [], stats: 0, flags: 0 });
  expectGuests(retStats.length, count);
}

/** The definition of every guest, one call each. */
export async function allDocuments(connection: Connection, count: number): Promise<void> {
  const { domains } = await connection.call(remote.connectListAllDomains, { need_results: 1, flags: 0 });
  const documents = await Promise.all(domains.map((dom) => connection.call(remote.domainGetXmlDesc, { dom, flags: 0 })));
  expectGuests(documents.filter(({ xml }) => xml.startsWith('<domain')).length, count);
}

/** Small calls one after the other; the milliseconds of each. */
export async function callsOneByOne(connection: Connection, count: number): Promise<readonly number[]> {
  const took: number[] = [];
  for (let left = count; left > 0; left--) {
    const began = performance.now();
    await connection.call(remote.connectGetLibVersion, {});
    took.push(performance.now() - began);
  }
  return took;
}

function expectGuests(found: number, expected: number): void {
  if (found !== expected) throw new LabError(`${found} guests were answered where ${expected} are defined`);
}
