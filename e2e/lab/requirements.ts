// Says what the machine lacks for the lab, with the one command that cures it.
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import packages from './packages.json' with { type: 'json' };
import { labEnvironment } from './processes.ts';
import { LabError } from './state.ts';

/** Debian packages of the programs tier 1 needs that are not installed. */
async function missingPackages(): Promise<readonly string[]> {
  const found = await Promise.all(Object.entries(packages.tier1Programs).map(async ([program, name]) => ((await hasProgram(program)) ? [] : [name])));
  return [...new Set(found.flat())];
}

/** Refuses when the lab cannot come up here, saying how it could. */
export async function requireTier1(): Promise<void> {
  if (process.platform !== 'linux') throw new LabError('The lab needs Linux');
  const missing = await missingPackages();
  if (missing.length > 0) {
    throw new LabError(`The lab misses Debian packages. Install them with:\n  apt-get install -y --no-install-recommends ${packages.debian.join(' ')}`);
  }
  if (process.getuid?.() !== 0) throw new LabError('The lab needs root: it hides the machine\'s own libvirt in a mount namespace. Run it with sudo');
}

/** Why tier 1 cannot come up here; null when it can. */
export async function tier1Problem(): Promise<string | null> {
  try {
    await requireTier1();
    return null;
  } catch (error) {
    if (error instanceof LabError) return error.message;
    throw error;
  }
}

async function hasProgram(program: string): Promise<boolean> {
  const folders = (labEnvironment['PATH'] ?? '').split(':');
  const found = await Promise.all(folders.map((folder) => access(join(folder, program), constants.X_OK).then(() => true, () => false)));
  return found.includes(true);
}
