// A connection that was opened, made into a host that is known: its events, its guests, its facts.
import { Refused } from '../../app/contract/refusal.ts';
import type { Connection } from '../libvirt/connection.ts';
import { lifecycleEvent } from '../libvirt/constants.ts';
import { DomainEvents } from '../libvirt/domain-events.ts';
import { remote } from '../libvirt/procedures.ts';
import { HostFacts } from './host-facts.ts';
import { Inventory } from './inventory.ts';

/** What is known of a host over one connection. */
export interface Known {
  readonly inventory: Inventory;
  readonly facts: HostFacts;
}

/** Whose connection it is, and who hears of its guests. */
export interface Loading {
  readonly host: string;
  readonly guestsChanged: (uuids: readonly string[] | null) => void;
  /** Where errors go that are not simply the loss of the host. */
  readonly complain: (error: unknown) => void;
  /** What was known over the connection before; the daemon may be another one since. */
  readonly before: Known | null;
}

/**
 * Events first, then the list: nothing can change unseen in between. On any failure, and when `signal` aborts, the connection is closed.
 * @throws Refused.
 */
export const loadHost = async (connection: Connection, { host, guestsChanged, complain, before }: Loading, signal: AbortSignal): Promise<Known> => {
  const giveUp = (): void => connection.close();
  signal.addEventListener('abort', giveUp, { once: true });
  const facts = new HostFacts(connection, before?.facts);
  const inventory = new Inventory(host, connection, guestsChanged);
  const events = new DomainEvents(connection);
  const changed = (uuid: string): void => {
    facts.forget(uuid);
    inventory.refresh([uuid]).catch((error: unknown) => {
      if (!(error instanceof Refused && ['connection-lost', 'timed-out'].includes(error.refusal.code))) complain(error);
    });
  };
  connection.on(remote.connectEventConnectionClosed, giveUp);
  try {
    await Promise.all([
      events.on('lifecycle', ({ msg }) => {
        facts.marks.heard(msg.dom.uuid, msg.event, msg.detail, Date.now());
        if (msg.event === lifecycleEvent.started || msg.event === lifecycleEvent.stopped) {
          facts.memory.balloonGone(msg.dom.uuid);
          facts.memory.unplugs.gone(msg.dom.uuid);
        }
        changed(msg.dom.uuid);
      }),
      events.on('balloonChange', ({ msg }) => {
        facts.memory.balloonMoved(msg.dom.uuid, Number(msg.actual));
        changed(msg.dom.uuid);
      }),
      events.on('deviceRemoved', ({ msg }) => {
        facts.memory.unplugs.gone(msg.dom.uuid, msg.devAlias);
        changed(msg.dom.uuid);
      }),
      events.on('deviceRemovalFailed', ({ dom, devAlias }) => {
        facts.memory.unplugs.refused(dom.uuid, devAlias);
        changed(dom.uuid);
      }),
      events.on('reboot', ({ msg }) => changed(msg.dom.uuid)),
      ...(['tunable', 'agentLifecycle', 'deviceAdded', 'memoryDeviceSizeChange', 'metadataChange'] as const).map(async (name) => await events.on(name, ({ dom }) => changed(dom.uuid))),
    ]);
    await inventory.load();
    if (signal.aborted) throw new Refused('cancelled', 'Connecting was given up.');
    return { inventory, facts };
  } catch (error) {
    connection.close();
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
};
