// The time that samples are kept by: it never goes back, whatever is done to the computer's clock, and it knows of sleep.

/** Milliseconds by which the clock may differ from the time that passed before it counts as set, or as having slept. */
const tolerance = 2_000;

/** A line of milliseconds that starts at the computer's clock. Where that was set back it goes on; where it was set forward or asleep it goes along. */
export class Timeline {
  #at: number;
  #wall: number;
  #steady: number;
  #breaks = 0;

  /** @param wall milliseconds since 1970. @param steady milliseconds of a clock that nobody sets and that need not count sleep. */
  constructor(wall: number, steady: number) {
    this.#at = wall;
    this.#wall = wall;
    this.#steady = steady;
  }

  /** How often the clock was set or slept: what was read before cannot be compared with what is read after. */
  get breaks(): number {
    return this.#breaks;
  }

  /** Where the line is now. */
  advance(wall: number, steady: number): number {
    const passed = Math.max(0, steady - this.#steady);
    const told = wall - this.#wall;
    const isBroken = Math.abs(told - passed) > tolerance;
    if (isBroken) this.#breaks += 1;
    // Small differences are the clock being kept right; it is followed.
    this.#at += isBroken ? Math.max(told, passed) : Math.max(0, told);
    this.#wall = wall;
    this.#steady = steady;
    return this.#at;
  }
}
