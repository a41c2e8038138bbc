// A network of its own beside the machine's: a namespace at the far end of a virtual cable, with listeners and a firewall in it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { labEnvironment, mustRun, run } from './processes.ts';
import { LabError } from './state.ts';

export interface Network {
  /** Where its listeners are, as seen from here. */
  readonly address: string;
  /** A listener in there whose connections are taken here. */
  readonly listen: () => Promise<Server>;
  /** From now on nothing comes or goes through these ports alone, and nobody is told. */
  readonly drop: (ports: readonly string[]) => Promise<void>;
  /** From now on what comes for these ports alone is turned away with a reset. */
  readonly reject: (ports: readonly string[]) => Promise<void>;
  /** Takes all rules away. */
  readonly pass: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Makes the network; or says in a sentence why this machine cannot. */
export async function makeNetwork(): Promise<Network | string> {
  // Set aside for tests of networks (RFC 2544), four addresses for each process.
  const place = [198, 18, (process.pid >> 6) & 255, (process.pid << 2) & 252] as const;
  const [near, far] = [1, 2].map((offset) => [...place.slice(0, 3), place[3] + offset].join('.'));
  if (near === undefined || far === undefined) throw new TypeError('there are two addresses');
  const cable = `gd${process.pid}`;
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--net', process.execPath, fileURLToPath(new URL('network-inside.mjs', import.meta.url))], {
    env: labEnvironment, stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = await Promise.race([once(child, 'message').then(() => true), ended.then(() => false)]);
  if (!ready) return `No network namespace can be made here: ${complaint.trim()}`;
  const inside = async (program: string, ...words: readonly string[]): Promise<string> => await mustRun('nsenter', ['--target', String(child.pid), '--net', program, ...words]);
  const close = async (): Promise<void> => {
    if (child.connected) child.disconnect();
    await ended;
    // The kernel takes the cable away with the namespace, in its own time.
    await run('ip', ['link', 'delete', cable]);
  };
  /** Replaces the rules. */
  const rules = async (...lines: readonly string[]): Promise<void> => {
    const table = ['*filter', ':INPUT ACCEPT', ':FORWARD ACCEPT', ':OUTPUT ACCEPT', ...lines, 'COMMIT', ''].join('\n');
    await mustRun('nsenter', ['--target', String(child.pid), '--net', 'iptables-restore'], { input: table });
  };
  try {
    await mustRun('ip', ['link', 'add', cable, 'type', 'veth', 'peer', 'name', 'far', 'netns', String(child.pid)]);
    await mustRun('ip', ['address', 'add', `${near}/30`, 'dev', cable]);
    await mustRun('ip', ['link', 'set', cable, 'up']);
    await inside('ip', 'address', 'add', `${far}/30`, 'dev', 'far');
    await inside('ip', 'link', 'set', 'far', 'up');
    // Whether there is a firewall shows here, not in a test.
    await rules();
  } catch (error) {
    await close();
    if (error instanceof LabError) return `No network with a firewall can be made here: ${error.message}`;
    throw error;
  }
  let listening: Promise<unknown> = Promise.resolve();
  return {
    address: far,
    // One after the other, because a listener does not say whom it is for.
    listen: async () => {
      const next = listening.then(async () => {
        const told: Promise<readonly unknown[]> = once(child, 'message');
        child.send(far);
        const [, server] = await told;
        if (!(server instanceof Server)) throw new TypeError('the namespace handed over no listener');
        return server;
      });
      listening = next;
      return await next;
    },
    drop: async (ports) => await rules(...ports.flatMap((port) => [`-A INPUT -p tcp --dport ${port} -j DROP`, `-A OUTPUT -p tcp --sport ${port} -j DROP`])),
    reject: async (ports) => await rules(...ports.map((port) => `-A INPUT -p tcp --dport ${port} -j REJECT --reject-with tcp-reset`)),
    pass: async () => await rules(),
    close,
  };
}
