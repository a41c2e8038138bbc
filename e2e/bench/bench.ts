// `npm run bench -- [--quick] [--guests N] [--only ROW] [--json FILE]`, or `--soak MINUTES [--lab]`: ours against virsh, python3-libvirt and a raw loop, side by side on one daemon.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { mustRun, processesUnder } from '../lab/processes.ts';
import { labDir, LabError, type ScaleDaemon } from '../lab/state.ts';
import { extraDaemonDown, scaleDaemon } from '../lab/tier1.ts';
import type { Row } from './measure.ts';
import { buildCommandLine, startPython } from './peers.ts';
import { missed, tableOf } from './report.ts';
import { soakCommand } from './soak-command.ts';
import { connectionsFile, measureAll, savedConnections } from './rows.ts';

const usage = `usage: npm run bench -- [--quick] [--guests N] [--only ROW] [--json FILE]
       npm run bench -- --soak MINUTES [--lab] [--json FILE]
  --quick     a smoke run: 20 guests, every row once; its numbers mean nothing
  --guests N  so many defined guests; 1000 when left out
  --only ROW  only rows that begin so, such as "small calls" or "far away"
  --json FILE writes everything that was measured
  --soak MINUTES  instead of all rows: guests that start and stop, windows that come and go, a host that is
              reached again, on the demo host or with --lab on a libvirtd, and what of main grows meanwhile`;

const legend = `Medians, all contenders taking turns in this one run. ours: inside a warm process · cli: our command line as a whole process, which also
registers for events · virsh: a whole process · python: python3-libvirt in a warm interpreter · raw: frames made beforehand, in our process.
far away: a proxy that holds every byte 10 ms each way; the TCP handshake is not delayed.`;

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, guests: { type: 'string' }, only: { type: 'string' }, json: { type: 'string' }, soak: { type: 'string' }, lab: { type: 'boolean' }, help: { type: 'boolean' } } });
if (values.help === true) process.stdout.write(`${usage}\n`);
else if (values.soak !== undefined) await soakFor(Number(values.soak));
else await bench({ isQuick: values.quick === true, guests: Number(values.guests ?? (values.quick === true ? 20 : 1000)), only: values.only ?? '', json: values.json });

interface Wish {
  readonly isQuick: boolean;
  readonly guests: number;
  readonly only: string;
  readonly json: string | undefined;
}

async function soakFor(minutes: number): Promise<void> {
  if (!(minutes > 0)) throw new LabError(usage);
  await soakCommand(minutes, values.lab === true, values.json);
}

async function bench({ isQuick, guests, only, json }: Wish): Promise<void> {
  if (!Number.isInteger(guests) || guests < 1) throw new LabError(usage);
  const folder = join(labDir(), 'daemons', `scale-${guests}`);
  const wasUp = (await processesUnder(folder)).length > 0;
  const home = await mkdtemp(join(tmpdir(), 'guestdeck-bench-'));
  const end = async (): Promise<void> => {
    await rm(home, { recursive: true, force: true });
    if (!wasUp) await extraDaemonDown(basename(folder));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(1)));
  try {
    progress(`a daemon with ${guests} defined guests, and our command line built`);
    const [daemon] = await Promise.all([scaleDaemon(guests), buildCommandLine()]);
    const failed: string[] = [];
    const rows = await measure(daemon, home, { isQuick, only }, (work, { message }) => {
      progress(`${work}: ${message}`);
      failed.push(work);
    });
    const machine = await machineOf(guests);
    process.stdout.write(`${machine}\n\n${tableOf(rows)}\n${legend}\n`);
    if (!isQuick) process.stdout.write(`missed: ${missed(rows).join('; ') || 'none'}\n`);
    if (failed.length > 0) {
      process.stdout.write(`not measured: ${failed.join('; ')}\n`);
      process.exitCode = 1;
    }
    if (json !== undefined) await writeFile(json, `${JSON.stringify({ machine, isQuick, rows }, null, 2)}\n`);
  } finally {
    await end();
  }
}

async function measure(daemon: ScaleDaemon, home: string, { isQuick, only }: Pick<Wish, 'isQuick' | 'only'>, onFailed: (work: string, error: Error) => void): Promise<readonly Row[]> {
  const dataFolder = join(home, 'data');
  await mkdir(dataFolder, { mode: 0o700 });
  await writeFile(connectionsFile(dataFolder), savedConnections(daemon), { mode: 0o600 });
  const python = await startPython();
  if (python === undefined) progress('python3-libvirt is not installed: its column stays empty');
  try {
    const repetitions = isQuick ? { quick: 1, slow: 1, calls: 2 } : { quick: 15, slow: 2, calls: 100 };
    return await measureAll({ daemon, python, home, dataFolder, repetitions, watched: isQuick ? 1_000 : 20_000, entries: isQuick ? 200 : 10_000, running: isQuick ? [20] : [100, 1_000, 5_000], ticks: isQuick ? 1 : 15, only }, progress, onFailed);
  } finally {
    await python?.close();
  }
}

async function machineOf(guests: number): Promise<string> {
  const processors = cpus();
  const libvirt = (await mustRun('virsh', ['--version'])).trim();
  return `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}, Node ${process.versions.node}, libvirt ${libvirt}, ${guests} defined guests`;
}

function progress(what: string): void {
  process.stderr.write(`bench: ${what}\n`);
}
