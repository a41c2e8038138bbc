// The built-in demo host: a libvirt daemon in this process, with guests that live as long as it does.
import { type Duplex, duplexPair } from 'node:stream';
import { domainState } from '../libvirt/constants.ts';
import { type Clock, realClock } from './clock.ts';
import { Definition } from './definition.ts';
import { createConsoles } from './console.ts';
import { deviceHandlers } from './devices.ts';
import { createDisplays } from './displays.ts';
import { disks } from './disks.ts';
import { dirtyRateHandlers } from './dirty-rate.ts';
import { eventHandlers, Events } from './events.ts';
import { type FleetGuest, fleets } from './fleet.ts';
import { Guest } from './guest.ts';
import { guestXml } from './guest-xml.ts';
import { hostHandlers } from './host-calls.ts';
import { type MachineName, machines } from './host-facts.ts';
import { Inventory, stateReason } from './inventory.ts';
import { lifecycleHandlers } from './lifecycle.ts';
import { listingHandlers } from './listing.ts';
import { blkioHandlers } from './blkio.ts';
import { diskTuningHandlers } from './disk-tuning.ts';
import { interfaceTuningHandlers } from './interface-tuning.ts';
import { iothreadHandlers } from './iothreads.ts';
import { memoryHandlers } from './memory.ts';
import { memoryDevices } from './memory-devices.ts';
import { metadataHandlers } from './metadata.ts';
import { networkHandlers } from './networks.ts';
import { nics } from './nics.ts';
import { nodeDeviceHandlers } from './node-devices.ts';
import { numaHandlers } from './numa.ts';
import { pluggedDevices } from './plugged-devices.ts';
import { vcpuHandlers } from './vcpus.ts';
import { pinningHandlers } from './pinning.ts';
import { lightGuest } from './scale.ts';
import { schedulerHandlers } from './scheduler.ts';
import { Client, type Handlers } from './serve.ts';
import { sessionHandlers } from './session.ts';
import { statisticsHandlers } from './statistics.ts';
import { parseXml } from './xml.ts';

export interface DemoOptions {
  /** How many guests there are besides the usual dozen; for tests of size. */
  readonly scale?: number;
  /** How large it is, and with it which guests it has; `usual` unless told. */
  readonly machine?: MachineName;
  readonly clock?: Clock;
}

export interface DemoHost {
  /** The client's end of a new connection; to be spoken to like a libvirt socket. */
  connect(): Duplex;
  /** The client's end of a connection to what listens on this port of the demo host besides libvirt; null = nothing does. */
  reach(port: number): Duplex | null;
  /** Ends every connection and timer. */
  close(): void;
}

/** Makes a demo host of its own: nothing is shared with another, nothing outlives it. */
export const createDemoHost = (options: DemoOptions = {}): DemoHost => {
  const clock = options.clock ?? realClock;
  const events = new Events();
  const inventory = new Inventory(events, clock);
  const machineName = options.machine ?? 'usual';
  const machine = machines[machineName];
  fleets[machineName].forEach((spec, index) => settle(inventory, spec, index, clock));
  for (let index = 0; index < (options.scale ?? 0); index += 1) lightGuest(inventory, index, clock);

  const consoles = createConsoles(inventory);
  const displays = createDisplays(inventory);
  inventory.onStopped((guest) => {
    consoles.close(guest);
    displays.close(guest);
  });
  const handlers: Handlers = {
    ...sessionHandlers,
    ...eventHandlers(events),
    ...hostHandlers(inventory, clock, machine),
    ...listingHandlers(inventory, clock),
    ...lifecycleHandlers(inventory, events, clock),
    ...statisticsHandlers(inventory, clock),
    ...pinningHandlers(inventory, events, clock, machine),
    ...schedulerHandlers(inventory, events),
    ...consoles.handlers,
    ...displays.handlers,
    ...vcpuHandlers(inventory),
    ...numaHandlers(inventory, machine),
    ...metadataHandlers(inventory, events),
    ...memoryHandlers(inventory, events, clock),
    ...dirtyRateHandlers(inventory, clock),
    ...deviceHandlers(inventory, { ...pluggedDevices(events), disk: disks(events), memory: memoryDevices(events), interface: nics(inventory, events) }),
    ...networkHandlers(inventory),
    ...nodeDeviceHandlers(),
    ...iothreadHandlers(inventory),
    ...interfaceTuningHandlers(inventory),
    ...diskTuningHandlers(inventory, events),
    ...blkioHandlers(inventory),
  };
  const clients = new Set<Client>();
  let closed = false;

  return {
    connect() {
      if (closed) throw new Error('this demo host is closed');
      const [near, far] = duplexPair();
      const client: Client = new Client(far, handlers, () => {
        clients.delete(client);
        events.forget(client);
      });
      clients.add(client);
      // Unlike sockets, the ends of a pair do not notice by themselves that the other one was destroyed.
      near.once('close', () => far.destroy());
      return near;
    },
    reach: (port) => displays.connect(port),
    close() {
      closed = true;
      inventory.close();
      for (const client of clients) client.close();
    },
  };
};

/** Puts a guest of the fleet on the host, as it stands when the host comes up. */
const settle = (inventory: Inventory, spec: FleetGuest, index: number, clock: Clock): void => {
  const definition = new Definition(parseXml(guestXml(spec)));
  const guest = new Guest(spec.uuid, spec.name, spec.transient === true ? null : definition, { seed: index + 1, load: spec.load });
  guest.autostart = spec.autostart === true;
  inventory.add(guest);
  if (spec.standing === 'running' || spec.standing === 'paused') {
    inventory.bootSilently(guest, definition);
    guest.began((index + 1) * 11 * 3_600_000, clock.now());
  }
  if (spec.standing === 'paused') guest.become(domainState.paused, stateReason.paused.user, clock.now());
  if (spec.standing === 'saved') {
    guest.managedSave = 'running';
    guest.become(domainState.shutoff, stateReason.shutoff.saved, clock.now());
  }
  for (const { path, text } of spec.pending ?? []) definition.edit((root) => (root.ensure(...path).text = text));
};
