// Who registered for which domain event, and telling them. Callback ids go on across connections, as libvirt's do.
import { domainEventId } from '../libvirt/constants.ts';
import type { Domain } from '../libvirt/objects.ts';
import type { Event, EventMessage, Named } from '../libvirt/procedure.ts';
import { remote } from '../libvirt/procedures.ts';
import { Fault, invalidArgument } from './fault.ts';
import type { Client, Handlers } from './serve.ts';

interface Registration {
  readonly client: Client;
  readonly event: number;
  /** Null = all guests. */
  readonly uuid: string | null;
  readonly callbackID: number;
}

/** The last event of libvirt 11.2 and later 11.x. */
const lastEvent = domainEventId.nicMacChange;

export class Events {
  #registrations: Registration[] = [];
  #next = 0;

  register(client: Client, event: number, dom: Domain | null): number {
    if (event < 0 || event > lastEvent) throw new Fault('internalError', 'remote', `internal error: unsupported event ID ${event}`);
    const uuid = dom?.uuid ?? null;
    if (this.#registrations.some((other) => other.client === client && other.event === event && other.uuid === uuid)) throw invalidArgument('event callback already tracked');
    const callbackID = this.#next;
    this.#next += 1;
    this.#registrations.push({ client, event, uuid, callbackID });
    return callbackID;
  }
  deregister(client: Client, callbackID: number): void {
    const found = this.#registrations.find((other) => other.client === client && other.callbackID === callbackID);
    if (found === undefined) throw new Fault('internalError', 'remote', `internal error: domain event callback ${callbackID} not registered`);
    this.#registrations = this.#registrations.filter((other) => other !== found);
  }
  forget(client: Client): void {
    this.#registrations = this.#registrations.filter((other) => other.client !== client);
  }

  lifecycle(dom: Domain, event: number, detail: number): void {
    this.#tell(domainEventId.lifecycle, dom, remote.domainEventCallbackLifecycle, (callbackID) => ({ callbackID, msg: { dom, event, detail } }));
  }
  reboot(dom: Domain): void {
    this.#tell(domainEventId.reboot, dom, remote.domainEventCallbackReboot, (callbackID) => ({ callbackID, msg: { dom } }));
  }
  balloonChange(dom: Domain, actual: bigint): void {
    this.#tell(domainEventId.balloonChange, dom, remote.domainEventCallbackBalloonChange, (callbackID) => ({ callbackID, msg: { dom, actual } }));
  }
  deviceAdded(dom: Domain, devAlias: string): void {
    this.#tell(domainEventId.deviceAdded, dom, remote.domainEventCallbackDeviceAdded, (callbackID) => ({ callbackID, dom, devAlias }));
  }
  deviceRemoved(dom: Domain, devAlias: string): void {
    this.#tell(domainEventId.deviceRemoved, dom, remote.domainEventCallbackDeviceRemoved, (callbackID) => ({ callbackID, msg: { dom, devAlias } }));
  }
  /** @param size bytes that the guest has of the device. */
  memoryDeviceSizeChange(dom: Domain, alias: string, size: bigint): void {
    this.#tell(domainEventId.memoryDeviceSizeChange, dom, remote.domainEventMemoryDeviceSizeChange, (callbackID) => ({ callbackID, dom, alias, size }));
  }
  tunable(dom: Domain, params: EventMessage<typeof remote.domainEventCallbackTunable>['params']): void {
    if (params.length > 0) this.#tell(domainEventId.tunable, dom, remote.domainEventCallbackTunable, (callbackID) => ({ callbackID, dom, params }));
  }
  metadataChange(dom: Domain, type: number, nsuri: string | null): void {
    this.#tell(domainEventId.metadataChange, dom, remote.domainEventCallbackMetadataChange, (callbackID) => ({ callbackID, dom, type, nsuri }));
  }
  agentLifecycle(dom: Domain, state: number, reason: number): void {
    this.#tell(domainEventId.agentLifecycle, dom, remote.domainEventCallbackAgentLifecycle, (callbackID) => ({ callbackID, dom, state, reason }));
  }

  #tell<M>(event: number, dom: Domain, line: Named<Event<M>>, message: (callbackID: number) => M): void {
    for (const { client, uuid, callbackID, event: registered } of this.#registrations) {
      if (registered === event && (uuid === null || uuid === dom.uuid)) client.tell(line, message(callbackID));
    }
  }
}

/** Registering and taking back. */
export const eventHandlers = (events: Events): Handlers => ({
  connectDomainEventCallbackRegisterAny: ({ eventID, dom }, client) => ({ callbackID: events.register(client, eventID, dom) }),
  connectDomainEventCallbackDeregisterAny: ({ callbackID }, client) => events.deregister(client, callbackID),
});
