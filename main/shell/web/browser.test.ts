// Where browsers are looked for, and what they are told.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { browserArguments, browserPlaces, findBrowser, hasDisplay, openBrowser } from './browser.ts';

it('looks through PATH on Linux, Chromium first, and never in a relative folder', () => {
  const places = browserPlaces({ env: { PATH: '/usr/bin:.:/snap/bin' }, platform: 'linux', home: '/home/me' });
  expect(places.slice(0, 2)).toEqual(['/usr/bin/chromium', '/snap/bin/chromium']);
  expect(places).toContain('/usr/bin/microsoft-edge');
  expect(places.filter((place) => !place.startsWith('/'))).toEqual([]);
});

it('looks where macOS and Windows keep programs', () => {
  expect(browserPlaces({ env: {}, platform: 'darwin', home: '/Users/me' })).toContain('/Users/me/Applications/Google Chrome.app/Contents/MacOS/Google Chrome');
  expect(browserPlaces({ env: { PROGRAMFILES: 'C:\\Program Files' }, platform: 'win32', home: 'C:\\Users\\me' })).toContain('C:\\Program Files\\Microsoft\\Edge\\Application\\msedge.exe');
});

it('has no browser without a display', () => {
  const folder = mkdtempSync(join(tmpdir(), 'guestdeck-browser-'));
  writeFileSync(join(folder, 'chromium'), '');
  chmodSync(join(folder, 'chromium'), 0o755);
  const env = { PATH: folder };
  expect(findBrowser({ env, platform: 'linux', home: '/' })).toBeUndefined();
  expect(findBrowser({ env: { ...env, WAYLAND_DISPLAY: 'wayland-0' }, platform: 'linux', home: '/' })).toBe(join(folder, 'chromium'));
  expect(findBrowser({ env: { PATH: join(folder, 'none'), DISPLAY: ':0' }, platform: 'linux', home: '/' })).toBeUndefined();
  rmSync(folder, { recursive: true });
  expect([hasDisplay({ env: {}, platform: 'darwin', home: '/' }), hasDisplay({ env: { DISPLAY: '' }, platform: 'linux', home: '/' })]).toEqual([true, false]);
});

it('keeps the sandbox for everybody but root', () => {
  const told = (isRoot: boolean): readonly string[] => browserArguments('http://127.0.0.1:1/', '/profile', isRoot);
  expect([told(false).includes('--no-sandbox'), told(true).includes('--no-sandbox')]).toEqual([false, true]);
  expect(told(false).slice(0, 2)).toEqual(['--app=http://127.0.0.1:1/', '--user-data-dir=/profile']);
});

it('tells how the browser ended, also when it is none', async () => {
  expect(await openBrowser('/bin/true', 'http://127.0.0.1:1/', '/nowhere').ended).toBe(0);
  expect(await openBrowser('/nowhere/chromium', 'http://127.0.0.1:1/', '/nowhere').ended).toBeNull();
});
