// This machine's own shell, for tests of what is run on hosts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import type { Shell } from './shell.ts';

/** A shell with this environment; `edit` may change each command before it is run. */
export const shellHere = (env: () => NodeJS.ProcessEnv, edit: (command: string) => string = (command) => command): Shell => async (command, { stdin }) => {
  const child = spawn('/bin/sh', ['-c', edit(command)], { env: env() });
  // A command that reads nothing may have ended before its input is written.
  child.stdin.on('error', () => undefined).end(stdin);
  const [stdout, stderr, [code]] = await Promise.all([buffer(child.stdout), buffer(child.stderr), once(child, 'close')]);
  return { code, stdout, stderr };
};
