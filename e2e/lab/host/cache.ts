// Folders built once and kept outside the tree: whole or not there at all, and built by one process at a time.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { isMissing } from '../state.ts';
import { runAsRoot } from './program.ts';

const manifestName = 'manifest.json';

/** Also for folders whose files belong to the ids of a user namespace, which the caller alone cannot remove. */
export async function removeFolder(folder: string): Promise<void> {
  await runAsRoot('rm', ['-rf', '--', folder]);
}

/**
 * Makes sure that `folder` holds what `build` makes. It is built beside its place and renamed into it, with the size of every
 * file written down; a folder that lost a file or part of one is built again. Hold the lock of `withLock` around it.
 * Resolves to whether it was built just now.
 */
export async function ensureFolder(folder: string, build: (unfinished: string) => Promise<void>): Promise<{ readonly fresh: boolean }> {
  if (await isIntact(folder)) return { fresh: false };
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const unfinishedPrefix = `${basename(folder)}.unfinished-`;
  for (const name of await readdir(parent)) if (name.startsWith(unfinishedPrefix)) await removeFolder(join(parent, name));
  await removeFolder(folder);
  const unfinished = await mkdtemp(join(parent, unfinishedPrefix));
  try {
    await build(unfinished);
    await writeFile(join(unfinished, manifestName), JSON.stringify(await fileSizes(unfinished)));
    await rename(unfinished, folder);
  } catch (error) {
    await removeFolder(unfinished);
    throw error;
  }
  return { fresh: true };
}

/** Whether a folder is there with every file its manifest names, none of them shorter or longer than it was. */
export async function isIntact(folder: string): Promise<boolean> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(folder, manifestName), 'utf8'));
    if (typeof manifest !== 'object' || manifest === null) return false;
    for (const [name, size] of Object.entries(manifest)) if ((await stat(join(folder, name))).size !== size) return false;
    return true;
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return false;
    throw error;
  }
}

async function fileSizes(folder: string): Promise<Readonly<Record<string, number>>> {
  const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  return Object.fromEntries(await Promise.all(files.map(async ({ name }): Promise<readonly [string, number]> => [name, (await stat(join(folder, name))).size])));
}

/**
 * Does `work` while no other process of the machine does any under the same name. The lock is an abstract socket: the
 * kernel frees it when its holder ends in whatever way, and whoever waits is connected to it and sees that at once.
 */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const address = `\0guestdeck-lab-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
  for (;;) {
    const waiting = new Set<Socket>();
    const lock = await listen(address, waiting);
    if (lock === undefined) {
      await closed(address);
      continue;
    }
    try {
      return await work();
    } finally {
      const freed = new Promise((resolve) => lock.close(resolve));
      for (const socket of waiting) socket.destroy();
      await freed;
    }
  }
}

/** Resolves to undefined when somebody else listens at the address. */
function listen(address: string, connections: Set<Socket>): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      connections.add(socket.on('error', () => socket.destroy()).on('close', () => connections.delete(socket)));
    });
    server.once('error', (error) => ('code' in error && error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(address, () => resolve(server));
  });
}

/** Resolves when whoever listens at the address has stopped, which ends or refuses a connection to it. */
function closed(address: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.on('error', () => socket.destroy()).on('close', () => resolve()).resume();
  });
}
