// Finding a dead peer: pings when it has been silent, and the verdict when it stays so.

/** Silence that leads to a ping, and how many pings may stay without any message: a dead peer is found 15 to 20 s after its last word. */
export const keepaliveDefaults = { interval: 5_000, count: 2 } as const;
/** For a connection that carries only streams: a server reads an upload, and the pings in between, no faster than its disk writes. */
export const dedicatedKeepalive = { interval: 5_000, count: 11 } as const;
export interface KeepaliveOptions {
  /** Milliseconds. */
  readonly interval: number;
  readonly count: number;
}

/** Counts silence; any message, not only a PONG, is a sign of life. Safe while calls wait, because never more than four do. */
export class Keepalive {
  #unanswered = 0;
  #heard = false;
  #deaf = false;
  #timer: NodeJS.Timeout | null;

  constructor(options: KeepaliveOptions, ping: () => void, dead: () => void) {
    this.#timer = setInterval(() => {
      if (this.#heard || this.#deaf) {
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
  /** While nothing is read (true), silence says nothing about the peer. */
  deaf(deaf: boolean): void {
    if (this.#deaf && !deaf) this.heard();
    this.#deaf = deaf;
  }
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
