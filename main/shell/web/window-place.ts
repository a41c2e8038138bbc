// Where the browser's window was and how large: Chromium writes it down by the page's host, but finds no host with dots again, so it is told.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from '../../../app/contract/schema.ts';

const pixels = z.int().min(-100_000).max(100_000);
const placement = z.object({ left: pixels, top: pixels, right: pixels, bottom: pixels, maximized: z.boolean() });
const preferences = z.object({ browser: z.object({ app_window_placement: z.record(z.string(), z.unknown()) }) });

/** The first size, and what stands for a place that is no window. */
const first = '--window-size=1440,900';
const least = { width: 400, height: 300 };

/** The first placement in a tree of folders; Chromium splits `127.0.0.1_/` at its dots. */
const placementIn = (tree: unknown): z.infer<typeof placement> | undefined => {
  const found = placement.safeParse(tree).data;
  if (found !== undefined) return found;
  return typeof tree === 'object' && tree !== null ? Object.values(tree).map(placementIn).find((inside) => inside !== undefined) : undefined;
};

const read = (profile: string): unknown => {
  try {
    return JSON.parse(readFileSync(join(profile, 'Default', 'Preferences'), 'utf8'));
  } catch (error) {
    // Before the first run there is none, and a broken one is the browser's to mend.
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && error.code === 'ENOENT')) return undefined;
    throw error;
  }
};

/** What tells the browser to show its window as it was the last time. */
export const placeArguments = (profile: string): readonly string[] => {
  const place = placementIn(preferences.safeParse(read(profile)).data?.browser.app_window_placement);
  if (place === undefined) return [first];
  if (place.maximized) return ['--start-maximized'];
  const [width, height] = [place.right - place.left, place.bottom - place.top];
  if (width < least.width || height < least.height) return [first];
  return [`--window-size=${width},${height}`, `--window-position=${place.left},${place.top}`];
};
