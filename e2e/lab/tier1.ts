// Tier 1 of the lab: a real libvirtd beside the machine's own, its listeners, SSH daemons and two guests.
import { basename, join } from 'node:path';
import { probeAccelerator } from './accelerator.ts';
import { daemonDown, daemonUp, isHealthy, type DaemonOptions } from './daemon.ts';
import { guestImage } from './guest-image.ts';
import { defineGuests, defineLightGuests } from './guests.ts';
import { processesUnder, withLock } from './processes.ts';
import { requireTier1 } from './requirements.ts';
import { labDir, labShape, readState, scaleShape, writeState, type Lab, type LabDaemon, type ScaleDaemon } from './state.ts';

/** What the lab is doing. */
export type LabStatus =
  | { readonly state: 'down' }
  | { readonly state: 'up'; readonly lab: Lab }
  /** Something is there but does not answer as it should; the next `labUp` or `labDown` clears it away. */
  | { readonly state: 'broken'; readonly processes: readonly number[] };

/** The running lab when there is a healthy one, else a new one: about two seconds once the guests' image is cached. */
export function labUp(): Promise<Lab> {
  const dir = labDir();
  return withLock(dir, async () => {
    const running = await labStatus();
    if (running.state === 'up') return running.lab;
    await requireTier1();
    const [accelerator, image] = await Promise.all([probeAccelerator(), guestImage()]);
    const daemon = await daemonUp(basename(dir), dir);
    return orDown(daemon, async () => {
      const lab: Lab = { ...daemon, accelerator, guests: await defineGuests(daemon, accelerator, image) };
      await writeState(lab);
      return lab;
    });
  });
}

/** Ends everything of the lab, the extra daemons included, and removes its folder. Does nothing when there is none. */
export function labDown(): Promise<void> {
  const dir = labDir();
  return withLock(dir, () => daemonDown(dir));
}

/** How the lab is, without changing it. */
export async function labStatus(): Promise<LabStatus> {
  const dir = labDir();
  const lab = await readState(dir, labShape);
  const processes = await processesUnder(dir);
  if (lab !== undefined && (await isHealthy(lab))) return { state: 'up', lab };
  return lab === undefined && processes.length === 0 ? { state: 'down' } : { state: 'broken', processes };
}

/** One more daemon with its own sockets, ports and keys, for a test that ends it or wants it otherwise. `labDown` ends it too. */
export function extraDaemon(name: string, options?: DaemonOptions): Promise<LabDaemon> {
  const dir = extraDir(name);
  return withLock(dir, async () => {
    await requireTier1();
    return daemonUp(name, dir, options);
  });
}

/** Ends a daemon of `extraDaemon` or `scaleDaemon`. */
export function extraDaemonDown(name: string): Promise<void> {
  const dir = extraDir(name);
  return withLock(dir, () => daemonDown(dir));
}

/** A daemon with that many light guests defined, none running; the healthy one already there is used again. */
export function scaleDaemon(count: number): Promise<ScaleDaemon> {
  const name = `scale-${count}`;
  const dir = extraDir(name);
  return withLock(dir, async () => {
    await requireTier1();
    const running = await readState(dir, scaleShape);
    if (running !== undefined && (await isHealthy(running))) return running;
    const daemon = await daemonUp(name, dir);
    return orDown(daemon, async () => {
      const scale: ScaleDaemon = { ...daemon, guestNames: await defineLightGuests(daemon, count) };
      await writeState(scale);
      return scale;
    });
  });
}

/** Takes a daemon down again when what should follow fails. */
async function orDown<Result>(daemon: LabDaemon, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await daemonDown(daemon.dir);
    throw error;
  }
}

function extraDir(name: string): string {
  return join(labDir(), 'daemons', name);
}
