// The lab's command: `npm run lab -- up [--scale N] [--start] | down | status`.
import { parseArgs } from 'node:util';
import { startGuest } from './guests.ts';
import { LabError, type Lab } from './state.ts';
import { labDown, labStatus, labUp, scaleDaemon } from './tier1.ts';

const usage = `usage: npm run lab -- up [--start] [--scale N]   bring the lab up; start its guests; also a daemon with N guests defined
       npm run lab -- down                       end all of it
       npm run lab -- status                     say what is there`;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { scale: { type: 'string' }, start: { type: 'boolean' } } });

switch (positionals.join(' ')) {
  case 'up':
    await up();
    break;
  case 'down':
    await labDown();
    say('The lab is down');
    break;
  case 'status':
    await status();
    break;
  default:
    throw new LabError(usage);
}

async function up(): Promise<void> {
  const count = values.scale === undefined ? 0 : Number(values.scale);
  if (!Number.isInteger(count) || count < 0) throw new LabError(usage);
  const lab = await labUp();
  if (values.start === true) await Promise.all(lab.guests.map(({ name }) => startGuest(lab, name)));
  describe(lab);
  if (count > 0) {
    const scale = await scaleDaemon(count);
    say(`${count} guests  ${scale.unix.uri}`);
  }
}

async function status(): Promise<void> {
  const found = await labStatus();
  if (found.state === 'up') describe(found.lab);
  else if (found.state === 'broken') say(`The lab is broken (processes ${found.processes.join(', ') || 'none'}); \`npm run lab -- down\` clears it away`);
  else say('The lab is down');
}

function describe(lab: Lab): void {
  say(`The lab is up in ${lab.dir} (lab.json says everything); guests ${lab.guests.map(({ name }) => name).join(', ')} run on ${lab.accelerator}`);
  say(`unix        ${lab.unix.uri}`);
  say(`ssh         ${lab.ssh.uri}`);
  say(`tls         ${lab.tls.uri}`);
  say(`tcp + sasl  ${lab.tcp.uri}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
