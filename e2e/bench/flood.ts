// A guest that prints without end, in the program and the system's browser: how soon the page answers the pointer meanwhile, what memory does, and whether a byte is missing.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright';
import { ready } from '../../main/shell/prepare.mjs';
import { Flood } from '../flood.ts';
import { startProgram } from '../flows/program.ts';
import { wayTo } from '../lab/console-scene.ts';
import { LabError, type LabDaemon } from '../lab/state.ts';
import { startTinyGuest, typewriter } from '../lab/tiny-guests.ts';
import { virsh } from '../lab/witness.ts';
import config from '../playwright.config.ts';
import { watchTasks } from './frames.ts';
import { residentBytes } from './program-window.ts';

const name = 'typewriter';

export interface FloodSeen {
  /** From each movement of the pointer to the frame after the page was told, in milliseconds. */
  readonly answers: readonly number[];
  /** The same of an empty page beside it: what the browser and this machine take by themselves. */
  readonly empty: readonly number[];
  /** Processor time of each task of the page, in milliseconds: what other programs of the machine took meanwhile is not in it. */
  readonly tasks: readonly number[];
  /** Bytes that the guest printed, and that the page had of it in the end. */
  readonly printed: number;
  readonly kept: number;
  /** Null when each of those that the page keeps is the right one, else where the first wrong one is. */
  readonly wrongAt: number | null;
  /** Resident memory of main, in bytes: before, at most, and after. */
  readonly memory: { readonly before: number; readonly most: number; readonly after: number };
  /** The most that the page's script held, in bytes, in the first sixth of the time and in the last. */
  readonly heap: { readonly early: number; readonly late: number };
}

/** Runs in the page: notes how late each movement of the pointer is answered. */
const note = (): void => {
  const answers: number[] = [];
  document.addEventListener('pointermove', ({ timeStamp }) => requestAnimationFrame(() => void answers.push(performance.now() - timeStamp)), { capture: true });
  Object.assign(window, { answers });
};

/** Opens the serial line of the guest, and nothing beside it. */
const openLine = async (page: Page, address: string): Promise<void> => {
  await page.goto(address);
  // Of a thousand guests only those at the top are in the page.
  await page.getByRole('combobox', { name: 'Search guests' }).fill(name);
  const link = page.getByRole('grid', { name: 'Guests' }).getByRole('link', { name, exact: true });
  await link.click();
  await page.getByRole('tab', { name: 'Console', exact: true }).click();
  await page.getByRole('button', { name: 'Serial 0' }).click();
  await page.getByRole('button', { name: 'Display', exact: true }).click();
  await page.getByRole('region', { name: 'Serial 0' }).getByText('connected', { exact: true }).waitFor();
  await page.getByRole('textbox', { name: /^Serial 0 of/ }).focus();
};

/** Moves the pointer over a page for so long, and answers how late it was answered. */
const moveOver = async (page: Page, milliseconds: number, meanwhile: () => Promise<void>): Promise<readonly number[]> => {
  await page.evaluate(note);
  const until = performance.now() + milliseconds;
  for (let at = 0; performance.now() < until; at += 1) {
    await page.mouse.move(200 + ((at * 37) % 1000), 200 + ((at * 53) % 500));
    if (at % 20 === 0) await meanwhile();
  }
  return await page.evaluate(() => (window as unknown as { readonly answers: readonly number[] }).answers);
};

/** @param milliseconds for which it prints with its page in front. */
export const floodSeen = async (daemon: LabDaemon, way: 'unix' | 'ssh' | 'tls', home: string, milliseconds: number): Promise<FloodSeen> => {
  await ready();
  const folder = await mkdtemp(join(home, 'flood-'));
  const data = join(folder, 'data');
  await mkdir(data, { mode: 0o700 });
  await writeFile(join(data, 'connections.json'), JSON.stringify([{ id: 'lab', name: 'Lab', uri: wayTo[way](daemon), autoConnect: true }]), { mode: 0o600 });
  await startTinyGuest(daemon, name, typewriter);
  const program = await startProgram(data, folder);
  const browser = await chromium.launch(config.use?.launchOptions);
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const inspector = await context.newCDPSession(page);
    await inspector.send('Performance.enable');
    await openLine(page, program.address);
    const before = await residentBytes(program.pid);
    const [resident, heaps]: [number[], number[]] = [[before], []];
    const look = async (): Promise<void> => {
      resident.push(await residentBytes(program.pid));
      const { metrics } = await inspector.send('Performance.getMetrics');
      heaps.push(metrics.find((metric) => metric.name === 'JSHeapUsedSize')?.value ?? Number.NaN);
    };
    await page.keyboard.type('{');
    const answers = await moveOver(page, milliseconds, look);
    const tasks = await watchTasks(browser, page, async () => void (await moveOver(page, milliseconds / 6, look)));
    const sixth = Math.ceil(heaps.length / 6);
    const heap = { early: Math.max(...heaps.slice(0, sixth)), late: Math.max(...heaps.slice(-sixth)) };
    const blank = await context.newPage();
    const empty = await moveOver(blank, milliseconds / 4, look);
    await blank.close();
    await page.bringToFront();
    // What is typed when it has stopped comes back behind all that was printed.
    await page.keyboard.type('}\r##END##');
    await page.locator('.xterm-rows').getByText('##END##').waitFor({ timeout: 120_000 });
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as a file' }).click();
    const kept = await readFile(await (await download).path());
    const length = kept.lastIndexOf(4);
    const end = new Flood();
    end.hear(kept.subarray(length));
    if (end.told === null) throw new LabError(`The guest did not say how much it printed, but ${JSON.stringify(kept.subarray(-200).toString())}`);
    // The page keeps the last of it.
    const flood = new Flood(end.told - length);
    flood.hear(kept.subarray(0, length));
    return { answers, empty, tasks, printed: end.told, kept: length, wrongAt: flood.wrongAt, heap, memory: { before, most: Math.max(...resident), after: await residentBytes(program.pid) } };
  } finally {
    await browser.close();
    await program.stop();
    await virsh(daemon, 'destroy', name);
    await virsh(daemon, 'undefine', name);
    await rm(folder, { recursive: true });
  }
};
