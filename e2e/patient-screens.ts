// What a test of a screen looks for may take as long as a busy machine needs: only what hangs ends, by the test's own limit.
import { beforeAll } from 'vitest';

beforeAll(async () => {
  if (!('document' in globalThis)) return;
  const { configure } = await import('@testing-library/react');
  configure({ asyncUtilTimeout: 30_000 });
});
