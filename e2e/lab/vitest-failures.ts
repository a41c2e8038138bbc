// Where a test failed while a virtual host ran, its output has what the host's console said last.
import { beforeEach } from 'vitest';
import { hostLastWords } from './host/host.ts';

beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => {
    const words = await hostLastWords();
    if (words !== undefined) process.stderr.write(words);
  });
});
