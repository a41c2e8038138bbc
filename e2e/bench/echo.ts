// From a key pressed at a guest's VNC display of 1920 × 1080 pixels, a quarter of them moving, to its effect in the picture: through main and a channel, and on a bare TCP socket.
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { consoleHome, consoleScene, wayTo } from '../lab/console-scene.ts';
import type { LabDaemon } from '../lab/state.ts';
import { movingPicture, startTinyGuest } from '../lab/tiny-guests.ts';
import { VncClient } from '../lab/vnc-client.ts';
import { virsh } from '../lab/witness.ts';
import { timed, type Run } from './measure.ts';

const name = 'moving-picture';

export interface EchoRuns {
  /** Milliseconds of one key, through main and a channel. */
  readonly ours: Readonly<Record<'unix' | 'ssh' | 'tls', Run>>;
  readonly raw: Run;
  readonly close: () => Promise<void>;
}

interface Watching {
  readonly client: VncClient;
  readonly close: () => void;
}

const bare = async (port: number): Promise<Watching> => {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  const client = new VncClient((bytes) => void socket.write(bytes));
  socket.on('data', (bytes) => client.receive(bytes));
  await client.ready;
  return { client, close: () => void socket.destroy() };
};

/** Presses a key, and looks at one update after the other, as clients do, until the uppermost line has another colour. */
const keyIn = ({ client }: Watching): Run => async () => {
  // What came while somebody else took their turn.
  for (let round = 0; round < 2; round += 1) await client.update(true);
  const before = client.pixel(0, 0);
  return await timed(async () => {
    client.press(0x20);
    while (client.pixel(0, 0) === before) await client.update(true);
  });
};

/** Starts the guest, and has it watched by all who are measured. */
export const echoRuns = async (daemon: LabDaemon): Promise<EchoRuns> => {
  const guest = await startTinyGuest(daemon, name, movingPicture);
  const port = 5900 + Number((await virsh(daemon, 'vncdisplay', name)).trim().split(':')[1]);
  const home = await consoleHome(daemon);
  // It begins as text of another size, of which a client this plain is not told.
  let raw = await bare(port);
  for (; raw.client.width !== 1920; raw = await bare(port)) raw.close();
  const watch = async (uri: string): Promise<Watching & { readonly end: () => Promise<void> }> => {
    const scene = await consoleScene(home, uri);
    const heard: { client: VncClient | null } = { client: null };
    const screen = scene.screen(guest, (bytes) => heard.client?.receive(bytes));
    const client = new VncClient((bytes) => void screen.send(bytes));
    heard.client = client;
    await client.ready;
    return { client, close: screen.close, end: scene.close };
  };
  const [unix, ssh, tls] = [await watch(wayTo.unix(daemon)), await watch(wayTo.ssh(daemon)), await watch(wayTo.tls(daemon))];
  const all = [raw, unix, ssh, tls];
  await Promise.all(all.map(async ({ client }) => await client.update(false)));
  return {
    ours: { unix: keyIn(unix), ssh: keyIn(ssh), tls: keyIn(tls) },
    raw: keyIn(raw),
    close: async () => {
      for (const { close } of all) close();
      await Promise.all([unix, ssh, tls].map(async ({ end }) => await end()));
      await virsh(daemon, 'destroy', name);
      await virsh(daemon, 'undefine', name);
      await rm(home, { recursive: true });
    },
  };
};
