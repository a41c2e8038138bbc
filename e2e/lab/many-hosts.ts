// A start of the program with many saved hosts: fifty of which ten are dead, and how long until all that live are read.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refused } from '../../app/contract/refusal.ts';
import { asking, type Asking } from '../../main/services/asking.test-peer.ts';
import { createMain } from '../../main/services/main.ts';
import type { DeadPorts } from './dead-ports.ts';
import type { LabDaemon } from './state.ts';

/** A saved host; those that live are named so. */
export interface SavedHost {
  readonly id: string;
  readonly uri: string;
}

/** As many living hosts as asked for, by UNIX socket, TLS and SSH in turns; all are one daemon. */
export const livingHosts = ({ unix, tls, ssh }: LabDaemon, count: number): readonly SavedHost[] => {
  const ways = [
    `qemu:///system?socket=${unix.socket}`,
    `qemu+tls://127.0.0.1:${tls.port}/system?pkipath=${tls.pkiDir}`,
    `qemu+ssh://root@127.0.0.1:${ssh.port}/system?keyfile=${ssh.keyFile}&known_hosts=${ssh.knownHosts}`,
  ];
  return Array.from({ length: count }, (_, index) => ({ id: `living-${index}`, uri: ways[index % ways.length] ?? '' }));
};

/** A host at each dead place; over which transport goes by turns. */
export const deadHosts = ({ tls, ssh, tcp }: LabDaemon, { places }: DeadPorts): readonly SavedHost[] =>
  places.map((place, index) => {
    const ways = [`qemu+ssh://root@${place}/system?keyfile=${ssh.keyFile}`, `qemu+tls://${place}/system?pkipath=${tls.pkiDir}`, `qemu+tcp://${place}/system?authfile=${tcp.authFile}`];
    return { id: `dead-${index}`, uri: ways[Math.floor(index / ways.length) % ways.length] ?? '' };
  });

export interface Started {
  readonly ask: Asking;
  /** From before main was made until the guests of all that live were read. */
  readonly milliseconds: number;
  /** How many guests each of the living has. */
  readonly guests: ReadonlyMap<string, number>;
  readonly close: () => Promise<void>;
}

/** Starts main with these hosts, the saved ones to be connected at once, in a data folder of its own under `home`. */
export async function startWith(hosts: readonly SavedHost[], home: string): Promise<Started> {
  const dataFolder = await mkdtemp(join(home, 'data-'));
  await mkdir(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  await writeFile(join(dataFolder, 'connections.json'), JSON.stringify(hosts.map(({ id, uri }) => ({ id, name: id, uri, autoConnect: true }))));
  const living = hosts.filter(({ id }) => id.startsWith('living')).length;
  const guests = new Map<string, number>();
  const began = performance.now();
  const main = await createMain({ dataFolder, shell: 'web', version: 'test', home, env: {} });
  const ask = asking(main);
  await new Promise<void>((resolve, reject) => {
    // Whether a host can be used shows by using it; until then it says that it is not connected.
    const look = async (id: string): Promise<void> => {
      const list = await ask('guests', 'list', { host: id }).catch(notYet);
      if (list !== null) guests.set(id, list.length);
      if (guests.size === living) resolve();
    };
    main.listen((news) => {
      if (news.section === 'connections' && news.name === 'changed' && news.told.id?.startsWith('living') === true && !guests.has(news.told.id)) look(news.told.id).catch(reject);
    });
  });
  return { ask, milliseconds: performance.now() - began, guests, close: async () => await main.close() };
}

const notYet = (error: unknown): null => {
  if (error instanceof Refused && error.refusal.code === 'not-connected') return null;
  throw error;
};
