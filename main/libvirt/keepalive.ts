// Finding a dead peer: pings when it has been silent, and the verdict when it stays so.

/** Silence that leads to a ping, and how many pings may stay without any message: dead after 15 s at the most. */
export const keepaliveDefaults = { interval: 5_000, count: 2 } as const;
export interface KeepaliveOptions {
  /** Milliseconds. */
  readonly interval: number;
  readonly count: number;
}

/** Counts silence; any message, not only a PONG, is a sign of life. Safe while calls wait, because never more than four do. */
export class Keepalive {
  #unanswered = 0;
  #heard = false;
  #timer: NodeJS.Timeout | null;

  constructor(options: KeepaliveOptions, ping: () => void, dead: () => void) {
    this.#timer = setInterval(() => {
      if (this.#heard) {
        this.#heard = false;
        this.#unanswered = 0;
        return;
      }
      if (this.#unanswered >= options.count) {
        this.stop();
        dead();
        return;
      }
      this.#unanswered += 1;
      ping();
    }, options.interval);
    this.#timer.unref();
  }
  heard(): void {
    this.#heard = true;
    this.#unanswered = 0;
  }
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
