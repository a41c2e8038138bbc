// What the services share: the open sessions, the history, and a way to tell.
import type { GuestSummary } from '../../app/contract/guests.ts';
import { Refused } from '../../app/contract/refusal.ts';
import type { Domain } from '../libvirt/objects.ts';
import type { HistoryFile } from './history-file.ts';
import type { HostSession } from './host-session.ts';
import type { Tell } from './services.ts';

export interface Context {
  readonly tell: Tell;
  /** The session of a saved host, connected where the shell connects by itself. Throws Refused `unknown-host`, `not-connected`. */
  readonly session: (host: string) => Promise<HostSession>;
  readonly hostName: (host: string) => string;
  readonly history: HistoryFile;
  readonly user: string;
  /** Where bugs go that something else must go on after. */
  readonly complain: (error: unknown) => void;
}

/** The guest as the host's list has it; throws Refused `unknown-guest`. */
export const guestOf = (session: HostSession, uuid: string): GuestSummary => {
  const guest = session.reached.inventory.find(uuid);
  if (guest === null) throw new Refused('unknown-guest', 'The host has no such guest any more.', { field: 'uuid' });
  return guest;
};

/** How calls name a guest: the server looks at the UUID only. */
export const domOf = ({ name, uuid }: { readonly name: string; readonly uuid: string }): Domain => ({ name, uuid, id: -1 });
