// The TCP transport, and the dialling that all remote ones share.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { openTransport } from './open-transport.ts';
import { refusalOf, stagehand } from './stagehand.test-peer.ts';

const never = new AbortController().signal;

it('carries bytes both ways, a fresh connection for each stream, and ends them all', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const hand = stagehand({ home: '/' });
  const link = await openTransport(parseConnectionUri(`qemu+tcp://localhost:${port}/system`), hand.surroundings, never);
  const accepted: Socket[] = [];
  server.on('connection', (socket) => accepted.push(socket));
  const streams = [await link.open(never), await link.open(never)];
  for (const stream of streams) {
    stream.write('hello');
    const [chunk]: unknown[] = await once(stream, 'data');
    expect(String(chunk)).toBe('hello');
  }
  expect(accepted).toHaveLength(2);
  expect(hand.stages().slice(0, 4)).toEqual(['name started', expect.stringMatching(/^name done: .*127\.0\.0\.1/), 'port started', `port done: 127.0.0.1 port ${port}`]);
  const ends = [...streams, ...accepted].map((socket) => once(socket, 'close'));
  link.close();
  await Promise.all(ends);
  server.close();
  await once(server, 'close');
  expect(await refusalOf((await openTransport(parseConnectionUri(`qemu+tcp://localhost:${port}/system`), hand.surroundings, never)).open(never)))
    .toMatchObject({ code: 'unreachable', stage: 'port', message: `Nothing listens on port ${port} of localhost.` });
});

it('refuses transports there are none for', async () => {
  for (const uri of ['demo:///']) {
    expect(await refusalOf(openTransport(parseConnectionUri(uri), stagehand({ home: '/' }).surroundings, never))).toMatchObject({ code: 'bad-uri', stage: 'uri' });
  }
});
