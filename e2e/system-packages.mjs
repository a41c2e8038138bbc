// Installs the Debian packages that the lab and the flows need, or says which command would.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { run } from '../main/shell/prepare.mjs';

const ask = promisify(execFile);
const apt = ['-y', '--no-install-recommends', '-o', 'Dpkg::Use-Pty=0'];

/** Whether this is Debian or something made of it, such as Ubuntu. */
const isDebian = async () => /^ID(_LIKE)?=.*\bdebian\b/m.test(await readFile('/etc/os-release', 'utf8').catch(() => ''));

/** Those of the list that are not installed. */
async function missingOf(names) {
  const { stdout } = await ask('dpkg-query', ['--show', '--showformat', '${Package} ${db:Status-Status}\n', ...names]).catch((error) => {
    // It exits 1 when it does not know one of them, and tells about the others all the same.
    if (typeof error.stdout === 'string') return error;
    throw error;
  });
  const installed = new Set(stdout.split('\n').filter((line) => line.endsWith(' installed')).map((line) => line.split(' ')[0]));
  return names.filter((name) => !installed.has(name));
}

/**
 * Makes sure that the system packages of e2e/lab/packages.json are there.
 * @returns undefined when they are; otherwise why not, with the command that cures it.
 */
export async function installSystemPackages() {
  const { debian } = JSON.parse(await readFile(new URL('lab/packages.json', import.meta.url), 'utf8'));
  if (!(await isDebian())) return `This is not Debian or Ubuntu; the lab needs what these packages hold there: ${debian.join(' ')}.`;
  const missing = await missingOf(debian);
  if (missing.length === 0) return undefined;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0) return `System packages are missing. This installs them:\n  sudo ${command}`;
  process.stderr.write(`guestdeck: installing Debian packages: ${missing.join(' ')}\n`);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  await run('apt-get', ['update', '-q'], options);
  const code = await run('apt-get', ['install', '-q', ...apt, ...missing], options);
  return code === 0 ? undefined : `apt-get could not install: ${missing.join(' ')}.`;
}
