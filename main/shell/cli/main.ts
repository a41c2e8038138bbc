// The command line shell: one ask, then it ends. Uses the same data folder as the windows do.
import { homedir } from 'node:os';
import { createMain } from '../../services/main.ts';
import { makeDataFolder, type Surroundings } from '../data-folder.ts';
import { secretServiceOf } from '../secret-service.ts';
import { version } from '../version.ts';
import { runCommand } from './run.ts';

const surroundings: Surroundings = { env: process.env, platform: process.platform, home: homedir() };
const gone = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => gone.abort());

const outcome = await runCommand(
  process.argv.slice(2),
  () => createMain({ dataFolder: makeDataFolder(surroundings), shell: 'cli', version, home: surroundings.home, env: surroundings.env, safeStorage: secretServiceOf(surroundings) }),
  { id: 'cli', gone: gone.signal },
);
process.stdout.write(outcome.stdout);
process.stderr.write(outcome.stderr);
process.exitCode = outcome.code;
