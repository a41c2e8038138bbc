// Everybody who waits on a connection, with a time limit or an endless one, under one timer: making and ending a timer for each call costs more than sending it.

interface Deadline {
  /** On the clock of `performance.now`. */
  readonly at: number;
  readonly fail: (error: Error) => void;
  readonly late: () => Error;
  isLifted: boolean;
}

/**
 * Sets limits, and fails those that pass. The timer stays armed when a limit is lifted, and looks at what is left when it goes off; it
 * keeps no process alive.
 */
export class Deadlines {
  /** Lifted ones stay until they are half of it. A Set would make itself a smaller table whenever its last one leaves, that is with each call that goes out alone. */
  #set: Deadline[] = [];
  #lifted = 0;
  #timer: NodeJS.Timeout | null = null;
  /** When the timer goes off. */
  #wakes = Infinity;

  /** Calls `fail` with the error that `late` makes after `limit` milliseconds, or with that of `stop`, once, unless the returned function is called before. */
  set(limit: number, fail: (error: Error) => void, late: () => Error): () => void {
    const deadline: Deadline = { at: performance.now() + limit, fail, late, isLifted: false };
    this.#set.push(deadline);
    if (deadline.at < this.#wakes) this.#arm(deadline.at);
    return () => void this.#lift(deadline);
  }

  /** Nobody waits any longer: all that are set fail with this. */
  stop(error: Error): void {
    this.#arm(Infinity);
    for (const deadline of [...this.#set]) if (this.#lift(deadline)) deadline.fail(error);
  }

  /** Whether it was still set. */
  #lift(deadline: Deadline): boolean {
    if (deadline.isLifted) return false;
    deadline.isLifted = true;
    this.#lifted += 1;
    if (this.#lifted * 2 >= this.#set.length) {
      this.#set = this.#set.filter(({ isLifted }) => !isLifted);
      this.#lifted = 0;
    }
    return true;
  }

  #arm(at: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#wakes = at;
    this.#timer = at === Infinity ? null : setTimeout(() => this.#look(), at - performance.now()).unref();
  }

  #look(): void {
    const now = performance.now();
    const due = this.#set.filter(({ at }) => at <= now);
    // Armed before anybody is told, who may set or lift limits in turn.
    this.#arm(this.#set.reduce((first, { at, isLifted }) => (at > now && !isLifted ? Math.min(first, at) : first), Infinity));
    for (const deadline of due) if (this.#lift(deadline)) deadline.fail(deadline.late());
  }
}
