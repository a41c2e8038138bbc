// Holds the virtual host to what it is for: a second NUMA node and hugepages that a real libvirtd reports, quickly there and wholly gone.
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processFile } from '../processes.ts';
import { hostDown, hostShell, hostStatus, hostUp, hostVirsh, type VirtualHost } from './host.ts';

/** Building it the first time takes minutes, and longer beside other tests. */
const buildTime = 20 * 60_000;

describe.skipIf(process.env['GUESTDECK_LAB_HOST'] === 'off')('the virtual host', () => {
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

  it('has two NUMA cells of four CPUs each, 21 apart', async () => {
    const capabilities = await hostVirsh(host, 'capabilities');
    const cells = [...capabilities.matchAll(/<cell id='(\d)'>(.*?)<\/cell>/gs)].map(([, id, inside = '']) => ({
      id,
      distances: [...inside.matchAll(/<sibling id='\d' value='(\d+)'\/>/g)].map(([, distance]) => distance),
      cpus: [...inside.matchAll(/<cpu id='(\d)' socket_id='(\d)'/g)].map(([, cpu, socket]) => `${cpu} in socket ${socket}`),
    }));
    expect(cells).toEqual([
      { id: '0', distances: ['10', '21'], cpus: ['0 in socket 0', '1 in socket 0', '2 in socket 0', '3 in socket 0'] },
      { id: '1', distances: ['21', '10'], cpus: ['4 in socket 1', '5 in socket 1', '6 in socket 1', '7 in socket 1'] },
    ]);
  });

  it('has 32 free pages of 2 MiB on each node, and a guest on hugepages takes its 24 from each', async () => {
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
    await hostShell(host, 'touch /root/left-behind && virsh undefine plain');
    await hostDown();
    const after = { commandLine: await processFile(host.pid, 'cmdline'), folder: existsSync(host.dir), status: await hostStatus() };
    const again = await hostUp();
    const guests = (await hostVirsh(again, 'list', '--all', '--name')).trim().split('\n').toSorted();
    const files = (await hostShell(again, 'ls /root')).trim();
    expect({ after, guests, files }).toEqual({
      after: { commandLine: undefined, folder: false, status: { state: 'down', isBuilt: true } },
      guests: ['numa-guest', 'plain'],
      files: '',
    });
  });
});
