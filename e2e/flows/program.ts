// The built program with a data folder of its own, shown in a page: what every flow starts from.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test as base, expect, type Locator, type Page } from 'playwright/test';
import { root } from '../../main/shell/prepare.mjs';

export { expect };

/** A running web shell. */
export interface Program {
  /** Its one-time address. */
  readonly address: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
  readonly kill: () => Promise<void>;
}

/** @param home the user's folder as the program sees it: known hosts are written there, so it is never the developer's own. @param more of its environment. */
export const startProgram = async (dataFolder: string, home: string, more: NodeJS.ProcessEnv = {}): Promise<Program> => {
  const child = spawn(process.execPath, [join(root, 'out', 'main', 'web.mjs'), '--no-open'], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, GUESTDECK_DATA: dataFolder, HOME: home, ...more } });
  const line = String(await once(createInterface({ input: child.stdout }), 'line'));
  const address = /http:\S+/.exec(line)?.[0];
  const { pid } = child;
  if (address === undefined || pid === undefined) throw new Error(`the program did not print its address but: ${line}`);
  const end = (signal: NodeJS.Signals) => async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  return { address, pid, stop: end('SIGTERM'), kill: end('SIGKILL') };
};

/** `window`: the program's page, at All guests with the demo host listed. Errors of the page fail the test. */
export const test = base.extend<{ program: Program; window: Page }>({
  program: async ({ browserName }, provide) => {
    const folder = mkdtempSync(join(tmpdir(), `guestdeck-${browserName}-`));
    const home = join(folder, 'home');
    mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
    const program = await startProgram(join(folder, 'data'), home);
    await provide(program);
    await program.stop();
    rmSync(folder, { recursive: true });
  },
  window: async ({ program, page }, provide) => {
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // What breaks off because the program was stopped, or since a guest's interface came or went on this machine, is told by the browser itself.
      if (message.type() === 'error' && !/WebSocket|net::ERR_(CONNECTION_|NETWORK_CHANGED)/.test(message.text())) complaints.push(`${message.text()} ${message.location().url}`);
    });
    await page.goto(program.address);
    await expect(row(page, 'db-primary')).toBeVisible();
    await provide(page);
    expect(complaints).toEqual([]);
  },
});

/** A guest's row in the table of all guests. */
export const row = (page: Page, name: string): Locator => page.getByRole('grid', { name: 'Guests' }).getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });

/** Opens a guest's tab from the table of all guests. */
export const openGuest = async (page: Page, name: string, tab: string): Promise<void> => {
  await row(page, name).getByRole('link', { name, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await page.getByRole('tab', { name: tab, exact: true }).click();
};

/** Opens the dialog, names the URI and asks to connect. */
export const addHost = async (page: Page, uri: string): Promise<Locator> => {
  await page.getByRole('button', { name: 'Add host…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add host' });
  await dialog.getByLabel('Connection URI').fill(uri);
  await dialog.getByRole('button', { name: 'Connect' }).click();
  return dialog;
};

const shots = process.env['GUESTDECK_SHOTS'];
/** A picture to be looked at, where a folder for them is named. */
export const pictures = (of: string) => async (page: Page, name: string): Promise<void> => {
  if (shots !== undefined) await page.screenshot({ path: join(shots, `${of}-${name}.png`), animations: 'disabled' });
};
