// Time as the demo host sees it: the real one, or one that a test moves by hand.

export interface Clock {
  /** Milliseconds; only differences count. */
  now(): number;
  /** Runs once after so many milliseconds, unless the returned function is called before. */
  after(milliseconds: number, run: () => void): () => void;
}

/** The machine's clock. Its timers keep no process alive. */
export const realClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  #now: number;
  #due: { readonly at: number; readonly run: () => void }[] = [];
  constructor(start = Date.UTC(2026, 0, 5, 8)) {
    this.#now = start;
  }
  now(): number {
    return this.#now;
  }
  after(milliseconds: number, run: () => void): () => void {
    const entry = { at: this.#now + milliseconds, run };
    this.#due.push(entry);
    return () => {
      this.#due = this.#due.filter((other) => other !== entry);
    };
  }
  /** Moves on, running what falls due in order. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at)[0];
      if (next === undefined) break;
      this.#due = this.#due.filter((entry) => entry !== next);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }
}
