// The last minute of one guest, in the memory that it will ever need: thousands of guests are kept so, and drawn from it each second.
import { guestSeries, type GuestSeries } from '../../app/contract/live.ts';

/** Samples kept. */
export const kept = 60;
/** Longer than any host takes from one sample to the next, in milliseconds: in between, nobody looked. */
const silence = 30_000;

const columns = new Map(guestSeries.map((name, column) => [name, column]));

/** A ring of samples for each series; a gap is NaN. */
export class Track {
  readonly #values = new Float32Array(kept * guestSeries.length).fill(Number.NaN);
  #count = 0;
  #at = 0;

  /** How many samples there were: another number after each. */
  get count(): number {
    return this.#count;
  }

  /** Takes a sample of all series, in their order, which begins at `from` in `told`. @param at milliseconds since 1970. */
  put(at: number, told: readonly (number | null)[], from: number): void {
    if (this.#count > 0 && at - this.#at > silence) this.#slot([], 0);
    this.#slot(told, from);
    this.#at = at;
  }

  #slot(told: readonly (number | null)[], from: number): void {
    const slot = this.#count % kept;
    for (let column = 0; column < guestSeries.length; column += 1) this.#values[column * kept + slot] = told[from + column] ?? Number.NaN;
    this.#count += 1;
  }

  /** The samples of these series added up, up to the `until`th that there was, oldest first; NaN where one of them is not known. */
  read(until: number, ...series: readonly GuestSeries[]): Float32Array {
    const length = Math.max(0, Math.min(until, kept - (this.#count - until)));
    const all = new Float32Array(length);
    for (const name of series) {
      const begin = (columns.get(name) ?? 0) * kept;
      for (let index = 0; index < length; index += 1) all[index] = (all[index] ?? 0) + (this.#values[begin + ((until - length + index) % kept)] ?? Number.NaN);
    }
    return all;
  }

  /** The newest sample of a series, unless it is too old to be what is; null = not known. @param now milliseconds since 1970. */
  last(name: GuestSeries, now: number): number | null {
    const value = this.#count === 0 || now - this.#at > silence ? Number.NaN : this.#values[(columns.get(name) ?? 0) * kept + ((this.#count - 1) % kept)];
    return value === undefined || Number.isNaN(value) ? null : value;
  }
}
