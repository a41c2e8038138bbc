// The Electron shell as a person meets it, and its walls from inside the page; where its binary is.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, expect, test } from 'playwright/test';
import { findElectron } from '../../main/shell/electron/binary.mjs';
import { root } from '../../main/shell/prepare.mjs';

const hasDisplay = process.platform !== 'linux' || [process.env['DISPLAY'], process.env['WAYLAND_DISPLAY']].some((display) => display !== undefined && display !== '');

test.describe('Electron', () => {
  let app: ElectronApplication;
  let folder: string;

  test.beforeAll(async () => {
    const binary = await findElectron();
    test.skip(binary === undefined, 'skipped: no Electron binary');
    test.skip(!hasDisplay, 'skipped: no display');
    if (binary === undefined) return;
    folder = mkdtempSync(join(tmpdir(), 'guestdeck-electron-'));
    app = await _electron.launch({
      executablePath: binary,
      args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), root],
      env: { ...process.env, GUESTDECK_DATA: folder },
    });
  });
  test.afterAll(async () => {
    if (folder === undefined) return;
    await app.close();
    rmSync(folder, { recursive: true });
  });

  test('shows the demo host, over the bridge alone', async () => {
    const page = await app.firstWindow();
    expect(page.url()).toMatch(/^guestdeck:\/\/app\//);
    await expect(page.getByText('Demo host').first()).toBeVisible();
    const seen = await page.evaluate(() => {
      const bridge: unknown = Reflect.get(globalThis, 'guestdeck');
      return { require: 'require' in globalThis, process: 'process' in globalThis, bridge: Object.keys(bridge ?? {}).sort() };
    });
    expect(seen).toEqual({ require: false, process: false, bridge: ['ask', 'listen', 'open'] });
  });

  test('lets the page neither leave, nor open windows, nor connect anywhere', async () => {
    const page = await app.firstWindow();
    const url = page.url();
    expect(await page.evaluate(() => window.open('https://guestdeck.example/'))).toBeNull();
    expect(await page.evaluate(() => fetch('https://guestdeck.example/').then(() => 'fetched', () => 'refused'))).toBe('refused');
    await page.evaluate(() => {
      location.href = 'https://guestdeck.example/';
    });
    // A navigation that was let through would be under way before this answers.
    expect(await page.evaluate(() => location.href)).toBe(url);
    expect(app.windows()).toHaveLength(1);
  });
});
