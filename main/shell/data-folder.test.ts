// Where data is kept on each platform.
import { expect, it } from 'vitest';
import { dataFolderOf } from './data-folder.ts';

it.each([
  ['linux', {}, '/home/me', '/home/me/.local/share/guestdeck'],
  ['linux', { XDG_DATA_HOME: '/data' }, '/home/me', '/data/guestdeck'],
  ['linux', { XDG_DATA_HOME: 'relative' }, '/home/me', '/home/me/.local/share/guestdeck'],
  ['darwin', { XDG_DATA_HOME: '/data' }, '/Users/me', '/Users/me/Library/Application Support/Guestdeck'],
  ['win32', { APPDATA: 'C:\\Users\\me\\AppData\\Roaming' }, 'C:\\Users\\me', 'C:\\Users\\me\\AppData\\Roaming\\Guestdeck'],
  ['win32', {}, 'C:\\Users\\me', 'C:\\Users\\me\\AppData\\Roaming\\Guestdeck'],
  ['linux', { GUESTDECK_DATA: '/elsewhere', XDG_DATA_HOME: '/data' }, '/home/me', '/elsewhere'],
  ['linux', { GUESTDECK_DATA: '' }, '/home/me', '/home/me/.local/share/guestdeck'],
] as const)('on %s with %o', (platform, env, home, folder) => {
  expect(dataFolderOf({ platform, env, home })).toBe(folder);
});
