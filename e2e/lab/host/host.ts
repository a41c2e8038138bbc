// The lab's second tier: a whole Debian host with libvirt, two NUMA nodes and hugepages, resumed in seconds from a saved state.
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isMissing, labDir, LabError } from '../state.ts';
import { isIntact, removeFolder, withLock } from './cache.ts';
import { buildLog, diskFolder, ensureDisk, type Disk } from './disk.ts';
import { forwardedPorts, loadState, machinePid, startMachine, stopMachine, withMachine } from './machine.ts';
import { run } from './program.ts';
import { hostName } from './recipe.ts';
import { bootDir, ensureSavedState, makeOverlay, type SavedState } from './saved-state.ts';
import { makeAccess, shell, type Access } from './secure-shell.ts';

const virtualHost = z.object({
  /** Ports of 127.0.0.1 that lead to the host's ports 22 and 16514. Nothing listens at the second until TLS is set up inside. */
  sshPort: z.number(),
  tlsPort: z.number(),
  user: z.literal('root'),
  keyFile: z.string(),
  /** A known_hosts file with the host's own keys for 127.0.0.1 and the port. */
  knownHosts: z.string(),
  /** Runs `ssh` with these, for people and for virsh. */
  sshCommand: z.string(),
  /** For virsh as a witness. */
  virshUri: z.string(),
  hostName: z.string(),
  pid: z.number(),
  /** What belongs to this run of the host; gone after `hostDown`. */
  dir: z.string(),
}).readonly();
export type VirtualHost = z.infer<typeof virtualHost>;

export type HostStatus =
  | { readonly state: 'up'; readonly host: VirtualHost }
  /** Something of it runs, but it was not brought up to its end. */
  | { readonly state: 'broken'; readonly pid: number }
  /** `isBuilt`: whether its disk is in the cache, so that coming up takes no build. */
  | { readonly state: 'down'; readonly isBuilt: boolean };

export interface HostOptions {
  /** Told in a few words what takes long. */
  readonly onProgress?: (message: string) => void;
}

const hostDir = (): string => `${labDir()}-host`;
const stateFile = (): string => join(hostDir(), 'host.json');

const alone = <T>(work: () => Promise<T>): Promise<T> => withLock(`${hostDir()} ${diskFolder}`, work);

/**
 * The running host when there is one that answers, else a new one in the state right after its first boot, whatever was done to
 * the one before. Takes seconds when the cache holds its state; builds what is missing or broken first (minutes). Several
 * processes may ask at once and get the same host.
 */
export function hostUp({ onProgress = () => undefined }: HostOptions = {}): Promise<VirtualHost> {
  return alone(async () => {
    const running = await answering();
    if (running !== undefined) return running;
    await clear();
    await mkdir(dirname(hostDir()), { recursive: true });
    // Labs beside each other share the cache: one makes what is missing, the others find it.
    return withLock(diskFolder, () => bringUp(onProgress));
  });
}

/** Ends the host and removes what belonged to its run; the cache stays. */
export function hostDown(): Promise<void> {
  return alone(clear);
}

/** What there is of the host, without asking it anything. */
export async function hostStatus(): Promise<HostStatus> {
  const pid = await machinePid(hostDir());
  if (pid === undefined) return { state: 'down', isBuilt: await isIntact(diskFolder) };
  const host = await remembered();
  return host?.pid === pid ? { state: 'up', host } : { state: 'broken', pid };
}

/** Runs a command of the host's shell as root; resolves to its standard output, rejects with what it said when it fails. */
export const hostShell = (host: VirtualHost, command: string): Promise<string> => shell(accessOf(host), command);

/** Runs virsh here against the host's system daemon over ssh; resolves to its standard output. */
export const hostVirsh = (host: VirtualHost, ...args: readonly string[]): Promise<string> => run('virsh', ['--connect', host.virshUri, ...args]);

const accessOf = (host: VirtualHost): Access => ({ port: host.sshPort, keyFile: host.keyFile, knownHosts: host.knownHosts, command: host.sshCommand });

async function answering(): Promise<VirtualHost | undefined> {
  const status = await hostStatus();
  if (status.state !== 'up') return undefined;
  return hostShell(status.host, 'true').then(() => status.host, () => undefined);
}

async function remembered(): Promise<VirtualHost | undefined> {
  try {
    return virtualHost.safeParse(JSON.parse(await readFile(stateFile(), 'utf8'))).data;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function clear(): Promise<void> {
  // A first boot is there only when the process that began it was killed.
  for (const dir of [hostDir(), bootDir()]) {
    await stopMachine(dir);
    await rm(dir, { recursive: true, force: true });
  }
}

/** How many lines of the console are its last words. */
const lastLines = 40;

/**
 * What the host said last on its console, and where each of its CPUs stands: a kernel that fell tells itself, one that is stuck
 * shows by CPUs that never leave their places. Undefined where no host runs.
 */
export async function hostLastWords(): Promise<string | undefined> {
  if ((await machinePid(hostDir())) === undefined) return undefined;
  const said = (await readFile(join(hostDir(), 'serial.log'), 'utf8')).trimEnd().split('\n').slice(-lastLines).join('\n');
  const registers = await withMachine(hostDir(), (monitor) => monitor.execute('human-monitor-command', { 'command-line': 'info registers -a' }));
  const places = String(registers).match(/^CPU#\d+|\b[RE]IP=\w+|\bHLT=\d/gm) ?? [];
  return `The virtual host's console said last:\n${said || '(nothing)'}\nIts CPUs stand at: ${places.join(' ')}\n`;
}

/** Brings the host up from the cache. What the cache had and does not work is thrown away and made again, each part once. */
async function bringUp(onProgress: (message: string) => void): Promise<VirtualHost> {
  const disk = await ensureDisk(onProgress);
  let suspect: { readonly folder: string; readonly fresh: boolean } = disk;
  try {
    const state = await ensureSavedState(disk, buildLog, onProgress);
    suspect = state;
    return await resume(disk, state);
  } catch (error) {
    await clear();
    // Made just now and yet not working: made again, it would end the same way.
    if (suspect.fresh) throw error;
    onProgress(`${suspect.folder} does not work and is made again: ${String(error)}`);
    await removeFolder(suspect.folder);
    return bringUp(onProgress);
  }
}

async function resume(disk: Disk, state: SavedState): Promise<VirtualHost> {
  const dir = hostDir();
  await mkdir(dir, { mode: 0o700 });
  const image = join(dir, 'disk.qcow2');
  await makeOverlay(image, state.image);
  await startMachine({ ...disk, image, accelerator: state.accelerator, folder: dir, serial: `file,path=${join(dir, 'serial.log')}`, incoming: true });
  const pid = await machinePid(dir);
  if (pid === undefined) throw new LabError('QEMU ended right after its start');
  const ports = await withMachine(dir, async (monitor) => {
    await loadState(monitor, state.memory);
    return forwardedPorts(monitor);
  });
  const access = await makeAccess(dir, disk, ports.ssh);
  // Inside it is still the time of the saved state, which certificates made today would be too new for.
  await shell(access, `date --set=@${Math.ceil(Date.now() / 1000)}`);
  const host: VirtualHost = {
    sshPort: ports.ssh, tlsPort: ports.tls, user: 'root', keyFile: access.keyFile, knownHosts: access.knownHosts, sshCommand: access.command,
    virshUri: `qemu+ssh://root@127.0.0.1:${ports.ssh}/system?command=${access.command}&no_tty=1`,
    hostName, pid, dir,
  };
  await writeFile(`${stateFile()}.new`, `${JSON.stringify(host, null, 2)}\n`);
  await rename(`${stateFile()}.new`, stateFile());
  return host;
}
