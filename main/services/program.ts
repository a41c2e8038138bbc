// The program itself: versions, folders and the preferences of its windows.
import { join } from 'node:path';
import { type Preferences, preferences } from '../../app/contract/program.ts';
import { readJson, writeJson } from './files.ts';
import type { MainOptions } from './main.ts';
import type { Services, Tell } from './services.ts';

export const programServices = (options: MainOptions, user: string, tell: Tell): Services['program'] => {
  const path = join(options.dataFolder, 'preferences.json');
  const read = async (): Promise<Preferences> => (await readJson(path, preferences)) ?? {};
  return {
    about: async () => ({ version: options.version, shell: options.shell, dataFolder: options.dataFolder, platform: process.platform, user }),
    preferences: read,
    setPreferences: async ({ preferences: wanted }) => {
      await writeJson(path, { ...(await read()), ...wanted });
      tell('program', 'preferencesChanged', {});
      return null;
    },
  };
};
