// Whether Electron's binary is there, told from files alone.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findElectron } from './binary.mjs';

let folder: string;
const put = (path: string, text: string): void => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestdeck-electron-'));
  put('package.json', '{"version":"1.2.3"}');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('is missing in a package that was only unpacked', async () => {
  expect(await findElectron(folder, {})).toBeUndefined();
});

it('is there with the version of the package', async () => {
  put('dist/version', 'v1.2.3\n');
  put('dist/electron', '');
  expect(await findElectron(folder, {})).toBe(join(folder, 'dist', 'electron'));
});

it('is missing when it is of another version, or only its record is there', async () => {
  put('dist/version', '1.2.2');
  put('dist/electron', '');
  expect(await findElectron(folder, {})).toBeUndefined();
  put('dist/version', '1.2.3');
  put('path.txt', 'Electron.app/Contents/MacOS/Electron');
  expect(await findElectron(folder, {})).toBeUndefined();
});

it('is where ELECTRON_OVERRIDE_DIST_PATH says, if it is there', async () => {
  put('own/electron', '');
  expect(await findElectron(folder, { ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'own') })).toBe(join(folder, 'own', 'electron'));
  expect(await findElectron(folder, { ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'none') })).toBeUndefined();
});
