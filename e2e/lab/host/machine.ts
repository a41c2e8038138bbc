// Starts, finds and stops the QEMU process of a virtual host, and moves its running state to and from a file.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endProcesses, processFile } from '../processes.ts';
import { isMissing, LabError } from '../state.ts';
import { run } from './program.ts';
import { isAnswer, withMonitor, type Monitor } from './qmp.ts';
import { kernelCommandLine, machineArguments } from './recipe.ts';

const program = 'qemu-system-x86_64';

export interface MachineOptions {
  /** Holds the monitor's socket and the process id; its path is how the process is recognised later. Keep it short: a socket's path has room for 107 bytes. */
  readonly folder: string;
  readonly image: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly accelerator: readonly string[];
  /** A QEMU character device backend, such as `file,path=…`. */
  readonly serial: string;
  /** Starts without running, ready for `loadState`. */
  readonly incoming?: boolean;
  /** Ends instead of starting again, so that a kernel that gave up is noticed. */
  readonly noReboot?: boolean;
  readonly nice?: boolean;
}

const monitorSocket = (folder: string): string => join(folder, 'qmp.sock');
const pidFile = (folder: string): string => join(folder, 'qemu.pid');

/** Resolves once QEMU is set up and its sockets and forwarded ports are open; rejects with what it said otherwise. */
export async function startMachine(options: MachineOptions): Promise<void> {
  const { folder, image, kernel, initrd, accelerator, serial, incoming = false, noReboot = false, nice = false } = options;
  await run(program, [
    ...machineArguments, ...accelerator,
    '-name', 'guestdeck-host', '-kernel', kernel, '-initrd', initrd, '-append', kernelCommandLine,
    // The disk is an overlay that ends with the process, so nothing is gained by waiting for the real one.
    '-drive', `file=${image.replaceAll(',', ',,')},format=qcow2,if=virtio,cache=unsafe`,
    // QEMU takes free ports, which forwardedPorts tells: nobody else can take them in between.
    '-netdev', 'user,id=net0,hostfwd=tcp:127.0.0.1:0-:22,hostfwd=tcp:127.0.0.1:0-:16514', '-device', 'virtio-net-pci,netdev=net0',
    '-chardev', `${serial},id=serial0`, '-serial', 'chardev:serial0',
    '-qmp', `unix:${monitorSocket(folder)},server=on,wait=off`,
    '-pidfile', pidFile(folder), '-daemonize',
    ...(incoming ? ['-incoming', 'defer'] : []), ...(noReboot ? ['-no-reboot'] : []),
  ], { nice });
}

/** Does `work` with the monitor of the machine of that folder. */
export const withMachine = <T>(folder: string, work: (monitor: Monitor) => Promise<T>): Promise<T> => withMonitor(monitorSocket(folder), work);

/** The process id of the machine of that folder, or undefined when it does not run. A process that only has its number does not count. */
export async function machinePid(folder: string): Promise<number | undefined> {
  try {
    const pid = Number.parseInt(await readFile(pidFile(folder), 'utf8'), 10);
    const commandLine = await processFile(pid, 'cmdline');
    return commandLine?.split('\0').includes(pidFile(folder)) ? pid : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Ends the machine of that folder; resolves when its process is gone. The signal is to QEMU what `quit` is on its monitor. */
export async function stopMachine(folder: string): Promise<void> {
  const pid = await machinePid(folder);
  if (pid === undefined) return;
  await endProcesses(async () => ((await hasEnded(pid)) ? [] : [pid]));
}

/** A process that only waits for its parent to take note (Z, X) has let go of everything. */
async function hasEnded(pid: number): Promise<boolean> {
  const status = await processFile(pid, 'stat');
  return status === undefined || /\) [ZX] /.test(status);
}

/** The ports of 127.0.0.1 that lead to the machine's ssh and libvirt TLS ports. */
export async function forwardedPorts(monitor: Monitor): Promise<{ readonly ssh: number; readonly tls: number }> {
  const table = await monitor.execute('human-monitor-command', { 'command-line': 'info usernet' });
  const portTo = (inside: number): number => {
    const port = new RegExp(`HOST_FORWARD\\]\\s+\\d+\\s+127\\.0\\.0\\.1\\s+(\\d+)\\s+\\S+\\s+${inside}\\s`).exec(String(table))?.[1];
    if (port === undefined) throw new LabError(`QEMU forwards nothing to port ${inside}: ${String(table)}`);
    return Number(port);
  };
  return { ssh: portTo(22), tls: portTo(16514) };
}

/** Stops the machine where it is and writes its memory and devices to `file`. */
export async function saveState(monitor: Monitor, file: string): Promise<void> {
  await monitor.execute('stop');
  // Not slowed down for a guest that goes on running, as a migration is by default.
  await monitor.execute('migrate-set-parameters', { 'max-bandwidth': 2 ** 40 });
  await migrate(monitor, 'migrate', `exec:cat > ${quoted(file)}`);
}

/** Gives a machine started as `incoming` the state of `file` and lets it run. */
export async function loadState(monitor: Monitor, file: string): Promise<void> {
  await migrate(monitor, 'migrate-incoming', `exec:cat ${quoted(file)}`);
  await monitor.execute('cont');
}

async function migrate(monitor: Monitor, command: string, uri: string): Promise<void> {
  await monitor.execute('migrate-set-capabilities', { capabilities: [{ capability: 'events', state: true }] });
  const ended = monitor.event('MIGRATION', ({ status }) => status === 'completed' || status === 'failed');
  const [{ status }] = await Promise.all([ended, monitor.execute(command, { uri })]);
  if (status === 'completed') return;
  const report = await monitor.execute('query-migrate');
  throw new LabError(`QEMU failed at ${command}: ${isAnswer(report) ? String(report['error-desc']) : 'no reason given'}`);
}

const quoted = (path: string): string => `'${path.replaceAll("'", `'\\''`)}'`;

export async function qemuVersion(): Promise<string> {
  return (await run(program, ['--version'])).split('\n')[0] ?? '';
}

/**
 * QEMU's arguments for running code in hardware or emulated, with processors that tell Linux of their threads: an AMD processor
 * does so by topoext, which QEMU leaves out unless asked and cannot emulate, so the emulated one is Intel's (`max`
 * made Intel's does not do: under QEMU 7.2 its programs fail in their first steps).
 */
export const acceleratorArguments = {
  kvm: ['-accel', 'kvm', '-cpu', 'host,topoext=on'],
  tcg: ['-accel', 'tcg,thread=multi', '-cpu', 'Haswell-noTSX'],
} as const;
