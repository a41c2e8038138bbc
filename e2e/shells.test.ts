// The built command line and web shell as processes: what scripts and people meet.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { ready } from '../main/shell/prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
let folder: string;
let started: ChildProcess[] = [];

// `npm test` has built already; alone, this builds what is stale.
beforeAll(ready, 120_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestdeck-shells-'));
});
afterEach(async () => {
  for (const child of started.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  started = [];
  rmSync(folder, { recursive: true });
});

const start = (file: string, words: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess => {
  const child = spawn(process.execPath, [join(root, file), ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, GUESTDECK_DATA: join(folder, 'data'), ...env } });
  started.push(child);
  return child;
};
const textOf = async (stream: NodeJS.ReadableStream | null): Promise<string> => {
  const parts: string[] = [];
  if (stream !== null) for await (const part of stream.setEncoding('utf8')) parts.push(String(part));
  return parts.join('');
};
const endOf = async (child: ChildProcess) => {
  const [stdout, stderr, [code]] = await Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, 'close')]);
  return { code, stdout, stderr };
};
const cli = (...words: readonly string[]) => endOf(start('main/shell/cli/cli.mjs', words));
/** The address it prints first. */
const addressOf = async (child: ChildProcess): Promise<string> => {
  if (child.stdout === null) throw new Error('no output');
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return /^Guestdeck: (http:\/\/127\.0\.0\.1:\d+\/\?nonce=[\w-]{43})$/.exec(String(line))?.[1] ?? `not an address: ${String(line)}`;
};

it('answers one ask as JSON, on the data folder that is named', async () => {
  const { code, stdout, stderr } = await cli('program.about');
  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({ shell: 'cli', dataFolder: join(folder, 'data') });
}, 30_000);

it('prints a refusal as JSON on the error output', async () => {
  const { code, stdout, stderr } = await cli('guests.list', '{"host":"none"}');
  expect([code, stdout]).toEqual([1, '']);
  expect(JSON.parse(stderr)).toMatchObject({ code: 'unknown-host' });
}, 30_000);

it('reaches a host that is saved, by itself', async () => {
  const saved: readonly { id: string; transport: string }[] = JSON.parse((await cli('connections.list')).stdout);
  const id = saved.find(({ transport }) => transport === 'demo')?.id;
  const { code, stdout } = await cli('guests.list', JSON.stringify({ host: id }));
  expect(code).toBe(0);
  expect(JSON.parse(stdout).length).toBeGreaterThan(5);
}, 30_000);

it('prints an address without a browser, serves it once, and stops when told', async () => {
  const web = start('out/main/web.mjs', ['--no-open']);
  const address = await addressOf(web);
  const enter = () => fetch(address, { redirect: 'manual' });
  expect((await enter()).status).toBe(303);
  expect((await enter()).status).toBe(403);
  const ended = once(web, 'exit');
  web.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(existsSync(join(folder, 'data', 'web.json'))).toBe(false);
}, 30_000);

it('runs once for a data folder: the second start prints an address of the first and ends', async () => {
  const address = await addressOf(start('out/main/web.mjs', ['--no-open']));
  const second = await endOf(start('out/main/web.mjs', ['--no-open', '--open', 'Demo host/web-01/cpu']));
  expect(second.code).toBe(0);
  expect(second.stdout).toMatch(new RegExp(`^Guestdeck: ${new URL(address).origin}/\\?nonce=[^#]+#/open/Demo%20host/web-01/cpu\n$`));
  expect((await fetch(second.stdout.slice('Guestdeck: '.length).trim(), { redirect: 'manual' })).status).toBe(303);
}, 30_000);

it('starts where another was killed', async () => {
  const killed = start('out/main/web.mjs', ['--no-open']);
  await addressOf(killed);
  const ended = once(killed, 'exit');
  killed.kill('SIGKILL');
  await ended;
  expect(existsSync(join(folder, 'data', 'web.json'))).toBe(true);
  expect(await addressOf(start('out/main/web.mjs', ['--no-open']))).toMatch(/^http/);
}, 30_000);

it('prints the address when the browser shows no window', async () => {
  const browser = join(folder, 'browser');
  writeFileSync(browser, '#!/bin/sh\necho "$@" > "$(dirname "$0")/told"\nexit 7\n');
  chmodSync(browser, 0o755);
  const address = await addressOf(start('out/main/web.mjs', [], { GUESTDECK_BROWSER: browser, DISPLAY: ':0' }));
  const told = readFileSync(join(folder, 'told'), 'utf8');
  expect(told).toContain(`--app=${new URL(address).origin}/?nonce=`);
  expect(told).not.toContain(address);
}, 30_000);
