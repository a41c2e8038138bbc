// How the tests that need the lab are found and run: one file after another, with the lab brought up before.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['e2e/**/*.lab.test.ts', 'main/**/*.lab.test.ts'],
    exclude: ['node_modules/**', 'out/**'],
    globalSetup: ['e2e/lab/vitest-setup.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 180_000,
    restoreMocks: true,
  },
});
