// When bytes are passed on that come in small pieces, and that all of them are, in their order.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gathered } from './gathered.ts';

/** Somebody who prints, as fast or slowly as the test does; a rest is over when the test says so. */
class Printer {
  readonly passed: string[] = [];
  readonly rests: number[] = [];
  readonly over: Promise<void>;
  #printed: Buffer[] = [];
  #ended = false;
  #wake: () => void = () => undefined;
  #rested: (() => void) | null = null;

  constructor() {
    this.over = this.#hear();
  }
  /** Prints, and lets everybody do what they can then. */
  async print(...texts: readonly string[]): Promise<void> {
    this.#printed.push(...texts.map((text) => Buffer.from(text)));
    await this.#stir();
  }
  async rested(): Promise<void> {
    this.#rested?.();
    this.#rested = null;
    await this.#stir();
  }
  async end(): Promise<void> {
    this.#ended = true;
    await this.rested();
    await this.over;
  }

  async #stir(): Promise<void> {
    this.#wake();
    await new Promise((resolve) => setImmediate(resolve));
  }
  async *#pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const piece = this.#printed.shift();
      if (piece !== undefined) yield piece;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
  async #hear(): Promise<void> {
    const rest = async (given: number): Promise<void> => {
      this.rests.push(given);
      await new Promise<void>((resolve) => (this.#ended ? resolve() : (this.#rested = resolve)));
    };
    for await (const piece of gathered(this.#pieces(), () => this.#printed.length > 0, rest)) this.passed.push(Buffer.from(piece).toString());
  }
}

it('passes on what comes after a silence at once, and what comes with it together when the rest is over', async () => {
  const printer = new Printer();
  await printer.print('a');
  expect(printer.passed).toEqual(['a']);
  await printer.print('b');
  await printer.print('c', 'd');
  expect(printer.passed).toEqual(['a']);
  await printer.rested();
  expect(printer.passed).toEqual(['a', 'bcd']);
  await printer.rested();
  await printer.print('e');
  expect(printer.passed).toEqual(['a', 'bcd', 'e']);
  expect(printer.rests).toEqual([1, 3, 1]);
  await printer.end();
});

it('passes on every byte in its order, whenever it comes, and what came before the end', async () => {
  const step = fc.oneof(fc.array(fc.string({ minLength: 1, maxLength: 5 }), { maxLength: 4 }), fc.constant('rested' as const));
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
    const printer = new Printer();
    for (const one of steps) await (one === 'rested' ? printer.rested() : printer.print(...one));
    await printer.end();
    expect(printer.passed.join('')).toBe(steps.flatMap((one) => (one === 'rested' ? [] : one)).join(''));
  }));
});

it('ends as what it gathers does, and as the rest does', async () => {
  const none = async (): Promise<void> => await Promise.resolve();
  const broken = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    yield Buffer.from('a');
    throw new Error('the line broke');
  };
  const heard: string[] = [];
  const hear = async (rest: () => Promise<void>): Promise<void> => {
    for await (const piece of gathered(broken(), () => false, rest)) heard.push(Buffer.from(piece).toString());
  };
  await expect(hear(none)).rejects.toThrow('the line broke');
  await expect(hear(async () => await Promise.reject(new Error('the page is gone')))).rejects.toThrow('the page is gone');
  expect(heard).toEqual(['a', 'a']);
});
