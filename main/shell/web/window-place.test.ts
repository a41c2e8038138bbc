// The browser's window comes back as it was.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { placeArguments } from './window-place.ts';

let profile: string;
beforeEach(() => {
  profile = mkdtempSync(join(tmpdir(), 'guestdeck-profile-'));
  mkdirSync(join(profile, 'Default'));
});
afterEach(() => rmSync(profile, { recursive: true }));

/** As Chromium writes it. */
const written = (place: object): void =>
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify({ browser: { app_window_placement: { 127: { 0: { 0: { '1_/': place } } } } } }));
const place = { left: 50, top: 40, right: 950, bottom: 740, maximized: false, work_area_left: 0 };

it('in its size and place', () => {
  written(place);
  expect(placeArguments(profile)).toEqual(['--window-size=900,700', '--window-position=50,40']);
});

it('maximized', () => {
  written({ ...place, maximized: true });
  expect(placeArguments(profile)).toEqual(['--start-maximized']);
});

it('in its first size when nothing sensible is known', () => {
  expect(placeArguments(join(profile, 'none'))).toEqual(['--window-size=1440,900']);
  written({ ...place, right: 60 });
  expect(placeArguments(profile)).toEqual(['--window-size=1440,900']);
  written({ left: 'x' });
  expect(placeArguments(profile)).toEqual(['--window-size=1440,900']);
  writeFileSync(join(profile, 'Default', 'Preferences'), '{');
  expect(placeArguments(profile)).toEqual(['--window-size=1440,900']);
});
