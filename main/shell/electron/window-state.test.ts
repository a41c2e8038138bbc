// The window comes back where it was, if it can be seen there.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isOnScreen, readWindowState, writeWindowState } from './window-state.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestdeck-window-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }, { x: 1920, y: -200, width: 1280, height: 1024 }];
const state = { x: 2000, y: 0, width: 1000, height: 700, maximized: true };

it('comes back as it was', () => {
  const path = join(folder, 'window.json');
  writeWindowState(path, state);
  expect(readWindowState(path, screens)).toEqual(state);
  expect(readdirSync(folder)).toEqual(['window.json']);
});

it('is forgotten when its screen is gone, or the file is damaged, foreign or missing', () => {
  const path = join(folder, 'window.json');
  expect(readWindowState(path, screens)).toBeUndefined();
  writeWindowState(path, state);
  expect(readWindowState(path, screens.slice(0, 1))).toBeUndefined();
  for (const text of ['{', '{}', '[]', '{"x":0,"y":0,"width":1e9,"height":700,"maximized":false}', '{"x":0.5,"y":0,"width":800,"height":700,"maximized":false}']) {
    writeFileSync(path, text);
    expect([text, readWindowState(path, screens)]).toEqual([text, undefined]);
  }
});

it('has to show enough of itself on one screen', () => {
  const at = (x: number, y: number): boolean => isOnScreen({ x, y, width: 800, height: 600 }, screens);
  expect([at(-680, 0), at(-681, 0), at(0, 960), at(0, 961), at(3080, 0), at(3081, 0)]).toEqual([true, false, true, false, true, false]);
});
