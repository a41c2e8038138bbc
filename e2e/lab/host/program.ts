// Runs one program to its end; says what it printed when it fails and which package brings it when it is missing.
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import packages from '../packages.json' with { type: 'json' };
import { LabError } from '../state.ts';

/** Debian's package for each program the virtual host needs on the machine that runs it. */
const packageOf: Readonly<Record<string, string>> = {
  ...packages.tier1Programs,
  mmdebstrap: 'mmdebstrap',
  mke2fs: 'e2fsprogs',
  'ssh-keygen': 'openssh-client',
};

/** How many of a failed program's last lines go into the error. */
const linesInError = 12;

export interface RunOptions {
  /** A file that gets everything the program prints, as it prints it. */
  readonly log?: string;
  /** Leaves the processors to whoever else wants them: builds run beside tests. */
  readonly nice?: boolean;
}

/** Resolves to the standard output of a program that exits with 0; rejects with its last words otherwise. */
export function run(program: string, args: readonly string[], { log, nice = false }: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const output: string[] = [];
    const said: string[] = [];
    const keep = (list: string[]) => (text: string): void => {
      list.push(text);
      if (log !== undefined) appendFileSync(log, text);
    };
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    if (nice && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    child.stdout.setEncoding('utf8').on('data', keep(output));
    child.stderr.setEncoding('utf8').on('data', keep(said));
    child.once('error', (error) => {
      const missing = 'code' in error && error.code === 'ENOENT' ? packageOf[program] : undefined;
      reject(missing === undefined ? error : new LabError(`${program} is not installed; apt-get install ${missing} brings it`));
    });
    child.once('close', (code, killedBy) => {
      if (code === 0) return resolve(output.join(''));
      const lastWords = [...said, ...output].join('').trimEnd().split('\n').slice(-linesInError).join('\n');
      reject(new LabError(`${program} ended with ${code ?? killedBy}: ${lastWords}`));
    });
  });
}

/**
 * Runs a program as root: as it is for root, otherwise in a user namespace where the caller is root and the ids of
 * /etc/subuid are the others (Debian's package uidmap; see unshare(1), --map-auto).
 */
export function runAsRoot(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  if (process.getuid?.() === 0) return run(program, args, options);
  return run('unshare', ['--user', '--map-root-user', '--map-auto', '--', program, ...args], options);
}
