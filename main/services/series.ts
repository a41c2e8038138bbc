// One number over time, in the memory that it will ever need: each second of five minutes, each ten seconds of two hours.

/** One ring of slots, each as long as `step` milliseconds. */
interface Ring {
  readonly step: number;
  readonly slots: number;
}

/** The rings that are kept in memory. */
export const rings = { minutes: { step: 1_000, slots: 300 }, hours: { step: 10_000, slots: 720 } } as const satisfies Readonly<Record<string, Ring>>;
export type RingName = keyof typeof rings;

const perCoarse = rings.hours.step / rings.minutes.step;
/** Bytes that the values of one series take. */
export const seriesBytes = (rings.minutes.slots + rings.hours.slots) * Float32Array.BYTES_PER_ELEMENT;

/** A slot is a number of steps since 1970; what was not put into it is a gap. */
export class Series {
  readonly #fine = new Float32Array(rings.minutes.slots).fill(Number.NaN);
  readonly #coarse = new Float32Array(rings.hours.slots).fill(Number.NaN);
  #last = -1;

  /** The newest slot of a second that anything was put into; -1 = none. */
  get last(): number {
    return this.#last;
  }

  /**
   * Puts what held after slot `since` up to and with slot `now`; null = it is not known. Slots behind the newest are left as they are.
   * @param since at least one before `now`.
   */
  put(since: number, now: number, value: number | null): void {
    if (now < this.#last) return;
    const { slots } = rings.minutes;
    const begun = this.#last < 0 ? now - slots : this.#last;
    const [open, current] = [Math.floor(begun / perCoarse), Math.floor(now / perCoarse)];
    // After a long silence the seconds of the slot that was open are about to be written over.
    const isGone = now - open * perCoarse >= slots;
    if (isGone && this.#last >= 0) this.#roll(open, open);
    for (let slot = Math.max(begun + 1, now - slots + 1); slot <= now; slot += 1) this.#fine[slot % slots] = slot > since && value !== null ? value : Number.NaN;
    // A second sample within one second: the later one, when it knows.
    if (now === this.#last && value !== null) this.#fine[now % slots] = value;
    this.#last = now;
    if (current > open) this.#roll(isGone ? open + 1 : open, current - 1);
  }

  /** The slots after `after` up to and with `last`, at most as many as the ring has; gaps are NaN. */
  read(name: RingName, after: number, last: number): number[] {
    const count = Math.min(last - after, rings[name].slots);
    return Array.from({ length: count }, (_, index) => {
      const slot = last - count + 1 + index;
      return name === 'minutes' ? this.#second(slot) : this.#tenSeconds(slot);
    });
  }

  /** The mean of what is known of the seconds from slot `from` up to and without slot `to`, as far as they are still kept; NaN = none is. */
  mean(from: number, to: number): number {
    const { slots } = rings.minutes;
    let [sum, count] = [0, 0];
    // For every series of thousands of guests at once: no more work for each second than it takes.
    for (let slot = Math.max(from, this.#last - slots + 1); slot < to && slot <= this.#last; slot += 1) {
      const value = this.#fine[slot % slots] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      sum += value;
      count += 1;
    }
    return sum / count;
  }

  #second(slot: number): number {
    const { slots } = rings.minutes;
    return slot > this.#last || slot <= this.#last - slots ? Number.NaN : (this.#fine[slot % slots] ?? Number.NaN);
  }

  #tenSeconds(slot: number): number {
    const { slots } = rings.hours;
    const newest = Math.floor(this.#last / perCoarse);
    // The one that is open is summed up when somebody asks.
    if (slot === newest) return this.mean(slot * perCoarse, (slot + 1) * perCoarse);
    return slot > newest || slot <= newest - slots ? Number.NaN : (this.#coarse[slot % slots] ?? Number.NaN);
  }

  /** Sums up ten seconds each in the coarse slots from `from` to `to`. */
  #roll(from: number, to: number): void {
    const { slots } = rings.hours;
    for (let slot = Math.max(from, to - slots + 1); slot <= to; slot += 1) this.#coarse[slot % slots] = this.mean(slot * perCoarse, (slot + 1) * perCoarse);
  }
}
