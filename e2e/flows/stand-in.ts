// The window on the stand-in for main, built as it is: hosts and certificates in states that the demo host never has.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, type Page } from 'playwright/test';
import { build, preview } from 'vite';
import { root } from '../../main/shell/prepare.mjs';

/** `standIn`: a page at All guests of the stand-in. Errors of the page fail the test. */
export const test = base.extend<{ standIn: Page }, { address: string }>({
  address: [async ({ browserName }, provide) => {
    const outDir = mkdtempSync(join(tmpdir(), `guestdeck-stand-in-${browserName}-`));
    const configFile = join(root, 'renderer', 'vite.config.ts');
    await build({ configFile, logLevel: 'error', build: { outDir, emptyOutDir: true, rolldownOptions: { input: join(root, 'renderer', 'stand-in', 'index.html') } } });
    const server = await preview({ configFile, logLevel: 'error', build: { outDir }, preview: { host: '127.0.0.1', port: 0 } });
    const [local] = server.resolvedUrls?.local ?? [];
    if (local === undefined) throw new Error('the stand-in is not served');
    await provide(new URL('stand-in/?guests=16&pace=0', local).href);
    await server.close();
    rmSync(outDir, { recursive: true });
  }, { scope: 'worker', timeout: 180_000 }],
  standIn: async ({ address, page }, provide) => {
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(address);
    await page.getByRole('link', { name: 'db-primary', exact: true }).waitFor();
    await provide(page);
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
  },
});
