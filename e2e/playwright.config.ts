// How the flows are run: in the system's Chromium, since no browser is downloaded.
import { homedir } from 'node:os';
import { defineConfig } from 'playwright/test';
import { browserPlaces } from '../main/shell/web/browser.ts';
import { statSync } from 'node:fs';
import { isLong } from './lab/long.ts';

const chromium = browserPlaces({ env: process.env, platform: process.platform, home: homedir() }).find((place) => statSync(place, { throwIfNoEntry: false })?.isFile());

const realHosts = ['real-host.spec.ts', 'knobs-real.spec.ts', 'knobs-host.long.spec.ts', 'certificates.spec.ts', 'consoles-real.spec.ts'];

/** The table of knobs in the pages of the demo host and of the virtual host: a real libvirtd has it in its own. */
const long = isLong ? [] : ['**/*.long.spec.ts'];

export default defineConfig({
  testDir: './flows',
  globalSetup: './flows/build-first.ts',
  outputDir: '../out/flows',
  workers: 2,
  fullyParallel: true,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  // A guest that boots under emulation takes a CPU for itself: the real host comes when the rest is done. Alone: `--project real-host --no-deps`.
  projects: [
    { name: 'flows', testIgnore: [...realHosts, ...long] },
    { name: 'real-host', testMatch: realHosts, testIgnore: long, dependencies: ['flows'] },
  ],
  use: {
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    // What is on its way to its place while a press goes down and up is not pressed. That nothing needs to move is a promise of ours besides.
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      ...(chromium !== undefined && { executablePath: chromium }),
      args: ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    },
  },
});
