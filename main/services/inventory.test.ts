// The list of a host's guests: how it is loaded, and how it stays true.
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDemoHost } from '../demo/demo-host.ts';
import type { Connection } from '../libvirt/connection.ts';
import { errorCode } from '../libvirt/constants.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import { openConnection } from '../libvirt/open.ts';
import { remote } from '../libvirt/procedures.ts';
import { intercept, type Intercepted } from './demo-main.test-peer.ts';
import { Inventory } from './inventory.ts';

const refusalOf = (code: number): LibvirtError =>
  new LibvirtError({ code, domain: 10, message: 'No.', level: 2, dom: null, str1: null, str2: null, str3: null, int1: -1, int2: -1, net: null }, 'it');

interface Scene {
  readonly inventory: Inventory;
  readonly connection: Connection;
  readonly changed: (readonly string[] | null)[];
  readonly uuid: (name: string) => string;
  readonly dom: (name: string) => { readonly name: string; readonly uuid: string; readonly id: number };
}
const scene = async (scale = 0): Promise<Scene> => {
  const demo = createDemoHost({ scale });
  const { connection } = await openConnection(demo.connect(), { name: 'qemu:///system' });
  onTestFinished(() => {
    connection.close();
    demo.close();
  });
  const changed: (readonly string[] | null)[] = [];
  const inventory = new Inventory('a', connection, (uuids) => changed.push(uuids));
  const uuid = (name: string): string => inventory.list().find((guest) => guest.name === name)?.uuid ?? '';
  return { inventory, connection, changed, uuid, dom: (name) => ({ name, uuid: uuid(name), id: -1 }) };
};

describe('the inventory', () => {
  it.each([0, 50, 2_000])('is loaded with four calls, with %i guests more than the usual dozen', async (scale) => {
    const { inventory, changed } = await scene(scale);
    const { called } = intercept();
    await inventory.load();
    expect(called.toSorted()).toEqual(['connectGetAllDomainStats', 'connectListAllDomains', 'connectListAllDomains', 'connectListAllDomains']);
    expect([inventory.list().length, changed]).toEqual([15 + scale, [null]]);
  });

  it('tells of each guest what the host does', async () => {
    const { inventory, uuid } = await scene();
    await inventory.load();
    expect(inventory.find(uuid('k8s-worker-1'))).toEqual({
      host: 'a', uuid: uuid('k8s-worker-1'), name: 'k8s-worker-1', state: 'running', vcpus: 8, vcpusMaximum: 12, memoryKiB: 25_165_824, memoryMaximumKiB: 25_165_824,
      persistent: true, autostart: false, managedSave: false,
    });
    expect(inventory.list().filter(({ persistent }) => !persistent).map(({ name }) => name)).toEqual(['ci-4711']);
    expect(inventory.list().filter(({ managedSave }) => managedSave).map(({ name, state }) => [name, state])).toEqual([['old-wiki', 'shutoff']]);
    expect(inventory.find(uuid('build-runner'))?.state).toBe('paused');
    expect(inventory.find('nobody')).toBeNull();
  });

  it('has the same of a guest asked for alone as of all asked for together', async () => {
    const { inventory } = await scene();
    await inventory.load();
    const all = inventory.list();
    for (const { uuid } of all) await inventory.refresh([uuid]);
    expect(inventory.list()).toEqual(all);
  });

  it('is not put back by a load that was overtaken by an event', async () => {
    const { inventory, connection, dom } = await scene();
    await inventory.load();
    // The load's statistics are of before, its answer comes after the change.
    intercept({
      connectGetAllDomainStats: async ({ nth, pass }: Intercepted) => {
        const answer = await pass();
        if (nth === 0) {
          await connection.call(remote.domainDestroyFlags, { dom: dom('web-01'), flags: 0 });
          void inventory.refresh([dom('web-01').uuid]);
        }
        return answer;
      },
    });
    await inventory.load();
    expect(inventory.find(dom('web-01').uuid)?.state).toBe('shutoff');
  });

  it('forgets a guest that vanished in between, and knows a new one', async () => {
    const { inventory, connection, dom, changed } = await scene();
    await inventory.load();
    const gone = dom('ci-4711');
    const { xml } = await connection.call(remote.domainGetXmlDesc, { dom: dom('web-01'), flags: 2 });
    await connection.call(remote.domainDestroyFlags, { dom: gone, flags: 0 });
    const fresh = 'aaaaaaaa-4b5c-4d6e-8f70-5a1c0de00001';
    await connection.call(remote.domainDefineXmlFlags, { xml: xml.replace('web-01', 'newcomer').replace(/<uuid>.*<\/uuid>/, `<uuid>${fresh}</uuid>`), flags: 0 });
    await Promise.all([inventory.refresh([gone.uuid]), inventory.refresh([fresh])]);
    expect([inventory.find(gone.uuid), inventory.find(fresh)?.name]).toEqual([null, 'newcomer']);
    expect(changed).toEqual([null, [gone.uuid, fresh]]);
  });

  it('asks for one guest that fails again, without holding up the others', async () => {
    const { inventory, connection, dom } = await scene();
    await inventory.load();
    const [bad, good] = [dom('web-01'), dom('web-02')];
    intercept({ domainIsPersistent: async ({ args, nth, pass }: Intercepted) => (JSON.stringify(args).includes(bad.uuid) && nth < 2 ? await Promise.reject(refusalOf(errorCode.operationTimeout)) : await pass()) });
    await connection.call(remote.domainDestroyFlags, { dom: bad, flags: 0 });
    await connection.call(remote.domainDestroyFlags, { dom: good, flags: 0 });
    await expect(inventory.refresh([bad.uuid, good.uuid])).rejects.toMatchObject({ refusal: { libvirt: { code: errorCode.operationTimeout } } });
    expect([inventory.find(bad.uuid)?.state, inventory.find(good.uuid)?.state]).toEqual(['running', 'shutoff']);
    await inventory.refresh([good.uuid]);
    expect(inventory.find(bad.uuid)?.state).toBe('shutoff');
  });

  it('loads all when many changed, and again when that failed', async () => {
    const { inventory } = await scene(40);
    await inventory.load();
    const { called } = intercept({ connectListAllDomains: async ({ nth, pass }: Intercepted) => (nth === 0 ? await Promise.reject(refusalOf(errorCode.operationTimeout)) : await pass()) });
    const uuids = inventory.list().map(({ uuid }) => uuid);
    await expect(inventory.refresh(uuids)).rejects.toMatchObject({ refusal: { code: 'libvirt' } });
    await inventory.refresh(uuids.slice(0, 1));
    expect(called.filter((name) => name === 'connectGetAllDomainStats').length).toBe(2);
    expect(called.filter((name) => name.startsWith('domain'))).toEqual([]);
  });

  it('does without bulk statistics where the driver has none', async () => {
    const { inventory } = await scene();
    await inventory.load();
    const all = inventory.list();
    const { called } = intercept({ connectGetAllDomainStats: async () => await Promise.reject(refusalOf(errorCode.noSupport)), domainHasManagedSaveImage: async () => await Promise.reject(refusalOf(errorCode.noSupport)) });
    await inventory.load();
    expect(inventory.list().map(({ name, state, memoryMaximumKiB }) => [name, state, memoryMaximumKiB])).toEqual(all.map(({ name, state, memoryMaximumKiB }) => [name, state, memoryMaximumKiB]));
    await inventory.refresh([all[0]?.uuid ?? '']);
    expect(inventory.find(all[0]?.uuid ?? '')).toMatchObject({ name: all[0]?.name, state: all[0]?.state });
    expect(called).toContain('domainGetInfo');
  });

  it('tells of a guest that somebody looks at only when it is different, or looking would never end', async () => {
    const { inventory, connection, changed, uuid, dom } = await scene();
    await inventory.load();
    for (let time = 0; time < 3; time++) await inventory.look(uuid('web-01'));
    expect(changed).toEqual([null]);
    await connection.call(remote.domainSuspend, { dom: dom('web-01') });
    await inventory.look(uuid('web-01'));
    expect([changed, inventory.find(uuid('web-01'))?.state]).toEqual([[null, [uuid('web-01')]], 'paused']);
    await inventory.refresh([uuid('web-01')]);
    expect(changed.length).toBe(3);
  });

  it('ends its asking when the connection does', async () => {
    const { inventory, connection, uuid } = await scene();
    await inventory.load();
    const refreshed = inventory.refresh([uuid('web-01')]);
    connection.close();
    await expect(refreshed).rejects.toMatchObject({ refusal: { code: 'connection-lost' } });
    expect(inventory.list().length).toBe(15);
  });
});
