// One long conversation with a libvirt daemon about a guest of its own, to be held with the demo host and with a real libvirtd alike.
import { affect, metadataType, typedParamFlag, vcpuFlag } from '../libvirt/constants.ts';
import type { Connection } from '../libvirt/connection.ts';
import { DomainEvents } from '../libvirt/domain-events.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import { type Domain, param, type TypedParam } from '../libvirt/objects.ts';
import { remote } from '../libvirt/procedures.ts';

const { live, config, current } = affect;
const both = live | config;
const uuid = 'd3a0c0de-7717-4c1b-9a55-0c0ffee0d1e2';
const transientUuid = 'd3a0c0de-7717-4c1b-9a55-0c0ffee0d1e3';
export const twinName = 'demo-twin';
export const transientName = 'demo-twin-transient';

const xmlFor = (disk: string) => (name: string, id: string): string => `<domain type='qemu'>
  <name>${name}</name>
  <uuid>${id}</uuid>
  <memory unit='KiB'>65536</memory>
  <vcpu current='2'>4</vcpu>
  <iothreads>2</iothreads>
  <os><type arch='x86_64'>hvm</type></os>
  <devices>
    <disk type='block' device='cdrom'><driver name='qemu' type='raw'/><target dev='sda' bus='scsi'/></disk>
    <controller type='scsi' model='virtio-scsi'/>
    <disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='${disk}'/><target dev='vda' bus='virtio'/></disk>
    <interface type='ethernet'><mac address='52:54:00:d3:a0:01'/><model type='virtio'/></interface>
    <interface type='user'><mac address='52:54:00:d3:a0:02'/><model type='virtio'/></interface>
    <memballoon model='virtio'/>
  </devices>
</domain>`;

/** Step → what came of it: the facts that were answered, or libvirt's error by its numbers. */
export type Outcomes = Readonly<Record<string, string>>;

const map = (...cpus: readonly number[]): Uint8Array => Uint8Array.from([cpus.reduce((byte, cpu) => byte | (1 << cpu), 0)]);
const shown = (value: unknown): string => JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part)) ?? 'nothing';
const facts = (params: readonly TypedParam[]): Readonly<Record<string, unknown>> => Object.fromEntries(params.map(({ field, value }) => [field, value.value]));
/** The elements of these names as they stand in the XML, layout included. */
const parts = (xml: string, names: readonly string[]): string =>
  names.map((name) => new RegExp(`^ *<${name}( [^>]*)?(/>|>[\\s\\S]*?</${name}>)`, 'm').exec(xml)?.[0].trim() ?? `no ${name}`).join('\n');

/**
 * Holds the conversation; the guest is gone at the end.
 * @param disk a file that the daemon can give to a guest.
 */
export const converse = async (connection: Connection, disk: string): Promise<Outcomes> => {
  const domainXml = xmlFor(disk);
  const outcomes: Record<string, string> = {};
  const step = async (title: string, run: () => Promise<unknown>): Promise<void> => {
    if (title in outcomes) throw new Error(`two steps are called ${title}`);
    outcomes[title] = await run().then(
      (value) => (typeof value === 'string' ? value : value === undefined ? 'done' : shown(value)),
      (error: unknown) => {
        if (error instanceof LibvirtError) return `error ${error.error.code}, domain ${error.error.domain}`;
        throw error;
      },
    );
  };
  await removeTwins(connection);
  const events = await heard(connection);

  let twin: Domain = { name: twinName, uuid, id: -1 };
  const xml = async (flags: number, ...names: readonly string[]): Promise<string> => parts((await connection.call(remote.domainGetXmlDesc, { dom: twin, flags })).xml, names);
  const truths = async (...names: readonly string[]): Promise<string> => `live ${await xml(0, ...names)}\nsaved ${await xml(2, ...names)}`;

  // Definitions
  const define = async (text: string) => void (await connection.call(remote.domainDefineXmlFlags, { xml: text, flags: 0 }));
  await step('define', () => define(domainXml(twinName, uuid)));
  await step('define: known name, other uuid', () => define(domainXml(twinName, transientUuid)));
  await step('define: known uuid, other name', () => define(domainXml('demo-twin-other', uuid)));
  await step('define: no XML', () => define('nonsense'));
  await step('define: empty', () => define(''));
  await step('define: not closed', () => define('<domain type="qemu"><name>x</name>'));
  await step('define: another root', () => define('<network><name>x</name></network>'));
  await step('define: no name', () => define(domainXml(twinName, uuid).replace(/<name>.*<\/name>/, '')));
  await step('define: no memory', () => define(domainXml(twinName, uuid).replace(/<memory.*<\/memory>/, '')));
  await step('define: no os type', () => define(domainXml(twinName, uuid).replace(/<os>.*<\/os>/, '')));
  await step('define: no domain type', () => define(domainXml(twinName, uuid).replace("type='qemu'", '')));
  await step('define: unknown domain type', () => define(domainXml(twinName, uuid).replace("type='qemu'", "type='horse'")));
  await step('define: bad uuid', () => define(domainXml(twinName, 'nonsense')));
  await step('define: more vCPUs than the maximum', () => define(domainXml(twinName, uuid).replace("current='2'", "current='5'")));
  await step('define: memory of nonsense', () => define(domainXml(twinName, uuid).replace('65536', 'much')));
  await step('define: a slash in the name', () => define(domainXml('a/b', transientUuid)));
  await step('define: a vCPU pinned twice', () => define(domainXml(twinName, uuid).replace('<os>', "<cputune><vcpupin vcpu='0' cpuset='0'/><vcpupin vcpu='0' cpuset='0'/></cputune><os>")));
  await step('define: unknown flag', async () => void (await connection.call(remote.domainDefineXmlFlags, { xml: domainXml(twinName, uuid), flags: 64 })));
  await step('defined XML', () => xml(0, 'memory', 'currentMemory', 'vcpu', 'iothreads', 'on_poweroff', 'on_reboot', 'on_crash', 'clock'));
  await step('look up: unknown name', () => connection.call(remote.domainLookupByName, { name: 'demo-nobody' }));
  await step('look up: unknown uuid', () => connection.call(remote.domainLookupByUuid, { uuid: transientUuid }));
  await step('look up: unknown id', () => connection.call(remote.domainLookupById, { id: 99_999 }));
  await step('look up: by uuid, wrong name', async () => (await connection.call(remote.domainGetState, { dom: { ...twin, name: 'wrong' }, flags: 0 })).state);
  await step('XML: unknown flag', () => connection.call(remote.domainGetXmlDesc, { dom: twin, flags: 4096 }));

  // Not running
  const getPins = async (flags: number): Promise<unknown> => {
    const { cpumaps, num } = await connection.call(remote.domainGetVcpuPinInfo, { dom: twin, ncpumaps: 4, maplen: 1, flags });
    return { num, rows: [...cpumaps].map((byte) => byte & 3) };
  };
  const pin = async (vcpu: number, cpumap: Uint8Array, flags: number) => void (await connection.call(remote.domainPinVcpuFlags, { dom: twin, vcpu, cpumap, flags }));
  const pinEmulator = async (cpumap: Uint8Array, flags: number) => void (await connection.call(remote.domainPinEmulator, { dom: twin, cpumap, flags }));
  const pinIothread = async (id: number, cpumap: Uint8Array, flags: number) => void (await connection.call(remote.domainPinIothread, { dom: twin, iothreads_id: id, cpumap, flags }));
  const schedule = async (params: readonly TypedParam[], flags: number) => void (await connection.call(remote.domainSetSchedulerParametersFlags, { dom: twin, params, flags }));
  const scheduled = async (flags: number) => facts((await connection.call(remote.domainGetSchedulerParametersFlags, { dom: twin, nparams: 16, flags })).params);
  for (const [name, line] of Object.entries({ shutdown: remote.domainShutdownFlags, destroy: remote.domainDestroyFlags, reboot: remote.domainReboot, reset: remote.domainReset })) {
    await step(`off: ${name}`, () => connection.call(line, { dom: twin, flags: 0 }));
    await step(`off: ${name}, unknown flag`, () => connection.call(line, { dom: twin, flags: 4096 }));
  }
  await step('off: suspend', () => connection.call(remote.domainSuspend, { dom: twin }));
  await step('off: resume', () => connection.call(remote.domainResume, { dom: twin }));
  await step('off: managed save', () => connection.call(remote.domainManagedSave, { dom: twin, flags: 0 }));
  await step('off: managed save, unknown flag', () => connection.call(remote.domainManagedSave, { dom: twin, flags: 4096 }));
  await step('off: discard a managed save that is not there', () => connection.call(remote.domainManagedSaveRemove, { dom: twin, flags: 0 }));
  await step('off: pin live', () => pin(0, map(0), live));
  await step('off: pin both', () => pin(0, map(0), both));
  await step('off: pin current', () => pin(0, map(0), current));
  await step('off: pin config', () => pin(3, map(0, 1), config));
  await step('off: pin without flags', async () => void (await connection.call(remote.domainPinVcpu, { dom: twin, vcpu: 0, cpumap: map(1) })));
  await step('off: pin, unknown flag', () => pin(0, map(0), 8));
  await step('off: pin to nothing', () => pin(0, map(), config));
  await step('off: pin to no map', () => pin(0, new Uint8Array(), config));
  await step('off: pin a vCPU that is not there', () => pin(4, map(0), config));
  await step('off: pins', () => getPins(config));
  await step('off: pins, live', () => getPins(live));
  await step('off: pins, both', () => getPins(both));
  await step('off: pins, unknown flag', () => getPins(8));
  await step('off: pins, no maps', () => connection.call(remote.domainGetVcpuPinInfo, { dom: twin, ncpumaps: 0, maplen: 1, flags: 0 }));
  await step('off: vcpus', () => connection.call(remote.domainGetVcpus, { dom: twin, maxinfo: 4, maplen: 1 }));
  await step('off: pin emulator live', () => pinEmulator(map(0), live));
  await step('off: pin emulator config', () => pinEmulator(map(0, 1), config));
  await step('off: pin emulator to nothing', () => pinEmulator(map(), config));
  await step('off: pin IOThread live', () => pinIothread(1, map(0), live));
  await step('off: pin IOThread config', () => pinIothread(1, map(0), config));
  await step('off: pin IOThread 0', () => pinIothread(0, map(0), config));
  await step('off: pin IOThread that is not there', () => pinIothread(9, map(0), config));
  await step('off: pin IOThread to nothing', () => pinIothread(1, map(), config));
  await step('off: XML of pins', () => xml(0, 'cputune'));
  await step('off: shares', () => schedule([param.ullong('cpu_shares', 300n)], config));
  await step('off: shares 0', () => schedule([param.ullong('cpu_shares', 0n)], config));
  await step('off: shares beyond the range', () => schedule([param.ullong('cpu_shares', 300_000n)], config));
  await step('off: XML of shares', () => xml(0, 'cputune'));
  await step('off: shares again', () => schedule([param.ullong('cpu_shares', 300n)], config));
  await step('off: shares live', () => schedule([param.ullong('cpu_shares', 300n)], live));
  await step('off: scheduler', () => scheduled(0));
  await step('off: scheduler type', () => connection.call(remote.domainGetSchedulerType, { dom: twin }));

  await runningSteps();
  async function runningSteps(): Promise<void> {
    const start = async (flags: number): Promise<string> => {
      twin = (await connection.call(remote.domainCreateWithFlags, { dom: twin, flags })).dom;
      return `${twin.name} has ${twin.id > 0 ? 'an id' : 'no id'}`;
    };
    await step('start', () => start(0));
    await step('start: unknown flag', () => connection.call(remote.domainCreateWithFlags, { dom: twin, flags: 4096 }));
    await step('start: running already', () => connection.call(remote.domainCreateWithFlags, { dom: twin, flags: 0 }));
    await step('state', () => connection.call(remote.domainGetState, { dom: twin, flags: 0 }));
    await step('state: unknown flag', () => connection.call(remote.domainGetState, { dom: twin, flags: 8 }));
    await step('resume: running already', () => connection.call(remote.domainResume, { dom: twin }));
    await step('create: running already', () => connection.call(remote.domainCreateXml, { xml_desc: domainXml(twinName, uuid), flags: 0 }));
    await step('shut down by an agent that is not there', () => connection.call(remote.domainShutdownFlags, { dom: twin, flags: 2 }));
    await step('reboot by an agent that is not there', () => connection.call(remote.domainReboot, { dom: twin, flags: 2 }));
    await step('shut down by initctl', () => connection.call(remote.domainShutdownFlags, { dom: twin, flags: 4 }));
    await step('running: scheduler', () => scheduled(live));
    await step('running: scheduler, config', () => scheduled(config));
    await step('running: scheduler, both', () => scheduled(both));
    await step('running: scheduler, no room', () => connection.call(remote.domainGetSchedulerParametersFlags, { dom: twin, nparams: 0, flags: 0 }));
    await step('running: pins', () => getPins(live));
    await step('running: pin live', () => pin(1, map(1), live));
    await step('running: pin config', () => pin(1, map(0), config));
    await step('running: pin both', () => pin(2, map(0), both));
    await step('running: pin current', () => pin(0, map(0, 1), current));
    await step('running: pin without flags', async () => void (await connection.call(remote.domainPinVcpu, { dom: twin, vcpu: 0, cpumap: map(0, 1) })));
    await step('running: pin a vCPU that is offline', () => pin(3, map(0), live));
    await step('running: pin a vCPU that is not there', () => pin(4, map(0), live));
    await step('running: pin to nothing', () => pin(0, map(), live));
    await step('running: pin to CPUs that are not there', () => pin(0, Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 128]), live));
    await step('running: define CPUs that are not there', () => pin(0, Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 128]), config));
    await step('running: pins afterwards', () => getPins(live));
    await step('running: vcpus', async () => {
      const { info, cpumaps } = await connection.call(remote.domainGetVcpus, { dom: twin, maxinfo: 4, maplen: 1 });
      return { numbers: info.map(({ number }) => number), states: info.map(({ state }) => state), rows: [...cpumaps].map((byte) => byte & 3) };
    });
    await step('running: pin emulator both', () => pinEmulator(map(0), both));
    await step('running: pin IOThread live', () => pinIothread(2, map(1), live));
    await step('running: pin IOThread that is not there', () => pinIothread(9, map(1), live));
    await step('running: emulator pin', async () => [...(await connection.call(remote.domainGetEmulatorPinInfo, { dom: twin, maplen: 1, flags: live })).cpumaps].map((byte) => byte & 3));
    await step('running: IOThreads', async () => (await connection.call(remote.domainGetIothreadInfo, { dom: twin, flags: live })).info.map((thread) => [thread.iothread_id, (thread.cpumap[0] ?? 0) & 3]).toSorted());
    await step('running: IOThreads, config', async () => (await connection.call(remote.domainGetIothreadInfo, { dom: twin, flags: config })).info.map((thread) => [thread.iothread_id, (thread.cpumap[0] ?? 0) & 3]).toSorted());
    await step('running: XML of pins', () => truths('cputune'));

    await step('shares live', () => schedule([param.ullong('cpu_shares', 500n)], live));
    await step('shares both', () => schedule([param.ullong('cpu_shares', 700n)], both));
    await step('shares live, the same again', () => schedule([param.ullong('cpu_shares', 700n)], live));
    await step('shares current', () => schedule([param.ullong('cpu_shares', 600n)], current));
    await step('shares 0 live', () => schedule([param.ullong('cpu_shares', 0n)], live));
    await step('shares beyond the range live', () => schedule([param.ullong('cpu_shares', 300_000n)], live));
    await step('shares as int', () => schedule([param.int('cpu_shares', 5)], live));
    await step('shares as uint', () => schedule([param.uint('cpu_shares', 5)], live));
    await step('shares twice', () => schedule([param.ullong('cpu_shares', 5n), param.ullong('cpu_shares', 5n)], live));
    await step('shares and an unknown field', () => schedule([param.ullong('cpu_shares', 5n), param.ullong('cpu_horse', 5n)], live));
    await step('no fields', () => schedule([], live));
    await step('shares, unknown flag', () => schedule([param.ullong('cpu_shares', 5n)], 16));
    for (const set of ['vcpu', 'emulator', 'global', 'iothread']) {
      await step(`${set} period and quota`, () => schedule([param.ullong(`${set}_period`, 50_000n), param.llong(`${set}_quota`, 40_000n)], both));
      await step(`${set} period too short`, () => schedule([param.ullong(`${set}_period`, 999n)], live));
      await step(`${set} period too long`, () => schedule([param.ullong(`${set}_period`, 1_000_001n)], config));
      await step(`${set} quota too small`, () => schedule([param.llong(`${set}_quota`, 999n)], config));
      await step(`${set} quota too large`, () => schedule([param.llong(`${set}_quota`, 18_446_744_073_709_552n)], config));
      await step(`${set} quota of the wrong type`, () => schedule([param.ullong(`${set}_quota`, 5000n)], config));
    }
    await step('period 0', () => schedule([param.ullong('vcpu_period', 0n)], both));
    await step('quota 0', () => schedule([param.llong('vcpu_quota', 0n)], both));
    await step('XML with quotas', () => truths('cputune'));
    await step('no quota', () => schedule([param.llong('vcpu_quota', -1n)], both));
    await step('an odd negative quota', () => schedule([param.llong('global_quota', -7n)], both));
    await step('scheduler afterwards', () => scheduled(live));
    await step('scheduler afterwards, config', () => scheduled(config));
    await step('XML of the scheduler', () => truths('cputune'));
    await moreTuning();
    await step('pause', () => connection.call(remote.domainSuspend, { dom: twin }));
    await step('pause again', () => connection.call(remote.domainSuspend, { dom: twin }));
    await step('paused state', () => connection.call(remote.domainGetState, { dom: twin, flags: 0 }));
    await step('unpause', () => connection.call(remote.domainResume, { dom: twin }));
    await step('unpaused state', () => connection.call(remote.domainGetState, { dom: twin, flags: 0 }));
    await step('reset', () => connection.call(remote.domainReset, { dom: twin, flags: 0 }));
    await events.settle('reboot');
    await step('managed save', () => connection.call(remote.domainManagedSave, { dom: twin, flags: 0 }));
    await step('saved state', () => connection.call(remote.domainGetState, { dom: twin, flags: 0 }));
    await step('has managed save', () => connection.call(remote.domainHasManagedSaveImage, { dom: twin, flags: 0 }));
    await step('undefine with a managed save', () => connection.call(remote.domainUndefineFlags, { dom: twin, flags: 0 }));
    await step('start from managed save', () => start(0));
    await step('restored state', () => connection.call(remote.domainGetState, { dom: twin, flags: 0 }));
    await step('managed save, to be paused', () => connection.call(remote.domainManagedSave, { dom: twin, flags: 4 }));
    await step('start from managed save, paused', () => start(0));
    await step('restored paused state', () => connection.call(remote.domainGetState, { dom: twin, flags: 0 }));
    await step('destroy', () => connection.call(remote.domainDestroyFlags, { dom: twin, flags: 0 }));
    await step('destroyed state', () => connection.call(remote.domainGetState, { dom: twin, flags: 0 }));
    await step('define anew', () => define(domainXml(twinName, uuid)));
    await step('XML defined anew', () => xml(2, 'cputune', 'blkiotune', 'numatune', 'vcpu'));
    await step('start paused', () => start(1));
    await step('started paused state', () => connection.call(remote.domainGetState, { dom: twin, flags: 0 }));
    await step('undefine while running', () => connection.call(remote.domainUndefineFlags, { dom: twin, flags: 0 }));
    await step('transient now: persistent', () => connection.call(remote.domainIsPersistent, { dom: twin }));
    await step('transient now: pin config', () => pin(0, map(0), config));
    await step('transient now: pin both', () => pin(0, map(0), both));
    await step('transient now: shares config', () => schedule([param.ullong('cpu_shares', 5n)], config));
    await step('transient now: autostart', () => connection.call(remote.domainSetAutostart, { dom: twin, autostart: 1 }));
    await step('transient now: managed save', () => connection.call(remote.domainManagedSave, { dom: twin, flags: 0 }));
    await step('transient now: undefine', () => connection.call(remote.domainUndefineFlags, { dom: twin, flags: 0 }));
    await step('transient now: inactive XML', () => xml(2, 'cputune', 'vcpu'));
    await step('transient now: define again', () => define(domainXml(twinName, uuid)));
    await step('persistent again: undefine', () => connection.call(remote.domainUndefineFlags, { dom: twin, flags: 0 }));
    await step('transient: destroy', () => connection.call(remote.domainDestroyFlags, { dom: twin, flags: 0 }));
    await step('transient: gone', () => connection.call(remote.domainGetState, { dom: twin, flags: 0 }));
    await step('create a transient guest', async () => (await connection.call(remote.domainCreateXml, { xml_desc: domainXml(transientName, transientUuid), flags: 0 })).dom.name);
    await step('destroy the transient guest', () => connection.call(remote.domainDestroyFlags, { dom: { name: '', uuid: transientUuid, id: 0 }, flags: 0 }));
    await events.settle('lifecycle', 'demo-twin-transient 5');
  }

  async function moreTuning(): Promise<void> {
    const guest = (): { readonly dom: Domain } => ({ dom: twin });
    // vCPUs
    const setVcpus = (nvcpus: number, flags: number) => connection.call(remote.domainSetVcpusFlags, { dom: twin, nvcpus, flags });
    for (const [name, flags] of Object.entries({ live, config, current, both, maximum: config | vcpuFlag.maximum, 'live maximum': live | vcpuFlag.maximum, guest: live | vcpuFlag.guest, hotpluggable: live | vcpuFlag.hotpluggable, unknown: 128 })) {
      await step(`vCPUs: read ${name}`, () => connection.call(remote.domainGetVcpusFlags, { ...guest(), flags }));
    }
    await step('vCPUs: none', () => setVcpus(0, config));
    await step('vCPUs: too many', () => setVcpus(5, config));
    await step('vCPUs: too many live', () => setVcpus(5, live));
    await step('vCPUs: config', () => setVcpus(3, config));
    await step('vCPUs: live, plugged', () => setVcpus(3, live));
    await step('vCPUs: live, fewer than at start', () => setVcpus(1, live));
    await step('vCPUs: maximum live', () => setVcpus(4, live | vcpuFlag.maximum));
    await step('vCPUs: maximum current', () => setVcpus(4, vcpuFlag.maximum));
    await step('vCPUs: maximum and guest', () => setVcpus(4, config | vcpuFlag.maximum | vcpuFlag.guest));
    await step('vCPUs: guest config', () => setVcpus(1, config | vcpuFlag.guest));
    await step('vCPUs: by an agent that is not there', () => setVcpus(1, live | vcpuFlag.guest));
    await step('vCPUs: maximum below current', () => setVcpus(2, config | vcpuFlag.maximum));
    await step('vCPUs: maximum', () => setVcpus(6, config | vcpuFlag.maximum));
    await step('vCPUs: unknown flag', () => setVcpus(2, 128));
    await step('vCPUs: XML', () => truths('vcpu'));

    // Memory
    const setMemory = (memory: bigint, flags: number) => connection.call(remote.domainSetMemoryFlags, { dom: twin, memory, flags });
    await step('memory: none', () => setMemory(0n, config));
    await step('memory: too much', () => setMemory(65_537n, live));
    await step('memory: too much config', () => setMemory(65_537n, config));
    await step('memory: config', () => setMemory(32_768n, config));
    await step('memory: maximum live', () => setMemory(70_000n, live | 4));
    await step('memory: maximum config', () => setMemory(131_072n, config | 4));
    await step('memory: maximum below current', () => setMemory(16_384n, config | 4));
    await step('memory: unknown flag', () => setMemory(16_384n, 64));
    await step('memory: XML', () => xml(2, 'memory', 'currentMemory'));
    const period = (seconds: number, flags: number) => connection.call(remote.domainSetMemoryStatsPeriod, { dom: twin, period: seconds, flags });
    await step('statistics period: both', () => period(5, both));
    await step('statistics period: negative', () => period(-1, config));
    await step('statistics period: unknown flag', () => period(5, 64));
    await step('statistics period: XML', async () => [await xml(0, 'stats'), await xml(2, 'stats')].join('\n'));
    await step('statistics period: none', () => period(0, config));
    await step('statistics period: XML without', () => xml(2, 'stats'));
    const limit = (params: readonly TypedParam[], flags: number) => connection.call(remote.domainSetMemoryParameters, { dom: twin, params, flags });
    const limits = (nparams: number, flags: number) => connection.call(remote.domainGetMemoryParameters, { dom: twin, nparams, flags: flags | typedParamFlag.stringOkay });
    await step('limits: how many', () => limits(0, config));
    await step('limits: at first', async () => facts((await limits(3, config)).params));
    await step('limits: at first live', async () => facts((await limits(3, live)).params));
    await step('limits: both', () => limits(3, both));
    await step('limits: soft both', () => limit([param.ullong('soft_limit', 1_048_576n)], both));
    await step('limits: hard above swap', () => limit([param.ullong('hard_limit', 4_194_304n), param.ullong('swap_hard_limit', 2_097_152n)], config));
    await step('limits: hard alone', () => limit([param.ullong('hard_limit', 4_194_304n)], config));
    await step('limits: swap below hard', () => limit([param.ullong('swap_hard_limit', 2_097_152n)], config));
    await step('limits: swap', () => limit([param.ullong('swap_hard_limit', 8_388_608n)], config));
    await step('limits: unlimited', () => limit([param.ullong('hard_limit', 9_007_199_254_740_991n)], config));
    await step('limits: wrong type', () => limit([param.uint('hard_limit', 5)], config));
    await step('limits: unknown', () => limit([param.ullong('min_guarantee', 5n)], config));
    await step('limits: afterwards', async () => facts((await limits(3, config)).params));
    await step('limits: afterwards live', async () => facts((await limits(3, live)).params));
    await step('limits: XML', () => truths('memtune'));

    // Disks
    const tune = (disk: string, params: readonly TypedParam[], flags: number) => connection.call(remote.domainSetBlockIoTune, { dom: twin, disk, params, flags });
    const tuned = (disk: string | null, nparams: number, flags: number) => connection.call(remote.domainGetBlockIoTune, { dom: twin, disk, nparams, flags: flags | typedParamFlag.stringOkay });
    const set = (field: string, value: bigint): TypedParam => param.ullong(field, value);
    await step('disk: how many', () => tuned(null, 0, config));
    await step('disk: how many live', () => tuned(null, 0, live));
    await step('disk: at first', async () => facts((await tuned('sda', 32, config)).params));
    await step('disk: unknown', () => tuned('vdz', 32, config));
    await step('disk: none', () => tuned(null, 32, config));
    await step('disk: set unknown', () => tune('vdz', [set('total_bytes_sec', 1n)], config));
    await step('disk: empty live', () => tune('sda', [set('total_bytes_sec', 1_000_000n)], live));
    await step('disk: total', () => tune('sda', [set('total_bytes_sec', 1_000_000n), set('total_iops_sec', 500n)], config));
    await step('disk: XML of total', () => xml(2, 'iotune'));
    await step('disk: total and read', () => tune('sda', [set('total_bytes_sec', 1n), set('read_bytes_sec', 1n)], config));
    await step('disk: read after total', () => tune('sda', [set('read_bytes_sec', 2_000_000n)], config));
    await step('disk: XML of read', () => xml(2, 'iotune'));
    await step('disk: total and write operations', () => tune('sda', [set('total_iops_sec', 1n), set('write_iops_sec', 1n)], config));
    await step('disk: burst', () => tune('sda', [set('read_bytes_sec_max', 4_000_000n)], config));
    await step('disk: burst and total burst', () => tune('sda', [set('read_bytes_sec_max', 4_000_000n), set('total_bytes_sec_max', 4_000_000n)], config));
    await step('disk: burst without a limit', () => tune('sda', [set('write_bytes_sec_max', 4_000_000n)], config));
    await step('disk: burst below its limit', () => tune('sda', [set('read_bytes_sec_max', 1_000_000n)], config));
    await step('disk: length without burst', () => tune('sda', [set('total_iops_sec_max_length', 5n)], config));
    await step('disk: length', () => tune('sda', [set('read_bytes_sec_max_length', 5n)], config));
    await step('disk: too much', () => tune('sda', [set('read_bytes_sec', 1_000_000_000_000_001n)], config));
    await step('disk: group', () => tune('sda', [param.string('group_name', 'slow')], config));
    await step('disk: group alone live', () => tune('sda', [param.string('group_name', 'slow')], live));
    await step('disk: operation size', () => tune('sda', [set('size_iops_sec', 4096n)], config));
    await step('disk: wrong type', () => tune('sda', [param.llong('read_bytes_sec', 5n)], config));
    await step('disk: unknown field', () => tune('sda', [set('horse_bytes_sec', 5n)], config));
    await step('disk: unknown flag', () => tune('sda', [set('read_bytes_sec', 5n)], 64));
    await step('disk: XML of all', () => xml(2, 'iotune'));
    await step('disk: afterwards', async () => facts((await tuned('sda', 32, config)).params));
    const burstsOff = ['read_bytes_sec_max_length', 'total_iops_sec_max_length'].map((field) => set(field, 0n));
    await step('disk: lengths off', () => tune('sda', burstsOff, config));
    for (const [title, params] of Object.entries({
      'a limit': [set('total_bytes_sec', 1_000_000n)],
      'a burst without a limit': [set('read_bytes_sec_max', 4_000_000n)],
      'a burst below its limit': [set('total_bytes_sec_max', 500_000n)],
      'a length without a burst': [set('total_bytes_sec_max_length', 5n)],
      'a burst': [set('total_bytes_sec_max', 2_000_000n)],
      'a length': [set('total_bytes_sec_max_length', 5n)],
      'reads in place of all': [set('read_bytes_sec', 1_000_000n)],
      'no limit': [set('total_bytes_sec', 0n), set('total_bytes_sec_max', 0n), set('total_bytes_sec_max_length', 0n)],
    })) {
      await step(`disk live: ${title}`, () => tune('vda', params, live));
      await step(`disk live: ${title}, afterwards`, async () => Object.entries(facts((await tuned('vda', 32, live)).params)).filter(([, value]) => value !== 0n && value !== '').join(' '));
    }
    await step('disk: all off', () => tune('sda', [set('read_bytes_sec', 0n), set('total_iops_sec', 0n), set('read_bytes_sec_max', 0n), set('size_iops_sec', 0n)], config));
    await step('disk: XML of none', () => xml(2, 'iotune'));

    // NICs
    const nic = '52:54:00:d3:a0:01';
    const bandwidth = (device: string, params: readonly TypedParam[], flags: number) => connection.call(remote.domainSetInterfaceParameters, { dom: twin, device, params, flags });
    const bandwidths = (device: string, nparams: number, flags: number) => connection.call(remote.domainGetInterfaceParameters, { dom: twin, device, nparams, flags: flags | typedParamFlag.stringOkay });
    await step('NIC: how many', () => bandwidths(nic, 0, config));
    await step('NIC: at first', async () => facts((await bandwidths(nic, 7, config)).params));
    await step('NIC: unknown', () => bandwidths('52:54:00:00:00:99', 7, config));
    await step('NIC: unknown name', () => bandwidths('vnet99', 7, live));
    await step('NIC: set unknown', () => bandwidth('52:54:00:00:00:99', [param.uint('inbound.average', 5)], config));
    await step('NIC: of a kind without bandwidth', () => bandwidth('52:54:00:d3:a0:02', [param.uint('inbound.average', 1000)], config));
    await step('NIC: inbound', () => bandwidth(nic, [param.uint('inbound.average', 1000), param.uint('inbound.peak', 2000), param.uint('inbound.burst', 500)], config));
    await step('NIC: outbound peak without average', () => bandwidth(nic, [param.uint('outbound.peak', 2000)], config));
    await step('NIC: outbound', () => bandwidth(nic, [param.uint('outbound.average', 300)], config));
    await step('NIC: floor', () => bandwidth(nic, [param.uint('inbound.floor', 100)], config));
    await step('NIC: wrong type', () => bandwidth(nic, [param.ullong('inbound.average', 5n)], config));
    await step('NIC: unknown field', () => bandwidth(nic, [param.uint('inbound.horse', 5)], config));
    await step('NIC: XML', () => xml(2, 'bandwidth'));
    await step('NIC: afterwards', async () => facts((await bandwidths(nic, 7, config)).params));
    await step('NIC: inbound off', () => bandwidth(nic, [param.uint('inbound.average', 0)], config));
    await step('NIC: inbound peak alone', () => bandwidth(nic, [param.uint('inbound.peak', 100)], config));
    await step('NIC: outbound off', () => bandwidth(nic, [param.uint('outbound.average', 0)], config));
    await step('NIC: afterwards off', async () => facts((await bandwidths(nic, 7, config)).params));

    // Weights
    const weigh = (params: readonly TypedParam[], flags: number) => connection.call(remote.domainSetBlkioParameters, { dom: twin, params, flags });
    const weights = (nparams: number, flags: number) => connection.call(remote.domainGetBlkioParameters, { dom: twin, nparams, flags: flags | typedParamFlag.stringOkay });
    await step('weight: how many', () => weights(0, config));
    await step('weight: at first', async () => facts((await weights(16, config)).params));
    await step('weight: set', () => weigh([param.uint('weight', 700)], config));
    await step('weight: beyond the range', () => weigh([param.uint('weight', 10_001)], config));
    await step('weight: wrong type', () => weigh([param.ullong('weight', 5n)], config));
    await step('weight: device', () => weigh([param.string('device_weight', '/dev/zero,300')], config));
    await step('weight: device without number', () => weigh([param.string('device_weight', '/dev/zero')], config));
    await step('weight: device operations', () => weigh([param.string('device_read_iops_sec', '/dev/zero,400')], config));
    await step('weight: device bytes', () => weigh([param.string('device_write_bytes_sec', '/dev/zero,400000,/dev/full,7')], config));
    await step('weight: afterwards', async () => facts((await weights(16, config)).params));
    await step('weight: XML', () => xml(2, 'blkiotune'));
    await step('weight: device off', () => weigh([param.string('device_weight', '/dev/zero,0')], config));
    await step('weight: XML afterwards', () => xml(2, 'blkiotune'));

    // NUMA
    const bind = (params: readonly TypedParam[], flags: number) => connection.call(remote.domainSetNumaParameters, { dom: twin, params, flags });
    const bound = (nparams: number, flags: number) => connection.call(remote.domainGetNumaParameters, { dom: twin, nparams, flags: flags | typedParamFlag.stringOkay });
    await step('NUMA: how many', () => bound(0, config));
    await step('NUMA: at first', async () => facts((await bound(2, config)).params));
    await step('NUMA: without text', async () => facts((await connection.call(remote.domainGetNumaParameters, { dom: twin, nparams: 2, flags: config })).params));
    await step('NUMA: nodes', () => bind([param.string('numa_nodeset', '0')], config));
    await step('NUMA: XML of nodes', () => xml(2, 'numatune'));
    await step('NUMA: mode', () => bind([param.int('numa_mode', 2), param.string('numa_nodeset', '0')], config));
    await step('NUMA: unknown mode', () => bind([param.int('numa_mode', 9)], config));
    await step('NUMA: nodes of nonsense', () => bind([param.string('numa_nodeset', 'horse')], config));
    await step('NUMA: no nodes', () => bind([param.string('numa_nodeset', '')], config));
    await step('NUMA: nodes live', () => bind([param.string('numa_nodeset', '0')], live));
    await step('NUMA: mode live', () => bind([param.int('numa_mode', 1)], live));
    await step('NUMA: wrong type', () => bind([param.uint('numa_mode', 1)], config));
    await step('NUMA: afterwards', async () => facts((await bound(2, config)).params));
    await step('NUMA: XML', () => xml(2, 'numatune'));

    // IOThreads
    const add = (id: number, flags: number) => connection.call(remote.domainAddIothread, { dom: twin, iothread_id: id, flags });
    const remove = (id: number, flags: number) => connection.call(remote.domainDelIothread, { dom: twin, iothread_id: id, flags });
    await step('IOThread: add 0', () => add(0, config));
    await step('IOThread: add one that is there', () => add(2, live));
    await step('IOThread: add one that is there, config', () => add(2, config));
    await step('IOThread: add', () => add(5, both));
    await step('IOThread: add, unknown flag', () => add(6, 64));
    await step('IOThread: XML', () => truths('iothreads', 'iothreadids'));
    await step('IOThread: remove 0', () => remove(0, config));
    await step('IOThread: remove one that is not there', () => remove(9, live));
    await step('IOThread: remove one that is not there, config', () => remove(9, config));
    await step('IOThread: remove', () => remove(5, both));
    await step('IOThread: remove a pinned one', () => remove(1, both));
    await step('IOThread: XML afterwards', () => truths('iothreads', 'iothreadids', 'cputune'));

    // Metadata
    const describe = (type: number, metadata: string | null, key: string | null, uri: string | null, flags: number) => connection.call(remote.domainSetMetadata, { dom: twin, type, metadata, key, uri, flags });
    const described = (type: number, uri: string | null, flags: number) => connection.call(remote.domainGetMetadata, { dom: twin, type, uri, flags });
    await step('metadata: no title', () => described(metadataType.title, null, config));
    await step('metadata: no element', () => described(metadataType.element, 'urn:horse', config));
    await step('metadata: title', () => describe(metadataType.title, 'A <twin>', null, null, both));
    await step('metadata: title of two lines', () => describe(metadataType.title, 'one\ntwo', null, null, config));
    await step('metadata: description', () => describe(metadataType.description, 'two\nlines', null, null, config));
    await step('metadata: element', () => describe(metadataType.element, '<team a="1"><x>y</x></team>', 'horse', 'urn:horse', both));
    await step('metadata: element without key', () => describe(metadataType.element, '<team/>', null, 'urn:horse', config));
    await step('metadata: element without uri', () => describe(metadataType.element, '<team/>', 'horse', null, config));
    await step('metadata: element of nonsense', () => describe(metadataType.element, '<team', 'horse', 'urn:horse', config));
    await step('metadata: unknown type', () => describe(9, 'x', null, null, config));
    await step('metadata: get title', () => described(metadataType.title, null, live));
    await step('metadata: get description', () => described(metadataType.description, null, config));
    await step('metadata: get element', () => described(metadataType.element, 'urn:horse', config));
    await step('metadata: get element without uri', () => described(metadataType.element, null, config));
    await step('metadata: get both', () => described(metadataType.title, null, both));
    await step('metadata: XML', () => xml(2, 'title', 'description', 'metadata'));
    await step('metadata: take the element back', () => describe(metadataType.element, null, 'horse', 'urn:horse', both));
    await step('metadata: take the title back', () => describe(metadataType.title, null, null, null, both));
    await step('metadata: XML afterwards', () => xml(2, 'title', 'description', 'metadata'));
    await step('autostart', () => connection.call(remote.domainSetAutostart, { dom: twin, autostart: 1 }));
    await step('autostarted', () => connection.call(remote.domainGetAutostart, { dom: twin }));
  }
  await events.stop();
  await removeTwins(connection);
  return { ...outcomes, ...Object.fromEntries(Object.entries(events.seen).map(([name, seen]) => [`events: ${name}`, seen.join('\n')])) };
};

/** Hears the events of the twins, each as one line. */
const heard = async (connection: Connection) => {
  const all = new DomainEvents(connection);
  const seen: Record<'lifecycle' | 'reboot' | 'tunable' | 'metadataChange', string[]> = { lifecycle: [], reboot: [], tunable: [], metadataChange: [] };
  const waiting = new Set<() => void>();
  const note = (kind: keyof typeof seen, dom: Domain, line: string): void => {
    if (!dom.name.startsWith(twinName)) return;
    // How often firmware that finds nothing to boot resets is not libvirt's doing.
    if (kind !== 'reboot' || seen.reboot.length === 0) seen[kind].push(`${dom.name} ${line}`);
    for (const check of waiting) check();
  };
  const stops = await Promise.all([
    all.on('lifecycle', ({ msg }) => note('lifecycle', msg.dom, `${msg.event} ${msg.detail}`)),
    all.on('reboot', ({ msg }) => note('reboot', msg.dom, 'reboot')),
    all.on('tunable', ({ dom, params }) => note('tunable', dom, shown(params.map(({ field, value }) => [field, value.type, value.value])))),
    all.on('metadataChange', ({ dom, type, nsuri }) => note('metadataChange', dom, `${type} ${nsuri}`)),
  ]);
  return {
    seen,
    /** Waits until such an event has come. */
    settle: (kind: keyof typeof seen, line = '') =>
      new Promise<void>((resolve) => {
        const check = (): void => {
          if (!seen[kind].some((entry) => entry.startsWith(line))) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    stop: async () => {
      for (const stop of stops) await stop?.();
    },
  };
};

/** Takes away what an earlier conversation may have left. */
export const removeTwins = async (connection: Connection): Promise<void> => {
  const { domains } = await connection.call(remote.connectListAllDomains, { need_results: 1, flags: 0 });
  for (const dom of domains.filter(({ name }) => name === twinName || name === transientName)) {
    if (dom.id !== -1) await connection.call(remote.domainDestroyFlags, { dom, flags: 0 });
    const { domains: left } = await connection.call(remote.connectListAllDomains, { need_results: 1, flags: 2 });
    if (left.some(({ uuid: other }) => other === dom.uuid)) await connection.call(remote.domainUndefineFlags, { dom, flags: 1 });
  }
};
