// A guest shut down and started again, so that what is saved comes true: waited for by events, given up where it does not go off.
import type { GuestSummary } from '../../app/contract/guests.ts';
import type { News } from '../../app/contract/contract.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { isActive } from '../../app/domain/guest.ts';
import { pendingUnits } from '../../app/tuning/pending.ts';
import { whyNoRestart } from '../../app/tuning/restart.ts';
import { type Context, domOf, guestOf } from './context.ts';
import { readGuest } from './guest-reading.ts';
import type { Caller, Services } from './services.ts';

/** How long a guest may take to shut down, in milliseconds; a system that installs its updates takes minutes. */
const patience = 10 * 60_000;

interface Restarting {
  readonly context: Context;
  readonly acts: Services['guests'];
  readonly listen: (hear: (news: News) => void) => () => void;
  readonly caller: Caller;
}

interface Which {
  readonly host: string;
  readonly uuid: string;
}

/** Resolves with true when the guest is off, with false when `signal` aborts first. @throws Refused when the host has no such guest any more. */
const isOff = async ({ context, listen }: Restarting, { host, uuid }: Which, signal: AbortSignal): Promise<boolean> => {
  const session = await context.session(host);
  return await new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      stop();
      signal.removeEventListener('abort', cut);
      settle();
    };
    const cut = (): void => end(() => resolve(false));
    const look = (): void => {
      // While the host is away its guests are as they were seen last; when it is back, that is told too.
      const guest = session.guests.find(uuid);
      if (guest === null) end(() => reject(new Refused('unknown-guest', 'The guest was removed while it shut down.')));
      else if (!isActive(guest.state)) end(() => resolve(true));
    };
    const stop = listen((news) => {
      if (news.section === 'guests' && news.told.host === host && (news.told.uuids?.includes(uuid) ?? true)) look();
    });
    signal.addEventListener('abort', cut);
    if (signal.aborted) cut();
    else look();
  });
};

/**
 * Shuts a guest down and starts it. Answers what came of it, for a person.
 * @param say hears what is done at this moment. @param signal gives up waiting for the guest to go off.
 * @throws Refused where it cannot be restarted, does not go off, or libvirt refuses.
 */
export const restartGuest = async (restarting: Restarting, which: Which, say: (words: string) => void, signal: AbortSignal): Promise<string> => {
  const { context, acts, caller } = restarting;
  const session = await context.session(which.host);
  await session.reached.inventory.look(which.uuid);
  const guest: GuestSummary = guestOf(session, which.uuid);
  const why = whyNoRestart(guest, (await readGuest(session, domOf(guest))).definitions.live);
  if (why !== null) throw new Refused('bad-input', why);
  const limit = AbortSignal.timeout(patience);
  say('Shutting down');
  await acts.act({ ...which, action: 'shutdown' }, caller);
  if (!(await isOff(restarting, which, AbortSignal.any([signal, limit])))) {
    throw limit.aborted
      ? new Refused('timed-out', `It has not shut down within ${patience / 60_000} minutes, and still runs.`, { remedy: 'Shut it down from inside, or force it off, then start it.' })
      : new Refused('cancelled', 'Cancelled while it was shutting down: it is not started again by itself.', { remedy: 'Start it when it is off.' });
  }
  say('Starting');
  await acts.act({ ...which, action: 'start' }, caller);
  const after = await readGuest(await context.session(which.host), domOf(guest));
  const open = pendingUnits(after.reading.live, after.reading.saved).length;
  return open === 0 ? 'Restarted: nothing waits any more.' : `Restarted. ${open === 1 ? 'One setting is' : `${open} settings are`} still other than saved.`;
};
