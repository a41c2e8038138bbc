// The procedure table against the real daemon: it reads every argument list of ours, and we read every reply to its last byte.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorCode } from '../../main/libvirt/constants.ts';
import type { Connection } from '../../main/libvirt/connection.ts';
import { DomainEvents } from '../../main/libvirt/domain-events.ts';
import { LibvirtError } from '../../main/libvirt/errors.ts';
import type { Domain, Network, StoragePool, StorageVol } from '../../main/libvirt/objects.ts';
import { openConnection } from '../../main/libvirt/open.ts';
import { messageStatus, messageType } from '../../main/libvirt/packets.ts';
import type { AnyCall, Call, Named } from '../../main/libvirt/procedure.ts';
import { qemu, remote } from '../../main/libvirt/procedures.ts';
import type { Lab } from '../lab/state.ts';
import { run } from '../lab/processes.ts';
import { labUp } from '../lab/tier1.ts';
import { virsh } from '../lab/witness.ts';
import { decodeMessage, lineOf, packetOf } from './messages.ts';
import { sampleOf } from './samples.ts';
import { openTap, type Tap } from './tap.ts';

const guest = 'lab-two';
const subject = 'gd-wire';
let lab: Lab;
let tap: Tap;
let connection: Connection;
let folder: string;
let wasRunning: boolean;
const sockets: Socket[] = [];

const connected = async (path: string): Promise<Socket> => {
  const socket = createConnection(path);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
};
/** The error code that a call ends with; null when it succeeds. */
const codeOf = async (asked: Promise<unknown>): Promise<number | null> =>
  await asked.then(() => null, (error: unknown) => {
    if (error instanceof LibvirtError) return error.error.code;
    throw error;
  });
const lines: readonly AnyCall[] = Object.values(remote).flatMap((line): AnyCall[] => (line.kind === 'call' ? [line] : []));
const call = async (line: AnyCall, args: unknown): Promise<number | null> =>
  await codeOf(line.stream === undefined ? connection.call(line, args, { limit: 30_000 }) : connection.stream(line, args, { limit: 30_000 }));

beforeAll(async () => {
  lab = await labUp();
  folder = await mkdtemp(join(tmpdir(), 'gd-wire-'));
  wasRunning = (await virsh(lab, 'domstate', guest)).trim() === 'running';
  if (!wasRunning) await virsh(lab, 'start', guest);
  await cleared();
  const disk = join(folder, 'disk.qcow2');
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', disk, '1M']);
  const file = async (name: string, xml: string): Promise<string> => {
    await writeFile(join(folder, name), xml);
    return join(folder, name);
  };
  await virsh(lab, 'define', await file('domain.xml', `<domain type='qemu'><name>${subject}</name><memory unit='MiB'>32</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='pc'>hvm</type></os>
    <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${disk}'/><target dev='vda' bus='virtio'/></disk></devices></domain>`));
  await virsh(lab, 'snapshot-create-as', subject, 'first');
  await virsh(lab, 'net-define', await file('network.xml', `<network><name>${subject}</name><bridge name='gdwire0'/><ip address='192.0.2.1' netmask='255.255.255.0'/></network>`));
  await virsh(lab, 'pool-create-as', subject, 'dir', '--target', folder);
  tap = await openTap(lab.unix.socket);
  ({ connection } = await openConnection(await connected(tap.socket), { name: 'qemu:///system' }));
}, 180_000);
afterAll(async () => {
  connection.close();
  await tap.close();
  for (const socket of sockets) socket.destroy();
  await cleared();
  if (!wasRunning) await virsh(lab, 'destroy', guest);
  await rm(folder, { recursive: true });
});
/** Takes away what these tests define, and what an earlier run may have left. */
const cleared = async (): Promise<void> => {
  for (const args of [['undefine', subject, '--snapshots-metadata'], ['net-undefine', subject], ['pool-destroy', subject]]) await run('virsh', ['-q', '-c', lab.virshUri, ...args]);
};

describe('the daemon reads our arguments', () => {
  /** Calls about an object, which is one that nobody has. */
  const aboutNobody = lines.filter(({ args, fds }) => {
    const [first] = args.shape.kind === 'struct' ? Object.values(args.shape.fields) : [];
    return fds === undefined && first?.kind === 'struct';
  });

  it.each([['sparse', false], ['filled', true]])('of every call about an object, %s', async (_, filled) => {
    expect(aboutNobody.length).toBeGreaterThan(230);
    const outcomes = await Promise.all(aboutNobody.map(async (line) => [line.name, await call(line, sampleOf(line.args.shape, { filled }))] as const));
    // 39 would be "Unable to decode message payload"; an older daemon's "unknown procedure" has become 3.
    expect(outcomes.filter(([, code]) => code === errorCode.rpc)).toEqual([]);
    // libvirt 9.0 answers these two about a domain that is not there: no statistics where none are wanted, and no labels.
    const careless: readonly string[] = ['domainMemoryStats', 'domainGetSecurityLabelList'];
    expect(outcomes.filter(([name, code]) => code === null && !careless.includes(name))).toEqual([]);
    const gone: readonly (number | null)[] = [errorCode.noDomain, errorCode.noNetwork, errorCode.noStoragePool, errorCode.noStorageVol, errorCode.noSecret, errorCode.noNwfilter];
    expect(outcomes.filter(([, code]) => gone.includes(code)).length).toBeGreaterThan(140);
  });

  it('and says so when they are cut short', async () => {
    const short: Named<Call<Readonly<Record<string, never>>, { readonly dom: Domain }>> = { ...remote.domainLookupByName, args: remote.authList.args };
    await expect(connection.call(short, {})).rejects.toMatchObject({ error: { code: errorCode.rpc, message: expect.stringContaining('Unable to decode message payload') } });
  });
});

describe('we read what the daemon answers', () => {
  it('to every call that only asks', { timeout: 180_000 }, async () => {
    const running = (await connection.call(remote.domainLookupByName, { name: guest })).dom;
    const off = (await connection.call(remote.domainLookupByName, { name: subject })).dom;
    const { net } = await connection.call(remote.networkLookupByName, { name: subject });
    const { pool } = await connection.call(remote.storagePoolLookupByName, { name: subject });
    const { vol } = await connection.call(remote.storageVolLookupByName, { pool, name: 'disk.qcow2' });
    const { devices } = await connection.call(remote.connectListAllNodeDevices, { need_results: 1, flags: 0 });
    const before = tap.passed.length;
    const asked: [string, number | null][] = [];
    for (const dom of [running, off]) {
      for (const line of lines.filter(({ name, fds }) => fds === undefined && asks.test(name) && !excluded.includes(name))) {
        const known = { ...usual, ...objects({ dom, net, pool, vol, device: devices[0]?.name ?? 'computer' }, line.name), ...exact[line.name] };
        asked.push([line.name, await call(line, sampleOf(line.args.shape, { filled: false, known }))]);
      }
    }
    expect(asked.filter(([, code]) => code === errorCode.rpc)).toEqual([]);
    const good = new Set(asked.filter(([, code]) => code === null).map(([name]) => name));
    expect(asked.length).toBeGreaterThan(300);
    expect(good.size).toBeGreaterThan(105);
    for (const name of mustWork) expect([...good]).toContain(name);

    let decoded = 0;
    for (const { from, message } of tap.passed.slice(before)) {
      const packet = packetOf(message);
      if (from !== 'server' || packet.type !== messageType.reply) continue;
      const found = decodeMessage(packet);
      expect([found?.rest, found?.again.equals(message)], lineOf(packet)?.name).toEqual([0, true]);
      decoded++;
    }
    expect(decoded).toBe(asked.length);
  });

  it('about all guests at once, with every group of statistics', async () => {
    const { retStats } = await connection.call(remote.connectGetAllDomainStats, { doms: [], stats: 0, flags: 0 });
    const running = retStats.find(({ dom }) => dom.name === guest);
    expect(running?.params.map(({ field }) => field)).toEqual(expect.arrayContaining(['state.state', 'cpu.time', 'balloon.current', 'vcpu.0.state', 'block.0.name']));
    const printed = await virsh(lab, 'domstats', guest, '--state', '--balloon');
    expect(printed).toContain(`balloon.maximum=${String(running?.params.find(({ field }) => field === 'balloon.maximum')?.value.value)}`);
  });

  it('as virsh does: state, memory, UUID, definition', async () => {
    const { dom } = await connection.call(remote.domainLookupByName, { name: guest });
    expect(dom.uuid).toBe((await virsh(lab, 'domuuid', guest)).trim());
    expect((await connection.call(remote.domainGetXmlDesc, { dom, flags: 2 })).xml.trim()).toBe((await virsh(lab, 'dumpxml', guest, '--inactive')).trim());
    expect(`Max memory:     ${(await connection.call(remote.domainGetInfo, { dom })).maxMem} KiB`).toBe((await virsh(lab, 'dominfo', guest)).split('\n').find((line) => line.startsWith('Max memory')));
    expect((await connection.call(remote.connectGetCapabilities, {})).capabilities.trim()).toBe((await virsh(lab, 'capabilities')).trim());
  });

  it('to the QEMU monitor', async () => {
    const { dom } = await connection.call(remote.domainLookupByName, { name: guest });
    const { result } = await connection.call(qemu.domainMonitorCommand, { dom, cmd: '{"execute":"query-status"}', flags: 0 });
    expect(JSON.parse(result)).toMatchObject({ return: { status: 'running', running: true } });
    const { callbackID } = await connection.call(qemu.connectDomainMonitorEventRegister, { dom, event: null, flags: 0 });
    const events: unknown[] = [];
    const unlisten = connection.on(qemu.domainMonitorEvent, (event) => events.push(event));
    await connection.call(remote.domainSuspend, { dom });
    await connection.call(remote.domainResume, { dom });
    // Events come before the reply to a call that was made after them.
    await connection.call(qemu.connectDomainMonitorEventDeregister, { callbackID });
    unlisten();
    expect(events).toEqual(['STOP', 'RESUME'].map((event) => ({ callbackID, dom: expect.objectContaining({ name: guest, uuid: dom.uuid }), event, seconds: expect.any(BigInt), micros: expect.any(Number), details: null })));
  });
});

describe('what is given up', () => {
  it('leaves a console free: one whose call was given up in flight is aborted when its reply comes', async () => {
    const { dom } = await connection.call(remote.domainLookupByName, { name: guest });
    const abort = new AbortController();
    const opened = connection.stream(remote.domainOpenConsole, { dom, dev_name: null, flags: 0 }, { signal: abort.signal });
    abort.abort();
    await expect(opened).rejects.toMatchObject({ refusal: { code: 'cancelled' } });
    await tap.until(({ from, message }) => {
      const { procedure, type, status } = packetOf(message);
      return from === 'server' && procedure === remote.domainOpenConsole.number && type === messageType.stream && status === messageStatus.ok;
    });
    // Without FORCE this is refused while anybody has the console.
    const { stream } = await connection.stream(remote.domainOpenConsole, { dom, dev_name: null, flags: 0 });
    await stream.abort();
  });

  it('may be taken up again at once: an event registered while its last registration is leaving', async () => {
    const events = new DomainEvents(connection);
    for (let time = 0; time < 20; time++) {
      const leave = await events.on('tunable', () => undefined);
      const left = leave?.();
      const again = await events.on('tunable', () => undefined);
      expect(again).toBeTypeOf('function');
      await Promise.all([left, again?.()]);
    }
  });
});

describe('an older daemon', () => {
  it('says "unknown procedure", which is "not supported" to us', async () => {
    const tomorrow = { ...remote.connectGetType, number: 9_999, name: 'connectOfTomorrow' };
    expect(await codeOf(connection.call(tomorrow, {}))).toBe(errorCode.noSupport);
    const reply = tap.passed.map(({ message }) => packetOf(message)).find(({ procedure, type }) => procedure === 9_999 && type === messageType.reply);
    if (reply === undefined) throw new Error('no reply');
    expect([reply.status, decodeMessage(reply)?.value]).toEqual([messageStatus.error, expect.objectContaining({ code: errorCode.rpc, message: expect.stringMatching(/^unknown procedure/) })]);
  });
});

describe('a daemon that is sent', () => {
  it.each([['a length past every bound', 'ffffffff'], ['a length past 32 MiB', '02000005'], ['a length below a header, and that many bytes', '0000000c0000000000000000']])('%s hangs up without a word', async (_, hex) => {
    const socket = await connected(lab.unix.socket);
    const received: Buffer[] = [];
    socket.on('data', (piece: Buffer) => received.push(piece));
    socket.write(Buffer.from(hex, 'hex'));
    await once(socket, 'close');
    expect(Buffer.concat(received)).toHaveLength(0);
  });

  it('a change over a read-only connection refuses it', async () => {
    const { connection: reading } = await openConnection(await connected(lab.unix.socket), { name: 'qemu:///system', readOnly: true });
    const { dom } = await reading.call(remote.domainLookupByName, { name: guest });
    await expect(reading.call(remote.domainSuspend, { dom })).rejects.toMatchObject({ refusal: { code: 'read-only', libvirt: { code: errorCode.operationDenied } } });
    reading.close();
  });
});

/** Calls that change nothing. */
const asks = /^(connect(Get|List|NumOf|Is|Supports|Find|Compare|Baseline)|node(Get|NumOf|List|DeviceGet|DeviceList|DeviceLookup|DeviceNumOf|DeviceIs)|domain(Get|Is|Has|List|Lookup|BlockStats|BlockPeek|MemoryPeek|MemoryStats|InterfaceStats|InterfaceAddresses|ManagedSaveGet|MigrateGet|Snapshot(Get|List|Lookup|Is|Has|Num)|Checkpoint(Get|List|Lookup)|BackupGet)|network(Get|Is|List|Lookup)|storage(Pool|Vol)(Get|Is|List|Lookup|NumOf)|(interface|secret|nwfilter|nwfilterBinding)(Get|Lookup|Is))/;
/** They ask the guest's agent and wait for it. */
const excluded: readonly string[] = ['domainGetTime', 'domainGetFsinfo', 'domainGetGuestVcpus', 'domainGetGuestInfo', 'domainGetHostname'];
/** Field name → what fits most calls. */
const usual: Readonly<Record<string, unknown>> = {
  need_results: 1, maxnames: 64, maxids: 64, maxuuids: 64, maxerrors: 16, maxStats: 16, maxinfo: 4, maplen: 1, ncpumaps: 4, nparams: 16,
  path: 'vda', disk: 'vda', size: 512, need_map: 1, need_online: 1, feature: 14, startCell: 0, maxcells: 1, cellCount: 1, pages: [4], arch: 'x86_64', cellNum: -1, cpuNum: -1,
};
/** Call → arguments of its own. */
const exact: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  nodeGetCpuStats: { nparams: 4 },
  nodeGetMemoryStats: { nparams: 4 },
  nodeGetMemoryParameters: { nparams: 64 },
  nodeGetSevInfo: { nparams: 0 },
  domainGetCpuStats: { nparams: 0, start_cpu: -1, ncpus: 1 },
  domainMemoryPeek: { flags: 2 },
  domainBlockStatsFlags: { nparams: 16 },
  domainGetMetadata: { type: 0 },
  storagePoolLookupByTargetPath: { path: '/nowhere' },
  connectBaselineCpu: { xmlCPUs: ['<cpu><arch>x86_64</arch><model>qemu64</model></cpu>'] },
  connectCompareCpu: { xml: '<cpu><arch>x86_64</arch><model>qemu64</model></cpu>' },
  connectFindStoragePoolSources: { type: 'dir' },
};
/** Calls that this guest, network, pool and volume must have an answer to. */
const mustWork = [
  'connectGetCapabilities', 'nodeGetInfo', 'connectListAllDomains', 'connectListAllNetworks', 'connectListAllStoragePools', 'connectListAllNodeDevices', 'connectGetDomainCapabilities',
  'domainGetVcpus', 'domainGetVcpuPinInfo', 'domainGetEmulatorPinInfo', 'domainGetSchedulerParametersFlags', 'domainGetMemoryParameters', 'domainGetBlkioParameters', 'domainGetBlockIoTune',
  'domainGetNumaParameters', 'domainGetIothreadInfo', 'domainGetJobStats', 'domainMemoryStats', 'domainBlockStatsFlags', 'domainGetBlockInfo', 'domainSnapshotGetXmlDesc', 'domainListAllSnapshots',
  'nodeGetCpuStats', 'nodeGetMemoryStats', 'nodeGetFreePages', 'nodeGetCpuMap', 'networkGetXmlDesc', 'storagePoolGetInfo', 'storageVolGetInfo', 'storageVolGetXmlDesc', 'nodeDeviceGetXmlDesc',
];

interface Objects {
  readonly dom: Domain;
  readonly net: Network;
  readonly pool: StoragePool;
  readonly vol: StorageVol;
  readonly device: string;
}
/** The objects of the lab under the names that arguments have for them; `name` and `uuid` are those of what the call is about. */
const objects = ({ dom, net, pool, vol, device }: Objects, called: string): Readonly<Record<string, unknown>> => {
  const snapshot = { name: 'first', dom };
  const about = called.startsWith('network') ? net : called.startsWith('storagePool') ? pool : dom;
  const name = called.startsWith('nodeDevice') ? device : called.startsWith('storageVol') ? vol.name : called.startsWith('domainSnapshot') ? 'first' : about.name;
  return { dom, doms: [dom], net, network: net, pool, vol, snap: snapshot, snapshot, name, uuid: about.uuid, id: dom.id, key: vol.key, ...(called.startsWith('storageVol') ? { path: vol.key } : {}) };
};
