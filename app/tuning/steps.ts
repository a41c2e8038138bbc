// Every kind of step that changes a guest: its fields, how it is called and its virsh equivalent. A kind added here needs its handler to compile.
import { printBytes } from '../domain/bytes.ts';
import { CpuSet } from '../domain/cpu-set.ts';
import { z } from '../domain/schema.ts';
import { shellWord, virshGuest } from '../domain/virsh.ts';
import { limitNames } from './disk-limits.ts';

/** Where a change acts: on the running guest, in its saved definition, or both. */
export const scopes = ['live', 'saved', 'both'] as const;
export type Scope = (typeof scopes)[number];

const scope = z.enum(scopes);
const iothread = z.int().min(1);
export const cpus = z.string().max(65_536).refine(namesCpus, 'is not a cpuset that names a CPU');

function namesCpus(text: string): boolean {
  const set = CpuSet.read(text);
  return set instanceof CpuSet && set.size > 0 && set.toString() === text;
}

/** virsh's options for a scope. */
const acts: Readonly<Record<Scope, string>> = { live: '--live', saved: '--config', both: '--live --config' };

/** Those of libvirt's scheduler parameters that knobs set; `-1` as a quota is no limit, 0 saved takes a value away. */
const schedulerFields = ['cpu_shares', 'vcpu_period', 'vcpu_quota', 'emulator_period', 'emulator_quota', 'global_period', 'global_quota', 'iothread_period', 'iothread_quota'] as const;
const iothreadFields = ['poll_max_ns', 'poll_grow', 'poll_shrink', 'thread_pool_min', 'thread_pool_max'] as const;

const blkioFields = ['weight', 'device_weight', 'device_read_iops_sec', 'device_write_iops_sec', 'device_read_bytes_sec', 'device_write_bytes_sec'] as const;

type Numbers = Readonly<Partial<Record<string, number>>>;

/** At least one number under some of these names. */
const numbers = <N extends string>(names: readonly N[]) =>
  z.partialRecord(z.enum(names), z.int().min(-1)).refine((values) => Object.keys(values).length > 0, 'sets nothing').readonly();

const bandwidthFields = ['inbound.average', 'inbound.peak', 'inbound.burst', 'inbound.floor', 'outbound.average', 'outbound.peak', 'outbound.burst'] as const;
const memoryLimitFields = ['hard_limit', 'soft_limit', 'swap_hard_limit', 'min_guarantee'] as const;

/** virDomainLifecycleAction, as far as the actions are QEMU's, by the names that definitions have for them. */
export const lifecycleActions = ['destroy', 'restart', 'preserve', 'coredump-destroy', 'coredump-restart'] as const;

/** Kind → the fields its handler gets; `kind` itself is added to each. `cpus` are canonical cpusets. */
const fields = {
  /** DOMAIN_PIN_VCPU_FLAGS */
  pinVcpu: z.strictObject({ kind: z.literal('pinVcpu'), vcpu: z.int().min(0), cpus, scope }).readonly(),
  /** DOMAIN_PIN_EMULATOR */
  pinEmulator: z.strictObject({ kind: z.literal('pinEmulator'), cpus, scope }).readonly(),
  /** DOMAIN_SET_VCPUS_FLAGS: how many there are, or with VIR_DOMAIN_VCPU_MAXIMUM how many there may be. */
  setVcpus: z.strictObject({ kind: z.literal('setVcpus'), what: z.enum(['current', 'maximum']), count: z.int().min(1), scope }).readonly(),
  /** DOMAIN_SET_VCPU */
  setVcpu: z.strictObject({ kind: z.literal('setVcpu'), vcpus: cpus, enabled: z.boolean(), scope }).readonly(),
  /** DOMAIN_PIN_IOTHREAD */
  pinIothread: z.strictObject({ kind: z.literal('pinIothread'), id: iothread, cpus, scope }).readonly(),
  /** DOMAIN_ADD_IOTHREAD, DOMAIN_DEL_IOTHREAD */
  addIothread: z.strictObject({ kind: z.literal('addIothread'), id: iothread, scope }).readonly(),
  delIothread: z.strictObject({ kind: z.literal('delIothread'), id: iothread, scope }).readonly(),
  /** DOMAIN_SET_IOTHREAD_PARAMS with these fields together. */
  setIothread: z.strictObject({ kind: z.literal('setIothread'), id: iothread, params: numbers(iothreadFields), scope }).readonly(),
  /** DOMAIN_SET_SCHEDULER_PARAMETERS_FLAGS with these fields together. */
  setScheduler: z.strictObject({ kind: z.literal('setScheduler'), fields: numbers(schedulerFields), scope }).readonly(),
  /** DOMAIN_SET_MEMORY_FLAGS in KiB: what the balloon leaves the guest, or with VIR_DOMAIN_MEM_MAXIMUM what it starts with. */
  setMemory: z.strictObject({ kind: z.literal('setMemory'), what: z.enum(['current', 'maximum']), memory: z.int().min(1), scope }).readonly(),
  /** DOMAIN_SET_MEMORY_STATS_PERIOD in seconds; 0 = the guest is not asked. */
  setMemoryStatsPeriod: z.strictObject({ kind: z.literal('setMemoryStatsPeriod'), period: z.int().min(0), scope }).readonly(),
  /** DOMAIN_SET_MEMORY_PARAMETERS with these limits together, in KiB; null = unlimited. */
  setMemoryLimits: z.strictObject({ kind: z.literal('setMemoryLimits'), limits: z.partialRecord(z.enum(memoryLimitFields), z.int().min(0).nullable()).readonly(), scope }).readonly(),
  /** DOMAIN_SET_NUMA_PARAMETERS; without a mode the nodes alone. */
  setNuma: z.strictObject({ kind: z.literal('setNuma'), mode: z.enum(['strict', 'preferred', 'interleave', 'restrictive']).nullable(), nodeset: z.string().min(1), scope }).readonly(),
  /** DOMAIN_SET_BLKIO_PARAMETERS: the guest's weight, and by device what libvirt spells `/dev/sda,500,/dev/sdb,0`; 0 = none. */
  setBlkio: z.strictObject({ kind: z.literal('setBlkio'), params: z.partialRecord(z.enum(blkioFields), z.union([z.int().min(0), z.string()])).readonly(), scope }).readonly(),
  /** DOMAIN_SET_BLOCK_IO_TUNE with all limits together, since those left out may be reset; 0 = none. */
  setBlockIoTune: z.strictObject({ kind: z.literal('setBlockIoTune'), disk: z.string().min(1), limits: z.partialRecord(z.enum(limitNames), z.int().min(0)).readonly(), group: z.string().min(1).nullable(), scope }).readonly(),
  /** DOMAIN_SET_INTERFACE_PARAMETERS with a direction's fields together, in kB/s and KiB; what is left out of a direction is none, and so is 0. */
  setInterface: z.strictObject({ kind: z.literal('setInterface'), device: z.string().min(1), params: z.partialRecord(z.enum(bandwidthFields), z.int().min(0).max(4_294_967_295)).readonly(), scope }).readonly(),
  /** DOMAIN_ATTACH_DEVICE_FLAGS, DOMAIN_DETACH_DEVICE_FLAGS, DOMAIN_UPDATE_DEVICE_FLAGS; `device` is what it is called in titles. */
  attachDevice: z.strictObject({ kind: z.literal('attachDevice'), device: z.string(), xml: z.string(), scope }).readonly(),
  detachDevice: z.strictObject({ kind: z.literal('detachDevice'), device: z.string(), xml: z.string(), scope }).readonly(),
  updateDevice: z.strictObject({ kind: z.literal('updateDevice'), device: z.string(), xml: z.string(), scope }).readonly(),
  /** DOMAIN_SET_METADATA of the title or the description; empty = none. */
  setWords: z.strictObject({ kind: z.literal('setWords'), what: z.enum(['title', 'description']), text: z.string(), scope }).readonly(),
  /** DOMAIN_SET_LIFECYCLE_ACTION */
  setLifecycle: z.strictObject({ kind: z.literal('setLifecycle'), event: z.enum(['poweroff', 'reboot', 'crash']), action: z.enum(lifecycleActions), scope }).readonly(),
  /** DOMAIN_SET_AUTOSTART */
  setAutostart: z.strictObject({ kind: z.literal('setAutostart'), autostart: z.boolean() }).readonly(),
  /** DOMAIN_DEFINE_XML_FLAGS: the saved definition as a whole; `text` tells of one that somebody edited, and whether libvirt checks it against its schema. */
  define: z.strictObject({ kind: z.literal('define'), xml: z.string(), text: z.strictObject({ edit: z.string(), validate: z.boolean() }).readonly().exactOptional() }).readonly(),
};

export type StepKind = keyof typeof fields;

/** One thing to do to a guest; with a kind, the step of that kind. */
export type Step<K extends StepKind = StepKind> = { [P in K]: { readonly kind: P } & z.infer<(typeof fields)[P]> }[K];

/** A step as it crosses processes: unknown kinds, fields and values are refused. */
export const step = z.union(Object.values(fields));

/** How each kind is called and typed by hand. */
const sayings: { readonly [K in StepKind]: { title(of: Step<K>): string; virsh(of: Step<K>, guestName: string): string } } = {
  pinVcpu: {
    title: (of) => `Pin vCPU ${of.vcpu} to ${cpuWords(of.cpus)}`,
    virsh: (of, guestName) => `virsh vcpupin ${virshGuest(guestName)} ${of.vcpu} ${of.cpus} ${acts[of.scope]}`,
  },
  pinEmulator: {
    title: (of) => `Pin emulator threads to ${cpuWords(of.cpus)}`,
    virsh: (of, guestName) => `virsh emulatorpin ${virshGuest(guestName)} ${of.cpus} ${acts[of.scope]}`,
  },
  setVcpus: {
    title: (of) => (of.what === 'current' ? `Set the number of vCPUs to ${of.count}` : `Let the guest have at most ${of.count} vCPUs`),
    virsh: (of, guestName) => `virsh setvcpus ${virshGuest(guestName)} ${of.count} ${of.what === 'maximum' ? '--maximum ' : ''}${acts[of.scope]}`,
  },
  setVcpu: {
    title: (of) => `${of.enabled ? 'Plug' : 'Unplug'} vCPU ${of.vcpus}`,
    virsh: (of, guestName) => `virsh setvcpu ${virshGuest(guestName)} ${of.vcpus} ${of.enabled ? '--enable' : '--disable'} ${acts[of.scope]}`,
  },
  pinIothread: {
    title: (of) => `Pin I/O thread ${of.id} to ${cpuWords(of.cpus)}`,
    virsh: (of, guestName) => `virsh iothreadpin ${virshGuest(guestName)} ${of.id} ${of.cpus} ${acts[of.scope]}`,
  },
  addIothread: {
    title: (of) => `Add I/O thread ${of.id}`,
    virsh: (of, guestName) => `virsh iothreadadd ${virshGuest(guestName)} ${of.id} ${acts[of.scope]}`,
  },
  delIothread: {
    title: (of) => `Remove I/O thread ${of.id}`,
    virsh: (of, guestName) => `virsh iothreaddel ${virshGuest(guestName)} ${of.id} ${acts[of.scope]}`,
  },
  setIothread: {
    title: (of) => `Set ${fieldWords(of.params)} of I/O thread ${of.id}`,
    virsh: (of, guestName) => `virsh iothreadset ${virshGuest(guestName)} ${of.id} ${words(of.params, (field, value) => `--${field.replaceAll('_', '-')} ${value}`, ' ')} ${acts[of.scope]}`,
  },
  setScheduler: {
    title: (of) => (of.fields.cpu_shares === undefined ? `Set ${fieldWords(of.fields)}` : `Set CPU shares to ${of.fields.cpu_shares}`),
    virsh: (of, guestName) => `virsh schedinfo ${virshGuest(guestName)} ${words(of.fields, (field, value) => `--set ${field}=${value}`, ' ')} ${acts[of.scope]}`,
  },
  setMemory: {
    title: (of) => (of.what === 'current' ? `Set the balloon to ${kibWords(of.memory)}` : `Set the memory to ${kibWords(of.memory)}`),
    virsh: (of, guestName) => `virsh ${of.what === 'current' ? 'setmem' : 'setmaxmem'} ${virshGuest(guestName)} ${of.memory} ${acts[of.scope]}`,
  },
  setMemoryStatsPeriod: {
    title: (of) => (of.period === 0 ? 'Stop asking for memory statistics' : `Ask for memory statistics every ${of.period} s`),
    virsh: (of, guestName) => `virsh dommemstat ${virshGuest(guestName)} --period ${of.period} ${acts[of.scope]}`,
  },
  setMemoryLimits: {
    title: (of) => `Set ${Object.entries(of.limits).map(([name, kib]) => `${name} to ${kib === null ? 'unlimited' : kibWords(kib)}`).join(', ')}`,
    virsh: (of, guestName) => `virsh memtune ${virshGuest(guestName)} ${Object.entries(of.limits).map(([name, kib]) => `--${name.replaceAll('_', '-')} ${kib ?? -1}`).join(' ')} ${acts[of.scope]}`,
  },
  setNuma: {
    title: (of) => `Take memory from host node ${of.nodeset}${of.mode === null ? '' : `, ${of.mode}`}`,
    virsh: (of, guestName) => `virsh numatune ${virshGuest(guestName)} ${of.mode === null ? '' : `--mode ${of.mode} `}--nodeset ${shellWord(of.nodeset)} ${acts[of.scope]}`,
  },
  setBlkio: {
    title: (of) => `Set block I/O: ${Object.entries(of.params).map(([name, value]) => `${name} ${value}`).join(', ')}`,
    virsh: (of, guestName) => `virsh blkiotune ${virshGuest(guestName)} ${Object.entries(of.params).map(([name, value]) => `--${name.replaceAll('_', '-').replace('device-weight', 'device-weights')} ${shellWord(`${value}`)}`).join(' ')} ${acts[of.scope]}`,
  },
  setBlockIoTune: {
    title: (of) => (Object.values(of.limits).every((limit) => limit === 0) ? `Take all limits off disk ${of.disk}` : `Limit disk ${of.disk}: ${words(nonZero(of.limits), (field, value) => `${field} to ${value}`, ', ')}${of.group === null ? '' : `, group ${of.group}`}`),
    virsh: (of, guestName) => `virsh blkdeviotune ${virshGuest(guestName)} ${shellWord(of.disk)} ${words(of.limits, (field, value) => `--${field.replaceAll('_', '-')} ${value}`, ' ')} ${of.group === null ? '' : `--group-name ${shellWord(of.group)} `}${acts[of.scope]}`,
  },
  setInterface: {
    title: (of) => (Object.values(of.params).every((value) => value === 0) ? `Take the limits off NIC ${of.device}` : `Limit NIC ${of.device}: ${Object.entries(of.params).filter(([, value]) => value !== 0).map(([field, value]) => `${field.replace('.', ' ')} ${value} ${field.endsWith('.burst') ? 'KiB' : 'kB/s'}`).join(', ')}`),
    virsh: (of, guestName) => `virsh domiftune ${virshGuest(guestName)} ${of.device} ${['inbound', 'outbound'].flatMap((direction) => bandwidthOption(direction, of.params)).join(' ')} ${acts[of.scope]}`,
  },
  attachDevice: { title: (of) => `Plug ${of.device}`, virsh: (of, guestName) => deviceCommand('attach-device', of, guestName) },
  detachDevice: { title: (of) => `Take away ${of.device}`, virsh: (of, guestName) => deviceCommand('detach-device', of, guestName) },
  updateDevice: { title: (of) => `Change ${of.device}`, virsh: (of, guestName) => deviceCommand('update-device', of, guestName) },
  setWords: {
    title: (of) => (of.text === '' ? `Remove the ${of.what}` : `Set the ${of.what} to ${of.text}`),
    virsh: (of, guestName) => `virsh desc ${virshGuest(guestName)} ${of.what === 'title' ? '--title ' : ''}--new-desc ${shellWord(of.text)} ${acts[of.scope]}`,
  },
  setLifecycle: {
    title: (of) => `When the guest ${lifecycleWords[of.event]}: ${of.action}`,
    virsh: (of, guestName) => `virsh set-lifecycle-action ${virshGuest(guestName)} ${of.event} ${of.action} ${acts[of.scope]}`,
  },
  setAutostart: {
    title: (of) => (of.autostart ? 'Start with the host' : 'No start with the host'),
    virsh: (of, guestName) => `virsh autostart ${of.autostart ? '' : '--disable '}${virshGuest(guestName)}`,
  },
  define: {
    title: (of) => (of.text === undefined ? 'Write the saved definition' : `Edit the saved definition: ${of.text.edit}`),
    virsh: (of, guestName) => `virsh define ${of.text?.validate === true ? '--validate ' : ''}${definitionFile(guestName)}`,
  },
};

const lifecycleWords = { poweroff: 'powers off', reboot: 'reboots', crash: 'crashes' } as const;

/** `vcpu_period to 50000, vcpu_quota to 25000` */
const fieldWords = (fields: Numbers): string => words(fields, (field, value) => `${field} to ${value}`, ', ');
const words = (fields: Numbers, say: (field: string, value: number) => string, between: string): string =>
  Object.entries(fields).flatMap(([field, value]) => (value === undefined ? [] : [say(field, value)])).join(between);
const nonZero = (fields: Numbers): Numbers => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== 0));
/** `--inbound average,peak,burst,floor`; nothing for a direction that is not told. */
const bandwidthOption = (direction: string, params: Numbers): readonly string[] => {
  const own = bandwidthFields.filter((field) => field.startsWith(direction));
  return own.every((field) => params[field] === undefined) ? [] : [`--${direction} ${own.map((field) => params[field] ?? 0).join(',')}`];
};
const kibWords = (kib: number): string => printBytes(kib * 1024);
/** virsh reads the device where it would read a file. */
const deviceCommand = (command: string, of: { readonly xml: string; readonly scope: Scope }, guestName: string): string =>
  `echo ${shellWord(of.xml.replaceAll(/>\s+</g, '><'))} | virsh ${command} ${virshGuest(guestName)} /dev/stdin ${acts[of.scope]}`;
const cpuWords = (text: string): string => `${/^\d+$/.test(text) ? 'CPU' : 'CPUs'} ${text}`;

/** The file that commands write a definition to before virsh reads it, as a shell word. */
export const definitionFile = (guestName: string): string => shellWord(`./${guestName.replaceAll('/', '_')}.xml`);

/** What a step does, in words. */
export const stepTitle = <K extends StepKind>(of: Step<K>): string => sayings[of.kind].title(of);

/** The same by hand; a name with spaces or signs is quoted for a POSIX shell. */
export const stepCommand = <K extends StepKind>(of: Step<K>, guestName: string): string => sayings[of.kind].virsh(of, guestName);

/** One handler for each kind of step; a forgotten kind does not compile. */
export type StepHandlers<Context, Result = void> = { readonly [K in StepKind]: (step: Step<K>, context: Context) => Promise<Result> };

/** Takes a step with the handler of its kind. */
export const takeStep = <Context, Result, K extends StepKind>(of: Step<K>, handlers: StepHandlers<Context, Result>, context: Context): Promise<Result> =>
  handlers[of.kind](of, context);
