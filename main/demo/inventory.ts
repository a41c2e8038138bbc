// The guests of one demo host and how they start, stop and change, with the events that libvirt tells of it.
import { randomUUID } from 'node:crypto';
import { domainState, lifecycleDetail, lifecycleEvent } from '../libvirt/constants.ts';
import type { Domain } from '../libvirt/objects.ts';
import type { Clock } from './clock.ts';
import { Definition, readDefinition } from './definition.ts';
import type { Events } from './events.ts';
import { Fault, refusedByDriver } from './fault.ts';
import { Guest, type Saved } from './guest.ts';
import { liveXml } from './live.ts';

/** Reasons by state, as virDomainShutoffReason and its siblings number them. */
export const stateReason = {
  running: { booted: 1, restored: 3, unpaused: 5 },
  paused: { user: 1, restored: 2 },
  shutoff: { unknown: 0, shutdown: 1, destroyed: 2, saved: 5 },
} as const;

export type StopReason = 'shutdown' | 'destroyed' | 'saved';

export class Inventory {
  readonly #guests = new Map<string, Guest>();
  readonly #events: Events;
  readonly #clock: Clock;
  /** Guests that were asked to shut down or reboot, and what takes that back. */
  readonly #asked = new Map<Guest, () => void>();
  #stopped: (guest: Guest) => void = () => undefined;
  #nextId = 1;
  #nextDevice = 0;
  #nextSeed = 1000;

  constructor(events: Events, clock: Clock) {
    this.#events = events;
    this.#clock = clock;
  }

  get all(): readonly Guest[] {
    return [...this.#guests.values()];
  }
  /** The guest that a client names; libvirt looks at the UUID only. Refuses with 42. */
  find(dom: Domain): Guest {
    return this.byUuid(dom.uuid, dom.name);
  }
  byUuid(uuid: string, name = ''): Guest {
    const guest = this.#guests.get(uuid);
    if (guest === undefined) throw new Fault('noDomain', 'qemu', `Domain not found: no domain with matching uuid '${uuid}'${name === '' ? '' : ` (${name})`}`);
    return guest;
  }
  byName(name: string): Guest {
    const guest = this.all.find((other) => other.name === name);
    if (guest === undefined) throw new Fault('noDomain', 'qemu', `Domain not found: no domain with matching name '${name}'`);
    return guest;
  }
  byId(id: number): Guest {
    const guest = this.all.find((other) => other.id === id && other.isActive);
    if (guest === undefined) throw new Fault('noDomain', 'qemu', `Domain not found: no domain with matching id '${id}'`);
    return guest;
  }

  /** Runs whenever a guest has stopped. */
  onStopped(run: (guest: Guest) => void): void {
    this.#stopped = run;
  }

  /** Takes a guest in without telling: how the host is set up. */
  add(guest: Guest): void {
    this.#guests.set(guest.uuid, guest);
  }

  /** DOMAIN_DEFINE_XML: a new guest, or a new saved definition of one that has this UUID and name. */
  define(xml: string): Guest {
    const { name, uuid, definition } = readDefinition(xml, randomUUID);
    const known = this.#fits(name, uuid);
    if (known !== undefined) {
      known.saved = definition;
      known.updated = true;
      this.#events.lifecycle(known.object, lifecycleEvent.defined, lifecycleDetail.defined.updated);
      return known;
    }
    const guest = this.#newGuest(name, uuid, definition);
    this.#events.lifecycle(guest.object, lifecycleEvent.defined, lifecycleDetail.defined.added);
    return guest;
  }

  /** DOMAIN_CREATE_XML: a transient guest, or one run of a persistent guest with this XML. */
  create(xml: string, paused: boolean): Guest {
    const { name, uuid, definition } = readDefinition(xml, randomUUID);
    const known = this.#fits(name, uuid);
    if (known?.isActive === true) throw new Fault('operationInvalid', 'domain', `Requested operation is not valid: domain '${name}' is already active`);
    const guest = known ?? this.#newGuest(name, uuid, null);
    this.#boot(guest, definition, paused);
    return guest;
  }

  start(guest: Guest, flags: { readonly paused: boolean; readonly forceBoot: boolean }): void {
    if (guest.isActive) throw refusedByDriver('domain is already running');
    const { saved, managedSave } = guest;
    if (saved === null) throw new Error(`${guest.name} is neither running nor defined`);
    guest.managedSave = null;
    if (managedSave === null || flags.forceBoot) this.#boot(guest, saved, flags.paused);
    else this.#restore(guest, saved, flags.paused ? 'paused' : managedSave);
  }

  /** Stops it, telling of it; a transient guest is gone then. */
  stop(guest: Guest, why: StopReason): void {
    this.forgetRequest(guest);
    guest.become(domainState.shutoff, stateReason.shutoff[why], this.#clock.now());
    guest.id = -1;
    guest.live = null;
    this.#events.lifecycle(guest.object, lifecycleEvent.stopped, lifecycleDetail.stopped[why]);
    this.#stopped(guest);
    if (guest.saved === null) this.#guests.delete(guest.uuid);
  }

  suspend(guest: Guest): void {
    if (guest.state === domainState.paused) return;
    guest.become(domainState.paused, stateReason.paused.user, this.#clock.now());
    this.#events.lifecycle(guest.object, lifecycleEvent.suspended, lifecycleDetail.suspended.paused);
  }
  resume(guest: Guest): void {
    guest.become(domainState.running, stateReason.running.unpaused, this.#clock.now());
    this.#events.lifecycle(guest.object, lifecycleEvent.resumed, lifecycleDetail.resumed.unpaused);
  }

  undefine(guest: Guest): void {
    guest.saved = null;
    guest.managedSave = null;
    guest.autostart = false;
    this.#events.lifecycle(guest.object, lifecycleEvent.undefined, lifecycleDetail.undefined.removed);
    if (!guest.isActive) this.#guests.delete(guest.uuid);
  }

  /** The guest was asked to do something that takes it a moment; a later request takes the earlier one's place. */
  request(guest: Guest, milliseconds: number, then: () => void): void {
    this.forgetRequest(guest);
    this.#asked.set(guest, this.#clock.after(milliseconds, () => {
      this.#asked.delete(guest);
      // A paused guest cannot react; libvirt's request stays without effect.
      if (guest.state === domainState.running) then();
    }));
  }
  forgetRequest(guest: Guest): void {
    this.#asked.get(guest)?.();
    this.#asked.delete(guest);
  }
  close(): void {
    for (const forget of this.#asked.values()) forget();
    this.#asked.clear();
  }

  /** The next free name of a host's end of a NIC. */
  nextDevice(): string {
    this.#nextDevice += 1;
    return `vnet${this.#nextDevice - 1}`;
  }

  /** Starts without telling: how the host is set up. */
  bootSilently(guest: Guest, definition: Definition, shape = definition.shape): void {
    const id = this.#nextId;
    this.#nextId += 1;
    guest.id = id;
    guest.polling.clear();
    guest.offline.clear();
    const first = this.#nextDevice;
    this.#nextDevice += shape.nics.length;
    const snapshot = definition.snapshot();
    guest.live = new Definition(() => liveXml(snapshot(), id, first), {
      ...shape, nics: shape.nics.map((nic, index) => ({ ...nic, device: nic.device ?? `vnet${first + index}` })),
    });
    guest.began(0, this.#clock.now());
    guest.become(domainState.running, stateReason.running.booted, this.#clock.now());
  }

  #boot(guest: Guest, definition: Definition, paused: boolean): void {
    this.bootSilently(guest, definition);
    if (paused) guest.become(domainState.paused, stateReason.paused.user, this.#clock.now());
    else this.#events.lifecycle(guest.object, lifecycleEvent.resumed, lifecycleDetail.resumed.unpaused);
    this.#events.lifecycle(guest.object, lifecycleEvent.started, lifecycleDetail.started.booted);
    if (paused) this.#events.lifecycle(guest.object, lifecycleEvent.suspended, lifecycleDetail.suspended.paused);
  }

  #restore(guest: Guest, definition: Definition, to: Saved): void {
    this.bootSilently(guest, definition);
    guest.become(domainState.paused, stateReason.paused.restored, this.#clock.now());
    this.#events.lifecycle(guest.object, lifecycleEvent.started, lifecycleDetail.started.restored);
    if (to === 'paused') this.#events.lifecycle(guest.object, lifecycleEvent.suspended, lifecycleDetail.suspended.restored);
    else {
      guest.become(domainState.running, stateReason.running.restored, this.#clock.now());
      this.#events.lifecycle(guest.object, lifecycleEvent.resumed, lifecycleDetail.resumed.fromSnapshot);
    }
  }

  /** libvirt's rule: a UUID has one name and a name one UUID. */
  #fits(name: string, uuid: string): Guest | undefined {
    const known = this.#guests.get(uuid);
    if (known !== undefined && known.name !== name) throw new Fault('operationFailed', 'domain', `operation failed: domain '${known.name}' is already defined with uuid ${uuid}`);
    const namesake = this.all.find((other) => other.name === name && other.uuid !== uuid);
    if (namesake !== undefined) throw new Fault('operationFailed', 'domain', `operation failed: domain '${name}' already exists with uuid ${namesake.uuid}`);
    return known;
  }

  #newGuest(name: string, uuid: string, saved: Definition | null): Guest {
    this.#nextSeed += 1;
    const guest = new Guest(uuid, name, saved, { seed: this.#nextSeed, load: 0.2 });
    this.#guests.set(uuid, guest);
    return guest;
  }
}
