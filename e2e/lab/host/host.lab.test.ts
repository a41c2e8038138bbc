// Holds the virtual host to what it is for: a second NUMA node and hugepages that a real libvirtd reports, quickly there and wholly gone.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processFile } from '../processes.ts';
import { hostDown, hostShell, hostStatus, hostUp, hostVirsh, type VirtualHost } from './host.ts';
import { isLong } from '../long.ts';

/** Process ids of everything whose arguments name a folder. */
async function processesNaming(folder: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const named = await Promise.all(pids.map(async (pid) => (await processFile(pid, 'cmdline'))?.includes(folder)));
  return pids.filter((_, index) => named[index]);
}

/** Building it the first time takes minutes, and longer beside other tests. */
const buildTime = 20 * 60_000;
/** A guest's start inside takes 15 s on two idle processors. */
const emulationTime = 4 * 60_000;

describe('the virtual host', { timeout: emulationTime }, () => {
  let host: VirtualHost;
  let wasUp: boolean;

  beforeAll(async () => {
    wasUp = (await hostStatus()).state === 'up';
    host = await hostUp();
  }, buildTime);
  // Only when a test failed before the last one, which takes it down: a host that was up before comes back.
  afterAll(async () => {
    if (wasUp) await hostUp();
    else await hostDown();
  }, buildTime);

  it('is found again by whoever asks for it', async () => {
    expect(await Promise.all([hostUp(), hostUp(), hostStatus()])).toEqual([host, host, { state: 'up', host }]);
  });

  it('has two NUMA cells, 21 apart, each a socket of two cores with two threads', async () => {
    const capabilities = await hostVirsh(host, 'capabilities');
    const cells = [...capabilities.matchAll(/<cell id='(\d)'>(.*?)<\/cell>/gs)].map(([, id, inside = '']) => ({
      id,
      distances: [...inside.matchAll(/<sibling id='\d' value='(\d+)'\/>/g)].map(([, distance]) => distance),
      cpus: [...inside.matchAll(/<cpu id='(\d)' socket_id='(\d)' die_id='\d' core_id='(\d)' siblings='(.*?)'/g)].map(([, cpu, socket, core, siblings]) => `${cpu}: socket ${socket}, core ${core}, with ${siblings}`),
    }));
    expect(cells).toEqual([
      {
        id: '0',
        distances: ['10', '21'],
        cpus: ['0: socket 0, core 0, with 0-1', '1: socket 0, core 0, with 0-1', '2: socket 0, core 1, with 2-3', '3: socket 0, core 1, with 2-3'],
      },
      {
        id: '1',
        distances: ['21', '10'],
        cpus: ['4: socket 1, core 0, with 4-5', '5: socket 1, core 0, with 4-5', '6: socket 1, core 1, with 6-7', '7: socket 1, core 1, with 6-7'],
      },
    ]);
  });

  // Elsewhere guests of this host are started and their pages counted; a start of its own takes a minute.
  it.runIf(isLong)('has 32 free pages of 2 MiB on each node, and a guest on hugepages takes its 24 from each', async () => {
    const free = async (): Promise<readonly string[]> =>
      Promise.all([0, 1].map(async (cell) => (await hostVirsh(host, 'freepages', '--cellno', String(cell), '--pagesize', '2M')).trim()));
    const before = await free();
    await hostVirsh(host, 'start', 'numa-guest');
    const during = await free();
    await hostVirsh(host, 'destroy', 'numa-guest');
    expect({ before, during }).toEqual({ before: ['2048KiB: 32', '2048KiB: 32'], during: ['2048KiB: 8', '2048KiB: 8'] });
  });

  it('activates libvirtd by systemd\'s sockets, has its guests defined and its network running', async () => {
    expect({
      sockets: (await hostShell(host, 'systemctl is-active libvirtd.socket ssh.service')).trim().split('\n'),
      guests: (await hostVirsh(host, 'list', '--all', '--name')).trim().split('\n').toSorted(),
      networks: (await hostVirsh(host, 'net-list', '--name')).trim(),
    }).toEqual({ sockets: ['active', 'active'], guests: ['numa-guest', 'plain'], networks: 'default' });
  });

  it('has the time of the machine, so that new certificates are valid in it', async () => {
    const before = Math.floor(Date.now() / 1000);
    const inside = Number(await hostShell(host, 'date +%s'));
    const after = Math.ceil(Date.now() / 1000);
    expect({ tooEarly: inside < before - 60, tooLate: inside > after + 60 }).toEqual({ tooEarly: false, tooLate: false });
  });

  it('lets the keeper in with the same key, who becomes root without a password', async () => {
    expect((await hostShell(host, 'runuser -u keeper -- sudo -n id -un')).trim()).toBe('root');
  });

  it('leaves no process and no folder when it is taken down, and is as new when it comes back', async () => {
    expect(await processesNaming(host.dir)).toEqual([host.pid]);
    await hostShell(host, 'touch /root/left-behind && virsh undefine plain');
    await hostDown();
    const after = { processes: await processesNaming(host.dir), folder: existsSync(host.dir), status: await hostStatus() };
    const again = await hostUp();
    const guests = (await hostVirsh(again, 'list', '--all', '--name')).trim().split('\n').toSorted();
    const files = (await hostShell(again, 'ls /root')).trim();
    expect({ after, guests, files }).toEqual({
      after: { processes: [], folder: false, status: { state: 'down', isBuilt: true } },
      guests: ['numa-guest', 'plain'],
      files: '',
    });
  });
});
