// What a test of a screen looks for may take as long as a busy machine needs: only what hangs ends by the test's own limit.
if ('document' in globalThis) {
  const { configure } = await import('@testing-library/react');
  configure({ asyncUtilTimeout: 30_000 });
}

export {};
