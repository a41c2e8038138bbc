// The proxy that makes a host far away: what it passes on, what it counts, how it ends. How long it takes is not asserted.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { delayingProxy, type DelayingProxy } from './delaying-proxy.ts';

let server: Server;
let proxy: DelayingProxy;
const accepted: Socket[] = [];

/** A server that sends everything back in capitals and ends when its client has. */
beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(socket);
    socket.on('data', (chunk: Buffer) => socket.write(chunk.toString().toUpperCase())).on('end', () => socket.end('bye'));
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await delayingProxy((server.address() as AddressInfo).port, 1);
});

afterEach(async () => {
  await proxy.close();
  for (const socket of accepted.splice(0)) socket.destroy();
  server.close();
  await once(server, 'close');
});

async function textUntil(socket: Socket, isEnough: (text: string) => boolean): Promise<string> {
  let text = '';
  while (!isEnough(text)) text += String((await once(socket, 'data'))[0]);
  return text;
}

it('passes everything on in its order, the end of each side too', async () => {
  const client = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  const sent = Array.from({ length: 500 }, (_, index) => `chunk ${index},`);
  for (const chunk of sent) client.write(chunk);
  client.end();
  let heard = '';
  for await (const chunk of client) heard += String(chunk);
  expect(heard).toBe(`${sent.join('').toUpperCase()}bye`);
});

it('counts a round trip each time a client speaks after having heard', async () => {
  const client = connect({ port: proxy.port, host: '127.0.0.1' });
  client.write('one');
  await textUntil(client, (text) => text === 'ONE');
  expect(proxy.roundTrips()).toBe(1);
  client.write('two');
  await textUntil(client, (text) => text === 'TWO');
  expect(proxy.roundTrips()).toBe(2);
  client.destroy();
});

it('takes what one write or several sent before any answer for one round trip', async () => {
  const client = connect({ port: proxy.port, host: '127.0.0.1', noDelay: true });
  await once(client, 'connect');
  for (const word of ['a', 'b', 'c']) await new Promise((written) => client.write(word, written));
  await textUntil(client, (text) => text.length === 3);
  const after = proxy.roundTrips();
  client.write('d');
  await textUntil(client, (text) => text === 'D');
  expect(proxy.roundTrips()).toBe(after + 1);
  client.destroy();
});

it('ends what is open when it is closed', async () => {
  const client = connect({ port: proxy.port, host: '127.0.0.1' });
  client.on('error', () => client.destroy());
  client.write('one');
  await textUntil(client, (text) => text === 'ONE');
  const closed = once(client, 'close');
  await proxy.close();
  await closed;
  expect(client.destroyed).toBe(true);
});
