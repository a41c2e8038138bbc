// Connections beside a first one: they end with it, and those that ended before are let go of.
import { expect, it } from 'vitest';
import { endingWith } from './ending-with.ts';

/** What of a connection counts here. */
class Standing {
  isOpen = true;
  /** How often it was told to close. */
  told = 0;
  #end: (reason: null) => void = () => undefined;
  readonly closed = new Promise<null>((resolve) => (this.#end = resolve));
  readonly close = (): void => {
    this.told += 1;
    this.isOpen = false;
    this.#end(null);
  };
}

it('are closed with the first, and at once where that has ended', async () => {
  const [first, one, two, late] = [new Standing(), new Standing(), new Standing(), new Standing()];
  const beside = endingWith(first);
  expect([beside(one), beside(two)]).toEqual([one, two]);
  one.close();
  await one.closed;
  first.close();
  await two.closed;
  expect([one.told, two.told, two.isOpen]).toEqual([1, 1, false]);
  expect(beside(late).isOpen).toBe(false);
});
