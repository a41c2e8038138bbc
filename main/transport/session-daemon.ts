// The libvirt daemon of a user, started when it does not run, as libvirt's own client does it.
import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import { Refused } from '../../app/contract/refusal.ts';
import { startProgram } from './program-stream.ts';
import { codeOf, wordsOf } from './sockets.ts';
import type { Surroundings } from './transport.ts';

/** Seconds for which a daemon stays that nobody uses. */
const idleLimit = 120;

/** Where daemons are installed; users often have these not in their PATH. */
const daemonFolders = ['/usr/sbin', '/usr/local/sbin', '/sbin'];

/**
 * Starts the first of these daemons that is installed, and resolves when it listens; one that another client started meanwhile will do.
 * It is not ours: it ends by itself when nobody has used it for two minutes.
 * @returns null, or what it complained about when it ended instead.
 * @throws Refused `socket-missing` when none is installed or it cannot be run.
 */
export async function startSessionDaemon(daemons: readonly string[], { env }: Pick<Surroundings, 'env'>, signal: AbortSignal): Promise<string | null> {
  const program = await findProgram(daemons, env);
  if (program === undefined) {
    throw new Refused('socket-missing', `The libvirt daemon of this user does not run, and ${daemons.join(' or ')} is not installed here.`, {
      stage: 'socket', remedy: 'Install it (libvirt-daemon-system on Debian and Ubuntu, libvirt-daemon-kvm on Fedora), or connect to another host over SSH.',
    });
  }
  try {
    // Told to be a daemon, it lets go of its terminal, and its first process ends when the sockets are there.
    const child = await startProgram(program, ['--daemon', `--timeout=${idleLimit}`], env, signal, true);
    let complaint = '';
    child.stdout.resume();
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString('utf8')).slice(-2000);
    });
    await once(child, 'close', { signal });
    return child.exitCode === 0 ? null : `${program} ended with ${child.exitCode === null ? String(child.signalCode) : `code ${child.exitCode}`}: ${complaint.trim().split('\n').at(-1) || 'it said nothing'}`;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new Refused('socket-missing', `The libvirt daemon of this user does not run, and ${program} cannot be started: ${wordsOf(error)}.`, { stage: 'socket' }, { cause: error });
  }
}

async function findProgram(names: readonly string[], env: Surroundings['env']): Promise<string | undefined> {
  const folders = [...(env['PATH'] ?? '').split(':').filter((folder) => folder.startsWith('/')), ...daemonFolders];
  for (const name of names) for (const folder of folders) if (await mayRun(`${folder}/${name}`)) return `${folder}/${name}`;
  return undefined;
}

async function mayRun(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch (error) {
    if (codeOf(error) === '') throw error;
    return false;
  }
}
