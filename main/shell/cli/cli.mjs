// `npm run cli`: makes sure the program is installed and built, telling about it on the error output only, then runs the command line shell.
import { ready } from '../prepare.mjs';

await ready();
await import('../../../out/main/cli.mjs');
