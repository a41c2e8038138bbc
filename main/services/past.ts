// What guests did, as far back as it is kept: rings in memory under a fixed budget, five-minute means on the disk.
import { type DiskSample, guestSeries, type Range } from '../../app/contract/live.ts';
import { furthest, type GuestSample, type NicSample } from './rates.ts';
import { days, SampleFiles } from './sample-files.ts';
import { lastingNames, placeOf, seriesIn, unknown, whole as wholeGuest } from './sample-places.ts';
import { type RingName, rings, Series, seriesBytes } from './series.ts';

/** No guest takes more memory than this, in bytes, however many disks, NICs and vCPUs it has. */
const mostBytes = 1_048_576;
const mostSeries = Math.floor(mostBytes / seriesBytes);
/** Files written at a time. */
const atOnce = 8;

const steps = { minutes: rings.minutes, hours: rings.hours, days } as const satisfies Readonly<Record<Range, { readonly step: number; readonly slots: number }>>;
const secondOf = (at: number): number => Math.floor(at / rings.minutes.step);
const secondsPerDay = days.step / rings.minutes.step;

/** What one tick brought of one guest. */
interface Recorded {
  readonly guest: GuestSample;
  readonly disks: readonly DiskSample[];
  readonly nics: readonly NicSample[];
}

/** A value for the page: as exact as a picture needs. */
export const compact = (value: number | null): number | null =>
  value === null || !Number.isFinite(value) ? null : Math.abs(value) >= 1_000 ? Math.round(value) : Math.round(value * 10_000) / 10_000;

/** Each number that a tick brought, by the name of its series. */
export const guestNumbers = function* ({ guest, disks, nics }: Recorded): Generator<readonly [name: string, value: number | null]> {
  for (const name of guestSeries) yield [name, guest[name]];
  if (guest.memory !== null) {
    yield ['memory.actual', guest.memory.actual];
    yield ['memory.caches', guest.memory.caches];
  }
  if (guest.vcpus !== null) {
    yield ['wait', guest.wait];
    yield ['steal', guest.steal];
    for (const [vcpu, used] of guest.vcpus.entries()) yield [`vcpu.${vcpu}`, used];
  }
  for (const { target, ...values } of disks) for (const [name, value] of Object.entries(values)) yield [`disk.${target}.${name}`, value];
  for (const { device, ...values } of nics) for (const [name, value] of Object.entries(values)) yield [`nic.${device}.${name}`, value];
};

export class Past {
  readonly #guests = new Map<string, Map<string, Series>>();
  readonly #files: SampleFiles;
  readonly #complain: (error: unknown) => void;
  /** The slot of five minutes that is being filled. */
  #filling: number | null = null;
  #writing: Promise<void> = Promise.resolve();

  /** @param folder where days are kept; it need not exist yet. @param complain where failures to write go: curves of days then have gaps. */
  constructor(folder: string, complain: (error: unknown) => void) {
    this.#files = new SampleFiles(folder);
    this.#complain = complain;
  }

  /** @param guest whose it is. @param at when, on the timeline. @param since when the reading before was, from which on the rates hold; null = there was none. @param numbers each by the name of its series. */
  record(guest: string, at: number, since: number | null, numbers: Iterable<readonly [name: string, value: number | null]>): void {
    const now = secondOf(at);
    const after = since === null ? now - 1 : Math.min(secondOf(since), now - 1);
    const kept = this.#guests.get(guest) ?? new Map<string, Series>();
    this.#guests.set(guest, kept);
    for (const [name, value] of numbers) {
      const series = kept.get(name) ?? this.#room(kept, now, value);
      if (series === null) continue;
      kept.set(name, series);
      series.put(after, now, value);
    }
  }

  /** Called with every tick, before anything of it is recorded: what is five minutes old goes to the disk. */
  turn(at: number): void {
    const slot = Math.floor(at / days.step);
    const filled = this.#filling;
    this.#filling = slot;
    if (filled === null || filled === slot) return;
    this.#keep(filled);
    this.#sweep(secondOf(at));
    this.#then(async () => await this.#files.prune(at));
  }

  /** The newest slot that is whole, and the values of each series up to it: those after slot `after`, or all that are kept. */
  async read(guest: string, range: Range, after: number | null, at: number): Promise<{ readonly last: number; readonly step: number; readonly whole: boolean; readonly series: { name: string; values: (number | null)[] }[] }> {
    const { step, slots } = steps[range];
    // Up to the newest reading: the next may yet tell of the time since. After a silence in which none can, up to now.
    const newest = Math.max(-1, ...[...(this.#guests.get(guest)?.values() ?? [])].map((series) => series.last));
    const second = secondOf(at) - newest > furthest / rings.minutes.step ? secondOf(at) : newest;
    const last = Math.floor(((second + 1) * rings.minutes.step) / step) - 1;
    const whole = after === null || after > last || after < last - slots;
    const from = whole ? last - slots : after;
    return { last, step, whole, series: range === 'days' ? await this.#days(guest, from, last) : this.#memory(guest, range, from, last) };
  }

  /** Writes what is not on the disk yet. */
  async close(): Promise<void> {
    if (this.#filling !== null) this.#keep(this.#filling);
    this.#filling = null;
    await this.#writing;
  }

  #memory(guest: string, range: RingName, after: number, last: number): { name: string; values: (number | null)[] }[] {
    return [...(this.#guests.get(guest) ?? [])].map(([name, series]) => ({ name, values: series.read(range, after, last).map(compact) }));
  }

  async #days(guest: string, after: number, last: number): Promise<{ name: string; values: (number | null)[] }[]> {
    await this.#writing;
    const told: { name: string; values: (number | null)[] }[] = [];
    for (const part of [wholeGuest, ...(await this.#files.parts(guest))]) {
      const values = await this.#files.read(guest, part, after, last);
      for (const [column, name] of seriesIn(part).entries()) {
        const line = (values[column] ?? []).map(compact);
        // Of a device that was there for other days nothing is told.
        if (part === wholeGuest || line.some((value) => value !== null)) told.push({ name, values: line });
      }
    }
    return told;
  }

  /** A series more, for one that is not older than what the rings show, if the guest's budget has room for it. */
  #room(kept: Map<string, Series>, now: number, value: number | null): Series | null {
    // Nothing is known of it, and nothing was.
    if (value === null) return null;
    if (kept.size >= mostSeries) for (const [name, { last }] of kept) if (now - last > rings.minutes.slots) kept.delete(name);
    return kept.size < mostSeries ? new Series() : null;
  }

  #keep(slot: number): void {
    const first = slot * secondsPerDay;
    const records: { readonly guest: string; readonly part: string; readonly values: readonly number[] }[] = [];
    for (const [guest, kept] of this.#guests) {
      for (const [part, values] of this.#means(kept, first)) records.push({ guest, part, values });
    }
    this.#then(async () => {
      for (let at = 0; at < records.length; at += atOnce) {
        await Promise.all(records.slice(at, at + atOnce).map(async ({ guest, part, values }) => await this.#files.write(guest, part, { slot, values })));
      }
    });
  }

  /** What is known of the five minutes from second `first` on: the values of each part by column. */
  #means(kept: ReadonlyMap<string, Series>, first: number): ReadonlyMap<string, readonly number[]> {
    const means = new Map<string, number[]>();
    const lasting = lastingNames(kept);
    for (const [name, series] of kept) {
      const mean = series.mean(first, first + secondsPerDay);
      const place = Number.isNaN(mean) ? null : placeOf(lasting(name) ?? '');
      if (place === null) continue;
      const values = means.get(place.part) ?? [...unknown];
      values[place.column] = mean;
      means.set(place.part, values);
    }
    return means;
  }

  /** Guests of whom the rings have nothing left are forgotten. */
  #sweep(now: number): void {
    const oldest = now - (rings.hours.step * rings.hours.slots) / rings.minutes.step;
    for (const [guest, kept] of this.#guests) {
      for (const [name, { last }] of kept) if (last < oldest) kept.delete(name);
      if (kept.size === 0) this.#guests.delete(guest);
    }
  }

  #then(work: () => Promise<void>): void {
    this.#writing = this.#writing.then(work).catch(this.#complain);
  }
}
