// Runs one command on a host, over SSH or on this machine: its input whole, its output bounded, its end awaited.
import type { Readable } from 'node:stream';
import { Refused, type Stage } from '../../app/contract/refusal.ts';
import { shellWord } from '../../app/domain/virsh.ts';
import { commandOf, endGroup, startProgram } from './program-stream.ts';
import { wordsOf } from './sockets.ts';
import type { FarCommand, SshReach } from './ssh-reach.ts';
import type { Link, Ran, RunOptions, Surroundings } from './transport.ts';

const defaultLimit = 1024 * 1024;

/** What stands in both outputs where the command's own words begin. */
const begun = 'guestdeck:begun';

/** The command line by which any login shell has a POSIX shell run the command. */
export const posixCommand = (command: string): string => `sh -c ${shellWord(`echo ${begun}; echo ${begun} >&2; ${command}`)}`;

/** Where a command runs, for refusals: the stage at which the way there was opened. */
interface Place {
  readonly stage: Stage;
  readonly host: string;
  /** Puts a failure of the way there into words, where it shows only in how the command ended. */
  readonly explain?: SshReach['explain'];
}

/** Runs what `start` starts, which has to be a `posixCommand`, to its end. @throws Refused as `Link.run`; the command is ended then. */
export async function runCommand(start: (signal: AbortSignal) => Promise<FarCommand>, { stage, host, explain }: Place, { stdin, signal, limit = defaultLimit }: RunOptions): Promise<Ran> {
  const givenUp = (): Refused => new Refused('cancelled', `A command on ${host} was given up.`, { stage });
  if (signal.aborted) throw givenUp();
  const far = await start(signal).catch((error: unknown) => {
    if (signal.aborted) throw givenUp();
    if (error instanceof Refused) throw error;
    throw new Refused('command-refused', `${host} does not run commands: ${wordsOf(error)}.`, { stage, remedy: 'The account may be limited to other uses (ForceCommand in sshd_config, command= in authorized_keys).' }, { cause: error });
  });
  const stopped = new AbortController();
  const stop = (reason: Refused): void => {
    stopped.abort(reason);
    far.stop();
  };
  const onAbort = (): void => stop(givenUp());
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const tooMuch = (): void => stop(new Refused('command-refused', `A command on ${host} said more than ${limit} bytes.`, { stage }));
    const stdout = heardOf(far.output, limit, tooMuch);
    const stderr = heardOf(far.errors, limit, tooMuch);
    far.input.end(stdin ?? new Uint8Array());
    if (signal.aborted) onAbort();
    await Promise.race([far.over, new Promise<void>((resolve) => stopped.signal.addEventListener('abort', () => resolve()))]);
    if (stopped.signal.aborted) throw stopped.signal.reason;
    const [said, complained, code, exitSignal] = [stdout(), stderr(), far.exitCode() ?? null, far.exitSignal()];
    if (said.isOurs && complained.isOurs) return { code, ...(exitSignal !== undefined && { signal: exitSignal }), stdout: said.words, stderr: complained.words };
    // Whatever ran instead, such as a menu for guests, the command did not.
    const instead = `${said.words.toString('utf8')}${complained.words.toString('utf8')}`.trim().slice(-300);
    throw (code === null ? undefined : explain?.(code, instead)) ??
      new Refused('command-refused', `${host} does not run commands: ${instead || 'it said nothing'}${code === null ? '' : `, and ended with code ${code}`}.`, {
        stage, remedy: 'The account needs a shell: see its entry in /etc/passwd, and ForceCommand in sshd_config.',
      });
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Gathers a stream; gives what came after the word that begins it, or, when that never came, all that came. */
function heardOf(stream: Readable, limit: number, tooMuch: () => void): () => { readonly words: Buffer; readonly isOurs: boolean } {
  const chunks: Buffer[] = [];
  const word = Buffer.from(`${begun}\n`);
  let length = 0;
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= limit + word.length) chunks.push(chunk);
    else tooMuch();
  });
  return () => {
    const heard = Buffer.concat(chunks);
    const at = heard.indexOf(word);
    return at < 0 ? { words: heard, isOurs: false } : { words: heard.subarray(at + word.length), isOurs: true };
  };
}

/** What `Link.run` is until the link is closed: that ends all commands, and lets no other begin. */
export const runWhileOpen = (closing: AbortSignal, run: NonNullable<Link['run']>): NonNullable<Link['run']> => async (command, options) => {
  try {
    return await run(command, { ...options, signal: AbortSignal.any([options.signal, closing]) });
  } catch (error) {
    throw closing.aborted ? new Refused('not-connected', 'The connection was closed.', {}, { cause: error }) : error;
  }
};

/** `Link.run` on this machine. */
export const runHere = ({ env }: Surroundings) => async (command: string, options: RunOptions): Promise<Ran> =>
  await runCommand(async (signal) => {
    const child = await startProgram('/bin/sh', ['-c', posixCommand(command)], env, signal, true);
    return commandOf(child, () => endGroup(child));
  }, { stage: 'socket', host: 'this computer' }, options);
