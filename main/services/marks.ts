// What became of guests lately, as their host told it: marks on their curves.
import type { Happening } from '../../app/contract/live.ts';
import { lifecycleDetail, lifecycleEvent } from '../libvirt/constants.ts';

/** Marks kept of one guest, and told of one host. */
const most = 50;

/** A happening, in milliseconds since 1970. */
export interface Mark {
  readonly at: number;
  readonly what: Happening;
}

/** How a guest stopped. `failed` is told where its QEMU went away without a word (`qemuProcessHandleMonitorEOF`), and virsh calls that crashed. */
const stopOf = (detail: number): Happening => {
  if (detail === lifecycleDetail.stopped.migrated) return 'migrated-away';
  return detail === lifecycleDetail.stopped.crashed || detail === lifecycleDetail.stopped.failed ? 'crashed' : 'stopped';
};

/** What a lifecycle event is on a curve; null = it changes nothing there. */
const happeningOf = (event: number, detail: number): Happening | null => {
  switch (event) {
    case lifecycleEvent.started: return detail === lifecycleDetail.started.migrated ? 'migrated-here' : 'started';
    case lifecycleEvent.suspended: return detail === lifecycleDetail.suspended.migrated ? null : 'paused';
    case lifecycleEvent.resumed: return detail === lifecycleDetail.resumed.migrated ? null : 'resumed';
    case lifecycleEvent.stopped: return stopOf(detail);
    case lifecycleEvent.crashed: return 'crashed';
    default: return null;
  }
};

export class Marks {
  readonly #guests = new Map<string, Mark[]>();

  /** Takes a lifecycle event of a guest. */
  heard(uuid: string, event: number, detail: number, at: number): void {
    const what = happeningOf(event, detail);
    if (what === null) return;
    const kept = this.#guests.get(uuid) ?? [];
    this.#guests.set(uuid, kept);
    const last = kept.at(-1)?.what;
    const begins = what === 'started' || what === 'migrated-here';
    // Its CPUs are set going with every start, which libvirt tells before the start or after it.
    if (what === 'resumed' && (last === 'started' || last === 'migrated-here')) return;
    if (begins && last === 'resumed') kept.pop();
    kept.push({ at, what });
    if (kept.length > most) kept.shift();
  }

  /** Of all guests together, the last, oldest first. */
  all(): (Mark & { readonly uuid: string })[] {
    return [...this.#guests].flatMap(([uuid, marks]) => marks.map((mark) => ({ ...mark, uuid }))).sort((one, other) => one.at - other.at).slice(-most);
  }

  /** Oldest first. */
  of(uuid: string): Mark[] {
    return [...(this.#guests.get(uuid) ?? [])];
  }
}
