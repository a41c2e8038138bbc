// Builds the program with Vite into out/: renderer, main (an entry for each shell) and Electron's preload. `node main/shell/build.mjs [PART…]`.
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = join(root, 'out');
const cache = join(root, 'node_modules', '.cache', 'guestdeck');
const stamp = join(cache, 'built.json');

/** Native addons that pure JavaScript stands in for; they are never installed (see .npmrc). */
const addons = ['cpu-features', 'bufferutil', 'utf-8-validate', /sshcrypto\.node$/];
const builtin = [...builtinModules, /^node:/];

/** Vite's settings for code that runs on Node; 20.19 is the oldest. */
const forNode = (outDir, version, entries, output) => ({
  configFile: false,
  root,
  define: { GUESTDECK_VERSION: JSON.stringify(version) },
  ssr: { noExternal: true, external: ['electron'] },
  build: {
    outDir, emptyOutDir: true, ssr: true, minify: false, target: 'node20',
    rolldownOptions: {
      input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(root, 'main', 'shell', file)])),
      external: ['electron', ...addons, ...builtin],
      output,
    },
  },
});

const commonJs = { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false };
/** ssh2 asks for names that only CommonJS has. */
const modules = {
  format: 'es', entryFileNames: '[name].mjs', chunkFileNames: 'program-[hash].mjs',
  banner: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;",
};

/** Part → what Vite is told, given the folder it writes to. */
const parts = {
  renderer: (outDir) => ({ configFile: join(root, 'renderer', 'vite.config.ts'), build: { outDir, emptyOutDir: true } }),
  main: (outDir, version) => forNode(outDir, version, { web: 'web/main.ts', cli: 'cli/main.ts' }, modules),
  electron: (outDir, version) => forNode(outDir, version, { electron: 'electron/main.ts' }, commonJs),
  // A sandboxed preload is one CommonJS file and loads no other.
  preload: (outDir, version) => forNode(outDir, version, { preload: 'electron/preload.ts' }, commonJs),
};

/** Part → files that go with it as they are. A browser asks for favicon.ico without being told. */
const copies = {
  renderer: [['icon.ico', 'favicon.ico']],
  electron: [['icons/512x512.png', 'icon.png']],
};

/** What has to be there, and made from these sources, for the program to run. */
const products = ['renderer/index.html', 'electron/electron.cjs', 'main/web.mjs', 'main/cli.mjs', 'preload/preload.cjs'];

async function* sourcesIn(folder) {
  for (const entry of (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sourcesIn(path);
    else if (!/\.test\.tsx?$|\.md$/.test(entry.name)) yield path;
  }
}

/** A hash of every source; it changes exactly when a build would. */
async function fingerprint() {
  const hash = createHash('sha256').update(process.version.split('.')[0]);
  for (const name of ['package-lock.json', 'package.json']) hash.update(await readFile(join(root, name)));
  for (const folder of ['app', 'main', 'renderer', 'assets']) {
    for await (const path of sourcesIn(join(root, folder))) hash.update(`\0${relative(root, path)}\0`).update(await readFile(path));
  }
  return hash.digest('hex');
}

const isFile = (path) => stat(path).then((found) => found.isFile(), () => false);

/** Whether out/ is what the sources would give. */
export async function isBuilt() {
  for (const product of products) if (!(await isFile(join(out, product)))) return false;
  const was = await readFile(stamp, 'utf8').catch(() => '');
  return was === (await fingerprint());
}

/**
 * Builds these parts, beside out/ first and then swapped in, so that a running program and a second build never see half of one.
 * @param names parts to build; all of them when none is named.
 */
export async function build(names = Object.keys(parts)) {
  const { build: viteBuild } = await import('vite');
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const before = await fingerprint();
  const work = join(cache, `build-${process.pid}`);
  // Inside a test runner this says otherwise, and React's code for development would be what is shipped and measured.
  const environment = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    for (const name of names) {
      const part = parts[name];
      if (part === undefined) throw new Error(`There is no part ${name}; parts are ${Object.keys(parts).join(', ')}.`);
      await viteBuild({ logLevel: 'warn', ...part(join(work, name), version) });
      for (const [asset, as] of copies[name] ?? []) await copyFile(join(root, 'assets', asset), join(work, name, as));
    }
    await mkdir(out, { recursive: true });
    for (const name of names) {
      await rm(join(out, name), { recursive: true, force: true });
      await rename(join(work, name), join(out, name));
    }
    if (names.length === Object.keys(parts).length) await writeFile(stamp, before);
  } finally {
    if (environment === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = environment;
    await rm(work, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const named = process.argv.slice(2);
  await build(named.length === 0 ? undefined : named);
}
