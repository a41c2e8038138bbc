// Removes the empty control groups that guests of the lab leave when their libvirtd could not do so itself.
import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './state.ts';

const root = '/sys/fs/cgroup';
const ours = /^qemu-\d+-(lab|light)-/;

/** The kernel refuses to remove a group that is in use, so nothing that lives is ever touched. */
export async function removeEmptyControlGroups(): Promise<void> {
  const hierarchies = [root, ...(await folders(root)).map((name) => join(root, name))];
  for (const machine of hierarchies.map((hierarchy) => join(hierarchy, 'machine'))) {
    for (const guest of (await folders(machine)).filter((name) => ours.test(name))) await removeTree(join(machine, guest));
    await removeIfEmpty(machine);
  }
}

async function removeTree(group: string): Promise<void> {
  for (const child of await folders(group)) await removeTree(join(group, child));
  await removeIfEmpty(group);
}

async function removeIfEmpty(group: string): Promise<void> {
  try {
    await rmdir(group);
  } catch (error) {
    const isInUse = error instanceof Error && 'code' in error && (error.code === 'EBUSY' || error.code === 'ENOTEMPTY');
    if (!isInUse && !isMissing(error)) throw error;
  }
}

async function folders(path: string): Promise<readonly string[]> {
  try {
    return (await readdir(path, { withFileTypes: true })).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
