// Boots the virtual host once and saves its running state, so that every later start continues where that boot ended.
import { appendFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { probeAccelerator } from '../accelerator.ts';
import { labDir, LabError } from '../state.ts';
import { ensureFolder } from './cache.ts';
import type { Disk } from './disk.ts';
import { acceleratorArguments, forwardedPorts, qemuVersion, saveState, startMachine, stopMachine, withMachine } from './machine.ts';
import { run } from './program.ts';
import { failedMarker, readyMarker, stateHash } from './recipe.ts';
import { makeAccess, shell } from './secure-shell.ts';

/** A host stopped in the middle of its work: what its memory and devices held, and its disk at that moment. */
export interface SavedState {
  readonly folder: string;
  /** Reads what it does not hold from the built disk; never written again. */
  readonly image: string;
  readonly memory: string;
  readonly accelerator: readonly string[];
}

/** Where the machine of a first boot has its sockets, whose paths must be short. There is at most one such boot. */
export const bootDir = (): string => `${labDir()}-host-boot`;

/** A boot under emulation on two busy processors takes a few minutes. */
const bootTimeout = 15 * 60_000;

/** A new, empty disk that reads everything it was not given from `base`. */
export async function makeOverlay(image: string, base: string): Promise<void> {
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', base, image]);
}

/** The saved state for this machine's QEMU and accelerator, made by a first boot when the cache does not have it. */
export async function ensureSavedState(disk: Disk, log: string, onProgress: (message: string) => void): Promise<SavedState & { readonly fresh: boolean }> {
  const accelerator = acceleratorArguments[await probeAccelerator()];
  const folder = join(disk.folder, `state-${stateHash(accelerator, await qemuVersion())}`);
  const inFolder = (place: string): SavedState => ({ folder: place, image: join(place, 'disk.qcow2'), memory: join(place, 'memory'), accelerator });
  const { fresh } = await ensureFolder(folder, async (unfinished) => {
    onProgress('booting the host for the first time, which takes minutes under emulation');
    await bootAndSave(disk, inFolder(unfinished), log);
  });
  return { ...inFolder(folder), fresh };
}

async function bootAndSave(disk: Disk, state: SavedState, log: string): Promise<void> {
  // Relative to the overlay, because the folder is renamed when it is finished.
  await makeOverlay(state.image, '../disk.qcow2');
  const folder = bootDir();
  await mkdir(folder, { mode: 0o700 });
  const socket = join(folder, 'serial.sock');
  const console = createServer();
  try {
    await new Promise<void>((resolve) => console.listen(socket, resolve));
    const ready = consoleSays(console, log);
    const started = startMachine({ ...disk, ...state, folder, serial: `socket,path=${socket}`, noReboot: true, nice: true });
    await Promise.all([ready, started]);
    await withMachine(folder, async (monitor) => {
      const { ssh } = await forwardedPorts(monitor);
      // A first login, so that what it reads from disk is in the memory that is saved.
      await shell(await makeAccess(folder, disk, ssh), 'sync');
      await saveState(monitor, state.memory);
    });
  } finally {
    await stopMachine(folder);
    await new Promise((resolve) => console.close(resolve));
    await rm(folder, { recursive: true });
  }
}

/** Resolves when the host says on its serial console that it is ready; rejects when it says why not, ends or takes too long. */
function consoleSays(server: Server, log: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const limit = setTimeout(() => reject(new LabError(`the virtual host did not boot within ${bootTimeout / 60_000} minutes; see ${log}`)), bootTimeout);
    server.once('connection', (socket) => {
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        appendFileSync(log, chunk);
        text += chunk;
        const failure = text.split('\n').find((line) => line.includes(failedMarker) && text.endsWith('\n'));
        if (failure !== undefined) reject(new LabError(failure.trim()));
        if (text.includes(readyMarker)) resolve();
      });
      socket.once('error', reject);
      socket.once('close', () => reject(new LabError(`the virtual host ended while it booted; see ${log}`)));
    });
    server.once('close', () => clearTimeout(limit));
  });
}
