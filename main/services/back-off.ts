// When to try again: waits that grow from try to try, under one timer.

/** Waits before trying again: 1 s, doubling to 60 s, each a little off so that many hosts do not come back in step. */
const firstWait = 1_000;
const longestWait = 60_000;

/** One thing that is tried again and again. Its timer keeps no process alive. */
export class BackOff {
  #wait = firstWait;
  #timer: NodeJS.Timeout | null = null;

  /** Calls `again` after a wait longer than the one before; answers when that will be, in milliseconds since 1970. */
  schedule(again: () => void): number {
    const wait = Math.round(this.#wait * (0.75 + Math.random() / 2));
    this.#wait = Math.min(this.#wait * 2, longestWait);
    this.stop();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      again();
    }, wait);
    this.#timer.unref();
    return Date.now() + wait;
  }

  /** What was scheduled does not come; the next wait is as long as it would have been. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** The next wait is as short as the first one was. */
  reset(): void {
    this.#wait = firstWait;
  }
}
