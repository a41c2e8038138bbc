// The program itself: versions, folders and the preferences of its windows.
import { join } from 'node:path';
import { preferences } from '../../app/contract/program.ts';
import { changeJson, readJson } from './files.ts';
import type { MainOptions } from './main.ts';
import type { Services, Tell } from './services.ts';

export const programServices = (options: MainOptions, user: string, tell: Tell): Services['program'] => {
  const path = join(options.dataFolder, 'preferences.json');
  return {
    about: async () => ({ version: options.version, shell: options.shell, dataFolder: options.dataFolder, platform: process.platform, user }),
    preferences: async () => (await readJson(path, preferences)) ?? {},
    setPreferences: async ({ preferences: wanted }) => {
      await changeJson(path, preferences, (held) => ({ ...held, ...wanted }));
      tell('program', 'preferencesChanged', {});
      return null;
    },
  };
};
