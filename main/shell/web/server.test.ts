// The web shell's server against everything that is not its own page: other hosts, origins, cookies, nonces, paths and frames.
import { request } from 'node:http';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { standIn, type StandIn, someNews } from '../stand-in.test-main.ts';
import type { PageFiles } from '../page-files.ts';
import { messageLimit } from './frames.ts';
import { instancePath, startWebServer, type WebServer } from './server.ts';

const files: PageFiles = {
  page: '<meta property="csp-nonce" content=""><script src="./assets/a.js"></script>',
  files: new Map([['/assets/a.js', { type: 'text/javascript; charset=utf-8', bytes: new Uint8Array([49]) }]]),
};
const instanceSecret = 'a-secret-of-this-instance-only-32-long';

let server: WebServer;
let main: StandIn;
const start = async (own: StandIn = standIn()): Promise<void> => {
  main = own;
  server = await startWebServer({ main: Promise.resolve(main), files, port: 0, instanceSecret, absence: 20 });
};
afterEach(() => server.close());

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}
const fetchRaw = async (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Reply> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: server.port, path, method, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts).toString() }));
    }).on('error', reject).end();
  });
const pathOf = (url: string): string => url.slice(url.indexOf('/', 'http://'.length));
const origin = (): string => `http://127.0.0.1:${server.port}`;
const enter = async (): Promise<string> => {
  const { headers } = await fetchRaw(pathOf(server.newUrl()));
  return String(headers['set-cookie']?.[0]).split(';')[0] ?? '';
};
const open = (headers: Readonly<Record<string, string>>, path = '/ws'): WebSocket =>
  new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers: { ...headers }, perMessageDeflate: false });
const page = async (cookie: string): Promise<WebSocket> => {
  const socket = open({ origin: origin(), cookie });
  await once(socket, 'open');
  return socket;
};
const heard = async (socket: WebSocket): Promise<unknown> => JSON.parse(String((await once(socket, 'message'))[0]));

it('swaps the nonce for a cookie that scripts and other sites cannot have, and takes it out of the address', async () => {
  await start();
  const { status, headers } = await fetchRaw(pathOf(server.newUrl()));
  expect([status, headers.location]).toEqual([303, '/']);
  expect(headers['set-cookie']?.[0]).toMatch(/^guestdeck-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
});

it('takes a nonce once', async () => {
  await start();
  const path = pathOf(server.newUrl());
  expect((await fetchRaw(path)).status).toBe(303);
  const again = await fetchRaw(path);
  expect([again.status, again.headers['set-cookie']]).toEqual([403, undefined]);
});

it('refuses a nonce that it never gave', async () => {
  await start();
  expect((await fetchRaw('/?nonce=guess')).status).toBe(403);
});

it('serves neither page nor files without the cookie', async () => {
  await start();
  for (const path of ['/', '/assets/a.js']) {
    const { status, body } = await fetchRaw(path);
    expect([path, status, body.includes('csp-nonce')]).toEqual([path, 403, false]);
  }
  expect((await fetchRaw('/', { cookie: `guestdeck-${server.port}=guess` })).status).toBe(403);
});

it('serves the page with a policy that allows no inline script, and a style nonce that is new each time', async () => {
  await start();
  const cookie = await enter();
  const [one, other] = [await fetchRaw('/', { cookie }), await fetchRaw('/', { cookie })];
  const nonce = /content="([\w-]{22})"/.exec(one.body)?.[1];
  const policy = String(one.headers['content-security-policy']);
  expect(policy).toContain(`style-src 'self' 'nonce-${nonce}'`);
  expect(policy).toContain("default-src 'none'; script-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|\*/);
  expect(other.body).not.toContain(nonce);
  expect(one.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
});

it.each([
  ['a name that was rebound', { host: 'evil.example' }],
  ['another port', { host: '127.0.0.1:1' }],
  ['localhost, which others may have taken', { host: 'localhost' }],
  ['a page of another origin', { origin: 'http://evil.example' }],
  ['a page without an origin', { origin: 'null' }],
  ['another site', { 'sec-fetch-site': 'cross-site' }],
  ['another port of this machine', { 'sec-fetch-site': 'same-site' }],
])('answers nothing to %s, cookie or not', async (_who, headers: Readonly<Record<string, string>>) => {
  await start();
  const cookie = await enter();
  for (const path of ['/', '/assets/a.js', pathOf(server.newUrl())]) {
    expect((await fetchRaw(path, { cookie, ...headers })).status).toBe(403);
  }
});

it('serves only what is in its map, however a path is written', async () => {
  await start();
  const cookie = await enter();
  expect((await fetchRaw('/assets/a.js', { cookie })).body).toBe('1');
  for (const path of ['/../package.json', '/..%2fpackage.json', '/assets/../../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '//etc/passwd', '/assets', '/assets/a.js/', '/index.html', '/__proto__', '/assets/a.js%00']) {
    expect([path, (await fetchRaw(path, { cookie })).status]).toEqual([path, 404]);
  }
});

it('knows no method that changes something', async () => {
  await start();
  const cookie = await enter();
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) expect((await fetchRaw('/', { cookie }, method)).status).toBe(405);
});

it('survives what is not HTTP', async () => {
  await start();
  const socket = connect(server.port, '127.0.0.1');
  socket.end('\0\xff garbage\r\n\r\n');
  socket.resume();
  await once(socket, 'close');
  expect((await fetchRaw('/')).status).toBe(403);
});

it('listens on 127.0.0.1 and no other address of this machine', async () => {
  await start();
  const others = Object.values(networkInterfaces()).flatMap((all) => all ?? []).filter(({ address, family }) => family === 'IPv4' && address !== '127.0.0.1').map(({ address }) => address);
  for (const address of [...others, '127.0.0.2']) {
    const socket = connect(server.port, address);
    await expect(once(socket, 'connect'), address).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  }
});

it.each([
  ['no cookie', (own: string, _cookie: string) => ({ origin: own }), '/ws'],
  ['a wrong cookie', (own: string, _cookie: string) => ({ origin: own, cookie: 'guestdeck-1=x' }), '/ws'],
  ['no origin', (_own: string, cookie: string) => ({ cookie }), '/ws'],
  ['a foreign origin', (_own: string, cookie: string) => ({ origin: 'http://evil.example', cookie }), '/ws'],
  ['another port as origin', (_own: string, cookie: string) => ({ origin: 'http://127.0.0.1:1', cookie }), '/ws'],
  ['a foreign host', (own: string, cookie: string) => ({ origin: own, cookie, host: 'evil.example' }), '/ws'],
  ['another path', (own: string, cookie: string) => ({ origin: own, cookie }), '/other'],
])('opens no socket with %s', async (_what, headers, path) => {
  await start();
  const socket = open(headers(origin(), await enter()), path);
  const [error] = await once(socket, 'error');
  expect(String(error)).toContain('403');
  expect(main.hearers.size).toBe(0);
});

it('carries questions, answers and news', async () => {
  await start();
  const socket = await page(await enter());
  socket.send(JSON.stringify({ id: 7, section: 'program', name: 'about', takes: { a: 1 } }));
  expect(await heard(socket)).toEqual({ id: 7, answer: { ok: true, value: 'heard' } });
  expect(main.asked).toMatchObject([{ section: 'program', name: 'about', takes: { a: 1 } }]);
  for (const hear of main.hearers) hear(someNews);
  expect(await heard(socket)).toEqual({ news: someNews });
});

it('sends bytes behind a header, in one binary frame', async () => {
  await start(standIn(async () => ({ ok: true, value: { screen: new Uint8Array([1, 2, 3]) } })));
  const socket = await page(await enter());
  socket.send(JSON.stringify({ id: 1, section: 'a', name: 'b', takes: null }));
  const [frame, isBinary] = await once(socket, 'message') as [Buffer, boolean];
  expect(isBinary).toBe(true);
  expect([...frame.subarray(-3)]).toEqual([1, 2, 3]);
  expect(JSON.parse(frame.toString('utf8', 4, 4 + frame.readUInt32BE(0)))).toEqual({
    message: { id: 1, answer: { ok: true, value: { screen: null } } }, bytes: [{ at: ['answer', 'value', 'screen'], length: 3 }],
  });
});

it.each([
  ['not JSON', 'garbage'],
  ['JSON of another shape', '[]'],
  ['a request without id', '{"section":"program","name":"about","takes":{}}'],
  ['a request with more than it should', '{"id":1,"section":"program","name":"about","takes":{},"more":1}'],
  ['a fractional id', '{"id":1.5,"section":"program","name":"about","takes":{}}'],
  ['an endless name', JSON.stringify({ id: 1, section: 'x'.repeat(65), name: 'about', takes: {} })],
  ['a binary frame that lies about its length', Buffer.from([255, 255, 255, 255, 1])],
  ['an empty binary frame', Buffer.alloc(0)],
])('lets a page go that sends %s, and asks main nothing', async (_what, data) => {
  await start();
  const socket = await page(await enter());
  socket.send(data);
  expect((await once(socket, 'close'))[0]).toBe(1008);
  expect([main.asked, main.hearers.size]).toEqual([[], 0]);
});

it('lets a page go that sends more than a message may hold', async () => {
  await start();
  const socket = await page(await enter());
  socket.send(Buffer.alloc(messageLimit + 1));
  expect((await once(socket, 'close'))[0]).toBe(1009);
  expect(main.asked).toEqual([]);
});

it('tells main when a page is gone', async () => {
  await start(standIn(() => new Promise(() => undefined)));
  const socket = await page(await enter());
  socket.send(JSON.stringify({ id: 1, section: 'live', name: 'watch', takes: {} }));
  await expect.poll(() => main.asked.length).toBe(1);
  const { gone } = main.asked[0]?.caller ?? {};
  if (gone === undefined) throw new Error('nobody asked');
  expect(gone.aborted).toBe(false);
  const aborted = once(gone, 'abort');
  socket.terminate();
  await aborted;
  await expect.poll(() => main.hearers.size).toBe(0);
});

it('is deserted when the last page is gone, and not while one is expected', async () => {
  await start();
  const url = server.newUrl();
  let deserted = false;
  const leaving = server.deserted().then(() => (deserted = true));
  const { headers } = await fetchRaw(pathOf(url));
  const socket = await page(String(headers['set-cookie']?.[0]).split(';')[0] ?? '');
  expect([deserted, server.wasVisited()]).toEqual([false, true]);
  socket.close();
  await leaving;
  expect(deserted).toBe(true);
});

it('gives a URL to another start that knows the secret of this one, and to nobody else', async () => {
  await start();
  expect((await fetchRaw(instancePath, { authorization: 'Bearer guess' }, 'POST')).status).toBe(403);
  expect((await fetchRaw(instancePath, {}, 'POST')).status).toBe(403);
  expect((await fetchRaw(instancePath, { authorization: `Bearer ${instanceSecret}`, origin: 'http://evil.example' }, 'POST')).status).toBe(403);
  const { status, body } = await fetchRaw(instancePath, { authorization: `Bearer ${instanceSecret}` }, 'POST');
  expect(status).toBe(200);
  expect((await fetchRaw(pathOf(body))).status).toBe(303);
});

it('lets pages go when it closes', async () => {
  await start();
  const socket = await page(await enter());
  const closed = once(socket, 'close');
  await server.close();
  await closed;
  await start();
});
