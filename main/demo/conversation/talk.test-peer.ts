// What the chapters of the conversation share: the guest it is about, how its steps are noted, and the calls made again and again.
import { affect } from '../../libvirt/constants.ts';
import type { Connection } from '../../libvirt/connection.ts';
import { DomainEvents } from '../../libvirt/domain-events.ts';
import { LibvirtError } from '../../libvirt/errors.ts';
import type { Domain, TypedParam } from '../../libvirt/objects.ts';
import { remote } from '../../libvirt/procedures.ts';

export const both = affect.live | affect.config;
export const uuid = 'd3a0c0de-7717-4c1b-9a55-0c0ffee0d1e2';
export const transientUuid = 'd3a0c0de-7717-4c1b-9a55-0c0ffee0d1e3';
export const twinName = 'demo-twin';
export const transientName = 'demo-twin-transient';
/** The guest that all is about. Daemons look at the UUID only. */
export const twin: Domain = { name: twinName, uuid, id: -1 };

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

/** A CPU map of one byte. */
export const map = (...cpus: readonly number[]): Uint8Array => Uint8Array.from([cpus.reduce((byte, cpu) => byte | (1 << cpu), 0)]);
const shown = (value: unknown): string => JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part)) ?? 'nothing';
export const facts = (params: readonly TypedParam[]): Readonly<Record<string, unknown>> => Object.fromEntries(params.map(({ field, value }) => [field, value.value]));
/** The elements of these names as they stand in the XML, layout included. */
const parts = (xml: string, names: readonly string[]): string =>
  names.map((name) => new RegExp(`^ *<${name}( [^>]*)?(/>|>[\\s\\S]*?</${name}>)`, 'm').exec(xml)?.[0].trim() ?? `no ${name}`).join('\n');

/** What a chapter can do. */
export type Talk = Awaited<ReturnType<typeof talkWith>>;
export type Chapter = (talk: Talk) => Promise<void>;

/**
 * Begins a conversation: nothing is left of an earlier one, and events are heard.
 * @param disk a file that the daemon can give to a guest.
 */
export const talkWith = async (connection: Connection, disk: string) => {
  const outcomes: Record<string, string> = {};
  await removeTwins(connection);
  const events = await heard(connection);
  const xml = async (flags: number, ...names: readonly string[]): Promise<string> => parts((await connection.call(remote.domainGetXmlDesc, { dom: twin, flags })).xml, names);
  return {
    connection,
    outcomes,
    events,
    domainXml: xmlFor(disk),
    /** Makes a call and notes what came of it. */
    step: async (title: string, run: () => Promise<unknown>): Promise<void> => {
      if (title in outcomes) throw new Error(`two steps are called ${title}`);
      outcomes[title] = await run().then(
        (value) => (typeof value === 'string' ? value : value === undefined ? 'done' : shown(value)),
        (error: unknown) => {
          if (error instanceof LibvirtError) return `error ${error.error.code}, domain ${error.error.domain}`;
          throw error;
        },
      );
    },
    /** These elements of the XML that the flags ask for. */
    xml,
    /** The same of the live XML and of the saved definition. */
    truths: async (...names: readonly string[]): Promise<string> => `live ${await xml(0, ...names)}\nsaved ${await xml(2, ...names)}`,
    define: async (text: string) => void (await connection.call(remote.domainDefineXmlFlags, { xml: text, flags: 0 })),
    start: async (flags: number): Promise<string> => {
      const { dom } = await connection.call(remote.domainCreateWithFlags, { dom: twin, flags });
      return `${dom.name} has ${dom.id > 0 ? 'an id' : 'no id'}`;
    },
    /** Bits of two CPUs only, since hosts have different numbers of them. */
    getPins: async (flags: number) => {
      const { cpumaps, num } = await connection.call(remote.domainGetVcpuPinInfo, { dom: twin, ncpumaps: 4, maplen: 1, flags });
      return { num, rows: [...cpumaps].map((byte) => byte & 3) };
    },
    pin: async (vcpu: number, cpumap: Uint8Array, flags: number) => void (await connection.call(remote.domainPinVcpuFlags, { dom: twin, vcpu, cpumap, flags })),
    pinEmulator: async (cpumap: Uint8Array, flags: number) => void (await connection.call(remote.domainPinEmulator, { dom: twin, cpumap, flags })),
    pinIothread: async (id: number, cpumap: Uint8Array, flags: number) => void (await connection.call(remote.domainPinIothread, { dom: twin, iothreads_id: id, cpumap, flags })),
    schedule: async (params: readonly TypedParam[], flags: number) => void (await connection.call(remote.domainSetSchedulerParametersFlags, { dom: twin, params, flags })),
    scheduled: async (flags: number) => facts((await connection.call(remote.domainGetSchedulerParametersFlags, { dom: twin, nparams: 16, flags })).params),
  };
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
