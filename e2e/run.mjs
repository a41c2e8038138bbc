// Runs a TypeScript file on any Node from 20.19 on, through Vite: `node e2e/run.mjs FILE [ARGUMENT…]`.
import { resolve } from 'node:path';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const [file, ...rest] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('usage: node e2e/run.mjs FILE [ARGUMENT…]\n');
  process.exitCode = 2;
} else {
  const path = resolve(file);
  // The file finds its own arguments where it would find them had Node run it.
  process.argv = [process.argv[0] ?? 'node', path, ...rest];
  // A reader that has seen enough (`| head -1`) ends us quietly, as it would any other tool.
  process.stdout.on('error', (error) => {
    if (!('code' in error) || error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  try {
    await runnerImport(pathToFileURL(path).href, {
      configFile: false,
      root: fileURLToPath(new URL('..', import.meta.url)),
      logLevel: 'error',
      cacheDir: 'node_modules/.cache/vite-run',
    });
  } catch (error) {
    const isPlain = error instanceof Error && error.name === 'LabError';
    process.stderr.write(`${isPlain ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  }
}
