// Bandwidth of a NIC on the virtual host, whose kernel has all that libvirt asks tc for: what the kernel holds the tap device to is the witness.
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostDown, hostShell, hostStatus, hostUp, hostVirsh, type VirtualHost } from '../../e2e/lab/host/host.ts';
import { asking, type Asking } from './asking.test-peer.ts';
import { createMain } from './main.ts';
import type { Main } from './services.ts';

const guest = 'plain';
const unlimited = { 'inbound.average': null, 'inbound.peak': null, 'inbound.burst': null, 'inbound.floor': null, 'outbound.average': null, 'outbound.peak': null, 'outbound.burst': null };

describe('a NIC on the virtual host', () => {
  let machine: VirtualHost;
  let wasUp = false;
  let folder: string;
  let main: Main;
  let ask: Asking;
  let which: { readonly host: string; readonly uuid: string };
  let mac: string;
  let device: string;

  beforeAll(async () => {
    wasUp = (await hostStatus()).state === 'up';
    machine = await hostUp();
    folder = await mkdtemp(join(tmpdir(), 'guestdeck-nic-'));
    await mkdir(join(folder, '.ssh'), { mode: 0o700 });
    await copyFile(machine.knownHosts, join(folder, '.ssh', 'known_hosts'));
    // Emulated beside other tests, the host may be silent for longer than a real one ever is.
    main = await createMain({ dataFolder: folder, shell: 'web', version: 'test', home: folder, env: {}, keepalive: { interval: 60_000, count: 3 } });
    ask = asking(main);
    const host = (await ask('connections', 'add', { uri: `qemu+ssh://root@127.0.0.1:${machine.sshPort}/system?keyfile=${machine.keyFile}` })).id;
    await ask('connections', 'connect', { id: host });
    which = { host, uuid: (await ask('guests', 'list', { host })).find(({ name }) => name === guest)?.uuid ?? '' };
    await ask('guests', 'act', { ...which, action: 'start' });
    const { live, liveXml } = await ask('tuning', 'read', which);
    mac = Object.keys(live?.nicBandwidth ?? {})[0] ?? '';
    device = /<target dev='(vnet\d+)'/.exec(liveXml ?? '')?.[1] ?? '';
  }, 900_000);
  afterAll(async () => {
    await ask('guests', 'act', { ...which, action: 'destroy', confirm: guest });
    await main.close();
    await rm(folder, { recursive: true });
    if (!wasUp) await hostDown();
  });

  type Wanted = Parameters<typeof ask<'tuning', 'apply'>>[2]['wanted'];
  const set = async (wanted: Wanted) => await ask('tuning', 'apply', { ...which, wanted, basis: (await ask('tuning', 'read', which)).basis });
  /** What the kernel holds the tap device to: classes for what the guest receives, a policer for what it sends. */
  const held = async (): Promise<string> => await hostShell(machine, `tc class show dev ${device}; tc filter show dev ${device} parent ffff: 2>/dev/null || true`);

  it('is held by the kernel to its limits in both directions, and let go of when they are undone', async () => {
    expect(await held()).not.toMatch(/htb|police/);
    const limited = await set({ live: { nicBandwidth: { [mac]: { ...unlimited, 'inbound.average': 12_500, 'inbound.peak': 25_000, 'inbound.burst': 2048, 'outbound.average': 6250, 'outbound.burst': 1024 } } } });
    expect(limited.outcome).toBe('complete');
    // libvirt's kilobytes are tc's: thousands of bytes in rates, 1024 in bursts.
    expect(await held()).toMatch(/class htb 1:1 .*rate 100Mbit ceil 200Mbit burst 2Mb[^]*police .*rate 50Mbit burst 1024Kb/);
    expect(await hostVirsh(machine, 'domiftune', guest, mac, '--live')).toMatch(/inbound\.average: 12500\s+inbound\.peak\s*: 25000\s+inbound\.burst\s*: 2048[^]*outbound\.average: 6250/);
    const undo = await ask('history', 'undo', { id: limited.entry ?? '' });
    expect((await set(undo.wanted)).outcome).toBe('complete');
    expect(await held()).not.toMatch(/rate 100Mbit|police/);
  }, 240_000);

  it('has no floor on a network without a limit of its own, which is said before libvirt is asked', async () => {
    const { facts } = await ask('tuning', 'read', which);
    expect(facts.hostNetwork?.networks).toEqual([{ name: 'default', active: true, inbound: null, portgroups: [] }]);
    await expect(set({ live: { nicBandwidth: { [mac]: { ...unlimited, 'inbound.floor': 1250 } } } })).rejects.toMatchObject({
      refusal: { code: 'plan-invalid', message: 'A floor is a part of what the network default has, and that has no inbound limit of its own.' },
    });
  }, 60_000);

  it('is unplugged from its network and plugged in again while the guest runs', async () => {
    const state = async (): Promise<string> => (await hostVirsh(machine, 'domif-getlink', guest, device)).trim();
    const down = await set({ live: { nicLink: { [mac]: 'down' } } });
    expect([down.outcome, await state()]).toEqual(['complete', `${device} down`]);
    const undo = await ask('history', 'undo', { id: down.entry ?? '' });
    expect([(await set(undo.wanted)).outcome, await state()]).toEqual(['complete', `${device} up`]);
  }, 120_000);
});
