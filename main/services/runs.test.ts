// Work on many guests: how many at once, what a failure stops, and what a cancel leaves.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunGuest } from '../../app/contract/bulk.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { type Job, Runs } from './runs.ts';

const done = { state: 'done', words: '', entry: null } as const;

/** Runs that resolve `over` when the one begun first has ended. */
const watched = (): { readonly runs: Runs; readonly over: Promise<void>; readonly told: string[] } => {
  const told: string[] = [];
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));
  const runs = new Runs({
    changed: (id) => {
      told.push(id);
      if (runs.list().every(({ ended }) => ended !== null)) end();
    },
    complain: (error) => {
      throw error;
    },
  });
  return { runs, over, told };
};
const job = (at: number, host: string, work: Job['work']): Job => ({ host, uuid: `${at}`, name: `guest ${at}`, work });
const statesOf = (runs: Runs): readonly RunGuest['state'][] => runs.list()[0]?.guests.map(({ state }) => state) ?? [];

describe('a run', () => {
  it('works on every guest once, at most four of a host at a time, and as many as there are where there is room', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 40 }), async (hosts) => {
      const { runs, over } = watched();
      const now = new Map<string, number>();
      const most = new Map<string, number>();
      const worked: number[] = [];
      runs.begin('tuning', 'any', hosts.map((host, at) => job(at, host, async () => {
        now.set(host, (now.get(host) ?? 0) + 1);
        most.set(host, Math.max(most.get(host) ?? 0, now.get(host) ?? 0));
        worked.push(at);
        await Promise.resolve();
        now.set(host, (now.get(host) ?? 0) - 1);
        return done;
      })), false);
      await over;
      expect(worked.toSorted((one, other) => one - other)).toEqual(hosts.map((_, at) => at));
      for (const [host, count] of most) expect(count).toBe(Math.min(4, hosts.filter((one) => one === host).length));
      expect(new Set(statesOf(runs))).toEqual(new Set(['done']));
    }), { numRuns: 50 });
  });

  const failing = (stopAtFailure: boolean) => async (): Promise<readonly RunGuest['state'][]> => {
    const { runs, over } = watched();
    runs.begin('tuning', 'any', Array.from({ length: 9 }, (_, at) => job(at, 'a', async () => {
      if (at === 1) throw new Refused('libvirt', 'No.');
      return done;
    })), stopAtFailure);
    await over;
    return statesOf(runs);
  };
  it('goes on after a failure', async () => {
    expect(await failing(false)()).toEqual(['done', 'failed', ...Array.from({ length: 7 }, () => 'done')]);
  });
  it('begins nothing more after a failure where it is told to stop', async () => {
    const states = await failing(true)();
    expect(states[1]).toBe('failed');
    expect(states.slice(-3)).toEqual(['left', 'left', 'left']);
  });

  it('that is cancelled brings what is begun to its end and leaves the rest', async () => {
    const { runs, over } = watched();
    const open: (() => void)[] = [];
    const { id } = runs.begin('tuning', 'any', Array.from({ length: 6 }, (_, at) => job(at, 'a', async (_say, signal) => {
      await new Promise<void>((resolve) => open.push(resolve));
      return { ...done, words: signal.aborted ? 'was told' : 'was not told' };
    })), false);
    expect(statesOf(runs)).toEqual(['working', 'working', 'working', 'working', 'waiting', 'waiting']);
    runs.cancel(id);
    for (const finish of open) finish();
    await over;
    expect(runs.get(id)).toMatchObject({ cancelled: true, guests: [...Array.from({ length: 4 }, () => ({ state: 'done', words: 'was told' })), { state: 'left' }, { state: 'left' }] });
  });

  it('says why a guest failed, and what is done to it at this moment', async () => {
    const { runs, over } = watched();
    const seen: string[] = [];
    runs.begin('restart', 'any', [job(0, 'a', async (say) => {
      say('Shutting down');
      seen.push(runs.list()[0]?.guests[0]?.words ?? '');
      throw new Refused('timed-out', 'It still runs.');
    })], false);
    await over;
    expect([seen, runs.list()[0]?.guests[0]]).toMatchObject([['Shutting down'], { state: 'failed', words: 'It still runs.', refusal: { code: 'timed-out' } }]);
  });

  it('is told of until twenty later ones are over', async () => {
    const { runs, over } = watched();
    const first = runs.begin('tuning', 'first', [job(0, 'a', async () => done)], false);
    await over;
    for (let count = 0; count < 20; count += 1) runs.begin('tuning', `${count}`, [job(0, 'a', async () => done)], false);
    await runs.close();
    expect(runs.list()).toHaveLength(20);
    expect(() => runs.get(first.id)).toThrow(Refused);
  });
});
