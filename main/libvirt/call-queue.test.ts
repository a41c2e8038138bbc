// Whose turn it is at the server: never more than four, fairly between owners, never four slow ones.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallQueue, mostOutstanding, mostSlow } from './call-queue.ts';

/** A queue whose starts are noted by name. */
const noted = () => {
  const queue = new CallQueue();
  const started: string[] = [];
  const enter = (name: string, owner = '', slow = false): (() => void) => queue.enter(owner, slow, () => started.push(name));
  return { queue, started, enter };
};

describe('the call queue', () => {
  it('leaves one of the server’s five places free', () => {
    expect([mostOutstanding, mostSlow]).toEqual([4, 2]);
  });

  it('starts four at once and the others as places come free, in their order', () => {
    const { queue, started, enter } = noted();
    for (const name of ['1', '2', '3', '4', '5', '6']) enter(name);
    expect(started).toEqual(['1', '2', '3', '4']);
    queue.leave(false);
    expect(started).toEqual(['1', '2', '3', '4', '5']);
    queue.leave(false);
    expect(started).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('goes round the owners, so that one with many calls does not hold up another', () => {
    const { queue, started, enter } = noted();
    for (const name of ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7']) enter(name, 'a');
    enter('b1', 'b');
    enter('b2', 'b');
    enter('c1', 'c');
    for (let left = 0; left < 6; left++) queue.leave(false);
    expect(started.slice(4)).toEqual(['a5', 'b1', 'c1', 'a6', 'b2', 'a7']);
  });

  it('lets slow calls have two places at the most, while quick ones of the same owner pass them', () => {
    const { queue, started, enter } = noted();
    for (const name of ['slow 1', 'slow 2', 'slow 3']) enter(name, 'a', true);
    for (const name of ['quick 1', 'quick 2', 'quick 3']) enter(name, 'a');
    expect(started).toEqual(['slow 1', 'slow 2', 'quick 1', 'quick 2']);
    queue.leave(false);
    expect(started.at(-1)).toBe('quick 3');
    queue.leave(false);
    expect(started).toHaveLength(5);
    queue.leave(true);
    expect(started.at(-1)).toBe('slow 3');
  });

  it('forgets who gave up waiting, and does not mind who gives up too late', () => {
    const { queue, started, enter } = noted();
    const leaves = ['1', '2', '3', '4', '5', '6'].map((name) => enter(name));
    leaves[4]?.();
    leaves[4]?.();
    leaves[0]?.();
    queue.leave(false);
    expect(started).toEqual(['1', '2', '3', '4', '6']);
  });

  it('never has more than four at the server nor more than two slow ones, and starts every call that stays', () => {
    const act = fc.record({ owner: fc.constantFrom('a', 'b', 'c'), slow: fc.boolean(), leaves: fc.nat({ max: 3 }), givesUp: fc.boolean() });
    fc.assert(fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const queue = new CallQueue();
      const running: boolean[] = [];
      let [started, stayed] = [0, 0];
      const leave = (): void => {
        const slow = running.shift();
        if (slow !== undefined) queue.leave(slow);
      };
      for (const { owner, slow, leaves, givesUp } of acts) {
        const before = started;
        const giveUp = queue.enter(owner, slow, () => {
          started += 1;
          running.push(slow);
        });
        const waits = started === before;
        if (givesUp) giveUp();
        if (!(givesUp && waits)) stayed += 1;
        expect(running.length).toBeLessThanOrEqual(mostOutstanding);
        expect(running.filter(Boolean).length).toBeLessThanOrEqual(mostSlow);
        for (let left = 0; left < leaves; left++) leave();
      }
      while (running.length > 0) leave();
      expect(started).toBe(stayed);
    }));
  });
});
