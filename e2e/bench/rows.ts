// What is measured: each row with its contenders, on one daemon with many defined guests.
import { join } from 'node:path';
import { deadPorts } from '../lab/dead-ports.ts';
import { deadHosts, livingHosts, startWith, type SavedHost } from '../lab/many-hosts.ts';
import { makeNetwork } from '../lab/network.ts';
import type { ScaleDaemon } from '../lab/state.ts';
import { bulkRuns } from './bulk.ts';
import { certificateRuns } from './certificates.ts';
import { echoRows, floodRows } from './console-rows.ts';
import { farRows } from './far-rows.ts';
import { fleetRows } from './fleet.ts';
import type { Frames } from './frames.ts';
import { historyRuns } from './history.ts';
import { decodingRows, liveRows, shownRows } from './live-rows.ts';
import { matrixFrames } from './matrix.ts';
import { mapField, median, quantile, row, takeTurns, timed, type Aim, type Field, type Row, type Run } from './measure.ts';
import { allDocuments, allStatistics, callsOneByOne, connectOurs, firstAnswer, fromNothing, loadInventory, type OurConnection } from './ours.ts';
import { ourProcess, virshProcess, type Python } from './peers.ts';
import { rawLoop } from './raw-loop.ts';

/** Calls in one round: few, so that what else the machine does hits all contenders alike. */
const calls = 250;

/** What the rows are measured on. */
export interface Bench {
  readonly daemon: ScaleDaemon;
  readonly python: Python | undefined;
  /** An empty folder that is home for our side, and where our command line keeps its connections. */
  readonly home: string;
  readonly dataFolder: string;
  /** Rounds of work that takes milliseconds, of work that takes seconds, and of small calls. */
  readonly repetitions: { readonly quick: number; readonly slow: number; readonly calls: number };
  /** Milliseconds for which the matrix is used. */
  readonly watched: number;
  /** Entries of the history. */
  readonly entries: number;
  /** Running guests that are looked at, a measurement each, and for how many seconds. */
  readonly running: readonly number[];
  readonly ticks: number;
  /** Only rows that begin with this are measured. */
  readonly only: string;
}

type TransportName = 'unix' | 'tls' | 'ssh';
const transports = ['unix', 'tls', 'ssh'] as const;

/** The URIs of one daemon for us and for libvirt's clients, which find SSH keys in other ways. */
export const urisOf = (daemon: ScaleDaemon): Readonly<Record<TransportName, { readonly ours: string; readonly theirs: string }>> => ({
  unix: { ours: daemon.unix.uri, theirs: daemon.unix.uri },
  tls: { ours: daemon.tls.uri, theirs: daemon.tls.uri },
  ssh: {
    ours: `qemu+ssh://${daemon.ssh.user}@${daemon.ssh.host}:${daemon.ssh.port}/system?keyfile=${daemon.ssh.keyFile}&known_hosts=${daemon.ssh.knownHosts}`,
    theirs: daemon.ssh.uri,
  },
});

/** Measures everything, telling of each row before it begins, and of those that could not be measured: the others still are. */
export async function measureAll(bench: Bench, onRow: (work: string) => void, onFailed: (work: string, error: Error) => void): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const add = async (work: string, measure: () => Promise<readonly Row[]>): Promise<void> => {
    if (!work.startsWith(bench.only)) return;
    onRow(work);
    try {
      rows.push(...(await measure()));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      onFailed(work, error);
    }
  };
  const milliseconds = (work: string, field: Field<Run>, aim?: Aim, note?: string): Promise<void> =>
    add(work, async () => [await row(work, field, bench.repetitions.quick, { warm: true, ...(aim && { aim }), ...(note && { note }) })]);
  const count = bench.daemon.guestNames.length;
  const { python, dataFolder, home } = bench;
  const asked = (ask: Parameters<Python['ask']>[0]): Run | undefined => python && (async () => (await python.ask(ask))[0] ?? Number.NaN);
  const uris = urisOf(bench.daemon);

  await milliseconds('process start alone', { cli: ourProcess(dataFolder, 'program.about'), virsh: virshProcess('--version') }, undefined, 'no host involved');
  const connectAims = { unix: undefined, tls: 1, ssh: 0.45 } as const;
  for (const transport of transports) {
    const { ours, theirs } = uris[transport];
    const atMost = connectAims[transport];
    await milliseconds(`connect + first answer, ${transport}`, {
      ours: fromNothing(ours, home, firstAnswer),
      virsh: virshProcess('-c', theirs, 'hostname'),
      python: asked({ work: 'firstAnswer', uri: theirs, held: false }),
    }, atMost === undefined ? undefined : { against: 'virsh', atMost });
  }
  const inventoryAims = { unix: 0.35, tls: 0.35, ssh: 0.45 } as const;
  for (const transport of transports) {
    const { ours, theirs } = uris[transport];
    await milliseconds(`connect + ${count} guests with state, ${transport}`, {
      ours: fromNothing(ours, home, (connection) => loadInventory(connection, count)),
      cli: ourProcess(dataFolder, 'guests.list', JSON.stringify({ host: transport })),
      virsh: virshProcess('-c', theirs, 'list', '--all'),
      python: asked({ work: 'inventory', uri: theirs, held: false }),
    }, { against: 'virsh', atMost: inventoryAims[transport] });
  }
  await milliseconds(`connect + statistics of ${count} in one call, unix`, {
    ours: fromNothing(uris.unix.ours, home, (connection) => allStatistics(connection, count)),
    virsh: virshProcess('-c', uris.unix.theirs, 'domstats'),
    python: asked({ work: 'statistics', uri: uris.unix.theirs, held: false }),
  }, { against: 'virsh', atMost: 0.9 });

  const held = await connectOurs(uris.unix.ours, home);
  try {
    await milliseconds(`statistics of ${count} in one call, connected`, {
      ours: () => timed(() => allStatistics(held.connection, count)),
      python: asked({ work: 'statistics', uri: uris.unix.theirs, held: true }),
    });
    await milliseconds(`${count} XML documents, connected, unix`, {
      ours: () => timed(() => allDocuments(held.connection, count)),
      python: asked({ work: 'documents', uri: uris.unix.theirs, held: true }),
    }, { against: 'python', atMost: 0.8 });
    await add('small calls one at a time, unix', () => callRows(bench, held, uris.unix.theirs));
  } finally {
    await held.close();
  }
  await add(`statistics of ${count} in one call: decoded`, () => decodingRows(bench.daemon.unix.socket, count, bench.repetitions.quick));
  await add('guests on screen', () => liveRows(home, bench.running, bench.ticks));
  await add(`program start until ${count} guests are on screen`, () => shownRows(home, uris.unix.theirs, count, bench.repetitions.slow));
  await add('an authority, a host and a client of RSA 3072', () => certificateRows(bench));
  await add('history of many entries', () => historyRows(bench));
  await add('bulk: 3 settings planned for 200 guests', () => bulkRows(bench));
  await add('start until one host is read', () => startRows(bench));
  await add('matrix of 64 × 128 in use', () => matrixRows(bench));
  await add('fleet in use', () => fleetRows(home, bench.watched));
  await add('far away, 20 ms round trip', () => farRows(bench, uris.tls.ours, asked));
  // These start guests of their own on the daemon.
  await add('echo of a key at 1920 × 1080', () => echoRows(bench.daemon, 2 * bench.repetitions.quick));
  await add('flood on a serial line', () => floodRows(bench.daemon, home, 3 * bench.watched));
  return rows;
}

/** One call at a time on connections that stay open: the rate, and how long single calls take. */
async function callRows({ daemon, python, repetitions }: Bench, { connection }: OurConnection, theirs: string): Promise<readonly Row[]> {
  const raw = await rawLoop(daemon.unix.socket);
  try {
    const rounds = await takeTurns(
      {
        ours: () => callsOneByOne(connection, calls),
        ...(python && { python: () => python.ask({ work: 'calls', uri: theirs, count: calls }) }),
        raw: () => raw.calls(calls),
      },
      { repetitions: repetitions.calls, warm: true },
    );
    const share = (wanted: number): Field<number> => mapField(rounds, (each) => 1000 * quantile(each.flat(), wanted));
    const rate = mapField(rounds, (each) => median(each.map((took) => (1000 * took.length) / took.reduce((sum, one) => sum + one, 0))));
    const shared = { repetitions: repetitions.calls, note: `${repetitions.calls} rounds of ${calls}` } as const;
    return [
      { work: 'small calls one at a time, unix', unit: 'calls/s', medians: rate, aim: { against: 'raw', atLeast: 0.9 }, ...shared },
      { work: 'the same, half of them within', unit: 'µs', medians: share(0.5), ...shared },
      { work: 'the same, 99 of 100 within', unit: 'µs', medians: share(0.99), ...shared },
    ];
  } finally {
    raw.close();
  }
}

/** Certificates as the window has them made, beside certtool; and how long anything else had to wait meanwhile. */
async function certificateRows({ home, repetitions }: Bench): Promise<readonly Row[]> {
  const { ours, certtool, longestStall } = certificateRuns(home);
  const made = await row('an authority, a host and a client of RSA 3072', { ours, certtool }, repetitions.quick, { warm: true, aim: { against: 'certtool', atMost: 1.2 } });
  return [{ ...made, note: `certtool ${Math.round(made.medians.certtool ?? Number.NaN)}; the event loop stood still for at most ${Math.ceil(longestStall())}, aim ≤ 50` }];
}

/** The history of years: until the newest page is there, and until all of it was searched. */
async function historyRows({ home, repetitions, entries }: Bench): Promise<readonly Row[]> {
  const { load, search, bytes } = await historyRuns(join(home, 'history'), entries);
  const note = `${entries} entries, each begun and ended, ${Math.round(bytes / 1024 ** 2)} MiB`;
  return [
    { ...(await row('history of many entries: open, and list the newest 50', { ours: load }, repetitions.quick, { warm: true, aim: { atMost: 200 } })), note },
    await row('history of many entries: open, and search all', { ours: search }, repetitions.quick, { warm: true }),
  ];
}

/** Guests that are planned for at once. */
const tuned = 200;

/** The demo host answers in this process too: its time is in the number. */
async function bulkRows({ home, repetitions }: Bench): Promise<readonly Row[]> {
  const { ours, close } = await bulkRuns(home, tuned);
  try {
    const planned = await row(`bulk: 3 settings planned for ${tuned} guests`, { ours }, repetitions.quick, { warm: true, aim: { atMost: 500 } });
    return [{ ...planned, note: 'demo host in the same process' }];
  } finally {
    await close();
  }
}

/** What a frame may take, in milliseconds: two at 60 a second. */
const frameLimit = 32;

/** Frames of the pinning matrix, beside those of an empty page used in the same way: what the browser and this machine take by themselves. */
async function matrixRows({ home, watched }: Bench): Promise<readonly Row[]> {
  const { ours, empty, size } = await matrixFrames(home, watched);
  const over = ({ gaps }: Frames): string => `${gaps.filter((gap) => gap > frameLimit).length} of ${gaps.length}`;
  const line = (work: string, of: (frames: Frames) => number, note: string, aim?: Aim): Row =>
    ({ work, unit: 'ms', repetitions: 1, medians: { ours: of(ours), empty: of(empty) }, note: `empty page ${of(empty).toFixed(1)}; ${note}`, ...(aim && { aim }) });
  const within = (share: number) => ({ gaps }: Frames): number => quantile(gaps, share);
  return [
    line('matrix of 64 × 128 in use: half of the frames within', within(0.5), `${size}, 5 such guests open, edited, hovered and scrolled for ${watched / 1000} s`),
    line('the same, 95 of 100', within(0.95), `${ours.gaps.length} frames`),
    line('the same, 99 of 100', within(0.99), `over ${frameLimit}: ours ${over(ours)}, empty page ${over(empty)}`),
    line('the same, the longest', within(1), `long tasks of ours ${ours.longTasks.map(Math.round).join(', ') || 'none'}`, { atMost: frameLimit }),
    line('the same, processor time of the longest task', ({ tasks }) => quantile(tasks, 1), `${ours.tasks.filter((task) => task > frameLimit / 2).length} take more than ${frameLimit / 2}`, { atMost: frameLimit }),
  ];
}

/** The program with one saved host, and with fifty of which ten are dead: what the other forty-nine cost. */
async function startRows({ daemon, home, repetitions }: Bench): Promise<readonly Row[]> {
  const network = await makeNetwork();
  const ports = await deadPorts(10, typeof network === 'string' ? undefined : network);
  const start = (hosts: readonly SavedHost[]): Run => async () => {
    const { milliseconds, close } = await startWith(hosts, home);
    await close();
    return milliseconds;
  };
  try {
    // By SSH: of forty, most time goes into those.
    const alone = await row('start until one host is read', { ours: start(livingHosts(daemon, 3).slice(2)) }, repetitions.quick, { warm: true });
    const many = await row('50 hosts, 10 dead: start until the living are read', { ours: start([...deadHosts(daemon, ports), ...livingHosts(daemon, 40)]) }, repetitions.quick, { warm: true });
    const ratio = (many.medians.ours ?? Number.NaN) / (alone.medians.ours ?? Number.NaN);
    return [{ ...alone, note: 'over SSH' }, { ...many, note: `${ratio.toFixed(1)} times one host alone` }];
  } finally {
    await ports.close();
    if (typeof network !== 'string') await network.close();
  }
}

/** The connections that our command line finds in its data folder, named after their transports. */
export function savedConnections(daemon: ScaleDaemon): string {
  const uris = urisOf(daemon);
  return JSON.stringify(transports.map((transport) => ({ id: transport, name: transport, uri: uris[transport].ours, autoConnect: false })));
}

/** Where those connections are kept. */
export const connectionsFile = (dataFolder: string): string => join(dataFolder, 'connections.json');
