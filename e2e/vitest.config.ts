// How the unit tests that stand beside their files are found and run.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['app/**/*.test.ts', 'main/**/*.test.ts', 'renderer/**/*.test.{ts,tsx}', 'e2e/**/*.test.ts'],
    exclude: ['e2e/lab/**', 'e2e/flows/**', '**/*.lab.test.ts', 'node_modules/**', 'out/**'],
    setupFiles: ['e2e/patient-screens.ts'],
    pool: 'threads',
    // Only what hangs ends here: a busy machine is no failure.
    testTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    restoreMocks: true,
  },
});
