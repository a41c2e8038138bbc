// Keeps what libvirtd learnt about QEMU between labs: asking anew costs four seconds. libvirt itself checks that it still holds.
import { copyFile, cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir, isMissing } from './state.ts';

const kept = (): string => join(cacheDir(), 'capabilities');
const learnt = (dir: string): string => join(dir, 'root/var/cache/libvirt/qemu/capabilities');

/** Gives a daemon that has not started yet what an earlier one learnt. */
export async function giveCapabilities(dir: string): Promise<void> {
  const files = await list(kept());
  await mkdir(learnt(dir), { recursive: true });
  await Promise.all(files.filter((name) => name.endsWith('.xml')).map((name) => copyFile(join(kept(), name), join(learnt(dir), name))));
}

/** Keeps what a daemon has learnt by now; each file appears in one step, so that labs may do so at the same time. */
export async function keepCapabilities(dir: string): Promise<void> {
  await mkdir(kept(), { recursive: true });
  for (const name of await list(learnt(dir))) {
    const draft = join(kept(), `${name}.${process.pid}`);
    try {
      await cp(join(learnt(dir), name), draft);
      await rename(draft, join(kept(), name));
    } finally {
      await rm(draft, { force: true });
    }
  }
}

async function list(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
