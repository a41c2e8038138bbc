// Settings as the contract has them: reading, planning, applying; and the end of applies that nobody saw.
import type { Entry } from '../../app/contract/history.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { errorCode } from '../libvirt/constants.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import type { Domain } from '../libvirt/objects.ts';
import { apply } from './apply.ts';
import { type Context, domOf, guestOf } from './context.ts';
import { planFor, type Read, readGuest } from './guest-reading.ts';
import type { Head } from './history-record.ts';
import type { HostSession } from './host-session.ts';
import { judgeEntry } from './judge.ts';
import { placeGuests } from './placement.ts';
import type { Services } from './services.ts';

/** The section, and what is to be done when a host was reached: applies that were cut short there are brought to their end. */
export const tuningServices = (context: Context): { readonly services: Services['tuning']; readonly arrived: (host: string) => Promise<void> } => {
  const began = Date.now();
  /** Entries that this process gave up waiting for. */
  const left = new Set<string>();
  const find = async (host: string, uuid: string): Promise<{ readonly session: HostSession; readonly dom: Domain }> => {
    const session = await context.session(host);
    return { session, dom: domOf(guestOf(session, uuid)) };
  };
  /** One apply at a time for each guest. */
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(key) ?? Promise.resolve()).then(work, work);
    turns.set(key, turn);
    try {
      return await turn;
    } finally {
      if (turns.get(key) === turn) turns.delete(key);
    }
  };
  /** One that is under way, here or in another process that began it since, is not cut short. */
  const isCutShort = (entry: Pick<Entry, 'id' | 'at' | 'outcome'>): boolean => entry.outcome === 'interrupted' && (entry.at < began || left.has(entry.id));
  const cutShort = async (host: string): Promise<readonly Head[]> => {
    const found: Head[] = [];
    for await (const head of context.history.newestFirst([host, 'interrupted'])) if (head.host?.id === host && isCutShort(head)) found.unshift(head);
    return found;
  };

  const judge = async (session: HostSession, id: string, guest: NonNullable<Entry['guest']>): Promise<void> => {
    const read = await readGuest(session, domOf(guest)).catch(gone);
    const entry = await context.history.find(id);
    if (entry === null || !isCutShort(entry)) return;
    await context.history.append(judgeEntry(entry, read, Date.now()));
    left.delete(id);
    context.tell('history', 'changed', { id });
  };

  const services: Services['tuning'] = {
    read: async ({ host, uuid }) => {
      const { session, dom } = await find(host, uuid);
      return (await readGuest(session, dom)).reading;
    },
    plan: async ({ host, uuid, wanted }) => {
      const { session, dom } = await find(host, uuid);
      return planFor(await readGuest(session, dom), wanted);
    },
    place: placeGuests(context),
    apply: async ({ host, uuid, wanted, basis }) => {
      const { session, dom } = await find(host, uuid);
      return await inTurn(`${host}/${uuid}`, async () => {
        const applied = await apply({ context, session, dom }, wanted, basis);
        if (applied.outcome === 'interrupted' && applied.entry !== null) left.add(applied.entry);
        return applied;
      });
    },
  };
  return {
    services,
    arrived: async (host) => {
      try {
        const session = await context.session(host);
        await Promise.all((await cutShort(host)).map(async ({ id, guest }) => (guest === null ? undefined : await inTurn(`${host}/${guest.uuid}`, async () => await judge(session, id, guest)))));
      } catch (error) {
        // A host that is lost again, or does not let the guest be read, is asked when it is reached the next time.
        if (!(error instanceof Refused)) context.complain(error);
      }
    },
  };
};

/** A guest that was undefined since. */
const gone = (error: unknown): Read | null => {
  if (error instanceof LibvirtError && error.error.code === errorCode.noDomain) return null;
  throw error;
};
