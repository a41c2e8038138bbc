// What a package holds and how its binary is locked; packed without a network, around a stand-in for Electron's binary.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, cpSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { extractFile, listPackage } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const version = '45.4.1';
let folder: string;
const unpacked = (...path: readonly string[]): string => join(folder, 'out', 'packages', 'linux-unpacked', ...path);
const put = (path: string, bytes: string | Buffer, mode?: number): void => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), bytes, mode === undefined ? {} : { mode });
};

/** Fuses are characters in the binary. */
const [off, on] = ['0'.charCodeAt(0), '1'.charCodeAt(0)];
/** The sentinel that fuses are found by, their version, how many there are, and each as its release has it: RunAsNode and others on. */
const fuseWire = Buffer.concat([Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'), Buffer.from([1, 9]), Buffer.from('101100010')]);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'guestdeck-pack-'));
  for (const name of ['assets', 'electron-builder.yml', 'package.json', 'package-lock.json']) cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const path of ['electron/electron.cjs', 'preload/preload.cjs', 'renderer/index.html', 'renderer/assets/a.js', 'main/web.mjs', 'main/cli.mjs']) put(`out/${path}`, `the build's ${path}`);
  for (const path of ['main/secret.ts', 'e2e/test.mjs', '.env', 'node_modules/ws/index.js']) put(path, 'not for packages');
  put('node_modules/ws/package.json', '{"name":"ws","version":"8.23.0"}');
  put('stand-in/electron', Buffer.concat([Buffer.from('a stand-in for a binary'), fuseWire, Buffer.alloc(16)]), 0o755);
  for (const path of ['LICENSE', 'LICENSES.chromium.html', 'locales/en-US.pak']) put(`stand-in/${path}`, 'stand-in');
  put('stand-in/version', version);
  mkdirSync(join(folder, 'stand-in', 'resources'));
  await promisify(execFile)(process.execPath, [
    join(root, 'node_modules', 'electron-builder', 'cli.js'), '--projectDir', folder, '--config', 'electron-builder.yml', '--linux', '--dir', '--publish', 'never',
    `-c.electronDist=${join(folder, 'stand-in')}`, `-c.electronVersion=${version}`,
  ]);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('packs the build of the window and its package.json, and nothing else', () => {
  const files = listPackage(unpacked('resources', 'app.asar'), { isPack: false }).filter((path) => /\.\w+$/.test(path));
  expect(new Set(files)).toEqual(new Set(['/out/electron/electron.cjs', '/out/preload/preload.cjs', '/out/renderer/index.html', '/out/renderer/assets/a.js', '/package.json']));
});

it('starts with the file that the build makes', () => {
  const packed: unknown = JSON.parse(extractFile(unpacked('resources', 'app.asar'), 'package.json').toString());
  expect(packed).toMatchObject({ name: 'guestdeck', main: 'out/electron/electron.cjs' });
  expect(readFileSync(join(root, 'main', 'shell', 'build.mjs'), 'utf8')).toContain("'electron/electron.cjs'");
});

it('locks the binary to this program', async () => {
  const wire = await getCurrentFuseWire(unpacked('guestdeck'));
  const states = Object.fromEntries(Object.entries(FuseV1Options).flatMap(([name, index]) => (typeof index === 'number' ? [[name, wire[index]]] : [])));
  expect(states).toEqual({
    RunAsNode: off,
    EnableCookieEncryption: on,
    EnableNodeOptionsEnvironmentVariable: off,
    EnableNodeCliInspectArguments: off,
    EnableEmbeddedAsarIntegrityValidation: on,
    OnlyLoadAppFromAsar: on,
    LoadBrowserProcessSpecificV8Snapshot: off,
    GrantFileProtocolExtraPrivileges: off,
  });
});
