// Runs once before all flows: builds what is stale, so that they meet the program as it is.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ready, root } from '../../main/shell/prepare.mjs';

/** Part of a name that only React's code for development has, which is several times slower and no one's to ship. */
const forDevelopment = 'react_stack_bottom_frame';

export default async (): Promise<void> => {
  await ready();
  const assets = join(root, 'out', 'renderer', 'assets');
  for (const name of await readdir(assets)) {
    if (name.endsWith('.js') && (await readFile(join(assets, name), 'utf8')).includes(forDevelopment)) throw new Error(`${name} was built for development.`);
  }
};
