// The time limits of a connection's calls, under one timer: making and ending a timer for each costs more than sending the call.

interface Deadline {
  /** On the clock of `performance.now`. */
  readonly at: number;
  readonly passed: () => void;
}

/**
 * Sets limits and calls those that pass. The timer stays armed when a limit is lifted, and looks at what is left when it goes off; it
 * keeps no process alive.
 */
export class Deadlines {
  readonly #set = new Set<Deadline>();
  #timer: NodeJS.Timeout | null = null;
  /** When the timer goes off. */
  #wakes = Infinity;

  /** Calls `passed` after `limit` milliseconds, once, unless the returned function is called before. */
  set(limit: number, passed: () => void): () => void {
    const deadline: Deadline = { at: performance.now() + limit, passed };
    this.#set.add(deadline);
    if (deadline.at < this.#wakes) this.#arm(deadline.at);
    return () => void this.#set.delete(deadline);
  }

  /** Forgets all limits. */
  stop(): void {
    this.#set.clear();
    this.#arm(Infinity);
  }

  #arm(at: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#wakes = at;
    this.#timer = at === Infinity ? null : setTimeout(() => this.#look(), at - performance.now()).unref();
  }

  #look(): void {
    const now = performance.now();
    const due = [...this.#set].filter(({ at }) => at <= now);
    // Armed before anybody is told, who may set or lift limits in turn.
    this.#arm([...this.#set].reduce((first, { at }) => (at > now ? Math.min(first, at) : first), Infinity));
    for (const deadline of due) if (this.#set.delete(deadline)) deadline.passed();
  }
}
