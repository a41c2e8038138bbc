// Builds the virtual host's disk: a Debian root made from the machine's own mirror, put into an ext4 image without mounting anything.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from '../state.ts';
import { ensureFolder } from './cache.ts';
import { run, runAsRoot } from './program.ts';
import { diskHash, mmdebstrapArguments, packingScript } from './recipe.ts';
import { aptOptions, debianSources } from './sources.ts';

/** The files of a built disk; all of them stay as they were built. */
export interface Disk {
  readonly folder: string;
  readonly image: string;
  readonly kernel: string;
  readonly initrd: string;
  /** The private key that root and the keeper let in, and the host's public keys that it must show. */
  readonly keyFile: string;
  readonly hostKeys: string;
}

export const diskFolder = join(cacheDir(), `host-${diskHash}`);

/** Gets everything the programs of a build print. Beside the folder, so that a build that failed can be read. */
export const buildLog = `${diskFolder}.log`;

const inFolder = (folder: string): Disk => ({
  folder,
  image: join(folder, 'disk.qcow2'),
  kernel: join(folder, 'vmlinuz'),
  initrd: join(folder, 'initrd'),
  keyFile: join(folder, 'key'),
  hostKeys: join(folder, 'host-keys'),
});

/** The disk of the present recipe, built when the cache does not have it whole (a minute or two, some 600 MB). */
export async function ensureDisk(onProgress: (message: string) => void): Promise<Disk & { readonly fresh: boolean }> {
  const { fresh } = await ensureFolder(diskFolder, async (unfinished) => {
    onProgress(`building the host's disk, log in ${buildLog}`);
    await build(inFolder(unfinished));
  });
  return { ...inFolder(diskFolder), fresh };
}

async function build(disk: Disk): Promise<void> {
  const tarball = join(disk.folder, 'root.tar');
  const raw = join(disk.folder, 'disk.raw');
  const root = join(disk.folder, 'root');
  const log = buildLog;
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'guestdeck-lab', '-f', disk.keyFile], { log });
  const publicKey = await run('ssh-keygen', ['-y', '-f', disk.keyFile]);
  const sources = await debianSources();
  const debootstrap = mmdebstrapArguments({ tarball, publicKey, sources, aptOptions: await aptOptions() });
  await run('mmdebstrap', debootstrap, { log, nice: true });
  await mkdir(root);
  // The root belongs to many users, so it is unpacked, read and removed by one that is all of them.
  await runAsRoot('sh', ['-c', packingScript, 'sh', tarball, root, raw, disk.folder], { log, nice: true });
  await run('qemu-img', ['convert', '-O', 'qcow2', raw, disk.image], { log, nice: true });
  await run('rm', [raw]);
}
