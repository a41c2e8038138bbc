// Work on many guests: a few of each host at a time, told as it goes on, and cancelled between two guests.
import { randomUUID } from 'node:crypto';
import type { Run, RunGuest } from '../../app/contract/bulk.ts';
import { Refused } from '../../app/contract/refusal.ts';

/** Guests of one host that are worked on at the same time: more of them keep its daemon from others. */
const perHost = 4;
/** Runs that are over and still told of. */
const mostOver = 20;

/** One guest's part of a run. */
export interface Job {
  readonly host: string;
  readonly uuid: string;
  readonly name: string;
  /** @param say tells what is done at this moment. @param signal aborts when the run is cancelled. What it throws is a failure of this guest. */
  readonly work: (say: (words: string) => void, signal: AbortSignal) => Promise<Pick<RunGuest, 'words' | 'outcome' | 'unconfirmed' | 'refusal' | 'entry'> & { readonly state: 'done' | 'failed' }>;
}

interface Held {
  run: Run;
  readonly abort: AbortController;
  /** Resolves when it is over. */
  over: Promise<void>;
}

export interface RunsOwner {
  /** A run was begun, went on or is over. */
  readonly changed: (id: string) => void;
  readonly complain: (error: unknown) => void;
}

export class Runs {
  readonly #owner: RunsOwner;
  readonly #held = new Map<string, Held>();

  constructor(owner: RunsOwner) {
    this.#owner = owner;
  }

  /** Newest first. */
  list(): readonly Run[] {
    return [...this.#held.values()].map(({ run }) => run).toReversed();
  }

  /** @throws Refused `unknown-entry`. */
  get(id: string): Run {
    return this.#find(id).run;
  }

  begin(kind: Run['kind'], title: string, jobs: readonly Job[], stopAtFailure: boolean): Run {
    const id = randomUUID();
    const abort = new AbortController();
    const held: Held = {
      run: {
        id, kind, title, at: Date.now(), ended: null, cancelled: false,
        guests: jobs.map(({ host, uuid, name }) => ({ host, uuid, name, state: 'waiting', words: '', entry: null })),
      },
      abort,
      over: Promise.resolve(),
    };
    this.#held.set(id, held);
    const { run } = held;
    this.#owner.changed(id);
    held.over = this.#work(held, jobs, stopAtFailure).catch(this.#owner.complain);
    return run;
  }

  /** Begins no further guest. @throws Refused `unknown-entry`. */
  cancel(id: string): void {
    const held = this.#find(id);
    if (held.run.ended !== null) return;
    held.run = { ...held.run, cancelled: true };
    held.abort.abort();
    this.#owner.changed(id);
  }

  /** Cancels all, and resolves when what was begun has come to its end. */
  async close(): Promise<void> {
    for (const { abort } of this.#held.values()) abort.abort();
    await Promise.allSettled([...this.#held.values()].map(async ({ over }) => await over));
  }

  #find(id: string): Held {
    const held = this.#held.get(id);
    if (held === undefined) throw new Refused('unknown-entry', 'There is no such run any more.', { field: 'id' });
    return held;
  }

  async #work(held: Held, jobs: readonly Job[], stopAtFailure: boolean): Promise<void> {
    const waiting = new Map<string, { readonly job: Job; readonly at: number }[]>();
    jobs.forEach((job, at) => waiting.set(job.host, [...(waiting.get(job.host) ?? []), { job, at }]));
    let failed = false;
    const one = async (queue: { readonly job: Job; readonly at: number }[]): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const { job, at } = next;
        if (held.abort.signal.aborted || (stopAtFailure && failed)) {
          this.#tell(held, at, { state: 'left', words: held.abort.signal.aborted ? 'Not begun: the run was cancelled.' : 'Not begun: another guest failed before.' });
          continue;
        }
        this.#tell(held, at, { state: 'working' });
        const came = await this.#take(held, job, at);
        failed ||= came.state === 'failed';
        this.#tell(held, at, came);
      }
    };
    await Promise.all([...waiting.values()].flatMap((queue) => Array.from({ length: perHost }, async () => await one(queue))));
    held.run = { ...held.run, ended: Date.now() };
    for (const { id } of this.list().filter(({ ended }) => ended !== null).slice(mostOver)) this.#held.delete(id);
    this.#owner.changed(held.run.id);
  }

  async #take(held: Held, { work }: Job, at: number): Promise<Partial<RunGuest>> {
    try {
      return await work((words) => this.#tell(held, at, { words }), held.abort.signal);
    } catch (error) {
      if (error instanceof Refused) return { state: 'failed', words: error.refusal.message, refusal: error.refusal };
      this.#owner.complain(error);
      return { state: 'failed', words: 'Guestdeck itself failed at this.', refusal: { code: 'bug', message: 'Guestdeck itself failed at this.', remedy: 'The log in the data folder has the details.' } };
    }
  }

  #tell(held: Held, at: number, news: Partial<RunGuest>): void {
    const guest = held.run.guests[at];
    if (guest === undefined) return;
    held.run = { ...held.run, guests: held.run.guests.with(at, { ...guest, ...news }) };
    this.#owner.changed(held.run.id);
  }
}
