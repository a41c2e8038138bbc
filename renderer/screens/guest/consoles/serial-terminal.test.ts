// @vitest-environment happy-dom
// When a serial line's bytes are drawn; xterm is stood in for.
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { SerialTerminal } from './serial-terminal.ts';

const { written, Terminal } = vi.hoisted(() => {
  const all: string[] = [];
  return {
    written: all,
    Terminal: class {
      loadAddon(): void {}
      dispose(): void {}
      write(bytes: Uint8Array, drawn: () => void): void {
        all.push(new TextDecoder().decode(bytes));
        drawn();
      }
    },
  };
});
vi.mock('@xterm/xterm', () => ({ Terminal }));
vi.mock('@xterm/addon-fit', () => ({ FitAddon: Object }));
vi.mock('@xterm/addon-search', () => ({ SearchAddon: Object }));

let drawn: number;
const start = () => {
  const terminal = new SerialTerminal();
  onTestFinished(() => terminal.dispose());
  return { terminal, print: (text: string) => terminal.write(new TextEncoder().encode(text), () => (drawn += 1)) };
};
beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  written.length = 0;
  drawn = 0;
});

it('writes what comes after a silence at once, and what comes with it together a moment later', () => {
  const { print } = start();
  print('a');
  expect([written, drawn]).toEqual([['a'], 1]);
  for (const text of ['b', 'c', 'd']) print(text);
  expect([written, drawn]).toEqual([['a'], 1]);
  vi.runAllTimers();
  expect([written, drawn]).toEqual([['a', 'b', 'c', 'd'], 4]);
  vi.advanceTimersByTime(1_000);
  print('e');
  expect(written.at(-1)).toBe('e');
});

it('leaves no timer behind', () => {
  const { terminal, print } = start();
  print('a');
  print('b');
  terminal.dispose();
  expect(vi.getTimerCount()).toBe(0);
});
