// The system's ssh program as the SSH connection, for what ssh2 cannot do: one process logs in, and runs commands for the streams.
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Refused } from '../../app/contract/refusal.ts';
import { addKnownHostLines } from '../auth/known-hosts.ts';
import { commandOf, endGroup, startProgram } from './program-stream.ts';
import { codeOf, wordsOf } from './sockets.ts';
import { Askpass } from './ssh-askpass.ts';
import { failureOfProgram, masterWords, plainWords, streamWords } from './ssh-program-words.ts';
import type { SshReach } from './ssh-reach.ts';
import type { SshHop, SshRoute } from './ssh-route.ts';
import { runStage, type Step } from './stages.ts';
import type { Surroundings } from './transport.ts';

/** The program, and why it is needed, as a noun for a sentence. */
interface Chosen {
  readonly program: string;
  readonly reason: string;
}

/**
 * Logs in with the program, in the stage login. OpenSSH on anything but Windows shares one connection among all streams, by a socket in
 * a private folder, and asks its questions; other programs, and Windows' ssh, connect for each stream and may ask nothing.
 * `reason` says why the program is used. @throws Refused; nothing stays open then.
 */
export async function openProgram(program: string, reason: string, route: SshRoute, surroundings: Surroundings, signal: AbortSignal): Promise<SshReach> {
  const hop = route.hops.at(-1);
  if (hop === undefined) throw new TypeError('a route has at least one host');
  const isOpenSsh = /^ssh(\.exe)?$/i.test(basename(program));
  if (!isOpenSsh || process.platform === 'win32') return separate({ program, reason }, plainWords(route, hop, isOpenSsh), hop, surroundings);
  const subject = {
    stage: 'login', doing: `Logging in to ${hop.host} with ${program}`, remedy: `Try it by hand: ssh ${hop.host}`,
  } as const;
  return await runStage(subject, surroundings, signal, async (step) => ({
    value: await shared({ program, reason }, route, hop, surroundings, step), seen: `${hop.user}, by the program ${program}, because of ${reason}`,
  }));
}

const notStarted = (program: string, reason: string, error: unknown): Refused =>
  new Refused('login-failed', `The ssh program ${program} is needed because of ${reason}, and cannot be started: ${codeOf(error) === 'ENOENT' ? 'it is not installed' : wordsOf(error)}.`, {
    stage: 'login', remedy: 'Install OpenSSH’s client, or correct command= in the connection URI.',
  }, { cause: error });

async function start({ program, reason }: Chosen, words: readonly string[], env: Surroundings['env'], signal: AbortSignal, isApart = false): Promise<ChildProcessWithoutNullStreams> {
  try {
    return await startProgram(program, words, env, signal, isApart);
  } catch (error) {
    throw signal.aborted ? signal.reason : notStarted(program, reason, error);
  }
}

/** The program anew for each stream. */
function separate(chosen: Chosen, words: readonly string[], hop: SshHop, { env }: Surroundings): SshReach {
  let close = (): void => undefined;
  let isClosed = false;
  const ended = new Promise<undefined>((resolve) => {
    close = () => {
      isClosed = true;
      resolve(undefined);
    };
  });
  return {
    host: hop.host, forward: undefined, ended, isOver: () => isClosed, close,
    exec: async (command, signal) => commandOf(await start(chosen, [...words, command], env, signal)),
    explain: (code, complaint) => (code === 255 ? failureOfProgram(hop, complaint, false) : undefined),
  };
}

/** One connection, which this process's streams share. */
async function shared(chosen: Chosen, route: SshRoute, hop: SshHop, { env }: Surroundings, step: Step): Promise<SshReach> {
  const folder = await mkdtemp(join(tmpdir(), 'guestdeck-'));
  const tidy = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const askpass = hop.mayAsk ? await Askpass.in(folder, hop) : undefined;
    const master = await start(chosen, masterWords(route, hop, folder), askpass?.environment(env) ?? env, step.signal, true);
    const over = new Promise<void>((resolve) => master.once('close', () => resolve()));
    const ended = over.then(tidy).then(() => complaint.trim() || undefined);
    let complaint = '';
    let isOver = false;
    void over.then(() => {
      isOver = true;
    });
    const stop = (): void => {
      // With all that it started: a question that waits, the ssh of a jump host, a ProxyCommand.
      if (!isOver) endGroup(master);
      isOver = true;
    };
    step.signal.addEventListener('abort', stop, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        let partial = '';
        master.stderr.on('data', (chunk: Buffer) => {
          const lines = (partial + chunk.toString('utf8')).split('\n');
          partial = lines.pop() ?? '';
          for (const line of lines) {
            const asking = askpass === undefined || !line.startsWith(`${askpass.word} `) ? undefined : /^\d+$/.exec(line.slice(askpass.word.length + 1).trim());
            if (asking?.[0] !== undefined) askpass?.answer(asking[0], step).catch(reject);
            else complaint = `${complaint}${line}\n`.slice(-2000);
          }
        });
        // All that it writes is the word that it is logged in.
        master.stdout.once('data', () => resolve());
        void over.then(() => reject(failureOfProgram(hop, complaint, askpass?.hostKeyDeclined === true)));
      });
      if (askpass?.keepsHostKey === true && hop.newKeysFile !== undefined) await addKnownHostLines(hop.newKeysFile, await readFile(join(folder, 'known_hosts'), 'utf8'));
      complaint = '';
    } catch (error) {
      stop();
      await ended;
      throw error;
    }
    step.signal.removeEventListener('abort', stop);
    const words = streamWords(route, hop, folder);
    return {
      host: hop.host, forward: undefined, ended, close: stop,
      isOver: () => isOver || master.exitCode !== null || master.signalCode !== null,
      exec: async (command, signal) => commandOf(await start(chosen, [...words, command], env, signal)),
      stands: async (signal) => {
        const check = commandOf(await start(chosen, ['-O', 'check', ...words], env, signal));
        check.output.resume();
        check.errors.resume();
        await check.over;
        return check.exitCode() === 0;
      },
    };
  } catch (error) {
    await tidy();
    throw error;
  }
}
