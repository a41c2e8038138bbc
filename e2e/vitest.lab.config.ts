// How the tests that need the lab are found and run: one file after another, with the lab brought up before.
import { defineConfig } from 'vitest/config';
import { isLong } from './lab/long.ts';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['e2e/**/*.lab.test.ts', 'main/**/*.lab.test.ts'],
    // Drills that an emulated machine needs half an hour for are run when they are asked for.
    exclude: ['node_modules/**', 'out/**', ...(isLong ? [] : ['**/*.long.lab.test.ts'])],
    globalSetup: ['e2e/lab/vitest-setup.ts'],
    setupFiles: ['e2e/lab/vitest-failures.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 180_000,
    restoreMocks: true,
  },
});
