// The whole of main against the virtual host: NUMA nodes, cgroup v2 and systemd that are real there, over SSH.
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostDown, hostShell, hostStatus, hostUp, hostVirsh, type VirtualHost } from '../../e2e/lab/host/host.ts';
import { isLong } from '../../e2e/lab/long.ts';
import { asking, type Asking } from './asking.test-peer.ts';
import { createMain } from './main.ts';
import type { Main } from './services.ts';

const guest = 'plain';

describe('the virtual host', () => {
  let machine: VirtualHost;
  let wasUp = false;
  let folder: string;
  let main: Main;
  let ask: Asking;
  let host: string;
  let uuid: string;

  beforeAll(async () => {
    wasUp = (await hostStatus()).state === 'up';
    machine = await hostUp();
    folder = await mkdtemp(join(tmpdir(), 'guestdeck-host-'));
    await mkdir(join(folder, '.ssh'), { mode: 0o700 });
    await copyFile(machine.knownHosts, join(folder, '.ssh', 'known_hosts'));
    // Emulated beside other tests, the host may be silent for longer than a real one ever is.
    main = await createMain({ dataFolder: folder, shell: 'web', version: 'test', home: folder, env: {}, keepalive: { interval: 60_000, count: 3 } });
    ask = asking(main);
    host = (await ask('connections', 'add', { uri: `qemu+ssh://root@127.0.0.1:${machine.sshPort}/system?keyfile=${machine.keyFile}` })).id;
    await ask('connections', 'connect', { id: host });
    uuid = (await ask('guests', 'list', { host })).find(({ name }) => name === guest)?.uuid ?? '';
  }, 900_000);
  afterAll(async () => {
    await ask('guests', 'act', { host, uuid, action: 'destroy', confirm: guest });
    await main.close();
    await rm(folder, { recursive: true });
    if (!wasUp) await hostDown();
  });

  /** The weight the kernel gives the guest, from its control group. */
  const weight = async (): Promise<string> =>
    (await hostShell(machine, `cat /sys/fs/cgroup/machine.slice/machine-qemu*${guest}.scope/cpu.weight`)).trim();
  const affinity = async (vcpu: number): Promise<string> =>
    (await hostShell(machine, `for t in /proc/$(cat /run/libvirt/qemu/${guest}.pid)/task/*; do grep -q "CPU ${vcpu}/" $t/comm && sed -n 's/^Cpus_allowed_list:\\t//p' $t/status; done; true`)).trim();

  it('shows the nodes and threads that virsh shows', async () => {
    const { topology, freeKiB } = await ask('hosts', 'describe', { host });
    expect(topology.cells.map(({ id, cpus }) => [id, cpus.map((cpu) => [cpu.id, cpu.siblings])])).toEqual([
      [0, [[0, '0-1'], [1, '0-1'], [2, '2-3'], [3, '2-3']]],
      [1, [[4, '4-5'], [5, '4-5'], [6, '6-7'], [7, '6-7']]],
    ]);
    expect(topology.cells.map((cell) => cell.pages.find(({ size }) => size === 2048)?.count)).toEqual([32, 32]);
    expect(Object.keys(freeKiB)).toEqual(['0', '1']);
  });

  it('pins and weighs a running guest across nodes, as the kernel inside sees it, and undoes it', async () => {
    await ask('guests', 'act', { host, uuid, action: 'start' });
    const before = await ask('tuning', 'read', { host, uuid });
    expect(before.facts.cpuSharesDefault).toBe(100);
    const definition = await hostVirsh(machine, 'dumpxml', guest, '--inactive');

    const wanted = { vcpuPinning: { '0': '4-5' }, emulatorPinning: { '': '6-7' }, cpuShares: { '': 300 } };
    const applied = await ask('tuning', 'apply', { host, uuid, wanted: { live: wanted, saved: wanted }, basis: before.basis });
    expect(applied.outcome).toBe('complete');
    expect([await weight(), await affinity(0)]).toEqual(['300', '4-5']);
    expect(await hostVirsh(machine, 'emulatorpin', guest)).toMatch(/\*:\s+6-7/);
    expect(await hostVirsh(machine, 'vcpupin', guest, '--config')).toMatch(/0\s+4-5/);

    const undo = await ask('history', 'undo', { id: applied.entry ?? '' });
    const undone = await ask('tuning', 'apply', { host, uuid, wanted: undo.wanted, basis: undo.basis });
    expect(undone.outcome).toBe('complete');
    expect([await weight(), await affinity(0)]).toEqual(['100', '0-7']);
    expect(await hostVirsh(machine, 'dumpxml', guest, '--inactive')).toBe(definition);
  }, 240_000);

  it('limits CPU time within and beyond the whole, as cgroup v2 takes it, and undoes it', async () => {
    const limits = async (): Promise<readonly string[]> =>
      (await hostShell(machine, `cd /sys/fs/cgroup/machine.slice/machine-qemu*${guest}.scope/libvirt && cat cpu.max vcpu0/cpu.max`)).trim().split('\n');
    const before = await ask('tuning', 'read', { host, uuid });
    const free = await limits();
    const wanted = { live: { cpuQuota: { global: { period: null, quota: 80_000 }, vcpu: { period: 50_000, quota: 45_000 } } } };
    const applied = await ask('tuning', 'apply', { host, uuid, wanted, basis: before.basis });
    expect(applied.outcome).toBe('complete');
    expect(await limits()).toEqual(['80000 100000', '45000 50000']);
    const undo = await ask('history', 'undo', { id: applied.entry ?? '' });
    expect((await ask('tuning', 'apply', { host, uuid, wanted: undo.wanted, basis: undo.basis })).outcome).toBe('complete');
    expect(await limits()).toEqual(free);
  }, 240_000);

  it.runIf(isLong)('moves a guest that was bound to one node to another while it runs, as its control group shows, and undoes it', async () => {
    const mems = async (): Promise<string> => (await hostShell(machine, `cat /sys/fs/cgroup/machine.slice/machine-qemu*${guest}.scope/libvirt/emulator/cpuset.mems`)).trim();
    const set = async (wanted: Parameters<typeof ask<'tuning', 'apply'>>[2]['wanted']) =>
      await ask('tuning', 'apply', { host, uuid, wanted, basis: (await ask('tuning', 'read', { host, uuid })).basis });
    const policy = (nodeset: string) => ({ numaMemory: { '': { mode: 'restrictive' as const, nodeset, placement: null } } });
    await ask('guests', 'act', { host, uuid, action: 'destroy', confirm: guest });
    const saved = await set({ saved: policy('0') });
    expect(saved.outcome).toBe('complete');
    await ask('guests', 'act', { host, uuid, action: 'start' });
    expect(await mems()).toBe('0');
    const moved = await set({ live: policy('1') });
    expect([moved.outcome, await mems()]).toEqual(['complete', '1']);
    expect(await hostVirsh(machine, 'numatune', guest)).toMatch(/numa_mode\s*: restrictive\s+numa_nodeset\s*: 1/);
    for (const { entry } of [moved, saved]) {
      const undo = await ask('history', 'undo', { id: entry ?? '' });
      expect((await set(undo.wanted)).outcome).toBe('complete');
    }
    expect(await mems()).toBe('0');
    expect(await hostVirsh(machine, 'dumpxml', guest, '--inactive')).not.toContain('numatune');
  }, 600_000);

  it('sets pages aside on one node and gives them back, and refuses a guest more than there are', async () => {
    const kept = async (): Promise<string> => (await hostShell(machine, 'cat /sys/devices/system/node/node[01]/hugepages/hugepages-2048kB/nr_hugepages')).trim();
    expect(await kept()).toBe('32\n32');
    expect(await ask('memory', 'allocatePages', { host, node: 1, size: 2048, count: 36 })).toEqual({ node: 1, size: 2048, count: 36, free: 36 });
    expect(await kept()).toBe('32\n36');
    await ask('memory', 'allocatePages', { host, node: 1, size: 2048, count: 32 });
    expect([await kept(), await ask('memory', 'pages', { host })]).toEqual(['32\n32', [0, 1].map((node) => ({ node, size: 2048, count: 32, free: 32 }))]);
    const { basis, facts } = await ask('tuning', 'read', { host, uuid });
    expect(facts.transparentHugepages).toMatch(/^(always|madvise|never)$/);
    await expect(ask('tuning', 'apply', { host, uuid, basis, wanted: { saved: { hugepages: { '': [{ size: 2048, nodeset: null }] }, numaMemory: { '': { mode: 'strict', nodeset: '0', placement: null } } } } })).rejects.toMatchObject({
      refusal: { code: 'plan-invalid', message: expect.stringMatching(/^This takes 64 pages of 2 MiB. Node 0 of the host has 32 set aside/) },
    });
  }, 240_000);

  it('says at the field that weights of cgroup v2 end at 10000', async () => {
    const { basis } = await ask('tuning', 'read', { host, uuid });
    await expect(ask('tuning', 'apply', { host, uuid, wanted: { live: { cpuShares: { '': 10_001 } } }, basis })).rejects.toMatchObject({
      refusal: { code: 'plan-invalid', field: 'wanted.live.cpuShares', message: expect.stringContaining('10000') },
    });
  });
});
