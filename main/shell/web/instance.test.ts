// One instance for each data folder, and nothing that keeps a later one from starting.
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { instanceFileIn, newInstanceSecret, urlFrom } from './instance.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestdeck-instance-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const one = { pid: 10, port: 1000, secret: newInstanceSecret() };
const other = { pid: 20, port: 2000, secret: newInstanceSecret() };

it('is claimed by the first, for the eyes of its owner only', () => {
  const file = instanceFileIn(folder);
  expect([file.claim(one), file.claim(other), file.read()]).toEqual([true, false, one]);
  expect(readdirSync(folder)).toEqual(['web.json']);
  expect(statSync(join(folder, 'web.json')).mode & 0o777).toBe(0o600);
});

it('is free again when the one that is known to be dead is cleared', () => {
  const file = instanceFileIn(folder);
  file.claim(one);
  file.clear(one);
  expect([file.read(), file.claim(other), readdirSync(folder)]).toEqual([undefined, true, ['web.json']]);
});

it('stays with another that claimed it meanwhile', () => {
  const file = instanceFileIn(folder);
  file.claim(other);
  file.clear(one);
  expect([file.read(), readdirSync(folder)]).toEqual([other, ['web.json']]);
});

it('is not blocked by a damaged file, or by none', () => {
  const file = instanceFileIn(folder);
  file.clear(undefined);
  writeFileSync(join(folder, 'web.json'), '{"pid":');
  expect(file.read()).toBeUndefined();
  file.clear(undefined);
  expect(file.claim(one)).toBe(true);
});

it('takes a URL only from a server on that port, and none from a port where nobody listens', async () => {
  let said = 'http://evil.example/';
  const server = createServer((_request, response) => response.end(said)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const instance = { ...one, port: address.port };
  expect(await urlFrom(instance, '/instance')).toBeUndefined();
  said = `http://127.0.0.1:${address.port}/?nonce=x`;
  expect(await urlFrom(instance, '/instance')).toBe(said);
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  expect(await urlFrom(instance, '/instance')).toBeUndefined();
});
