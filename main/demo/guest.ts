// One guest of the demo host: its two definitions, its state, and how long it has run.
import type { Domain } from '../libvirt/objects.ts';
import { domainState } from '../libvirt/constants.ts';
import { invalidOperation } from './fault.ts';
import type { Definition } from './definition.ts';

/** Domain states with a hypervisor process. */
const active: readonly number[] = [domainState.running, domainState.blocked, domainState.paused, domainState.shutdown, domainState.crashed, domainState.pmsuspended];

/** State of a managed save image: what the guest will be when it comes back. */
export type Saved = 'running' | 'paused';

export class Guest {
  readonly uuid: string;
  name: string;
  /** -1 when it does not run. */
  id = -1;
  state: number = domainState.shutoff;
  reason = 0;
  /** Null when it is not running; null when it is transient. Never both. */
  live: Definition | null = null;
  saved: Definition | null;
  /** What its IOThreads poll by, as `1 poll_max_ns`, where it was changed since the start. */
  readonly polling = new Map<string, number>();
  /** Bytes of its disks that were made larger, by target. */
  readonly capacities = new Map<string, bigint>();
  /** vCPUs that the system inside was told to take offline. */
  readonly offline = new Set<number>();
  autostart = false;
  managedSave: Saved | null = null;
  /** Whether it has been edited since it was loaded (virDomainIsUpdated). */
  updated = false;
  /** What its load and counters look like; see statistics.ts. */
  readonly seed: number;
  /** How busy its vCPUs are on average, 0 to 1. */
  readonly load: number;
  /** When the clock last began to count as running, null while stopped or paused; and milliseconds before that. */
  #since: number | null = null;
  #ran = 0;

  constructor(uuid: string, name: string, saved: Definition | null, options: { readonly seed: number; readonly load: number }) {
    this.uuid = uuid;
    this.name = name;
    this.saved = saved;
    this.seed = options.seed;
    this.load = options.load;
  }

  get isActive(): boolean {
    return active.includes(this.state);
  }
  /** What CURRENT means. */
  get current(): Definition {
    const definition = this.live ?? this.saved;
    if (definition === null) throw new Error(`${this.name} has no definition`);
    return definition;
  }
  get object(): Domain {
    return { name: this.name, uuid: this.uuid, id: this.id };
  }
  /** Milliseconds that its vCPUs have run since it started. */
  ran(now: number): number {
    return this.#ran + (this.#since === null ? 0 : now - this.#since);
  }
  /** Sets state and reason; its counters run on while it is running. */
  become(state: number, reason: number, now: number): void {
    this.#ran = this.ran(now);
    this.#since = state === domainState.running ? now : null;
    this.state = state;
    this.reason = reason;
  }
  /** Counters from zero, or as if it had run for so long already. */
  began(ran: number, now: number): void {
    this.#ran = ran;
    this.#since = this.#since === null ? null : now;
  }
  /** Refuses with 55 when it does not run. */
  mustRun(): void {
    if (!this.isActive) throw invalidOperation('domain is not running');
  }
}
