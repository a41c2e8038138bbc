// NUMA, hugepages and topology through the page, on a host that has them: its kernel and its QEMU are the witnesses, set and taken back.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { bareXml } from '../../main/services/knob-table.test-peer.ts';
import { hostDown, hostShell, hostVirsh, type VirtualHost } from '../lab/host/host.ts';
import { expectShown, set, type Setting } from './knob-driver.ts';
import { applied, apply, undo } from './knob-rounds.ts';
import { flowHost, onVirtualHost } from './flow-lab.ts';
import { addHost, expect, openGuest, test } from './program.ts';

const guest = 'bare';
const saved = { truths: ['saved'] } as const;
const live = { truths: ['live'] } as const;
const cell = { memory: 32_768, memAccess: null, discard: null };

/** Two cells of 16 pages, each held to a node of the host, and two sockets. */
const shape: readonly Setting[] = [
  { ...saved, knob: 'cpuTopology', unit: '', value: { sockets: 2, dies: null, clusters: null, cores: 1, threads: 2 } },
  { ...saved, knob: 'guestNuma', unit: '', value: [{ ...cell, cpus: '0-1' }, { ...cell, cpus: '2-3' }] },
  { ...saved, knob: 'hugepages', unit: '', value: [{ size: 2048, nodeset: null }] },
  { ...saved, knob: 'numaMemory', unit: '', value: { mode: 'strict', nodeset: '0-1', placement: null } },
  { ...saved, knob: 'memnode', unit: '0', value: { mode: 'strict', nodeset: '1' } },
  { ...saved, knob: 'memnode', unit: '1', value: { mode: 'strict', nodeset: '0' } },
];

const reins: readonly Setting[] = [
  { ...live, knob: 'vcpuPinning', unit: '1', value: '4-5' },
  { ...live, knob: 'emulatorPinning', unit: '', value: '6-7' },
  { ...live, knob: 'ioThreadPinning', unit: '1', value: '2' },
  { ...live, knob: 'cpuShares', unit: '', value: 300 },
  { ...live, knob: 'cpuQuota', unit: 'vcpu', value: { period: 50_000, quota: 25_000 } },
  { ...live, knob: 'memoryLimits', unit: '', value: { hard_limit: 1_048_576, soft_limit: null, swap_hard_limit: null, min_guarantee: null } },
];

test.describe('Every knob on a host with nodes, pages and cgroup v2', () => {
  onVirtualHost();
  let machine: VirtualHost;
  let folder: string;

  test.beforeAll(async () => {
    machine = await flowHost('knobflow');
    folder = await mkdtemp(join(tmpdir(), 'guestdeck-bare-'));
    await writeFile(join(folder, 'bare.xml'), bareXml('qemu'));
    await hostVirsh(machine, 'define', join(folder, 'bare.xml'));
  });
  test.afterAll(async () => {
    if (machine !== undefined) await hostDown();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  const shell = async (command: string): Promise<string> => (await hostShell(machine, command)).trim();
  const freePages = (): Promise<string> => shell('cat /sys/devices/system/node/node[01]/hugepages/hugepages-2048kB/free_hugepages');
  /** The nodes that each part of the guest's memory in hugepages is bound to, and how many pages it has there. */
  const hugeMaps = (): Promise<string> => shell(`sed -n '/ huge/s/.*\\(bind:[0-9]\\).*\\(N[0-9]=[0-9]*\\).*/\\1 \\2/p' /proc/$(cat /run/libvirt/qemu/${guest}.pid)/numa_maps | sort`);
  const monitor = async (command: string): Promise<string> => await hostVirsh(machine, 'qemu-monitor-command', guest, '--hmp', command);
  const affinity = (thread: string): Promise<string> => shell(`for t in /proc/$(cat /run/libvirt/qemu/${guest}.pid)/task/*; do grep -q "${thread}" $t/comm && sed -n 's/^Cpus_allowed_list:\\t//p' $t/status; done | sort -u`);
  const reined = async (): Promise<readonly string[]> => [
    await affinity('CPU 1/'), await affinity('qemu-system'), await affinity('IO iothread1'),
    ...(await shell(`cd /sys/fs/cgroup/machine.slice/machine-qemu*${guest}.scope && cat cpu.weight libvirt/vcpu1/cpu.max libvirt/memory.max`)).split('\n'),
  ];

  const start = async (page: Page): Promise<void> => {
    // The history has buttons that are called like what was done.
    await page.locator('#tab-cpu').click();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await expect(page.getByRole('button', { name: 'Shut down', exact: true })).toBeVisible({ timeout: 180_000 });
  };
  const forceOff = async (page: Page): Promise<void> => {
    await page.locator('#tab-cpu').click();
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: /^Force off/ }).click();
    const dialog = page.getByRole('dialog', { name: `Force off: ${guest}?` });
    await dialog.getByRole('textbox').fill(guest);
    await dialog.getByRole('button', { name: 'Force off' }).click();
    await expect(page.getByRole('button', { name: 'Start', exact: true })).toBeVisible({ timeout: 60_000 });
  };

  test('cells, hugepages and sockets are what the kernel and QEMU have after a start, and none of it after an undo and another', async ({ window }) => {
    const definition = await hostVirsh(machine, 'dumpxml', guest, '--inactive');
    await addHost(window, `qemu+ssh://root@127.0.0.1:${machine.sshPort}/system?keyfile=${machine.keyFile}&known_hosts=${machine.knownHosts}`);
    await window.getByRole('heading', { name: 'CPUs and pinned guests' }).waitFor({ timeout: 120_000 });
    await window.getByRole('link', { name: /^All guests/ }).click();
    await openGuest(window, guest, 'CPU');

    await test.step('set while it is off', async () => {
      for (const setting of shape) await set(window, setting);
      expect(await apply(window)).toBe(applied);
      await window.reload();
      for (const setting of shape) await expectShown(window, setting);
      expect(await freePages()).toBe('32\n32');
    });
    await test.step('seen when it runs', async () => {
      await start(window);
      expect(await freePages()).toBe('16\n16');
      expect(await hugeMaps()).toBe('bind:0 N0=16\nbind:1 N1=16');
      expect(await monitor('info numa')).toMatch(/2 nodes\s+node 0 cpus: 0 1\s+node 0 size: 32 MB[^]*node 1 size: 32 MB/);
      expect(await monitor('info hotpluggable-cpus')).toMatch(/socket-id: "1"[^]*thread-id: "1"/);
    });
    await test.step('threads, weights and limits while it runs', async () => {
      const free = await reined();
      for (const setting of reins) await set(window, setting);
      expect(await apply(window)).toBe(applied);
      expect(await reined()).toEqual(['4-5', '6-7', '2', '300', '25000 50000', `${2 ** 30}`]);
      // A list that was shown before is shown again until it is read anew.
      await window.reload();
      expect(await undo(window)).toBe(applied);
      expect(await reined()).toEqual(free);
    });
    await test.step('undone, and not there when it runs again', async () => {
      await forceOff(window);
      expect(await freePages()).toBe('32\n32');
      expect(await undo(window, 'oldest')).toBe(applied);
      expect(await hostVirsh(machine, 'dumpxml', guest, '--inactive')).toBe(definition);
      await start(window);
      expect([await freePages(), await hugeMaps()]).toEqual(['32\n32', '']);
      expect(await monitor('info hotpluggable-cpus')).not.toContain('thread-id: "1"');
      await forceOff(window);
    });
  });
});
