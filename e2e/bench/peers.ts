// The others: virsh and our own command line as whole processes, and python3-libvirt in a warm interpreter.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from '../../app/contract/schema.ts';
import { labEnvironment, run } from '../lab/processes.ts';
import { LabError } from '../lab/state.ts';
import { timed, type Run } from './measure.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Milliseconds from starting virsh to its end. */
export function virshProcess(...args: readonly string[]): Run {
  return () => timed(() => wholeProcess('virsh', args, {}));
}

/** Milliseconds from starting our built command line to its end. `dataFolder` holds the connections it may name. */
export function ourProcess(dataFolder: string, ...words: readonly string[]): Run {
  return () => timed(() => wholeProcess(process.execPath, ['out/main/cli.mjs', ...words], { GUESTDECK_DATA: dataFolder }));
}

/** Builds our command line, so that what is measured is what is in the tree. */
export async function buildCommandLine(): Promise<void> {
  await wholeProcess(process.execPath, ['main/shell/build.mjs', 'main'], { HOME: process.env['HOME'] });
}

/** Runs a program directly, without the lab's wrapper that would add to its time. */
function wholeProcess(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env: { ...labEnvironment, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let complaint = '';
    child.stdout.resume();
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-2000);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new LabError(`${[program, ...args].join(' ')} failed (${code ?? 'by a signal'}): ${complaint.trim()}`));
    });
  });
}

/** Milliseconds until a program shows all guests: from its start, and from when it begins to connect. */
export interface Shown {
  readonly started: number;
  readonly connected: number;
}

/**
 * Starts virt-manager on a screen of its own that nobody sees, until its log says of each guest that it was added, and that its
 * window is shown; undefined when one of the programs is not installed.
 * @param home an empty folder for what it keeps.
 */
export async function virtManager(home: string, uri: string, guests: number): Promise<(() => Promise<Shown>) | undefined> {
  const words = ['dbus-run-session', '--', 'xvfb-run', '--auto-servernum', 'virt-manager'];
  if ((await run('which', words.filter((word) => !word.startsWith('-')))).code !== 0) return undefined;
  const env = { ...labEnvironment, HOME: home, XDG_RUNTIME_DIR: home, GSETTINGS_BACKEND: 'memory', NO_AT_BRIDGE: '1' };
  return async () => {
    const began = performance.now();
    const [program = '', ...rest] = words;
    // A group of its own, so that its screen and its bus end with it.
    const child = spawn(program, [...rest, '--no-fork', '--debug', '--connect', uri], { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    let [connecting, added, isShown, last] = [began, 0, false, ''];
    try {
      await new Promise<void>((resolve, reject) => {
        child.once('error', reject).once('exit', (code) => reject(new LabError(`virt-manager ended (${code ?? 'by a signal'}): ${last}`)));
        for (const out of [child.stdout, child.stderr]) createInterface({ input: out }).on('line', (line) => {
          last = line;
          if (line.endsWith(' changed to state=Connecting')) connecting = performance.now();
          if (/ domain=\S+ status=.* added$/.test(line)) added += 1;
          isShown ||= line.endsWith(' Showing manager');
          if (isShown && added >= guests) resolve();
        });
      });
      const now = performance.now();
      return { started: now - began, connected: now - connecting };
    } finally {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
      await closed;
    }
  };
}

/** What the interpreter can be asked. `held` = on a connection that stays open, else from nothing. */
export type PythonAsk =
  | { readonly work: 'firstAnswer' | 'inventory' | 'statistics' | 'documents'; readonly uri: string; readonly held: boolean }
  | { readonly work: 'calls'; readonly uri: string; readonly count: number };

export interface Python {
  /** Milliseconds of each call, or of the whole work as the only element. */
  readonly ask: (ask: PythonAsk) => Promise<readonly number[]>;
  readonly close: () => Promise<void>;
}

const reply = z.union([z.object({ took: z.array(z.number()) }), z.object({ error: z.string() })]);

/** An interpreter with libvirt loaded; undefined when python3-libvirt is not installed. */
export async function startPython(): Promise<Python | undefined> {
  if ((await run('python3', ['-c', 'import libvirt'])).code !== 0) return undefined;
  const child = spawn('python3', [fileURLToPath(new URL('python-peer.py', import.meta.url))], { env: labEnvironment, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<readonly number[]> => {
    const line = await lines.next();
    if (line.done === true) throw new LabError('python3 ended in the middle of its work');
    const heard = reply.parse(JSON.parse(line.value));
    if ('error' in heard) throw new LabError(`python3-libvirt: ${heard.error}`);
    return heard.took;
  };
  // Its first line says that libvirt is loaded.
  await next();
  return {
    ask: async (ask) => {
      child.stdin.write(`${JSON.stringify(ask)}\n`);
      return await next();
    },
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
