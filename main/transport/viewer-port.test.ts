// A viewer's port in front of a far display that says back what it is told: one viewer, all its connections, and the end of it.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { openViewerPort } from './viewer-port.ts';

/** How a client begins: of a new session, or of the one with this number. */
const hello = (session: number): Buffer => {
  const said = Buffer.alloc(20);
  said.write('REDQ', 'latin1');
  said.writeUInt32LE(session, 16);
  return said;
};

const start = async ({ patience = 60_000, reach }: { readonly patience?: number; readonly reach?: () => Promise<Duplex> } = {}) => {
  const far: Duplex[] = [];
  const echo = async (): Promise<Duplex> => {
    const [near, display] = duplexPair();
    near.once('close', () => display.destroy());
    display.pipe(display);
    far.push(display);
    return near;
  };
  const port = await openViewerPort({ reach: reach ?? echo, patience });
  onTestFinished(async () => {
    port.close();
    await port.closed;
  });
  const dial = async (): Promise<Socket> => {
    const socket = connect(port.port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
  /** What comes back of what was said. */
  const told = async (socket: Socket, said: Buffer): Promise<Buffer> => {
    socket.write(said);
    let heard = Buffer.alloc(0);
    for await (const piece of socket.iterator({ destroyOnReturn: false })) {
      heard = Buffer.concat([heard, piece as Buffer]);
      if (heard.length >= said.length) break;
    }
    return heard;
  };
  return { port, dial, told, far };
};

it('leads a viewer with all its connections to the display, and closes with the viewer', async () => {
  const { port, dial, told, far } = await start();
  const viewer = await dial();
  const said = Buffer.concat([hello(0), Buffer.from('and more')]);
  expect(await told(viewer, said)).toEqual(said);
  const second = await dial();
  expect(await told(second, hello(7))).toEqual(hello(7));
  const ended = once(second, 'close');
  viewer.destroy();
  await port.closed;
  await ended;
  await expect.poll(() => far.map(({ destroyed }) => destroyed)).toEqual([true, true]);
  const late = connect(port.port, '127.0.0.1');
  await expect(once(late, 'connect')).rejects.toThrow('ECONNREFUSED');
});

it('turns away a second viewer, and whoever speaks something else', async () => {
  const { dial, told, far } = await start();
  const viewer = await dial();
  await told(viewer, hello(0));
  for (const said of [hello(0), Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')]) {
    const other = await dial();
    other.resume().write(said);
    await once(other, 'close');
  }
  expect(far).toHaveLength(1);
  expect(await told(viewer, Buffer.from('still here'))).toEqual(Buffer.from('still here'));
});

it('closes when no viewer comes, and ends a viewer whose display is not reached', async () => {
  const { port } = await start({ patience: 20 });
  await port.closed;
  const { port: other, dial } = await start({ reach: async () => await Promise.reject(new Error('nothing there')) });
  const viewer = await dial();
  viewer.resume().write(hello(0));
  await Promise.all([once(viewer, 'close'), other.closed]);
});

it('lets go of everything at once when it is closed', async () => {
  const { port, dial, told, far } = await start();
  const viewer = await dial();
  await told(viewer, hello(0));
  const ended = once(viewer.resume(), 'close');
  port.close();
  await Promise.all([port.closed, ended]);
  await expect.poll(() => far[0]?.destroyed).toBe(true);
});
