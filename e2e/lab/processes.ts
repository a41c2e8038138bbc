// Starts, finds and stops the lab's processes, by pid and by the mark its mount namespace carries.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { watch } from 'node:fs';
import { open, readFile, readdir } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isMissing, LabError } from './state.ts';

/** Environment of everything in the lab: nothing of the developer's own leaks in, and programs answer in English. */
export const labEnvironment: NodeJS.ProcessEnv = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
};

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end and answers its exit code and output; a time limit in milliseconds kills it, as does our own end. */
export function run(program: string, args: readonly string[], options: { readonly input?: string; readonly timeout?: number; readonly cwd?: string } = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    // A program left alone by a killed lab would go on writing into the folder of the next.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], { env: labEnvironment, cwd: options.cwd, timeout: options.timeout ?? 120_000, stdio: 'pipe' });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // A program that ends without reading its input is judged by its exit code.
    child.stdin.on('error', (error) => stderr.push(Buffer.from(`${error.message}\n`)));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const ending = signal === null ? '' : `${program} was ended by ${signal}\n`;
      resolve({ code: code ?? 1, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() + ending });
    });
    child.stdin.end(options.input ?? '');
  });
}

/** Like `run`, but answers standard output and refuses a failure with what the program said. */
export async function mustRun(program: string, args: readonly string[], options: Parameters<typeof run>[2] = {}): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options);
  if (code !== 0) throw new LabError(`${[program, ...args].join(' ')} failed (${code}): ${stderr.trim() || stdout.trim()}`);
  return stdout;
}

/** Starts a program that outlives us, its output appended to a log. Answers its pid, which is final: nsenter and sh only exec. */
export async function startDetached(program: string, args: readonly string[], log: string): Promise<number> {
  const file = await open(log, 'a', 0o600);
  try {
    const child = spawn(program, args, { env: labEnvironment, cwd: '/', detached: true, stdio: ['ignore', file.fd, file.fd] });
    const pid = await new Promise<number | undefined>((resolve, reject) => {
      child.on('spawn', () => resolve(child.pid));
      child.on('error', reject);
    });
    if (pid === undefined) throw new LabError(`${program} did not start`);
    child.unref();
    return pid;
  } finally {
    await file.close();
  }
}

/**
 * Waits until a file's content is what is awaited, told by the kernel rather than by polling; `undefined` is a file that is not there.
 * @param timeout in milliseconds; past it a LabError.
 */
export function fileContent(path: string, isAwaited: (content: string | undefined) => boolean, timeout: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const watcher = watch(dirname(path));
    const limit = setTimeout(() => end(new LabError(`${path} did not come to what was awaited within ${timeout} ms`)), timeout);
    const end = (error?: Error): void => {
      clearTimeout(limit);
      watcher.close();
      if (error === undefined) resolve();
      else reject(error);
    };
    const look = (): void => {
      readIfThere(path).then((content) => {
        if (isAwaited(content)) end();
      }).catch((error: unknown) => end(error instanceof Error ? error : new LabError(String(error))));
    };
    watcher.on('change', look);
    watcher.on('error', end);
    look();
  });
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The source field of the tmpfs over /run inside a daemon's mount namespace; every process in there shows it in its mountinfo. */
export function namespaceMark(dir: string): string {
  return `guestdeck-lab:${dir}`;
}

/** Pids of all processes inside the mount namespaces of the daemons under a folder (itself included), guests too. */
export async function processesUnder(dir: string): Promise<readonly number[]> {
  const mark = ` ${namespaceMark(dir)}`;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const inside = await Promise.all(pids.map(async (pid) => {
    const mounts = await processFile(pid, 'mountinfo');
    return mounts !== undefined && (mounts.includes(`${mark} `) || mounts.includes(`${mark}/`));
  }));
  return pids.filter((_, index) => inside[index]);
}

/** A file of /proc/PID; undefined once the process is gone or may not be looked at. */
export async function processFile(pid: number, name: string): Promise<string | undefined> {
  try {
    return await readFile(`/proc/${pid}/${name}`, 'utf8');
  } catch (error) {
    if (isMissing(error) || (error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EACCES' || error.code === 'EINVAL'))) return undefined;
    throw error;
  }
}

/** Ends processes: SIGTERM, and SIGKILL for those still there after five seconds. Resolves when none is left. */
export async function endProcesses(find: () => Promise<readonly number[]>): Promise<void> {
  const patience = Date.now() + 5_000;
  const limit = patience + 10_000;
  const asked = new Set<number>();
  for (let left = await find(); left.length > 0; left = await find()) {
    if (Date.now() > limit) throw new LabError(`Processes ${left.join(', ')} cannot be ended`);
    const force = Date.now() > patience;
    for (const pid of left) {
      if (force || !asked.has(pid)) signalProcess(pid, force ? 'SIGKILL' : 'SIGTERM');
      asked.add(pid);
    }
    // They are not our children, so no event tells of their end; Node cannot watch a pid.
    await delay(20);
  }
}

/**
 * Ends one process of a daemon's, if it is still there, and waits until it has let go of what it held: its ports, and the lock on its pid file.
 * A process that is killed is out of its mount namespace a moment before its last thread has let go.
 */
export async function endProcess(dir: string, pid: number): Promise<void> {
  await endProcesses(async () => (await processesUnder(dir)).filter((one) => one === pid));
  const limit = Date.now() + 10_000;
  while (await holds(pid)) {
    if (Date.now() > limit) throw new LabError(`Process ${pid} was ended and is still there`);
    await delay(5);
  }
}

/** Whether a thread of a process is left, but for a zombie that nobody has waited for. */
async function holds(pid: number): Promise<boolean> {
  const status = await processFile(pid, 'status');
  return status !== undefined && !(/^State:\tZ/m.test(status) && /^Threads:\t[01]$/m.test(status));
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!isGone) throw error;
  }
}

/** Distinct TCP ports of 127.0.0.1 nobody listens on now. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listening));
  const ports = servers.map(({ port }) => port);
  await Promise.all(servers.map(({ close }) => close()));
  return ports;
}

/** Listens on a port below those that the kernel gives to connections on their way out: none of the many that tests make takes it before its server does. */
function listening(): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    let port = 0;
    const listen = (): void => {
      port = randomInt(20_000, 32_768);
      server.listen(port, '127.0.0.1');
    };
    server.on('error', (error) => ('code' in error && error.code === 'EADDRINUSE' ? listen() : reject(error)));
    server.once('listening', () => resolve({ port, close: () => new Promise((closed) => server.close(() => closed())) }));
    listen();
  });
}

/**
 * Holds a lock that the kernel frees when its holder dies, so that a killed command leaves nothing to clean: a listening abstract
 * socket, whose waiters are told by the closing of their connection.
 */
export async function withLock<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const path = `\0guestdeck-lab-lock:${name}`;
  for (;;) {
    const waiters = new Set<Socket>();
    const server = createServer((waiter) => {
      waiters.add(waiter);
      waiter.on('error', () => waiter.destroy());
      waiter.on('close', () => waiters.delete(waiter));
    });
    const isHeld = await new Promise<boolean>((resolve, reject) => {
      server.on('error', (error) => ('code' in error && error.code === 'EADDRINUSE' ? resolve(false) : reject(error)));
      server.listen(path, () => resolve(true));
    });
    if (isHeld) {
      try {
        return await work();
      } finally {
        for (const waiter of waiters) waiter.destroy();
        await new Promise((closed) => server.close(closed));
      }
    }
    await new Promise<void>((resolve) => {
      const socket = createConnection(path);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => resolve());
      socket.resume();
    });
  }
}
