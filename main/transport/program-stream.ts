// A program of this machine whose standard input and output are a stream to a daemon.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import type { Refused } from '../../app/contract/refusal.ts';
import { codeOf } from './sockets.ts';
import type { FarCommand } from './ssh-reach.ts';
import type { Surroundings } from './transport.ts';

/**
 * Starts a program, without any shell. `isApart` gives it a session of its own, in which it finds no terminal to ask questions at.
 * Errors are those of the system, such as ENOENT, and the reason of a signal that aborts meanwhile.
 */
export async function startProgram(program: string, words: readonly string[], env: Surroundings['env'], signal: AbortSignal, isApart = false): Promise<ChildProcessWithoutNullStreams> {
  const child = spawn(program, [...words], { env: { ...env }, stdio: 'pipe', windowsHide: true, detached: isApart });
  // A program that ends while it is written to shows by its end.
  child.stdin.on('error', () => child.stdin.destroy());
  await once(child, 'spawn');
  if (signal.aborted) {
    // It may have come as far as starting others meanwhile.
    if (isApart) endGroup(child);
    else endProgram(child);
    throw signal.reason;
  }
  return child;
}

/** How often a program is told to end. OpenSSH misses a signal that comes between its last look for one and its wait, which the next interrupts. */
const tellAgain = 1_000;

/** Tells a program to end until it has. `tell` says whether there was anyone to be told. */
function endBy(tell: () => boolean): void {
  if (!tell()) return;
  const again = setInterval(() => {
    if (!tell()) clearInterval(again);
  }, tellAgain).unref();
}

/** Ends a program, and nothing that it started. */
const endProgram = (child: ChildProcessWithoutNullStreams): void => endBy(() => child.kill());

/** Ends a program that was started apart, with all that it started. */
export function endGroup({ pid }: ChildProcessWithoutNullStreams): void {
  if (pid === undefined) return;
  endBy(() => {
    try {
      return process.kill(-pid);
    } catch (error) {
      // They have ended by themselves meanwhile; macOS says EPERM where nobody has taken note of that yet.
      if (codeOf(error) !== 'ESRCH' && codeOf(error) !== 'EPERM') throw error;
      return false;
    }
  });
}

/** A program as a command: `stop` ends it. */
export const commandOf = (child: ChildProcessWithoutNullStreams, stop = (): void => endProgram(child)): FarCommand => ({
  output: child.stdout,
  errors: child.stderr,
  input: child.stdin,
  over: new Promise((resolve) => child.once('close', () => resolve())),
  exitCode: () => child.exitCode ?? undefined,
  exitSignal: () => child.signalCode ?? undefined,
  stop: () => {
    child.stdout.resume();
    stop();
  },
  stream: (reason) => new ProgramStream(child, reason),
});

/** The bytes of a program. Both directions end together, as a daemon's connection does. */
export class ProgramStream extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;

  /** `reason` tells why the program ended, or undefined for an ordinary end; the end is held back until it can be told. */
  constructor(child: ChildProcessWithoutNullStreams, reason: () => Refused | undefined) {
    super({ allowHalfOpen: false });
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stdout.once('end', () => child.stdin.end());
    child.once('close', () => {
      const refused = reason();
      if (refused !== undefined) this.destroy(refused);
      else this.push(null);
    });
    // Without a reader an end would go unnoticed.
    this.read(0);
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    // What is written to a program that has ended is lost like on a closed connection: its end tells.
    this.#child.stdin.write(chunk, () => callback());
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#child.stdin.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#child.stdout.removeAllListeners('data').resume();
    this.#child.stdin.destroy();
    endProgram(this.#child);
    callback(error);
  }
}
