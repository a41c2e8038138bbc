// The Secret Service as a safe storage, with GNOME Keyring on a bus of its own; and what is said where there is none.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SafeStorage } from '../services/secrets.ts';
import { secretServiceOf } from './secret-service.ts';

let folder: string;
let env: Readonly<Record<string, string>>;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gd-keyring-'));
  for (const name of ['data', 'run', 'tools']) mkdirSync(join(folder, name), { mode: 0o700 });
  const base = { PATH: process.env['PATH'] ?? '', HOME: folder, XDG_DATA_HOME: join(folder, 'data'), XDG_RUNTIME_DIR: join(folder, 'run') };
  const bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address'], { env: base, stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(bus);
  const [address] = (await once(createInterface({ input: bus.stdout }), 'line')) as [string];
  env = { ...base, DBUS_SESSION_BUS_ADDRESS: address };
  const keyring = spawn('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], { env, stdio: ['pipe', 'ignore', 'ignore'] });
  children.push(keyring);
  keyring.stdin.end('the keyring’s password');
  await vi.waitFor(async () => {
    const asking = spawn('dbus-send', ['--session', '--print-reply', '--dest=org.freedesktop.DBus', '/', 'org.freedesktop.DBus.GetNameOwner', 'string:org.freedesktop.secrets'], { env, stdio: 'ignore' });
    expect(await once(asking, 'exit')).toEqual([0, null]);
  }, { timeout: 20_000 });
});
afterAll(async () => {
  for (const child of children.toReversed()) {
    const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    child.kill();
    await ended;
  }
  rmSync(folder, { recursive: true });
});

const available = (storage: SafeStorage): SafeStorage & { readonly available: true } => {
  if (!storage.available) throw new Error(storage.why);
  return storage;
};

describe('the Secret Service', () => {
  it('keeps a key by which one run reads what another encrypted, and nobody else', async () => {
    const storage = available(secretServiceOf({ env, platform: 'linux' }));
    const sealed = await Promise.all(['open sesame', 'open sesame', 'schlüssel “ü”'].map(async (text) => await storage.encrypt(text)));
    expect(sealed.some((bytes) => bytes.includes('sesame'))).toBe(false);
    expect(sealed[0]?.equals(sealed[1] ?? Buffer.alloc(0))).toBe(false);
    const again = available(secretServiceOf({ env, platform: 'linux' }));
    expect(await Promise.all(sealed.map(async (bytes) => await again.decrypt(bytes)))).toEqual(['open sesame', 'open sesame', 'schlüssel “ü”']);
    const changed = Buffer.from(sealed[0] ?? []);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    for (const bytes of [changed, Buffer.alloc(0), sealed[0]?.subarray(0, 20) ?? Buffer.alloc(0)]) expect(await again.decrypt(bytes)).toBeNull();
  });

  it('is told the key by stdin, never by the words of a command', async () => {
    const log = join(folder, 'words');
    const tool = join(folder, 'tools', 'secret-tool');
    writeFileSync(tool, `#!/bin/sh\nprintf '%s\\n' "$@" >> '${log}'\n[ "$1" = store ] && cat > '${folder}/stored' && exit 0\n[ -f '${folder}/stored' ] && exec cat '${folder}/stored'\nexit 1\n`, { mode: 0o755 });
    const storage = available(secretServiceOf({ env: { ...env, PATH: `${join(folder, 'tools')}:${env['PATH'] ?? ''}` }, platform: 'linux' }));
    expect(await storage.decrypt(await storage.encrypt('open sesame'))).toBe('open sesame');
    const key = readFileSync(join(folder, 'stored'), 'utf8');
    expect([Buffer.from(key, 'base64').length, readFileSync(log, 'utf8').includes(key)]).toEqual([32, false]);
    expect(readFileSync(log, 'utf8').split('\n').filter((word) => ['lookup', 'store'].includes(word))).toEqual(['lookup', 'store', 'lookup']);
  });

  it('that does not answer refuses, and is tried anew', async () => {
    const storage = available(secretServiceOf({ env: { ...env, DBUS_SESSION_BUS_ADDRESS: `unix:path=${folder}/none` }, platform: 'linux' }));
    await expect(storage.encrypt('x')).rejects.toThrow(/^secret-tool lookup failed: /);
    await expect(storage.decrypt(Buffer.alloc(40))).rejects.toThrow(/^secret-tool lookup failed: /);
  });
});

it.each([
  [{ platform: 'win32', env: {} }, 'browser version'],
  [{ platform: 'linux', env: { PATH: '/usr/bin' } }, 'no desktop session'],
  [{ platform: 'linux', env: { PATH: '/nowhere', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x' } }, 'secret-tool, which is not installed'],
] as const)('there is none with %j', (surroundings, why) => {
  expect(secretServiceOf(surroundings)).toEqual({ available: false, why: expect.stringContaining(why) });
});
