// Who may send next: at most four calls at a server at once, fairly between those who ask, slow calls never in all four places.

/** A server that executes five calls of a connection stops reading it, keepalive included; so four are the most. */
export const mostOutstanding = 4;
/** Slow calls leave two places to quick ones. */
export const mostSlow = 2;

interface Waiting {
  readonly slow: boolean;
  readonly start: () => void;
}

/** Turns go round the owners; each owner's own calls keep their order, except that quick ones pass slow ones that must wait. */
export class CallQueue {
  readonly #owners = new Map<string, Waiting[]>();
  #outstanding = 0;
  #slow = 0;

  /** Calls `start` when it is its turn, perhaps at once. The returned function gives up waiting; it does nothing once started. */
  enter(owner: string, slow: boolean, start: () => void): () => void {
    const waiting: Waiting = { slow, start };
    // The usual case. Where there is a place, those who wait are slow calls that it is not for.
    if (this.#outstanding < mostOutstanding && (!slow || this.#slow < mostSlow)) {
      this.#start(waiting);
      return noLonger;
    }
    const line = this.#owners.get(owner);
    if (line === undefined) this.#owners.set(owner, [waiting]);
    else line.push(waiting);
    this.#advance();
    return () => {
      const own = this.#owners.get(owner);
      const at = own?.indexOf(waiting) ?? -1;
      if (own === undefined || at < 0) return;
      own.splice(at, 1);
      if (own.length === 0) this.#owners.delete(owner);
    };
  }

  /** A call that had started has its answer. */
  leave(slow: boolean): void {
    this.#outstanding -= 1;
    if (slow) this.#slow -= 1;
    this.#advance();
  }

  #advance(): void {
    while (this.#outstanding < mostOutstanding) {
      const next = this.#next();
      if (next === null) return;
      this.#start(next);
    }
  }

  #start({ slow, start }: Waiting): void {
    this.#outstanding += 1;
    if (slow) this.#slow += 1;
    start();
  }

  /** The first call that may start, of the owner whose turn is longest ago. */
  #next(): Waiting | null {
    for (const [owner, line] of this.#owners) {
      const at = this.#slow < mostSlow ? 0 : line.findIndex((waiting) => !waiting.slow);
      const [waiting] = at < 0 ? [] : line.splice(at, 1);
      if (waiting === undefined) continue;
      this.#owners.delete(owner);
      if (line.length > 0) this.#owners.set(owner, line);
      return waiting;
    }
    return null;
  }
}

/** What gives up waiting for a call that never had to wait. */
const noLonger = (): void => undefined;
