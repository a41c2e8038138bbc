// The table of all guests with 5,000 guests of 50 hosts in the system's browser: how long frames take while it is scrolled and told samples each second, and how soon a key in the search is seen.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright';
import { fleet } from '../../main/demo/fleet.ts';
import { ready } from '../../main/shell/prepare.mjs';
import config from '../playwright.config.ts';
import { startProgram } from '../flows/program.ts';
import { type Frames, watchFrames } from './frames.ts';
import { type Aim, quantile, type Row } from './measure.ts';

/** Guests of each host. */
const guestsOfHost = 100;
/** Shorter than this, it is a smoke run: of a tenth. Milliseconds. */
const serious = 5_000;
/** What a frame may take, and a key until what it finds is seen, in milliseconds. */
const limit = 50;

/** Each of these another number of guests has in its name. */
const typed = ['1', '7', '3', '4', '9'] as const;

/** Scrolls through all rows by wheel, by the bar and by keys, again and again. */
const scroll = async (page: Page, milliseconds: number): Promise<void> => {
  const table = page.getByRole('grid', { name: 'Guests' });
  const box = await table.boundingBox();
  if (box === null) throw new Error('The table is not shown');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await table.focus();
  const until = performance.now() + milliseconds;
  for (let round = 0; performance.now() < until; round += 1) {
    for (let notch = 0; notch < 40; notch += 1) await page.mouse.wheel(0, round % 4 < 2 ? 300 : -300);
    for (const key of ['PageDown', 'PageDown', 'ArrowDown', 'ArrowUp', 'PageUp']) await page.keyboard.press(key);
    if (round % 6 === 5) await page.keyboard.press(round % 12 === 5 ? 'End' : 'Home');
  }
};

/** Runs in the page: from each key to the frame after the one in which the table has other rows, in milliseconds; `rows` is how the table says how many it has. */
const noteKeys = (rows: string): void => {
  const taken: number[] = [];
  let pressed = 0;
  addEventListener('keydown', ({ timeStamp }) => (pressed = timeStamp), { capture: true });
  const table = document.querySelector(`[${rows}]`);
  if (table === null) throw new Error('There is no table');
  new MutationObserver(() => {
    const { port1, port2 } = new MessageChannel();
    // What is posted in a frame is heard once it was drawn.
    requestAnimationFrame(() => port2.postMessage(null));
    port1.addEventListener('message', () => taken.push(performance.now() - pressed));
    port1.start();
  }).observe(table, { attributes: true, attributeFilter: [rows] });
  Object.assign(window, { taken });
};

/** Milliseconds from each key until what it finds is drawn. */
const search = async (page: Page, rounds: number): Promise<readonly number[]> => {
  const taken = async (): Promise<readonly number[]> => await page.evaluate(() => (window as unknown as { readonly taken: readonly number[] }).taken);
  await page.evaluate(noteKeys, 'aria-rowcount');
  const field = page.getByRole('combobox', { name: 'Search guests' });
  await field.focus();
  for (let round = 0; round < rounds; round += 1) {
    for (const key of [typed[round % typed.length] ?? '', 'Backspace']) {
      const before = (await taken()).length;
      await page.keyboard.press(key);
      await page.waitForFunction((count) => (window as unknown as { readonly taken: readonly number[] }).taken.length > count, before);
    }
  }
  return await taken();
};

interface Seen {
  readonly scrolled: Frames;
  /** An empty page of the same browser, scrolled in the same way. */
  readonly empty: Frames;
  readonly keys: readonly number[];
}

const seen = async (home: string, hosts: number, milliseconds: number): Promise<Seen> => {
  await ready();
  const folder = await mkdtemp(join(home, 'fleet-'));
  const data = join(folder, 'data');
  await mkdir(data, { mode: 0o700 });
  const saved = Array.from({ length: hosts }, (_, index) => ({ id: `host-${index}`, name: `host-${String(index).padStart(2, '0')}`, uri: 'demo:///', autoConnect: true }));
  await writeFile(join(data, 'connections.json'), JSON.stringify(saved), { mode: 0o600 });
  const program = await startProgram(data, folder, { GUESTDECK_DEMO_SCALE: `${guestsOfHost - fleet.length}` });
  const browser = await chromium.launch(config.use?.launchOptions);
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.goto(program.address);
    await page.getByRole('status').filter({ hasText: `${hosts * guestsOfHost} guests on ${hosts} hosts` }).waitFor();
    // What is met for the first time is compiled first.
    await scroll(page, Math.min(2_000, milliseconds));
    const scrolled = await watchFrames(browser, page, milliseconds, async (long) => await scroll(page, long));
    await search(page, 2);
    const keys = await search(page, Math.max(1, Math.round(milliseconds / 400)));
    const blank = await context.newPage();
    await blank.setContent('<div role="grid" aria-label="Guests" tabindex="0" style="height: 800px; overflow-y: auto"><div style="height: 205000px"></div></div>');
    await blank.bringToFront();
    return { scrolled, empty: await watchFrames(browser, blank, milliseconds / 4, async (long) => await scroll(blank, long)), keys };
  } finally {
    await browser.close();
    await program.stop();
    await rm(folder, { recursive: true });
  }
};

/** Frames of the table while it is scrolled and told samples each second, beside those of an empty page; and keys in its search. @param milliseconds of scrolling. */
export const fleetRows = async (home: string, milliseconds: number): Promise<readonly Row[]> => {
  const hosts = milliseconds < serious ? 5 : 50;
  const { scrolled, empty, keys } = await seen(home, hosts, milliseconds);
  const over = ({ gaps }: Frames): string => `${gaps.filter((gap) => gap > limit).length} of ${gaps.length}`;
  const frames = (work: string, share: number, note: string, aim?: Aim): Row =>
    ({ work: `fleet in use: ${work}`, unit: 'ms', repetitions: 1, medians: { ours: quantile(scrolled.gaps, share), empty: quantile(empty.gaps, share) }, note: `empty page ${quantile(empty.gaps, share).toFixed(1)}; ${note}`, ...(aim && { aim }) });
  const key = (work: string, share: number, note: string): Row => ({ work: `fleet in use: ${work}`, unit: 'ms', repetitions: keys.length, medians: { ours: quantile(keys, share) }, note, aim: { atMost: limit } });
  return [
    frames('half of the frames within', 0.5, `${hosts * guestsOfHost} rows of ${hosts} hosts, samples each second, scrolled for ${milliseconds / 1000} s`),
    frames('99 of 100 frames', 0.99, `over ${limit}: ours ${over(scrolled)}, empty page ${over(empty)}`, { atMost: limit }),
    frames('the longest frame', 1, `processor time of the longest task ${quantile(scrolled.tasks, 1).toFixed(0)}`, { atMost: limit }),
    key('a key in the search until its rows are drawn, half within', 0.5, `${keys.length} keys`),
    key('95 of 100 keys', 0.95, `the longest ${quantile(keys, 1).toFixed(0)}`),
  ];
};
