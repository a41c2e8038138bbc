// Witnesses other than ourselves: virsh, and the kernel's view of a guest's threads and of connections.
import { readdir } from 'node:fs/promises';
import { mustRun, processesUnder, processFile } from './processes.ts';
import { LabError, type LabDaemon } from './state.ts';

/** Runs virsh against a daemon over its UNIX socket and answers what it printed; a refusal of libvirt is thrown. */
export function virsh(lab: LabDaemon, ...args: readonly string[]): Promise<string> {
  return virshAt(lab.virshUri, ...args);
}

/** The same over any URI. */
export function virshAt(uri: string, ...args: readonly string[]): Promise<string> {
  return mustRun('virsh', ['-q', '-c', uri, ...args]);
}

export interface QemuThread {
  readonly tid: number;
  /** QEMU's name of it: `CPU 0/TCG` or `CPU 0/KVM`, `IO iothread1`; the emulator's main thread carries the program's name. */
  readonly comm: string;
  /** Physical CPUs it may run on, as the kernel's list (`0-1,4`). */
  readonly cpusAllowed: string;
}

/** Threads of a running guest as the kernel sees them, the emulator's main thread first. */
export async function qemuThreads(lab: LabDaemon, guest: string): Promise<readonly QemuThread[]> {
  const pid = await qemuPid(lab, guest);
  const tids = (await readdir(`/proc/${pid}/task`)).map(Number).sort((left, right) => left - right);
  const threads = await Promise.all(tids.map(async (tid) => {
    const status = await processFile(pid, `task/${tid}/status`);
    const comm = /^Name:\t(.*)$/m.exec(status ?? '')?.[1];
    const cpusAllowed = /^Cpus_allowed_list:\t(.*)$/m.exec(status ?? '')?.[1];
    // A worker thread may end between the listing and the look.
    return comm === undefined || cpusAllowed === undefined ? [] : [{ tid, comm, cpusAllowed }];
  }));
  return threads.flat();
}

/** The process of a running guest, found by the name libvirt gives it on QEMU's command line. */
export async function qemuPid(lab: LabDaemon, guest: string): Promise<number> {
  for (const pid of await processesUnder(lab.dir)) {
    const line = (await processFile(pid, 'cmdline'))?.split('\0') ?? [];
    if (line[line.indexOf('-name') + 1]?.startsWith(`guest=${guest},`)) return pid;
  }
  throw new LabError(`${guest} has no QEMU process; is it running?`);
}

/** Established connections to a port of this machine from the client's side, as the kernel counts them. */
export const connectionsTo = async (port: number): Promise<number> => (await mustRun('ss', ['-Htn', 'state', 'established', `( dport = :${port} )`])).split('\n').filter((line) => line !== '').length;
