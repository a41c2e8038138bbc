// Where the window was and how large, kept between runs; never off the screens that are there now.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from '../../../app/contract/schema.ts';

const pixels = z.int().min(-100_000).max(100_000);
const rectangle = z.object({ x: pixels, y: pixels, width: z.int().min(400).max(100_000), height: z.int().min(300).max(100_000) });
export type Rectangle = z.infer<typeof rectangle>;
const windowState = rectangle.extend({ maximized: z.boolean() });
export type WindowState = z.infer<typeof windowState>;

/** Without a state of before: this size, wherever the window system likes. */
export const firstSize = { width: 1440, height: 900 } as const;

/** At least this much of a window has to be on one screen, in pixels each way, to be found again. */
const visible = 120;

const overlap = (from: number, length: number, otherFrom: number, otherLength: number): number =>
  Math.min(from + length, otherFrom + otherLength) - Math.max(from, otherFrom);

/** Whether enough of the window is on one of these screens. */
export const isOnScreen = (state: Rectangle, screens: readonly Rectangle[]): boolean =>
  screens.some((screen) =>
    overlap(state.x, state.width, screen.x, screen.width) >= visible && overlap(state.y, state.height, screen.y, screen.height) >= visible);

/** The state of before; undefined when there is none, it is damaged, or it lies off all screens. */
export const readWindowState = (path: string, screens: readonly Rectangle[]): WindowState | undefined => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const state = windowState.safeParse(jsonIn(text)).data;
  return state !== undefined && isOnScreen(state, screens) ? state : undefined;
};

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** Written beside and moved into place, so that a crash leaves the old or the new state. */
export const writeWindowState = (path: string, state: WindowState): void => {
  writeFileSync(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${path}.new`, path);
};
