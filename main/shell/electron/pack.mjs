// `npm run pack`: builds, then makes packages of it with electron-builder. Words after -- go to electron-builder.
import { join } from 'node:path';
import { ready, root, run } from '../prepare.mjs';

await ready();
process.exitCode = await run(process.execPath, [join(root, 'node_modules', 'electron-builder', 'cli.js'), '--config', 'electron-builder.yml', '--publish', 'never', ...process.argv.slice(2)]);
