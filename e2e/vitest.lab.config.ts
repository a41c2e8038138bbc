// How the tests that need the lab are found and run: one file after another, with the lab brought up before.
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { isLong } from './lab/long.ts';

/** Tests on the virtual host come first: the flows that `npm test` runs beside the lab have one of their own near their end, and two keep each other waiting. */
class EmulatedFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isEmulated = ({ moduleId }: TestSpecification): boolean => readFileSync(moduleId, 'utf8').includes('hostUp');
    return (await super.sort(files)).sort((one, other) => Number(isEmulated(other)) - Number(isEmulated(one)));
  }
}

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['e2e/**/*.lab.test.ts', 'main/**/*.lab.test.ts'],
    // Drills that an emulated machine needs half an hour for are run when they are asked for.
    exclude: ['node_modules/**', 'out/**', ...(isLong ? [] : ['**/*.long.lab.test.ts'])],
    globalSetup: ['e2e/lab/vitest-setup.ts'],
    setupFiles: ['e2e/lab/vitest-failures.ts'],
    fileParallelism: false,
    sequence: { sequencer: EmulatedFirst },
    testTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 180_000,
    restoreMocks: true,
  },
});
