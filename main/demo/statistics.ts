// Moving numbers: rates that wander smoothly around a mean, integrated in closed form, so that counters are deterministic, independent of
// how often they are read, and never go back.
import { domainState, statsFlag, statsGroup } from '../libvirt/constants.ts';
import { param, type TypedParam } from '../libvirt/objects.ts';
import type { Clock } from './clock.ts';
import { checkFlags, Fault } from './fault.ts';
import { dirtyRateOf } from './dirty-rate.ts';
import type { Guest } from './guest.ts';
import type { Inventory } from './inventory.ts';
import { isListed } from './filters.ts';
import type { Handlers } from './serve.ts';

/** Periods of the waves in seconds, and how far each moves the rate; together less than 1, so that a rate stays above zero. */
const waves: readonly (readonly [period: number, depth: number])[] = [[7.3, 0.18], [23.9, 0.27], [97.1, 0.31], [613, 0.16]];

/** A fraction that looks random and depends on the seeds only. */
const fraction = (seed: number, salt: number): number => {
  const mixed = Math.imul(seed * 2654435761 + salt * 40503 + 1, 2246822519) >>> 0;
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
};

/**
 * What has been counted after so many seconds at a mean of `rate` a second.
 * @param salt tells counters of one seed apart: they wander each in its own way.
 */
export const counted = (seed: number, salt: number, rate: number, seconds: number): bigint => {
  const wandered = waves.reduce((sum, [period, depth], wave) => {
    const speed = (2 * Math.PI) / period;
    const phase = 2 * Math.PI * fraction(seed, salt * 8 + wave);
    return sum + (depth / speed) * (Math.cos(phase) - Math.cos(speed * seconds + phase));
  }, 0);
  return BigInt(Math.max(0, Math.floor(rate * (seconds + wandered))));
};

/** The momentary factor of such a rate, around 1. */
export const momentary = (seed: number, salt: number, seconds: number): number =>
  1 + waves.reduce((sum, [period, depth], wave) => sum + depth * Math.sin((2 * Math.PI * seconds) / period + 2 * Math.PI * fraction(seed, salt * 8 + wave)), 0);

const second = 1e9;
const secondsOf = (guest: Guest, now: number): number => guest.ran(now) / 1000;

/** Nanoseconds that one vCPU has run. A rate of at most 0.95 of a CPU at its mean's highest. */
export const vcpuTime = (guest: Guest, vcpu: number, now: number): bigint => {
  const rate = Math.min(guest.load * (0.7 + 0.6 * fraction(guest.seed, 900 + vcpu)), 0.52);
  return counted(guest.seed, vcpu, rate * second, secondsOf(guest, now));
};
const emulatorTime = (guest: Guest, now: number): bigint => counted(guest.seed, 500, 0.03 * second, secondsOf(guest, now));
/** Nanoseconds of CPU that the guest has used: its vCPUs and its emulator. */
export const cpuTime = (guest: Guest, now: number): bigint =>
  Array.from({ length: guest.current.shape.vcpus }, (_, vcpu) => vcpuTime(guest, vcpu, now)).reduce((sum, time) => sum + time, emulatorTime(guest, now));

type Group = (guest: Guest, now: number) => readonly TypedParam[];

/** What a running guest's balloon tells, in KiB. */
export const balloonOf = (guest: Guest, now: number): Readonly<Record<'unused' | 'available' | 'usable' | 'caches' | 'rss', bigint>> => {
  const { currentMemory } = guest.current.shape;
  const used = Math.round(currentMemory * Math.min(0.45 + 0.4 * guest.load, 0.8) * (0.9 + 0.1 * momentary(guest.seed, 610, secondsOf(guest, now))));
  const available = Math.round(currentMemory * 0.985);
  const usable = Math.max(0, available - used);
  const caches = Math.round(usable * 0.4);
  return { unused: BigInt(usable - caches), available: BigInt(available), usable: BigInt(usable), caches: BigInt(caches), rss: BigInt(Math.round(currentMemory * 0.97)) };
};

const balloon: Group = (guest, now) => {
  const { memory, currentMemory } = guest.current.shape;
  const size = [param.ullong('balloon.current', BigInt(currentMemory)), param.ullong('balloon.maximum', BigInt(memory))];
  if (!guest.isActive) return size;
  const seconds = secondsOf(guest, now);
  const told = balloonOf(guest, now);
  return [
    ...size,
    param.ullong('balloon.swap_in', 0n),
    param.ullong('balloon.swap_out', 0n),
    param.ullong('balloon.major_fault', counted(guest.seed, 611, 0.2, seconds)),
    param.ullong('balloon.minor_fault', counted(guest.seed, 612, 900, seconds)),
    param.ullong('balloon.unused', told.unused),
    param.ullong('balloon.available', told.available),
    param.ullong('balloon.usable', told.usable),
    param.ullong('balloon.last-update', BigInt(Math.floor(now / 1000))),
    param.ullong('balloon.disk_caches', told.caches),
    param.ullong('balloon.hugetlb_pgalloc', 0n),
    param.ullong('balloon.hugetlb_pgfail', 0n),
    param.ullong('balloon.rss', told.rss),
  ];
};

const vcpus: Group = (guest, now) => {
  const shape = guest.current.shape;
  const counts = [param.uint('vcpu.current', shape.vcpus), param.uint('vcpu.maximum', shape.maximumVcpus)];
  const state = guest.isActive ? 1 : 0;
  return counts.concat(
    Array.from({ length: shape.vcpus }, (_, vcpu) => [
      param.int(`vcpu.${vcpu}.state`, state),
      ...(guest.isActive
        ? [
            param.ullong(`vcpu.${vcpu}.time`, vcpuTime(guest, vcpu, now)),
            param.ullong(`vcpu.${vcpu}.wait`, 0n),
            param.boolean(`vcpu.${vcpu}.halted`, guest.state === domainState.paused),
            param.ullong(`vcpu.${vcpu}.delay`, counted(guest.seed, 300 + vcpu, 0.004 * second, secondsOf(guest, now))),
          ]
        : []),
    ]).flat(),
  );
};

const interfaces: Group = (guest, now) => {
  const { nics } = guest.current.shape;
  const seconds = secondsOf(guest, now);
  return [param.uint('net.count', nics.length), ...nics.flatMap((nic, index) => {
    const rate = 4e5 + 6e6 * guest.load * fraction(guest.seed, 700 + index);
    const counter = (name: string, salt: number, mean: number): TypedParam => param.ullong(`net.${index}.${name}`, counted(guest.seed, salt + index, mean, seconds));
    return [
      param.string(`net.${index}.name`, nic.device ?? ''),
      counter('rx.bytes', 710, rate), counter('rx.pkts', 710, rate / 900), counter('rx.errs', 0, 0), counter('rx.drop', 720, 0.01),
      counter('tx.bytes', 730, rate * 0.6), counter('tx.pkts', 730, rate * 0.6 / 700), counter('tx.errs', 0, 0), counter('tx.drop', 0, 0),
    ];
  })];
};

/** Bytes of a disk, by its place: 40 GiB for the first, more for the others. */
export const diskCapacity = (index: number): bigint => BigInt(index === 0 ? 40 : 200 * index) * 1_073_741_824n;

const blocks: Group = (guest, now) => {
  const { disks } = guest.current.shape;
  const seconds = secondsOf(guest, now);
  return [param.uint('block.count', disks.length), ...disks.flatMap((disk, index) => {
    const reads = 20 + 900 * guest.load * fraction(guest.seed, 800 + index);
    const writes = 15 + 500 * guest.load * fraction(guest.seed, 850 + index);
    const counter = (name: string, salt: number, mean: number): TypedParam => param.ullong(`block.${index}.${name}`, counted(guest.seed, salt + index, mean, seconds));
    const capacity = guest.capacities.get(disk.target) ?? diskCapacity(index);
    return [
      param.string(`block.${index}.name`, disk.target),
      ...(disk.source === null ? [] : [param.string(`block.${index}.path`, disk.source)]),
      ...(guest.isActive
        ? [
            counter('rd.reqs', 810, reads), counter('rd.bytes', 810, reads * 14_000), counter('rd.times', 810, reads * 220_000),
            counter('wr.reqs', 820, writes), counter('wr.bytes', 820, writes * 9_000), counter('wr.times', 820, writes * 610_000),
            counter('fl.reqs', 830, writes / 12), counter('fl.times', 830, writes * 90_000),
          ]
        : []),
      param.ullong(`block.${index}.allocation`, (capacity * 6n) / 10n),
      param.ullong(`block.${index}.capacity`, capacity),
      param.ullong(`block.${index}.physical`, (capacity * 6n) / 10n),
    ];
  })];
};

/** As it was set since the start, or as the definition has it. */
const pollOf = (guest: Guest, id: number, name: 'max' | 'grow' | 'shrink'): number | undefined => {
  const thread = guest.current.root.at('iothreadids')?.all('iothread').find((each) => each.get('id') === String(id));
  const written = thread?.at('poll')?.get(name);
  return guest.polling.get(`${id} poll_${name === 'max' ? 'max_ns' : name}`) ?? (written === undefined ? undefined : Number(written));
};

const iothreads: Group = (guest) => {
  const ids = guest.isActive ? guest.current.shape.iothreads : [];
  return ids.length === 0 ? [] : [
    param.uint('iothread.count', ids.length),
    ...ids.flatMap((id) => [
      param.ullong(`iothread.${id}.poll-max-ns`, BigInt(pollOf(guest, id, 'max') ?? 32_768)),
      param.uint(`iothread.${id}.poll-grow`, pollOf(guest, id, 'grow') ?? 0),
      param.uint(`iothread.${id}.poll-shrink`, pollOf(guest, id, 'shrink') ?? 0),
    ]),
  ];
};

const cpuTotal: Group = (guest, now) => {
  if (!guest.isActive) return [];
  const time = cpuTime(guest, now);
  return [param.ullong('cpu.time', time), param.ullong('cpu.user', (time * 8n) / 10n), param.ullong('cpu.system', (time * 2n) / 10n)];
};

const groups: readonly (readonly [flag: number, group: Group])[] = [
  [statsGroup.state, (guest) => [param.int('state.state', guest.state), param.int('state.reason', guest.reason)]],
  [statsGroup.cpuTotal, cpuTotal],
  [statsGroup.balloon, balloon],
  [statsGroup.vcpu, vcpus],
  [statsGroup.interface, interfaces],
  [statsGroup.block, blocks],
  [statsGroup.iothread, iothreads],
  [statsGroup.dirtyrate, dirtyRateOf],
];
/** Groups that this host knows but has nothing to say about. */
const silent = statsGroup.perf | statsGroup.memory | statsGroup.vm;
const known = groups.reduce((all, [flag]) => all | flag, silent);
const knownFlags = (statsFlag.active | statsFlag.inactive | statsFlag.persistent | statsFlag.transient | statsFlag.running | statsFlag.paused | statsFlag.shutoff
  | statsFlag.other | statsFlag.nowait | statsFlag.backing | statsFlag.enforceStats) >>> 0;
const filterBits = 255;

export const statisticsHandlers = (inventory: Inventory, clock: Clock): Handlers => ({
  connectGetAllDomainStats: ({ doms, stats, flags }) => {
    checkFlags(flags, knownFlags);
    if ((flags & statsFlag.enforceStats) !== 0 && (stats & ~known) !== 0) {
      throw new Fault('argumentUnsupported', 'qemu', `argument unsupported: Stats types bits 0x${(stats & ~known).toString(16)} are not supported by this daemon or QEMU`);
    }
    const asked = stats === 0 ? known : stats;
    const now = clock.now();
    const guests = doms.length > 0 ? doms.map((dom) => inventory.find(dom)) : inventory.all.filter((guest) => isListed(guest, flags & filterBits));
    return {
      retStats: guests.map((guest) => ({
        dom: guest.object,
        params: groups.flatMap(([flag, group]) => ((asked & flag) === 0 ? [] : group(guest, now))),
      })),
    };
  },
});
