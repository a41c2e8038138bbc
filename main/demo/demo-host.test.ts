// The demo host as a client meets it: opening, listing, life cycle, statistics, size.
import { afterEach, describe, expect, it } from 'vitest';
import { topologyFromCapabilities } from '../../app/xml/capabilities.ts';
import { domainState, lifecycleEvent, listDomains, statsGroup } from '../libvirt/constants.ts';
import type { Connection } from '../libvirt/connection.ts';
import { DomainEvents } from '../libvirt/domain-events.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import { param, paramsToRecord } from '../libvirt/objects.ts';
import { openConnection } from '../libvirt/open.ts';
import { remote } from '../libvirt/procedures.ts';
import { ManualClock } from './clock.ts';
import { converse } from './conversation/conversation.test-peer.ts';
import recorded from './conversation/recorded-9.0.json' with { type: 'json' };
import { createDemoHost, type DemoHost } from './demo-host.ts';
import { fleet } from './fleet.ts';
import { reaction } from './lifecycle.ts';

const hosts: DemoHost[] = [];
afterEach(() => {
  for (const host of hosts.splice(0)) host.close();
});

const open = async (scale = 0) => {
  const clock = new ManualClock();
  const host = createDemoHost({ clock, scale });
  hosts.push(host);
  const { connection } = await openConnection(host.connect(), { name: 'qemu:///system' });
  return { host, connection, clock };
};
const find = async (connection: Connection, name: string) => (await connection.call(remote.domainLookupByName, { name })).dom;
const xmlOf = async (connection: Connection, name: string, flags: number): Promise<string> =>
  (await connection.call(remote.domainGetXmlDesc, { dom: await find(connection, name), flags })).xml;
const namesOf = async (connection: Connection, flags: number): Promise<readonly string[]> =>
  (await connection.call(remote.connectListAllDomains, { need_results: 1, flags })).domains.map(({ name }) => name);
const errorOf = async (call: Promise<unknown>): Promise<number> =>
  await call.then(() => 0, (error: unknown) => {
    if (error instanceof LibvirtError) return error.error.code;
    throw error;
  });
/** Hears lifecycle events; `next` waits for so many of them. */
const hear = async (connection: Connection) => {
  const seen: string[] = [];
  let wake: () => void = () => undefined;
  await new DomainEvents(connection).on('lifecycle', ({ msg }) => {
    seen.push(`${msg.dom.name} ${msg.event} ${msg.detail} ${msg.dom.id === -1 ? 'inactive' : 'active'}`);
    wake();
  });
  return {
    next: async (count: number): Promise<readonly string[]> => {
      while (seen.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return seen.splice(0);
    },
  };
};

describe('opening', () => {
  it('goes through the handshake of a real daemon and tells what the host is', async () => {
    const { connection } = await open();
    const info = await connection.call(remote.nodeGetInfo, {});
    expect({ ...info, model: undefined }).toEqual({ model: undefined, memory: 268_435_456n, cpus: 32, mhz: 3100, nodes: 2, sockets: 1, cores: 8, threads: 2 });
    expect(await connection.call(remote.connectGetHostname, {})).toEqual({ hostname: 'demo' });
    expect(await connection.call(remote.connectGetLibVersion, {})).toEqual({ lib_ver: 11_003_000n });
  });

  it('shows two nodes of eight cores, CPU n beside CPU n + 16', async () => {
    const { connection } = await open();
    const info = await connection.call(remote.nodeGetInfo, {});
    const topology = topologyFromCapabilities((await connection.call(remote.connectGetCapabilities, {})).capabilities, { ...info, memory: Number(info.memory) });
    expect(topology.all).toBe('0-31');
    expect(topology.cells.map((cell) => [cell.cpus.length, cell.memory])).toEqual([[16, 134_217_728], [16, 134_217_728]]);
    expect(topology.cells[1]?.cpus.find(({ id }) => id === 25)).toMatchObject({ socket: 1, core: 1, siblings: '9,25' });
  });

  it('keeps hosts apart: what is changed on one is not changed on another', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    await one.connection.call(remote.domainDestroyFlags, { dom: await find(one.connection, 'mail'), flags: 0 });
    expect(await namesOf(one.connection, listDomains.active)).not.toContain('mail');
    expect(await namesOf(other.connection, listDomains.active)).toContain('mail');
  });

  it('closes every connection when it is closed', async () => {
    const { host, connection } = await open();
    host.close();
    expect((await connection.closed)?.code).toBe('connection-lost');
    expect(() => host.connect()).toThrow('closed');
  });
});

describe('guests', () => {
  it('are listed by state and standing', async () => {
    const { connection } = await open();
    expect(await namesOf(connection, 0)).toEqual(fleet.map(({ name }) => name));
    expect(await namesOf(connection, listDomains.inactive)).toEqual(['etl-night', 'old-wiki']);
    expect(await namesOf(connection, listDomains.transient)).toEqual(['ci-4711']);
    expect(await namesOf(connection, listDomains.paused)).toEqual(['build-runner']);
    expect(await namesOf(connection, listDomains.managedsave)).toEqual(['old-wiki']);
    expect(await namesOf(connection, listDomains.active | listDomains.noAutostart | listDomains.running)).toEqual(['win-erp', 'k8s-worker-1', 'lab-nested', 'ci-4711']);
    expect(await connection.call(remote.connectListAllDomains, { need_results: 0, flags: 0 })).toEqual({ domains: [], ret: fleet.length });
  });

  it('have live XML and a saved definition, which differ where a restart is due', async () => {
    const { connection } = await open();
    expect(await xmlOf(connection, 'db-primary', 0)).toMatch(/^<domain type='kvm' id='1'>\n/);
    expect(await xmlOf(connection, 'db-primary', 2)).toMatch(/^<domain type='kvm'>\n {2}<name>db-primary<\/name>\n/);
    expect(await xmlOf(connection, 'web-03', 0)).toContain('<shares>100</shares>');
    expect(await xmlOf(connection, 'web-03', 2)).toContain('<shares>400</shares>');
    expect(await xmlOf(connection, 'lab-nested', 2)).toContain("<qemu:arg value='-fw_cfg'/>");
    expect(await xmlOf(connection, 'k8s-worker-1', 2)).toContain('<!-- written by the provisioner; do not edit -->');
  });

  it('can be defined again from their own inactive XML, which comes back the same', async () => {
    const { connection } = await open();
    for (const { name } of fleet) {
      const xml = await xmlOf(connection, name, 2);
      await connection.call(remote.domainDefineXmlFlags, { xml, flags: 0 });
      expect(await xmlOf(connection, name, 2)).toBe(xml);
    }
  });

  it('keep passwords to those who ask for them', async () => {
    const { connection } = await open();
    const xml = (await xmlOf(connection, 'mail', 2)).replace("listen='127.0.0.1'>", "listen='127.0.0.1' passwd='demo'>");
    await connection.call(remote.domainDefineXmlFlags, { xml, flags: 0 });
    expect(await xmlOf(connection, 'mail', 2)).not.toContain('passwd');
    expect(await xmlOf(connection, 'mail', 3)).toContain("passwd='demo'");
  });
});

describe('life cycle', () => {
  it('a guest that is asked to shut down does so after a moment, and tells of it in order', async () => {
    const { connection, clock } = await open();
    const events = await hear(connection);
    const dom = await find(connection, 'web-01');
    await connection.call(remote.domainShutdownFlags, { dom, flags: 0 });
    clock.advance(reaction - 1);
    expect((await connection.call(remote.domainGetState, { dom, flags: 0 })).state).toBe(domainState.running);
    clock.advance(1);
    expect(await events.next(2)).toEqual([`web-01 ${lifecycleEvent.shutdown} 1 active`, `web-01 ${lifecycleEvent.stopped} 0 inactive`]);
    expect(await connection.call(remote.domainGetState, { dom, flags: 0 })).toEqual({ state: domainState.shutoff, reason: 1 });
  });

  it('a paused guest does not react to being asked', async () => {
    const { connection, clock } = await open();
    const dom = await find(connection, 'build-runner');
    await connection.call(remote.domainShutdownFlags, { dom, flags: 0 });
    clock.advance(10 * reaction);
    expect((await connection.call(remote.domainGetState, { dom, flags: 0 })).state).toBe(domainState.paused);
  });

  it('a guest that is forced off before it has shut down stops once', async () => {
    const { connection, clock } = await open();
    const events = await hear(connection);
    const dom = await find(connection, 'web-02');
    await connection.call(remote.domainShutdownFlags, { dom, flags: 0 });
    await connection.call(remote.domainDestroyFlags, { dom, flags: 0 });
    clock.advance(reaction);
    await connection.call(remote.domainCreateWithFlags, { dom, flags: 0 });
    expect(await events.next(4)).toEqual(['web-02 6 2 active', 'web-02 5 1 inactive', 'web-02 4 0 active', 'web-02 2 0 active']);
  });

  it('a pending change takes effect with the next start', async () => {
    const { connection } = await open();
    const dom = await find(connection, 'web-03');
    await connection.call(remote.domainDestroyFlags, { dom, flags: 0 });
    await connection.call(remote.domainCreateWithFlags, { dom, flags: 0 });
    expect(await xmlOf(connection, 'web-03', 0)).toContain('<shares>400</shares>');
  });

  it('a transient guest is gone when it stops', async () => {
    const { connection } = await open();
    const dom = await find(connection, 'ci-4711');
    await connection.call(remote.domainDestroyFlags, { dom, flags: 0 });
    expect(await errorOf(connection.call(remote.domainGetState, { dom, flags: 0 }))).toBe(42);
  });

  it('a guest with firmware variables is undefined only with a word on these', async () => {
    const { connection } = await open();
    const dom = await find(connection, 'win-erp');
    expect(await errorOf(connection.call(remote.domainUndefineFlags, { dom, flags: 0 }))).toBe(55);
    await connection.call(remote.domainUndefineFlags, { dom, flags: 4 });
    expect(await connection.call(remote.domainIsPersistent, { dom })).toEqual({ persistent: 0 });
  });
});

describe('rules', () => {
  it('are those that a real libvirtd 9.0 was recorded to have', async () => {
    const { connection } = await open();
    expect(await converse(connection, '/var/lib/libvirt/images/demo-twin.img')).toEqual(recorded);
  });
});

describe('shares', () => {
  it('of a running guest have the range of cgroup v2, and its default where none are set', async () => {
    const { connection } = await open();
    const dom = await find(connection, 'mail');
    const set = async (shares: bigint, flags: number) => await errorOf(connection.call(remote.domainSetSchedulerParametersFlags, { dom, params: [param.ullong('cpu_shares', shares)], flags }));
    const get = async () => paramsToRecord((await connection.call(remote.domainGetSchedulerParametersFlags, { dom, nparams: 16, flags: 1 })).params)['cpu_shares'];
    expect(await get()).toBe(100n);
    expect([await set(0n, 1), await set(10_001n, 1), await set(10_001n, 2), await set(1n, 1), await set(10_000n, 1)]).toEqual([8, 8, 0, 0, 0]);
    expect(await get()).toBe(10_000n);
  });

  it('that one truth refuses change neither', async () => {
    const { connection } = await open();
    const dom = await find(connection, 'mail');
    const before = [await xmlOf(connection, 'mail', 0), await xmlOf(connection, 'mail', 2)];
    expect(await errorOf(connection.call(remote.domainSetSchedulerParametersFlags, { dom, params: [param.ullong('cpu_shares', 20_000n)], flags: 3 }))).toBe(8);
    expect([await xmlOf(connection, 'mail', 0), await xmlOf(connection, 'mail', 2)]).toEqual(before);
  });
});

describe('statistics', () => {
  const statsOf = async (connection: Connection, name: string, stats = 0) => {
    const { retStats } = await connection.call(remote.connectGetAllDomainStats, { doms: [await find(connection, name)], stats, flags: 0 });
    return paramsToRecord(retStats[0]?.params ?? []);
  };
  const counter = /(\.time|\.bytes|\.reqs|\.pkts|\.times|\.delay|fault)$/;

  it('move with the clock and never go back, for every guest', async () => {
    const { connection, clock } = await open();
    for (const { name } of fleet) {
      let before = await statsOf(connection, name);
      const first = before;
      for (let second = 0; second < 40; second += 1) {
        clock.advance(1000);
        const now = await statsOf(connection, name);
        const back = Object.entries(now).filter(([field, value]) => counter.test(field) && value < (before[field] ?? 0));
        expect(back).toEqual([]);
        before = now;
      }
      const runs = before['state.state'] === domainState.running;
      expect((before['cpu.time'] ?? 0) > (first['cpu.time'] ?? 0)).toBe(runs);
    }
  });

  it('never let a vCPU use more than a CPU', async () => {
    const { connection, clock } = await open();
    let before = await statsOf(connection, 'build-runner');
    await connection.call(remote.domainResume, { dom: await find(connection, 'build-runner') });
    for (let second = 0; second < 120; second += 1) {
      clock.advance(1000);
      const now = await statsOf(connection, 'build-runner');
      for (let vcpu = 0; vcpu < 6; vcpu += 1) {
        const used = BigInt(now[`vcpu.${vcpu}.time`] ?? 0) - BigInt(before[`vcpu.${vcpu}.time`] ?? 0);
        expect(used).toBeLessThanOrEqual(1_000_000_000n);
      }
      before = now;
    }
  });

  it('hold the groups that were asked for, of the guests that were asked for', async () => {
    const { connection } = await open();
    expect(await statsOf(connection, 'etl-night', statsGroup.state)).toEqual({ 'state.state': domainState.shutoff, 'state.reason': 0 });
    const { retStats } = await connection.call(remote.connectGetAllDomainStats, { doms: [], stats: statsGroup.state, flags: listDomains.inactive });
    expect(retStats.map(({ dom }) => dom.name)).toEqual(['etl-night', 'old-wiki']);
    expect(await errorOf(connection.call(remote.connectGetAllDomainStats, { doms: [], stats: 1 << 20, flags: 0x8000_0000 }))).toBe(74);
  });

  it('count every host CPU’s time as the clock does', async () => {
    const { connection, clock } = await open();
    const total = async (): Promise<bigint> => {
      const { nparams } = await connection.call(remote.nodeGetCpuStats, { cpuNum: 3, nparams: 0, flags: 0 });
      const { params } = await connection.call(remote.nodeGetCpuStats, { cpuNum: 3, nparams, flags: 0 });
      return params.reduce((sum, { value }) => sum + value, 0n);
    };
    const before = await total();
    clock.advance(5000);
    expect((await total()) - before).toBe(5_000_000_000n);
    expect(await errorOf(connection.call(remote.nodeGetCpuStats, { cpuNum: 3, nparams: 9, flags: 0 }))).toBe(8);
  });
});

describe('size', () => {
  it('takes thousands of light guests, whose XML is there when somebody reads it', async () => {
    const { connection } = await open(5000);
    const { domains } = await connection.call(remote.connectListAllDomains, { need_results: 1, flags: 0 });
    expect(new Set(domains.map(({ uuid }) => uuid)).size).toBe(5000 + fleet.length);
    const { retStats } = await connection.call(remote.connectGetAllDomainStats, { doms: [], stats: 0, flags: 0 });
    expect(retStats.length).toBe(domains.length);
    const live = await xmlOf(connection, 'vm-04097', 0);
    const stats = paramsToRecord(retStats.find(({ dom }) => dom.name === 'vm-04097')?.params ?? []);
    expect(live).toContain(`<target dev='${stats['net.0.name']}'/>`);
    expect(live).toContain("<vcpu placement='static'>1</vcpu>");
    expect(stats['vcpu.current']).toBe(1);
  });
});
