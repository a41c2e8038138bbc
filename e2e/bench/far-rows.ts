// The same daemon from far away: over TLS, behind a proxy that holds every byte.
import { delayingProxy } from './delaying-proxy.ts';
import { row, timed, type Row, type Run } from './measure.ts';
import { allDocuments, connectOurs, firstAnswer, fromNothing, loadInventory } from './ours.ts';
import { virshProcess, type Python } from './peers.ts';
import type { Bench } from './rows.ts';

/** Milliseconds each way of the far-away host. */
const delay = 10;

/** The same daemon over TLS, behind a proxy that makes it far away. */
export async function farRows({ daemon, home, repetitions }: Bench, tlsUri: string, asked: (ask: Parameters<Python['ask']>[0]) => Run | undefined): Promise<readonly Row[]> {
  const count = daemon.guestNames.length;
  const proxy = await delayingProxy(daemon.tls.port, delay);
  const uri = tlsUri.replace(`:${daemon.tls.port}/`, `:${proxy.port}/`);
  /** Round trips of the last run of each, and the KiB that it moved. */
  const waited = new Map<string, number>();
  const moved: { [C in 'ours' | 'virsh' | 'python']?: number } = {};
  const counting = (contender: keyof typeof moved, run: Run | undefined): Run | undefined => run && (async () => {
    const [before, passed] = [proxy.roundTrips(), proxy.passed()];
    const took = await run();
    waited.set(contender, proxy.roundTrips() - before);
    moved[contender] = (proxy.passed() - passed) / 1024;
    return took;
  });
  const note = (): string => `round trips: ${[...waited].map(([contender, trips]) => `${contender} ${trips}`).join(', ')}`;
  try {
    const connecting = await row(`connect + first answer, tls, ${2 * delay} ms`, {
      ours: counting('ours', fromNothing(uri, home, firstAnswer)),
      virsh: counting('virsh', virshProcess('-c', uri, 'hostname')),
      python: counting('python', asked({ work: 'firstAnswer', uri, held: false })),
    }, repetitions.quick, { warm: false });
    const connectNote = note();
    const listing = await row(`connect + ${count} guests with state, tls, ${2 * delay} ms`, {
      ours: counting('ours', fromNothing(uri, home, (connection) => loadInventory(connection, count))),
      virsh: counting('virsh', virshProcess('-c', uri, 'list', '--all')),
      python: counting('python', asked({ work: 'inventory', uri, held: false })),
    }, repetitions.slow, { warm: false, aim: { against: 'virsh', atMost: 0.02 } });
    const listNote = note();
    const listBytes: Row = { work: `connect + ${count} guests with state, tls: bytes on the wire`, unit: 'KiB', repetitions: 1, medians: { ...moved }, note: 'both ways; ours has sizes, marks and autostart too' };
    const held = await connectOurs(uri, home);
    try {
      const documents = await row(`${count} XML documents, connected, tls, ${2 * delay} ms`, {
        ours: () => timed(() => allDocuments(held.connection, count)),
        python: asked({ work: 'documents', uri, held: true }),
      }, repetitions.slow, { warm: false, aim: { against: 'python', atMost: 0.8 } });
      return [{ ...connecting, note: connectNote }, { ...listing, note: listNote }, listBytes, documents];
    } finally {
      await held.close();
    }
  } finally {
    await proxy.close();
  }
}
