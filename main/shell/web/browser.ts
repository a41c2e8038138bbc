// Finds a Chromium-like browser of the system and opens a URL in it as an application's window.
import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { posix, win32 } from 'node:path';
import type { Surroundings } from '../data-folder.ts';
import { placeArguments } from './window-place.ts';

const linuxNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'microsoft-edge-stable', 'brave-browser'];
const macPrograms = [
  'Google Chrome.app/Contents/MacOS/Google Chrome', 'Chromium.app/Contents/MacOS/Chromium',
  'Microsoft Edge.app/Contents/MacOS/Microsoft Edge', 'Brave Browser.app/Contents/MacOS/Brave Browser',
];
const windowsPrograms = ['Google\\Chrome\\Application\\chrome.exe', 'Chromium\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'];

/** Where a browser may be, best first. GUESTDECK_BROWSER names one outright. */
export const browserPlaces = ({ env, platform, home }: Surroundings): readonly string[] => {
  const told = env['GUESTDECK_BROWSER'];
  if (told !== undefined) return told === '' ? [] : [told];
  if (platform === 'darwin') return ['/Applications', posix.join(home, 'Applications')].flatMap((folder) => macPrograms.map((program) => posix.join(folder, program)));
  if (platform === 'win32') {
    const folders = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => env[name] ?? []);
    return folders.flatMap((folder) => windowsPrograms.map((program) => win32.join(folder, program)));
  }
  const folders = (env['PATH'] ?? '').split(':').filter((folder) => posix.isAbsolute(folder));
  return linuxNames.flatMap((name) => folders.map((folder) => posix.join(folder, name)));
};

/** Whether a window can be shown at all: elsewhere than on Linux there always is a display. */
export const hasDisplay = ({ env, platform }: Surroundings): boolean =>
  platform === 'darwin' || platform === 'win32' || [env['DISPLAY'], env['WAYLAND_DISPLAY']].some((display) => display !== undefined && display !== '');

const isProgram = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** The browser to use; undefined without a display or a browser. */
export const findBrowser = (surroundings: Surroundings): string | undefined =>
  hasDisplay(surroundings) ? browserPlaces(surroundings).find(isProgram) : undefined;

/**
 * What the browser is told. Its own profile keeps people's extensions and sessions away from our page.
 * Chromium refuses to run as root with its sandbox, and only then goes without.
 */
export const browserArguments = (url: string, profile: string, isRoot: boolean): readonly string[] => [
  `--app=${url}`, `--user-data-dir=${profile}`, '--class=guestdeck', '--no-first-run', '--no-default-browser-check', '--password-store=basic',
  '--disable-sync', '--disable-extensions', '--disable-background-networking', '--disable-component-update',
  ...placeArguments(profile),
  ...(isRoot ? ['--no-sandbox', '--test-type'] : []),
];

/** How an opened window ended: with the browser's exit code, or null when it never ran or was killed. */
export interface Opened {
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
}

export const openBrowser = (program: string, url: string, profile: string): Opened => {
  const child = spawn(program, browserArguments(url, profile, process.getuid?.() === 0), { stdio: 'ignore' });
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', (code) => resolve(code));
  });
  return { process: child, ended };
};
