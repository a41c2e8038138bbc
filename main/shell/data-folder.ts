// Where Guestdeck keeps its data: one folder for all shells.
import { mkdirSync } from 'node:fs';
import { posix, win32 } from 'node:path';

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

/**
 * GUESTDECK_DATA where it is set, otherwise what the platform's manners say: $XDG_DATA_HOME/guestdeck,
 * ~/Library/Application Support/Guestdeck, %APPDATA%\Guestdeck. A relative XDG_DATA_HOME counts as unset, as the XDG
 * specification asks.
 */
export const dataFolderOf = ({ env, platform, home }: Surroundings): string => {
  const path = platform === 'win32' ? win32 : posix;
  const told = env['GUESTDECK_DATA'];
  if (told !== undefined && told !== '') return path.resolve(told);
  if (platform === 'win32') return win32.join(env['APPDATA'] ?? win32.join(home, 'AppData', 'Roaming'), 'Guestdeck');
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'Guestdeck');
  const xdg = env['XDG_DATA_HOME'];
  return posix.join(xdg !== undefined && posix.isAbsolute(xdg) ? xdg : posix.join(home, '.local', 'share'), 'guestdeck');
};

/** Makes the folder, for its owner only, where it is missing. */
export const makeDataFolder = (surroundings: Surroundings): string => {
  const folder = dataFolderOf(surroundings);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
};
