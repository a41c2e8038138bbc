// The lab's command: `npm run lab -- up [--start] [--scale N] | up host | down | status`.
import { parseArgs } from 'node:util';
import { startGuest } from './guests.ts';
import { hostDown, hostStatus, hostUp, type VirtualHost } from './host/host.ts';
import { LabError, type Lab } from './state.ts';
import { labDown, labStatus, labUp, scaleDaemon } from './tier1.ts';

const usage = `usage: npm run lab -- up [--start] [--scale N]   bring the lab up; start its guests; also a daemon with N guests defined
       npm run lab -- up host                    bring the virtual host up, building it the first time
       npm run lab -- down                       end all of it, the virtual host too
       npm run lab -- status                     say what is there`;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { scale: { type: 'string' }, start: { type: 'boolean' } } });

switch (positionals.join(' ')) {
  case 'up':
    await up();
    break;
  case 'up host':
    describeHost(await hostUp({ onProgress: (message) => process.stderr.write(`${message}\n`) }));
    break;
  case 'down':
    await Promise.all([labDown(), hostDown()]);
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
  const host = await hostStatus();
  if (host.state === 'up') describeHost(host.host);
  else if (host.state === 'broken') say(`The virtual host is broken (process ${host.pid}); \`npm run lab -- down\` clears it away`);
  else say(`The virtual host is down${host.isBuilt ? '' : ' and not built yet'}`);
}

function describeHost(host: VirtualHost): void {
  say(`The virtual host ${host.hostName} is up in ${host.dir}`);
  say(`ssh         ${host.virshUri}`);
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
