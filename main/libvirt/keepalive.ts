// Finding a dead peer: pings when it has been silent, and the verdict when it stays so.

/**
 * Silence that leads to a ping, and how many pings may stay without any message: a dead peer is found 12 s after its last word, 8 s
 * after the first question. libvirt's own 5 s × 5 takes 30 s; this is our side alone, nothing of it is agreed with the server.
 */
export const keepaliveDefaults = { interval: 4_000, count: 2 } as const;
/** For a connection that carries only streams: a server reads an upload, and the pings in between, no faster than its disk writes. */
export const dedicatedKeepalive = { interval: 5_000, count: 11 } as const;
export interface KeepaliveOptions {
  /** Milliseconds. */
  readonly interval: number;
  readonly count: number;
}

/**
 * Counts silence; any byte, not only a PONG, is a sign of life: a long answer may be on its way through a slow line for minutes. Safe while calls wait, because never more than four do.
 * Dead is who was silent for `interval` × (`count` + 1) and was asked `count` times: a sleep of our own machine alone condemns nobody.
 */
export class Keepalive {
  readonly #options: KeepaliveOptions;
  readonly #ping: () => void;
  readonly #dead: () => void;
  #unanswered = 0;
  /** On the clock of `performance.now`. */
  #heardAt = performance.now();
  #deaf = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: KeepaliveOptions, ping: () => void, dead: () => void) {
    this.#options = options;
    this.#ping = ping;
    this.#dead = dead;
    this.#arm(options.interval);
  }
  heard(): void {
    this.#heardAt = performance.now();
    this.#unanswered = 0;
  }
  /** While nothing is read (true), silence says nothing about the peer. */
  deaf(deaf: boolean): void {
    if (this.#deaf && !deaf) this.heard();
    this.#deaf = deaf;
  }
  /** Asks at once, and gives the peer one `interval` to answer. */
  probe(): void {
    if (this.#timer === null || this.#deaf) return;
    this.#unanswered = this.#options.count;
    this.#ping();
    this.#arm(this.#options.interval);
  }
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(wait: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), wait);
    this.#timer.unref();
  }

  #look(): void {
    const { interval, count } = this.#options;
    if (this.#deaf) this.heard();
    // What is heard leaves the timer alone; it is here that one looks how long ago that was.
    const silence = performance.now() - this.#heardAt;
    if (this.#unanswered === 0 && silence < interval) {
      this.#arm(interval - silence);
      return;
    }
    if (this.#unanswered >= count) {
      this.stop();
      this.#dead();
      return;
    }
    this.#unanswered += 1;
    this.#ping();
    this.#arm(interval);
  }
}
