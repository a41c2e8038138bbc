// Statistics of a real libvirtd: rates of a guest that runs, a gap and marks where it is started anew.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { defineLightGuests } from '../../e2e/lab/guests.ts';
import { guestSeries } from '../../app/contract/live.ts';
import type { LabDaemon } from '../../e2e/lab/state.ts';
import { extraDaemon, extraDaemonDown } from '../../e2e/lab/tier1.ts';
import { qemuPid, virsh } from '../../e2e/lab/witness.ts';
import { asking } from './asking.test-peer.ts';
import { createMain } from './main.ts';

const name = 'live-past';
const guest = 'light-0001';
let lab: LabDaemon;
let folder: string;

beforeAll(async () => {
  lab = await extraDaemon(name);
  await defineLightGuests(lab, 1);
  await virsh(lab, 'start', guest);
  folder = await mkdtemp(join(tmpdir(), 'gd-live-'));
});
afterAll(async () => {
  await extraDaemonDown(name);
  await rm(folder, { recursive: true });
});

it('a guest’s past has its rates as numbers, a gap where it was started anew, and marks of that; the host’s has its CPUs and memory', async () => {
  const main = await createMain({ dataFolder: folder, shell: 'web', version: 'test', home: folder, env: {} });
  onTestFinished(async () => await main.close());
  const ask = asking(main);
  const host = (await ask('connections', 'add', { uri: lab.unix.uri, autoConnect: false })).id;
  await ask('connections', 'connect', { id: host });
  const uuid = (await ask('guests', 'list', { host }))[0]?.uuid ?? '';
  let cpus: (number | null)[] = [];
  main.listen((news) => {
    if (news.section === 'live') cpus = [...cpus, ...news.told.guests.map((_, place) => news.told.values[place * guestSeries.length] ?? null)];
  });
  await ask('live', 'watch', { interests: [{ host, groups: ['cpu', 'memory', 'vcpu', 'disk', 'network'], uuids: [uuid] }, { host, groups: ['hostCpu', 'hostMemory'], uuids: [] }] });
  const known = async (): Promise<void> => await vi.waitFor(() => expect(cpus.at(-1)).toEqual(expect.any(Number)), { timeout: 20_000 });
  await known();
  await virsh(lab, 'destroy', guest);
  await virsh(lab, 'start', guest);
  await vi.waitFor(() => expect(cpus.slice(1)).toContain(null), { timeout: 20_000 });
  await known();
  expect(cpus.every((cpu) => cpu === null || (cpu >= 0 && cpu < 64))).toBe(true);
  const told = await ask('live', 'past', { host, uuid, range: 'minutes', after: null });
  expect(told.marks.map(({ what }) => what)).toEqual(['stopped', 'started']);
  expect(told.series.map((one) => one.name)).toEqual(expect.arrayContaining(['cpu', 'memoryUsedKiB', 'vcpu.0']));
  const itself = await ask('live', 'past', { host, uuid: null, range: 'minutes', after: null });
  expect(itself.series.map((one) => one.name)).toEqual(expect.arrayContaining(['cpu', 'cpu.0', 'memoryUsedKiB', 'memory.caches', 'node.0']));
});

it('a guest that is stopped elsewhere and one whose QEMU is killed are told of, as what they are; one that is stopped here is not', async () => {
  const main = await createMain({ dataFolder: folder, shell: 'web', version: 'test', home: folder, env: {} });
  onTestFinished(async () => await main.close());
  const ask = asking(main);
  const told: string[] = [];
  main.listen((news) => {
    if (news.section === 'notices' && news.name === 'raised') told.push(news.told.notice.title);
  });
  const [saved] = await ask('connections', 'list', {}).then((all) => all.filter(({ uri }) => uri === lab.unix.uri));
  const host = saved?.id ?? (await ask('connections', 'add', { uri: lab.unix.uri, autoConnect: false })).id;
  await ask('connections', 'connect', { id: host });
  const uuid = (await ask('guests', 'list', { host }))[0]?.uuid ?? '';
  const state = async (): Promise<string | undefined> => (await ask('guests', 'list', { host })).find((one) => one.uuid === uuid)?.state;
  const started = async (): Promise<void> => {
    await virsh(lab, 'start', guest);
    await vi.waitFor(async () => expect(await state()).toBe('running'), { timeout: 20_000 });
  };
  await ask('guests', 'act', { host, uuid, action: 'destroy', confirm: guest });
  await started();
  await virsh(lab, 'destroy', guest);
  await vi.waitFor(() => expect(told).toEqual([`${guest} stopped`]), { timeout: 20_000 });
  await started();
  process.kill(await qemuPid(lab, guest), 'SIGKILL');
  await vi.waitFor(() => expect(told).toEqual([`${guest} stopped`, `${guest} crashed`]), { timeout: 20_000 });
});
