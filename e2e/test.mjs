// `npm test`: installs what a fresh clone lacks, then runs every test there is, and ends with `N passed, N failed`. Words name single parts.
import { spawn } from 'node:child_process';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackages, root, run } from '../main/shell/prepare.mjs';
import { countOfPlaywright, countOfStep, countOfVitest, failedOfPlaywright, failedOfVitest, nothing, summary } from './count.mjs';
import { installSystemPackages } from './system-packages.mjs';

/** In CI the lab is required: what cannot run there has failed. */
const isRequired = process.env.CI === 'true';
const isRoot = process.getuid?.() === 0;
const reports = await mkdtemp(join(tmpdir(), 'guestdeck-test-'));

const bin = (name, file) => join(root, 'node_modules', name, file);
const node = (words, env = {}, out = 'inherit') => run(process.execPath, words, { stdio: ['ignore', out, out], env: { ...process.env, ...env } });
const reportAt = (path) => readFile(path, 'utf8').then(JSON.parse, () => undefined);

const step = (...words) => async () => ({ count: countOfStep(await node(words)) });
const vitest = (name, config, out) => async () => {
  const path = join(reports, `${name}.json`);
  const code = await node([bin('vitest', 'vitest.mjs'), 'run', '--config', config, '--reporter=default', '--reporter=json', `--outputFile.json=${path}`], {}, out);
  const report = await reportAt(path);
  return { count: countOfVitest(report, code), failed: failedOfVitest(report) };
};
const playwright = async () => {
  const path = join(reports, 'flows.json');
  const code = await node([bin('playwright', 'cli.js'), 'test', '--config', 'e2e/playwright.config.ts', '--reporter=list,json'], { PLAYWRIGHT_JSON_OUTPUT_NAME: path });
  const report = await reportAt(path);
  return { count: countOfPlaywright(report, code), failed: failedOfPlaywright(report) };
};

/** Not run, and never counted as passed. */
const notRun = (why) => ({ count: isRequired ? countOfStep(1) : { ...nothing, skipped: 1 }, note: isRequired ? `required in CI, but did not run. ${why}` : `SKIPPED, not passed. ${why}` });

const lab = (missing, host) => async () => {
  if (missing !== undefined) return notRun(missing);
  if (process.platform !== 'linux') return notRun('The lab needs Linux.');
  if (!isRoot) return notRun('The lab needs root; run npm test with sudo to try it.');
  await host;
  const log = await open(join(reports, 'lab.log'), 'w+');
  try {
    return { ...(await vitest('lab', 'e2e/vitest.lab.config.ts', log.fd)()), said: await readFile(join(reports, 'lab.log'), 'utf8') };
  } finally {
    await log.close();
  }
};

/** Builds the virtual host of tier 2 at the same time as the rest; its own test says what went wrong. */
const warmHost = () => {
  if (process.platform !== 'linux' || !isRoot) return Promise.resolve();
  const child = spawn('nice', [process.execPath, join(root, 'e2e', 'run.mjs'), join(root, 'e2e', 'warm-host.ts')], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], detached: true });
  // A group of its own, so that what it started ends with it when the tests are broken off.
  const stop = () => child.pid !== undefined && process.kill(-child.pid, 'SIGTERM');
  process.once('exit', stop);
  return new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', resolve);
  }).finally(() => process.off('exit', stop));
};
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

await installPackages();
const wanted = process.argv.slice(2);
const isWanted = (name) => wanted.length === 0 || wanted.includes(name);
const missing = isWanted('lab') || isWanted('flows') ? await installSystemPackages() : undefined;
const host = isWanted('lab') && missing === undefined ? warmHost() : Promise.resolve();

const parts = {
  build: step(join(root, 'main', 'shell', 'build.mjs')),
  check: step(bin('typescript', 'bin/tsc'), '-b'),
  lint: step(bin('oxlint', 'bin/oxlint'), '--type-aware'),
  unused: step(bin('knip', 'bin/knip.js'), '--no-progress'),
  unit: vitest('unit', 'e2e/vitest.config.ts'),
  flows: playwright,
  lab: lab(missing, host),
};
for (const name of wanted) if (!Object.hasOwn(parts, name)) throw new Error(`There is no part ${name}; parts are ${Object.keys(parts).join(', ')}.`);

/** What a part did, and how long it took. */
const timed = async (name) => {
  const began = performance.now();
  return { name, ...(await parts[name]()), seconds: (performance.now() - began) / 1000 };
};

const done = [];
// The lab mostly waits for its guests, so it runs beside what needs the processors, and says what it has to say at its turn.
let besides;
for (const name of Object.keys(parts).filter(isWanted)) {
  process.stdout.write(`\n=== ${name}\n`);
  const result = await (name === 'lab' ? (besides ?? timed(name)) : timed(name));
  if (result.said !== undefined) process.stdout.write(result.said);
  done.push(result);
  // Without a program there is nothing to try.
  if (name === 'build' && result.count.failed > 0) break;
  if (name === 'unused' && isWanted('lab')) besides = timed('lab');
}
await rm(reports, { recursive: true, force: true });

if (process.env.GUESTDECK_LONG === undefined) process.stdout.write('\nLeft out, neither passed nor failed: *.long.lab.test.ts (a quarter of an hour on an emulated machine) and *.long.spec.ts (five minutes); GUESTDECK_LONG=1 runs them too.\n');
const { all, text } = summary(done);
process.stdout.write(text);
process.exit(all.failed > 0 ? 1 : 0);
