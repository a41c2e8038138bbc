// Builds the guests' kernel and initramfs (busybox, virtio modules, the real QEMU guest agent) once, and caches it by content.
import { chmod, copyFile, mkdir, mkdtemp, readFile, readdir, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun } from './processes.ts';
import { LabError, cacheDir, isMissing } from './state.ts';

export interface GuestImage {
  readonly kernel: string;
  readonly initramfs: string;
}

/** What Debian's cloud kernel has as modules and a guest of the lab may meet; it has neither 9p nor i6300esb. */
const modules = [
  'virtio_pci', 'virtio_blk', 'virtio_net', 'virtio_balloon', 'virtio_console', 'virtio_scsi', 'sd_mod', 'qemu_fw_cfg', 'virtio_rng', 'button', 'evdev',
] as const;

/** The image, built when the cache has none of these very parts; seconds the first time. */
export async function guestImage(): Promise<GuestImage> {
  const release = await newestKernel();
  const kernel = `/boot/vmlinuz-${release}`;
  const init = fileURLToPath(new URL('guest-init.sh', import.meta.url));
  const [busybox, agent] = await Promise.all([realpath('/usr/bin/busybox'), realpath('/usr/sbin/qemu-ga')]);
  const [libraries, moduleFiles] = await Promise.all([sharedLibraries(agent), modulePaths(release)]);
  const hash = createHash('sha256').update(release);
  for (const file of [kernel, init, busybox, agent, ...libraries, ...moduleFiles]) hash.update(basename(file)).update(await readFile(file));
  const folder = join(cacheDir(), `guest-${hash.digest('hex').slice(0, 16)}`);
  const image = { kernel: join(folder, 'vmlinuz'), initramfs: join(folder, 'initramfs') };
  if (await isBuilt(folder)) return image;
  await mkdir(cacheDir(), { recursive: true });
  const draft = await mkdtemp(join(cacheDir(), 'draft-'));
  try {
    await copyFile(kernel, join(draft, 'vmlinuz'));
    await buildInitramfs(join(draft, 'root'), join(draft, 'initramfs'), { init, busybox, agent, libraries, moduleFiles });
    await rm(join(draft, 'root'), { recursive: true });
    await chmod(draft, 0o755);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Somebody else built the very same image meanwhile.
    if (!(await isBuilt(folder))) throw error;
  }
  return image;
}

/** The folder appears only once it is whole. */
async function isBuilt(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).includes('initramfs');
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function newestKernel(): Promise<string> {
  const releases = (await readdir('/boot')).flatMap((name) => /^vmlinuz-(.*-cloud-amd64)$/.exec(name)?.[1] ?? []);
  const newest = releases.sort((left, right) => left.localeCompare(right, 'en', { numeric: true })).at(-1);
  if (newest === undefined) throw new LabError('The lab misses a kernel for its guests: apt-get install -y linux-image-cloud-amd64');
  return newest;
}

/** Files of the modules in the order they must be loaded. */
async function modulePaths(release: string): Promise<readonly string[]> {
  const lists = await Promise.all(modules.map((name) => mustRun('modprobe', ['--show-depends', '-S', release, name])));
  return [...new Set(lists.join('').split('\n').flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? []))];
}

/** Libraries a program is linked with, its loader included, by the path it looks for them. */
async function sharedLibraries(program: string): Promise<readonly string[]> {
  return (await mustRun('ldd', [program])).split('\n').flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

interface InitramfsParts {
  readonly init: string;
  readonly busybox: string;
  readonly agent: string;
  readonly libraries: readonly string[];
  readonly moduleFiles: readonly string[];
}

/** Not compressed: unpacking costs an emulated processor more than reading. */
async function buildInitramfs(root: string, target: string, parts: InitramfsParts): Promise<void> {
  const place = async (file: string, path: string): Promise<void> => {
    const destination = join(root, path);
    await mkdir(dirname(destination), { recursive: true });
    await copyFile(file, destination);
    await chmod(destination, 0o755);
  };
  await Promise.all(['proc', 'sys', 'dev', 'tmp', 'run', 'var', 'etc', 'sbin'].map((name) => mkdir(join(root, name), { recursive: true })));
  await symlink('/run', join(root, 'var/run'));
  await Promise.all([
    place(parts.init, 'init'),
    place(parts.busybox, 'bin/busybox'),
    place(parts.agent, 'usr/sbin/qemu-ga'),
    ...parts.libraries.map((file) => place(file, file)),
    ...parts.moduleFiles.map((file) => place(file, join('modules', basename(file)))),
    writeFile(join(root, 'modules.order'), `${parts.moduleFiles.map((file) => basename(file)).join('\n')}\n`),
  ]);
  const files = (await readdir(root, { recursive: true })).sort();
  await mustRun('cpio', ['--quiet', '-o', '-H', 'newc', '-O', target], { cwd: root, input: `${files.join('\n')}\n` });
}
