// The demo host of many guests as a daemon beside us.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../../main/shell/prepare.mjs';
import { LabError } from '../lab/state.ts';

export interface DemoProcess {
  readonly uri: string;
  readonly pid: number;
  /** Bytes that its clients were sent so far. */
  readonly sent: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** @param folder where its socket is. @param guests light ones, of which every fourth is shut off, besides the usual dozen. */
export const demoProcess = async (folder: string, guests: number): Promise<DemoProcess> => {
  const socket = join(folder, `demo-${guests}.sock`);
  const child = spawn(process.execPath, ['e2e/run.mjs', 'e2e/bench/demo-daemon.ts', socket, `${guests}`], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const next = await lines.next();
    if (next.done === true) throw new LabError('the demo host beside us ended');
    return next.value;
  };
  const { pid } = child;
  if ((await line()) !== 'ready' || pid === undefined) throw new LabError('the demo host beside us did not begin');
  return {
    uri: `qemu+unix:///system?socket=${socket}`,
    pid,
    sent: async () => {
      child.stdin.write('\n');
      return Number(await line());
    },
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
};
