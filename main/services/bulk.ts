// Settings of many guests at once: planned from what each has, applied a few at a time, taken back and tried again.
import type { PlannedGuest, RunGuest } from '../../app/contract/bulk.ts';
import type { News } from '../../app/contract/contract.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { type BulkChange, planBulk } from '../../app/tuning/bulk.ts';
import { knobs, type Wanted } from '../../app/tuning/knobs.ts';
import { isOnItsWay } from '../../app/tuning/change.ts';
import { type Plan, planChanges, type PlanFinding } from '../../app/tuning/plan.ts';
import { type Context, domOf, guestOf } from './context.ts';
import { planFor, type Read, readGuest } from './guest-reading.ts';
import { restartGuest } from './restart.ts';
import { type Job, Runs } from './runs.ts';
import type { Caller, Services } from './services.ts';

interface Which {
  readonly host: string;
  readonly uuid: string;
}

/** What bulk work is made of. */
export interface BulkOptions {
  readonly context: Context;
  readonly tuning: Services['tuning'];
  readonly guests: Services['guests'];
  readonly history: Services['history'];
  /** Hears all news until the returned function is called. */
  readonly listen: (hear: (news: News) => void) => () => void;
}

export interface Bulk {
  readonly services: Services['bulk'];
  /** Begins nothing more, and waits for what was begun. */
  readonly close: () => Promise<void>;
}

/** What is found, with what it is about where its words do not tell. */
const findingWords = ({ message, knob, unit }: PlanFinding): string => {
  const name = knob === null ? '' : knobs[knob].name(unit);
  return message.startsWith(name) ? message : `${name}: ${message}`;
};

/** A plan as one of many: with an error in it, or a reason against it, the guest is refused. */
const planned = ({ host, uuid }: Which, { reading }: Read, wanted: Wanted, plan: Plan, notes: readonly string[], refusals: readonly string[] = []): PlannedGuest => {
  const { name } = reading.facts.guest;
  const says = (level: 'error' | 'warning'): readonly string[] => plan.findings.filter((finding) => finding.level === level).map(findingWords);
  const reasons = [...new Set([...refusals, ...says('error')])];
  if (reasons.length > 0) return { host, uuid, name, outcome: 'refused', reasons };
  return {
    host, uuid, name, outcome: 'planned', wanted, basis: reading.basis, steps: plan.steps.map(({ title, virsh, scope }) => ({ title, virsh, scope })),
    changes: [...planChanges(plan)], notes: [...new Set([...notes, ...says('warning')])],
  };
};

export const bulkServices = ({ context, tuning, guests: guestActs, history, listen }: BulkOptions): Bulk => {
  const runs = new Runs({ changed: (id) => context.tell('bulk', 'changed', { id }), complain: context.complain });
  const gone = new AbortController();
  const caller: Caller = { id: 'bulk', gone: gone.signal };
  /** What was wanted of the guests of each run. */
  const wishes = new Map<string, ReadonlyMap<string, Wanted>>();
  const keyOf = ({ host, uuid }: Which): string => `${host}/${uuid}`;

  /** Its UUID where its host does not answer or has no such guest: that is then found by what is done to it. */
  const nameOf = async ({ host, uuid }: Which): Promise<string> => {
    try {
      return guestOf(await context.session(host), uuid).name;
    } catch (error) {
      if (error instanceof Refused) return uuid;
      throw error;
    }
  };
  /** One of many: what speaks against it is its own, and stops no other. */
  const each = async (which: Which, name: string | null, work: () => Promise<PlannedGuest>): Promise<PlannedGuest> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { message, remedy } = error.refusal;
      return { host: which.host, uuid: which.uuid, name: name ?? (await nameOf(which)), outcome: 'refused', reasons: [`${message} ${remedy ?? ''}`.trim()] };
    }
  };
  const read = async ({ host, uuid }: Which): Promise<Read> => {
    const session = await context.session(host);
    return await readGuest(session, domOf(guestOf(session, uuid)));
  };
  const planOne = async (which: Which, changes: readonly BulkChange[]): Promise<PlannedGuest> => {
    const guest = await read(which);
    const { live, saved } = guest.reading;
    const { wanted, plan, notes, refusals } = planBulk(changes, { definitions: guest.definitions, settings: { live, saved }, facts: guest.facts });
    return planned(which, guest, wanted, plan, notes, refusals);
  };

  const applyOne = async (which: Which, wanted: Wanted, basis: string): ReturnType<Job['work']> => {
    const { outcome, steps, unconfirmed, entry } = await tuning.apply({ ...which, wanted, basis }, caller);
    const isGood = outcome === 'complete' || (outcome === 'unconfirmed' && isOnItsWay(unconfirmed));
    const refusal = steps.find((step) => step.refusal !== undefined)?.refusal;
    return { state: isGood ? 'done' : 'failed', words: '', outcome, unconfirmed, entry, ...(refusal !== undefined && { refusal }) };
  };
  const named = async <W extends Which>(guests: readonly W[]): Promise<readonly (W & { readonly name: string })[]> => {
    if (new Set(guests.map(keyOf)).size !== guests.length) throw new Refused('bad-input', 'A guest is named twice.', { field: 'guests' });
    return await Promise.all(guests.map(async (guest) => ({ ...guest, name: await nameOf(guest) })));
  };

  return {
    services: {
      plan: async ({ guests, changes }) => await Promise.all(guests.map(async (which) => await each(which, null, async () => await planOne(which, changes)))),
      apply: async ({ title, guests, stopAtFailure }) => {
        const jobs = (await named(guests)).map(({ host, uuid, name, wanted, basis }): Job => ({ host, uuid, name, work: async () => await applyOne({ host, uuid }, wanted, basis) }));
        const run = runs.begin('tuning', title, jobs, stopAtFailure);
        wishes.set(run.id, new Map(guests.map((guest) => [keyOf(guest), guest.wanted])));
        for (const id of wishes.keys()) if (!runs.list().some((one) => one.id === id)) wishes.delete(id);
        return run;
      },
      restart: async ({ title, guests, stopAtFailure }) => {
        const jobs = (await named(guests)).map(({ host, uuid, name }): Job => ({
          host, uuid, name,
          work: async (say, signal) => ({ state: 'done', entry: null, words: await restartGuest({ context, acts: guestActs, listen, caller }, { host, uuid }, say, AbortSignal.any([signal, gone.signal])) }),
        }));
        return runs.begin('restart', title, jobs, stopAtFailure);
      },
      runs: async () => [...runs.list()],
      cancel: async ({ id }) => {
        runs.cancel(id);
        return null;
      },
      undo: async ({ id }) => {
        const done = runs.get(id).guests.flatMap((guest) => (guest.entry === null || guest.outcome === 'put-back' ? [] : [{ ...guest, entry: guest.entry }]));
        return await Promise.all(done.map(async (guest) => await each(guest, guest.name, async () => {
          const { wanted } = await history.undo({ id: guest.entry }, caller);
          const now = await read(guest);
          return planned(guest, now, wanted, planFor(now, wanted), []);
        })));
      },
      again: async ({ id }) => {
        const wanted = wishes.get(id);
        const open = runs.get(id).guests.flatMap((guest: RunGuest) => {
          const wish = guest.state === 'failed' || guest.state === 'left' ? wanted?.get(keyOf(guest)) : undefined;
          return wish === undefined ? [] : [{ guest, wish }];
        });
        return await Promise.all(open.map(async ({ guest, wish }) => await each(guest, guest.name, async () => {
          const now = await read(guest);
          return planned(guest, now, wish, planFor(now, wish), []);
        })));
      },
    },
    close: async () => {
      gone.abort();
      await runs.close();
    },
  };
};
