// The last minutes of every watched guest and host, and what this window is watching.
import type { Takes, Told } from '../../app/contract/contract.ts';
import { type DiskSample, type Group, guestSeries, type MemorySample } from '../../app/contract/live.ts';
import type { Client } from './client.ts';
import { Track } from './track.ts';

/** What a mounted screen needs: which groups of which guests of a host; `uuids: null` = all of them. */
export interface Interest {
  readonly host: string;
  readonly groups: readonly Group[];
  readonly uuids: readonly string[] | null;
}

/** What a guest uses at this moment: CPUs (1 = one of the host) and KiB; null where nobody looks, or it is not told. */
export interface Usage {
  readonly cpu: number | null;
  readonly usedKiB: number | null;
}

const noTrack = new Track();
const noDisks: readonly DiskSample[] = [];

/** One watch list from what several screens need: one line for each host and set of guests, groups united. */
export const union = (interests: Iterable<Interest>): Takes<'live', 'watch'>['interests'] => {
  const lines = new Map<string, { host: string; groups: Set<Group>; uuids: Set<string> | null }>();
  for (const { host, groups, uuids } of interests) {
    // Host-wide groups and guests' groups are separate lines, so that one guest's detail does not cost every guest's.
    const key = `${host} ${uuids === null ? 'all' : [...groups].sort().join()}`;
    const line = lines.get(key) ?? { host, groups: new Set<Group>(), uuids: uuids === null ? null : new Set<string>() };
    for (const group of groups) line.groups.add(group);
    for (const uuid of uuids ?? []) line.uuids?.add(uuid);
    lines.set(key, line);
  }
  return [...lines.values()].map(({ host, groups, uuids }) => ({ host, groups: [...groups], uuids: uuids === null ? null : [...uuids] }));
};

export class Samples {
  readonly #tracks = new Map<string, Track>();
  readonly #hostCpus = new Map<string, readonly (number | null)[]>();
  readonly #places = new Map<string, readonly (number | null)[]>();
  readonly #balloons = new Map<string, MemorySample>();
  readonly #disks = new Map<string, readonly DiskSample[]>();
  readonly #tellers = new Map<string, Set<() => void>>();
  readonly #anyTellers = new Set<() => void>();
  readonly #interests = new Set<Interest>();
  readonly #client: Client;
  #told = '[]';
  #scheduled = false;

  constructor(client: Client) {
    this.#client = client;
    client.listen((news) => {
      if (news.section === 'live') this.#take(news.told);
    });
  }

  /** The kept samples of one guest, which more are put into. */
  track(host: string, uuid: string): Track {
    return this.#tracks.get(`${host}/${uuid}`) ?? noTrack;
  }

  /** @param now milliseconds since 1970. */
  usage(host: string, uuid: string, now: number): Usage {
    const track = this.track(host, uuid);
    return { cpu: track.last('cpu', now), usedKiB: track.last('memoryUsedKiB', now) };
  }

  /** Loads 0..1 of a host by CPU number; null before the first sample. */
  hostCpus(host: string): readonly (number | null)[] | null {
    return this.#hostCpus.get(host) ?? null;
  }

  /** The host CPU each vCPU runs on, by its number; null before the first sample. */
  places(host: string, uuid: string): readonly (number | null)[] | null {
    return this.#places.get(`${host}/${uuid}`) ?? null;
  }

  /** What the balloon of a guest told last; null = nothing yet. */
  balloon(host: string, uuid: string): MemorySample | null {
    return this.#balloons.get(`${host}/${uuid}`) ?? null;
  }

  /** What each disk of a guest does; another list with every sample, empty before the first. */
  disks(host: string, uuid: string): readonly DiskSample[] {
    return this.#disks.get(`${host}/${uuid}`) ?? noDisks;
  }

  /** Tells each new sample of a host until the returned function is called. */
  onSample(host: string, tell: () => void): () => void {
    const tellers = this.#tellers.get(host) ?? new Set();
    this.#tellers.set(host, tellers);
    tellers.add(tell);
    return () => tellers.delete(tell);
  }

  /** Tells each new sample of whatever host until the returned function is called. */
  onAny(tell: () => void): () => void {
    this.#anyTellers.add(tell);
    return () => this.#anyTellers.delete(tell);
  }

  /** Watches until the returned function is called. */
  watch(interest: Interest): () => void {
    this.#interests.add(interest);
    this.#schedule();
    return () => {
      this.#interests.delete(interest);
      this.#schedule();
    };
  }

  /** Says again what is watched: main forgot it when the link broke. */
  renew(): void {
    this.#told = '[]';
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // One call for all screens that come and go in the same turn.
    queueMicrotask(() => {
      this.#scheduled = false;
      const interests = document.visibilityState === 'hidden' ? [] : union(this.#interests);
      const text = JSON.stringify(interests);
      if (text === this.#told) return;
      this.#told = text;
      this.#client.ask('live', 'watch', { interests }).catch(() => {
        // Not watched after all: the next screen, or the link coming back, says it again.
        this.#told = '';
      });
    });
  }

  /** Called when the window is shown or hidden: a hidden one watches nothing. */
  visibilityChanged(): void {
    this.#schedule();
  }

  #take({ host, at, guests, values: told, hostCpus, places, balloons, disks }: Told<'live', 'sample'>): void {
    for (const [place, uuid] of guests.entries()) {
      const key = `${host}/${uuid}`;
      const track = this.#tracks.get(key) ?? new Track();
      this.#tracks.set(key, track);
      track.put(at, told, place * guestSeries.length);
    }
    for (const { uuid, memory } of balloons) this.#balloons.set(`${host}/${uuid}`, memory);
    for (const { uuid, cpus } of places) this.#places.set(`${host}/${uuid}`, cpus);
    for (const { uuid, disks: each } of disks) this.#disks.set(`${host}/${uuid}`, each);
    if (hostCpus !== null) this.#hostCpus.set(host, hostCpus);
    for (const tell of this.#tellers.get(host) ?? []) tell();
    for (const tell of this.#anyTellers) tell();
  }
}
