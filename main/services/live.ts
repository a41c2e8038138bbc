// Statistics of what is on screen: one loop a watched host, as fast as the host answers, nothing when nobody looks.
import type { Takes } from '../../app/contract/contract.ts';
import type { GuestSummary } from '../../app/contract/guests.ts';
import type { DiskSample, Past as ToldPast } from '../../app/contract/live.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { isActive } from '../../app/domain/guest.ts';
import { errorCode, statsFlag } from '../libvirt/constants.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import { max } from '../libvirt/objects.ts';
import { remote } from '../libvirt/procedures.ts';
import { allStatistics } from '../libvirt/statistics.ts';
import { type Context, domOf } from './context.ts';
import { HostCounters, hostNumbers, offline } from './host-counters.ts';
import type { HostSession } from './host-session.ts';
import { type Interest, interestsIn, namedFor, sampleFor, statsWanted, type Tick, wants } from './interests.ts';
import { guestNumbers, Past } from './past.ts';
import { comparable, disksOf, furthest, type GuestSample, nicsOf, type Reading, restAfter, sampleOf } from './rates.ts';
import type { Caller, Services } from './services.ts';
import { Timeline } from './timeline.ts';

/** What all hosts' loops share: one time, and what is kept. */
interface Kept {
  readonly timeline: Timeline;
  readonly past: Past;
}
const now = ({ timeline }: Kept): number => timeline.advance(Date.now(), performance.now());
/** Under what a guest is kept, or, without one, the host itself. */
const guestKey = (host: string, uuid: string | null): string => `${host}/${uuid ?? ''}`;
/** How far apart windows are told, in milliseconds: each draws what it is told, and all at once they would keep one another waiting for a core. However many there are, all are told within half a period. */
const apart = (windows: number): number => Math.min(80, 500 / windows);
/** Up to here guests are asked for by name; beyond, all running ones come with one call. */
const fewGuests = 50;

/** One host's loop. */
class Watch {
  readonly #host: string;
  readonly #context: Context;
  /** What each window looks at, by the id of the caller it is. */
  #windows: ReadonlyMap<string, readonly Interest[]> = new Map();
  #timer: NodeJS.Timeout | null = null;
  #asking = false;
  #before = new Map<string, Reading>();
  readonly #counters = new HostCounters();
  /** When the host itself was looked at last, and after how many breaks of time. */
  #hostSeen: { readonly at: number; readonly breaks: number } | null = null;
  #breaks = 0;
  #nowait: number = statsFlag.nowait;
  readonly #kept: Kept;

  constructor(host: string, context: Context, kept: Kept) {
    this.#host = host;
    this.#context = context;
    this.#kept = kept;
  }

  set windows(windows: ReadonlyMap<string, readonly Interest[]>) {
    this.#windows = windows;
    if (windows.size === 0) this.stop();
    else if (this.#timer === null && !this.#asking) this.#schedule(0);
  }
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#forget();
  }
  /** What comes next has nothing to be compared with. */
  #forget(): void {
    this.#before = new Map();
    this.#hostSeen = null;
    this.#counters.forget();
  }

  #schedule(wait: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#asking = true;
      const began = performance.now();
      this.#tick()
        .catch((error: unknown) => {
          // A host that is away is known to be; its curves have a gap.
          if (!(error instanceof Refused)) this.#context.complain(error);
          // Who answers next may be another daemon.
          this.#forget();
          this.#nowait = statsFlag.nowait;
        })
        .finally(() => {
          this.#asking = false;
          const took = performance.now() - began;
          if (this.#windows.size > 0) this.#schedule(restAfter(took));
          // Asked before all turned away, answered after.
          else this.#forget();
        });
    }, wait);
    this.#timer.unref();
  }

  async #tick(): Promise<void> {
    const session = await this.#context.session(this.#host);
    const interests = [...this.#windows.values()].flat();
    const [{ guests, disks }, hostCpus, places] = await Promise.all([
      this.#guests(session, interests),
      wants(interests, 'hostCpu') || wants(interests, 'hostMemory') ? this.#itself(session, interests) : null,
      Promise.all(namedFor(interests, 'vcpuPlace').map(async (uuid) => await this.#place(session, uuid))),
    ]);
    const tick: Tick = { guests, disks, hostCpus, places: new Map(places.flat()) };
    const at = Date.now();
    for (const [place, window] of [...this.#windows.keys()].entries()) {
      const tell = (): void => {
        // What it looks at by now: that may have changed while the host answered.
        const its = this.#windows.get(window);
        if (its !== undefined) this.#context.tell('live', 'sample', { host: this.#host, at, ...sampleFor(its, tick) }, window);
      };
      if (place === 0) tell();
      else setTimeout(tell, place * apart(this.#windows.size)).unref();
    }
  }

  /** Loads of the host's CPUs; that and the use of its memory are kept. */
  async #itself(session: HostSession, interests: readonly Interest[]): Promise<(number | null)[] | null> {
    const [cpus, memory] = await Promise.all([wants(interests, 'hostCpu') ? this.#counters.cpus(session) : null, wants(interests, 'hostMemory') ? this.#counters.memory(session) : null]);
    const at = now(this.#kept);
    const { past, timeline: { breaks } } = this.#kept;
    const before = this.#hostSeen;
    this.#hostSeen = { at, breaks };
    const isNext = before !== null && before.breaks === breaks && at - before.at <= furthest;
    past.turn(at);
    past.record(guestKey(this.#host, null), at, isNext ? before.at : null, hostNumbers(cpus, memory));
    return cpus;
  }

  /** Guests of whom the same is asked are asked for with one call: a close look at one does not make all others dear. */
  async #guests(session: HostSession, interests: readonly Interest[]): Promise<Pick<Tick, 'guests' | 'disks'>> {
    const alike = new Map<number, GuestSummary[]>();
    for (const guest of session.reached.inventory.list()) {
      const stats = isActive(guest.state) ? statsWanted(interests, guest.uuid) : 0;
      if (stats === 0) continue;
      const others = alike.get(stats);
      if (others === undefined) alike.set(stats, [guest]);
      else others.push(guest);
    }
    const told = await Promise.all([...alike].map(async ([stats, guests]) => ({ asked: new Set(guests.map(({ uuid }) => uuid)), ...(await this.#ask(session, stats, guests)) })));
    if (told.length === 0) return { guests: [], disks: new Map() };
    const { past, timeline } = this.#kept;
    past.turn(now(this.#kept));
    if (timeline.breaks !== this.#breaks) this.#forget();
    this.#breaks = timeline.breaks;
    const before = this.#before;
    this.#before = new Map();
    const guests: GuestSample[] = [];
    const disks = new Map<string, DiskSample[]>();
    for (const { asked, at, took, retStats } of told) {
      for (const { uuid, id, stats } of retStats) {
        const isAsked = asked.has(uuid);
        // Of others only what may be a reading before: they may be asked for next.
        if (!isAsked && this.#before.has(uuid)) continue;
        const reading: Reading = { at, took, run: id, stats };
        this.#before.set(uuid, reading);
        if (!isAsked) continue;
        const earlier = comparable(reading, before.get(uuid) ?? null);
        const guest = sampleOf(uuid, reading, earlier);
        guests.push(guest);
        if (wants(interests, 'disks', uuid)) disks.set(uuid, disksOf(reading, earlier));
        past.record(guestKey(this.#host, uuid), at, earlier?.at ?? null, guestNumbers({
          guest: wants(interests, 'balloon', uuid) ? guest : { ...guest, memory: null }, disks: disks.get(uuid) ?? [], nics: wants(interests, 'nics', uuid) ? nicsOf(reading, earlier) : [],
        }));
      }
    }
    return { guests, disks };
  }

  /** These groups of these guests, or of more: and when the host told them, and after how many milliseconds. */
  async #ask({ reached: { connection } }: HostSession, stats: number, guests: readonly GuestSummary[]) {
    const byName = guests.length <= fewGuests;
    const ask = async (nowait: number) =>
      await connection.call(
        allStatistics,
        { doms: byName ? guests.map(domOf) : [], stats, flags: (nowait | (byName ? 0 : statsFlag.active)) >>> 0 },
        { owner: 'live', slow: true },
      );
    const { retStats, took } = await timed(ask(this.#nowait)).catch(async (error: unknown) => {
      // Servers before 4.5.0 do not know the flag; a guest that went away in between is error 42 and the next tick's business.
      if (this.#nowait === 0 || !(error instanceof LibvirtError) || error.error.code !== errorCode.invalidArg) throw error;
      this.#nowait = 0;
      return await timed(ask(0));
    });
    return { retStats, took, at: now(this.#kept) };
  }

  /** Where the vCPUs of one guest run at this moment; a vCPU that is offline runs nowhere. A call for each guest: only for pages that show it. */
  async #place(session: HostSession, uuid: string): Promise<(readonly [uuid: string, cpus: (number | null)[]])[]> {
    const guest = session.reached.inventory.find(uuid);
    if (guest === null || !isActive(guest.state)) return [];
    const told = await session.reached.connection.call(remote.domainGetVcpus, { dom: domOf(guest), maxinfo: max.vcpuinfo, maplen: 0 }, { owner: 'live' }).catch(offline);
    if (told === null) return [];
    const cpus: (number | null)[] = [];
    for (const { number, cpu } of told.info) cpus[number] = cpu < 0 ? null : cpu;
    return [[uuid, Array.from(cpus, (cpu) => cpu ?? null)]];
  }
}

/** An answer, and the milliseconds it took. */
const timed = async <T extends object>(answer: Promise<T>): Promise<T & { readonly took: number }> => {
  const began = performance.now();
  return { ...(await answer), took: performance.now() - began };
};

/** Of a guest, or with null of all of the host's that it has still; none of a host that is not connected. */
const marksOf = async (context: Context, host: string, uuid: string | null): Promise<ToldPast['marks']> => {
  try {
    const { facts: { marks }, inventory } = (await context.session(host)).reached;
    if (uuid !== null) return marks.of(uuid).map((mark) => ({ ...mark, guest: null }));
    return marks.all().flatMap(({ at, what, uuid: whose }) => {
      const guest = inventory.find(whose)?.name;
      return guest === undefined ? [] : [{ at, what, guest }];
    });
  } catch (error) {
    if (error instanceof Refused) return [];
    throw error;
  }
};

/**
 * The section, and how to end all loops.
 * @param folder where seven days of samples are kept.
 */
export const liveServices = (context: Context, folder: string): { readonly services: Services['live']; readonly close: () => Promise<void> } => {
  const kept: Kept = { timeline: new Timeline(Date.now(), performance.now()), past: new Past(folder, context.complain) };
  const callers = new Map<string, Takes<'live', 'watch'>['interests']>();
  const watches = new Map<string, Watch>();
  const spread = (): void => {
    for (const host of new Set([...[...callers.values()].flat().map((interest) => interest.host), ...watches.keys()])) {
      const watch = watches.get(host) ?? new Watch(host, context, kept);
      watch.windows = new Map([...callers].map(([id, interests]) => [id, interestsIn(host, interests)] as const).filter(([, interests]) => interests.length > 0));
      // Kept when nobody looks: a question that the host never answers is not to be asked again by another loop.
      watches.set(host, watch);
    }
  };
  const forget = (caller: Caller): void => {
    callers.delete(caller.id);
    spread();
  };
  return {
    services: {
      watch: async ({ interests }, caller) => {
        if (caller.gone.aborted) return null;
        if (!callers.has(caller.id)) caller.gone.addEventListener('abort', () => forget(caller), { once: true });
        callers.set(caller.id, interests);
        spread();
        return null;
      },
      past: async ({ host, uuid, range, after }) => {
        const at = now(kept);
        const told = await kept.past.read(guestKey(host, uuid), range, after, at);
        // The clock may have been set back since the timeline began.
        return { ...told, end: (told.last + 1) * told.step + Date.now() - at, marks: await marksOf(context, host, uuid) };
      },
    },
    close: async () => {
      callers.clear();
      spread();
      await kept.past.close();
    },
  };
};
