// History as the contract has it: looking back, and the plan that takes an entry back.
import { Refused } from '../../app/contract/refusal.ts';
import { changeWords, conflicts, invert, isSteady } from '../../app/tuning/plan.ts';
import { type Context, domOf, guestOf } from './context.ts';
import { planFor, readGuest, reversed } from './guest-reading.ts';
import type { Services } from './services.ts';

const usual = 100;

export const historyServices = (context: Context): Services['history'] => ({
  list: async ({ host, uuid, before, limit }) => {
    const entries = (await context.history.entries())
      .filter((entry) => (host === undefined || entry.host?.id === host) && (uuid === undefined || entry.guest?.uuid === uuid))
      .toReversed();
    const last = entries.findIndex((entry) => entry.id === before);
    if (before !== undefined && last < 0) throw new Refused('unknown-entry', 'The history has no such entry.', { field: 'before' });
    const from = last + 1;
    return entries.slice(from, from + (limit ?? usual));
  },
  undo: async ({ id }) => {
    const entry = (await context.history.entries()).find((one) => one.id === id);
    if (entry === undefined) throw new Refused('unknown-entry', 'The history has no such entry.', { field: 'id' });
    const { host, guest } = entry;
    if (host === null || guest === null || entry.outcome === 'put-back' || entry.changes.length === 0) {
      throw new Refused('not-undoable', entry.outcome === 'put-back' ? 'This was put back already when it failed.' : 'This action has no way back.');
    }
    const session = await context.session(host.id);
    const read = await readGuest(session, domOf(guestOf(session, guest.uuid)));
    // What acted on a guest that has stopped since has nothing left to act on.
    const standing = entry.changes.filter(({ truth }) => read.reading[truth] !== null);
    if (standing.length === 0) throw new Refused('not-undoable', `${guest.name} has stopped since, and nothing of this was saved.`);
    // Of an entry that was cut short, and of one that was taken back by hand, some may be as before already.
    const changes = conflicts(standing.map(reversed), read.reading).map(reversed);
    if (changes.length === 0) throw new Refused('not-undoable', 'All of this is as it was before already.');
    const [moved] = conflicts(changes.filter(isSteady), read.reading);
    if (moved !== undefined) {
      const { name, to } = changeWords(moved);
      throw new Refused('not-undoable', `${name} is not ${to} any more: it was changed again since.`, { remedy: 'Undo the later change first, or set the value by hand.' });
    }
    const wanted = invert(changes);
    return { host: host.id, uuid: guest.uuid, wanted, basis: read.reading.basis, plan: planFor(read, wanted) };
  },
});
