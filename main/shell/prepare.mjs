// What a fresh clone lacks: npm packages and the build. Plain JavaScript without packages, for it runs before any is there.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const tell = (line) => process.stderr.write(`guestdeck: ${line}\n`);

/**
 * Runs a program to its end with its output on our error output.
 * @returns its exit code; 1 when a signal ended it.
 */
export const run = (program, words, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd: root, stdio: ['ignore', 2, 2], ...options });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });

const readJson = async (path) => JSON.parse(await readFile(path, 'utf8'));

/** Whether node_modules holds what the lockfile asks for, by npm's own record of what it installed. */
export async function isInstalled() {
  const installed = await readJson(join(root, 'node_modules', '.package-lock.json')).catch(() => undefined);
  if (installed === undefined) return false;
  const wanted = await readJson(join(root, 'package-lock.json'));
  return Object.entries(wanted.packages).every(([path, { version, optional }]) =>
    path === '' || optional === true || installed.packages[path]?.version === version);
}

/** npm as the command it is on this system. */
export const npm = process.platform === 'win32' ? { program: 'npm.cmd', options: { shell: true } } : { program: 'npm', options: {} };

/** Shows how far something is: on a terminal as one line that changes, elsewhere at every tenth of it. */
const showProgress = (what, total) => {
  let done = 0;
  return () => {
    if (done === total) return;
    done += 1;
    if (process.stderr.isTTY) process.stderr.write(`\r${what}: ${done} of ${total}${done === total ? '\n' : ''}`);
    else if (Math.floor((done * 10) / total) > Math.floor(((done - 1) * 10) / total)) tell(`${what}: ${done} of ${total}`);
  };
};

/** Installs the packages of the lockfile when they are missing or others. */
export async function installPackages() {
  if (await isInstalled()) return;
  const { packages } = await readJson(join(root, 'package-lock.json'));
  const total = Object.entries(packages).filter(([path, { optional }]) => path !== '' && optional !== true).length;
  tell(`installing ${total} npm packages (once, about a minute)…`);
  const step = showProgress('npm packages fetched', total);
  const code = await new Promise((resolve, reject) => {
    const child = spawn(npm.program, ['ci', '--loglevel=http', '--no-progress'], { cwd: root, stdio: ['ignore', 2, 'pipe'], ...npm.options });
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (/^npm http fetch GET 200 \S+\.tgz/.test(line)) step();
      // EBADENGINE is about Electron's tools on Node 20: they run, and only packaging needs them.
      else if (!/^npm (http|info|verb|warn EBADENGINE)/.test(line)) process.stderr.write(`${line}\n`);
    });
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`npm ci failed with exit code ${code}.`);
}

/** Builds when the sources are newer than out/. */
export async function buildProgram() {
  const { build, isBuilt } = await import('./build.mjs');
  if (await isBuilt()) return;
  tell('building (about ten seconds, after each change)…');
  await build();
}

/** Everything a shell needs before it can run. */
export async function ready() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) throw new Error(`Node ${process.versions.node} is too old; Guestdeck needs 20.19 or newer.`);
  await installPackages();
  await buildProgram();
}
