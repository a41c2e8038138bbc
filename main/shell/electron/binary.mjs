// Whether Electron's binary is here, told by its files: importing the package would try to download it.
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, run } from '../prepare.mjs';

/** How long a download may take, in milliseconds, before the browser is used instead. */
const patience = 90_000;

const read = (path) => readFile(path, 'utf8').then((text) => text.trim(), () => undefined);
const exists = (path) => access(path).then(() => true, () => false);

/**
 * The binary's path; undefined when it is missing or of another version than the package.
 * @param folder the electron package.
 */
export async function findElectron(folder = join(root, 'node_modules', 'electron'), env = process.env) {
  const program = (await read(join(folder, 'path.txt'))) ?? 'electron';
  const override = env.ELECTRON_OVERRIDE_DIST_PATH;
  // Whoever names a folder answers for its version.
  if (override) return (await exists(join(override, program))) ? join(override, program) : undefined;
  const wanted = JSON.parse((await read(join(folder, 'package.json'))) ?? '{}').version;
  const found = (await read(join(folder, 'dist', 'version')))?.replace(/^v/, '');
  const path = join(folder, 'dist', program);
  return found !== undefined && found === wanted && (await exists(path)) ? path : undefined;
}

/** Fetches it as the package itself would; undefined when that fails or takes too long. GUESTDECK_SHELL=electron lifts the limit. */
export async function fetchElectron(folder = join(root, 'node_modules', 'electron'), env = process.env) {
  process.stderr.write("guestdeck: fetching Electron's binary (about 120 MB, once)…\n");
  const limit = env.GUESTDECK_SHELL === 'electron' ? undefined : AbortSignal.timeout(patience);
  try {
    const code = await run(process.execPath, [join(folder, 'install.js')], { stdio: 'ignore', ...(limit && { signal: limit }) });
    return code === 0 ? await findElectron(folder, env) : undefined;
  } catch (error) {
    if (error.name === 'AbortError') return undefined;
    throw error;
  }
}
