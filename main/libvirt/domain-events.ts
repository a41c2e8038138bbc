// Domain events: one registration an event on the server, however many listen; the listener is in place with the reply.
import type { Connection } from './connection.ts';
import { domainEventId, errorCode } from './constants.ts';
import { isUnsupported, LibvirtError } from './errors.ts';
import type { Event, EventMessage, Named } from './procedure.ts';
import { remote } from './procedures.ts';

/** Event → its number for registering and the message it comes as. */
export const domainEvents = {
  lifecycle: { id: domainEventId.lifecycle, line: remote.domainEventCallbackLifecycle },
  reboot: { id: domainEventId.reboot, line: remote.domainEventCallbackReboot },
  balloonChange: { id: domainEventId.balloonChange, line: remote.domainEventCallbackBalloonChange },
  tunable: { id: domainEventId.tunable, line: remote.domainEventCallbackTunable },
  agentLifecycle: { id: domainEventId.agentLifecycle, line: remote.domainEventCallbackAgentLifecycle },
  deviceAdded: { id: domainEventId.deviceAdded, line: remote.domainEventCallbackDeviceAdded },
  deviceRemoved: { id: domainEventId.deviceRemoved, line: remote.domainEventCallbackDeviceRemoved },
  deviceRemovalFailed: { id: domainEventId.deviceRemovalFailed, line: remote.domainEventCallbackDeviceRemovalFailed },
  memoryDeviceSizeChange: { id: domainEventId.memoryDeviceSizeChange, line: remote.domainEventMemoryDeviceSizeChange },
  metadataChange: { id: domainEventId.metadataChange, line: remote.domainEventCallbackMetadataChange },
} as const satisfies Readonly<Record<string, { readonly id: number; readonly line: Named<Event<{ readonly callbackID: number }>> }>>;

export type DomainEventName = keyof typeof domainEvents;
export type DomainEventMessage<N extends DomainEventName> = EventMessage<(typeof domainEvents)[N]['line']>;

interface Registered {
  readonly hearers: Set<(message: never) => void>;
  readonly ready: Promise<boolean>;
  callback: number | null;
  readonly unlisten: () => void;
}

/** The events of one connection. After a reconnect there is a new one: registrations do not outlive their connection. */
export class DomainEvents {
  readonly #connection: Connection;
  readonly #registered = new Map<DomainEventName, Registered>();
  /** Deregistrations under way: libvirt refuses a second registration while it still holds the first. */
  readonly #leaving = new Map<DomainEventName, Promise<unknown>>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Hears an event of all domains until the returned function is called. Answers null when this server or driver has no such event. */
  async on<N extends DomainEventName>(name: N, hear: (message: DomainEventMessage<N>) => void): Promise<(() => Promise<void>) | null> {
    const registered = this.#registered.get(name) ?? this.#register(name);
    // Its own value, so that the same function may listen twice.
    const hearer = (message: DomainEventMessage<N>): void => hear(message);
    registered.hearers.add(hearer);
    if (!(await registered.ready)) return null;
    return async () => {
      registered.hearers.delete(hearer);
      if (registered.hearers.size > 0 || this.#registered.get(name) !== registered) return;
      this.#registered.delete(name);
      registered.unlisten();
      if (this.#connection.isOpen && registered.callback !== null) await this.#deregister(name, registered.callback);
    };
  }

  async #deregister(name: DomainEventName, callbackID: number): Promise<void> {
    const left = this.#connection.call(remote.connectDomainEventCallbackDeregisterAny, { callbackID });
    const over = left.catch(() => undefined).finally(() => {
      if (this.#leaving.get(name) === over) this.#leaving.delete(name);
    });
    this.#leaving.set(name, over);
    await left;
  }

  #register(name: DomainEventName): Registered {
    const { id } = domainEvents[name];
    const line: Named<Event<{ readonly callbackID: number }>> = domainEvents[name].line;
    const hearers = new Set<(message: never) => void>();
    const unlisten = this.#connection.on(line, (message) => {
      // Ids are not unique across classes and connections; the message's procedure and the id together are.
      if (message.callbackID !== registered.callback) return;
      for (const hear of hearers) hear(message as never);
    });
    const registered: Registered = {
      hearers,
      callback: null,
      unlisten,
      ready: (this.#leaving.get(name) ?? Promise.resolve())
        .then(async () => await this.#connection.call(remote.connectDomainEventCallbackRegisterAny, { eventID: id, dom: null }, {
          replied: (ret) => (registered.callback = ret.callbackID),
          // Nobody waits for it any more; whether this works out no longer matters to anyone.
          late: (ret) => void this.#deregister(name, ret.callbackID).catch(() => undefined),
        }))
        .then(() => true)
        .catch((error: unknown) => {
          this.#registered.delete(name);
          unlisten();
          // An unknown event is error 1, not "no support".
          if (isUnsupported(error) || (error instanceof LibvirtError && error.error.code === errorCode.internalError)) return false;
          throw error;
        }),
    };
    this.#registered.set(name, registered);
    return registered;
  }
}
