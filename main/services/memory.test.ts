import { describe, expect, it } from 'vitest';
import { remote } from '../libvirt/procedures.ts';
import { connectedMain, connectionOf, type DemoMain, intercept, uuidOf } from './demo-main.test-peer.ts';

const host = 'demo';
const gib = 1_048_576;

const balloonTo = async ({ ask }: DemoMain, uuid: string, kib: number) => {
  const { basis } = await ask('tuning', 'read', { host, uuid });
  return await ask('tuning', 'apply', { host, uuid, basis, wanted: { live: { currentMemory: { '': kib } } } });
};

describe('a balloon', () => {
  it('is waited for until the guest has come to it, and undone', async () => {
    const demo = await connectedMain();
    const uuid = await uuidOf(demo.ask, 'web-01');
    const applied = await balloonTo(demo, uuid, 4 * gib);
    expect([applied.outcome, applied.reading.live?.currentMemory[''], applied.reading.facts.balloon]).toEqual(['complete', 4 * gib, null]);
    const undo = await demo.ask('history', 'undo', { id: applied.entry ?? '' });
    const undone = await demo.ask('tuning', 'apply', { host, uuid, wanted: undo.wanted, basis: undo.basis });
    expect([undone.outcome, undone.reading.live?.currentMemory['']]).toEqual(['complete', 8 * gib]);
  });

  it('that no driver answers for is told as asked for and is no failure, and leaves nothing to undo', async () => {
    const demo = await connectedMain();
    const uuid = await uuidOf(demo.ask, 'web-01');
    intercept({ domainSetMemoryFlags: async () => await Promise.resolve({}) });
    const applied = await balloonTo(demo, uuid, 4 * gib);
    expect(applied).toMatchObject({ outcome: 'unconfirmed', steps: [{ outcome: 'done' }], unconfirmed: [{ knob: 'currentMemory', to: 4 * gib }], reading: { facts: { balloon: { target: 4 * gib, moved: null } } } });
    await expect(demo.ask('history', 'undo', { id: applied.entry ?? '' })).rejects.toMatchObject({ refusal: { code: 'not-undoable', message: 'All of this is as it was before already.' } });
  }, 15_000);

  it('that moves by itself is nobody\'s change: what was planned before is still applied', async () => {
    const { ask } = await connectedMain();
    const uuid = await uuidOf(ask, 'web-01');
    const { basis } = await ask('tuning', 'read', { host, uuid });
    await (await connectionOf(ask)).call(remote.domainSetMemoryFlags, { dom: { name: 'web-01', uuid, id: -1 }, memory: 5_000_000n, flags: 1 });
    const applied = await ask('tuning', 'apply', { host, uuid, basis, wanted: { live: { cpuShares: { '': 500 } } } });
    expect(applied.outcome).toBe('complete');
  });

  it('that libvirt refuses to ask for is asked for by nobody', async () => {
    const demo = await connectedMain();
    const uuid = await uuidOf(demo.ask, 'web-01');
    intercept({ domainSetMemoryFlags: async ({ pass, connection }) => {
      await connection.call(remote.domainDestroyFlags, { dom: { name: 'web-01', uuid, id: -1 }, flags: 0 });
      return await pass();
    } });
    expect((await balloonTo(demo, uuid, 4 * gib)).steps).toMatchObject([{ outcome: 'failed', refusal: { code: 'libvirt' } }]);
    expect((await demo.ask('tuning', 'read', { host, uuid })).facts.balloon).toBeNull();
  });
});

describe('writing to memory', () => {
  it('is measured on request', async () => {
    const { ask } = await connectedMain();
    const { mebibytesPerSecond } = await ask('memory', 'dirtyRate', { host, uuid: await uuidOf(ask, 'db-primary'), seconds: 1 });
    expect(mebibytesPerSecond).toBeGreaterThan(0);
  });
  it('of a guest that does not run is refused by libvirt', async () => {
    const { ask } = await connectedMain();
    await expect(ask('memory', 'dirtyRate', { host, uuid: await uuidOf(ask, 'etl-night'), seconds: 1 })).rejects.toMatchObject({ refusal: { code: 'libvirt' } });
  });
});

describe('hugepages of a host', () => {
  it('are told with those that are free, set aside as far as there is memory, and noted', async () => {
    const { ask } = await connectedMain();
    const before = (await ask('memory', 'pages', { host })).find(({ node, size }) => node === 0 && size === 2048);
    expect(before).toMatchObject({ count: 4096 });
    expect(await ask('memory', 'allocatePages', { host, node: 0, size: 2048, count: 5000 })).toMatchObject({ node: 0, size: 2048, count: 5000, free: (before?.free ?? 0) + 904 });
    const most = await ask('memory', 'allocatePages', { host, node: 0, size: 2048, count: 1_000_000 });
    expect(most.count).toBeLessThan(1_000_000);
    expect((await ask('history', 'list', { host }))[0]).toMatchObject({ title: 'Set aside 1000000 pages of 2 MiB on node 0', outcome: 'complete', guest: null });
    expect((await ask('hosts', 'describe', { host })).topology.cells[0]?.pages.find(({ size }) => size === 2048)?.count).toBe(most.count);
  });
  it('of a size the host does not have are refused before it is asked', async () => {
    const { ask } = await connectedMain();
    await expect(ask('memory', 'allocatePages', { host, node: 0, size: 3000, count: 5 })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'size' } });
  });
});
