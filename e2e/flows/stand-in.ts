// The window on the stand-in for main, served from its source: hosts and certificates in states that the demo host never has.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, type Page } from 'playwright/test';
import { createServer } from 'vite';
import { root } from '../../main/shell/prepare.mjs';

/** `standIn`: a page at All guests of the stand-in. Errors of the page fail the test. */
export const test = base.extend<{ standIn: Page }, { address: string }>({
  address: [async ({ browserName }, provide) => {
    const cacheDir = mkdtempSync(join(tmpdir(), `guestdeck-stand-in-${browserName}-`));
    const server = await createServer({ configFile: join(root, 'renderer', 'vite.config.ts'), cacheDir, logLevel: 'error', server: { host: '127.0.0.1', port: 0, hmr: false, watch: null } });
    await server.listen();
    const [local] = server.resolvedUrls?.local ?? [];
    if (local === undefined) throw new Error('the stand-in is not served');
    await provide(new URL('stand-in/?guests=16&pace=0', local).href);
    await server.close();
    rmSync(cacheDir, { recursive: true });
  }, { scope: 'worker' }],
  standIn: async ({ address, page }, provide) => {
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(address);
    // What the page is made of is put together when it is asked for the first time.
    await page.getByRole('link', { name: 'db-primary', exact: true }).waitFor({ timeout: 50_000 });
    await provide(page);
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
  },
});
