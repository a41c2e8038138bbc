// The pinning matrix at 64 vCPUs × 128 CPUs in the system's browser: how long each frame takes while it is scrolled, hovered and dragged over, and what an empty page takes beside it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright';
import config from '../playwright.config.ts';
import { startProgram } from '../flows/program.ts';
import { LabError } from '../lab/state.ts';
import { ready } from '../../main/shell/prepare.mjs';
import { type Frames, watchFrames } from './frames.ts';

/** Where the pointer can go: the part of the matrix that is on screen. */
interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Hovers, drags and scrolls over an area for so long. Every stroke ends in an edit where the area is a matrix. */
const exercise = async (page: Page, { left, top, width, height }: Area, milliseconds: number): Promise<void> => {
  const until = performance.now() + milliseconds;
  for (let round = 0; performance.now() < until; round += 1) {
    const at = (share: number, row: number): readonly [number, number] => [left + width * share, top + ((row * 24) % (height - 24)) + 12];
    await page.mouse.move(...at(0.1, round));
    await page.mouse.move(...at(0.9, round + 3), { steps: 20 });
    await page.mouse.down();
    await page.mouse.move(...at(0.3, round + 9), { steps: 25 });
    await page.mouse.up();
    for (let notch = 0; notch < 8; notch += 1) await page.mouse.wheel(0, round % 2 === 0 ? 60 : -60);
    for (let notch = 0; notch < 8; notch += 1) await page.mouse.wheel(round % 4 < 2 ? 60 : -60, 0);
  }
};

const host = 'large';
/** Guests of the demo's large machine, 64 vCPUs each. */
const guests = 5;

const open = async (context: BrowserContext, address: string): Promise<readonly Page[]> => {
  const first = await context.newPage();
  await first.goto(address);
  const links = first.getByRole('grid', { name: 'Guests' }).getByRole('link', { name: /^wide-/ });
  await links.nth(guests - 1).waitFor();
  const places = await Promise.all(Array.from({ length: guests }, async (_, index) => (await links.nth(index).getAttribute('href'))?.replace(/\/\w+$/, '/cpu') ?? ''));
  const origin = new URL(address).origin;
  const pages = [first, ...(await Promise.all(places.slice(1).map(async () => await context.newPage())))];
  for (const [index, page] of pages.entries()) {
    await page.goto(`${origin}/${places[index] ?? ''}`);
    await page.getByRole('grid', { name: /^Pinning/ }).waitFor();
  }
  return pages;
};

/** The matrix of one guest with the pages of four others open behind it; and an empty page, used in the same way, in the same browser. */
export const matrixFrames = async (home: string, milliseconds: number): Promise<{ readonly ours: Frames; readonly empty: Frames; readonly size: string }> => {
  await ready();
  const folder = await mkdtemp(join(home, 'matrix-'));
  const data = join(folder, 'data');
  await mkdir(data, { mode: 0o700 });
  await writeFile(join(data, 'connections.json'), JSON.stringify([{ id: host, name: 'Large', uri: 'demo:///large', autoConnect: true }]), { mode: 0o600 });
  const program = await startProgram(data, folder);
  const browser = await chromium.launch(config.use?.launchOptions);
  try {
    const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } });
    const pages = await open(context, program.address);
    const [front] = pages;
    if (front === undefined) throw new LabError('No guest of the large demo host was opened');
    await front.bringToFront();
    const matrix = front.getByRole('grid', { name: /^Pinning/ });
    const box = await matrix.boundingBox();
    if (box === null) throw new LabError('The matrix is not shown');
    // Scrolled to its end it leaves the right of the window to text, which is selected when it is dragged from.
    const until = (below: number): Area => ({ left: box.x, top: box.y, width: Math.min(box.width, 1700 - box.x), height: Math.min(box.height, below - box.y) });
    const size = `${await matrix.getAttribute('aria-rowcount')} rows × ${await matrix.getAttribute('aria-colcount')} CPUs`;
    // The first stroke and the first second of a page are spent on code that is met for the first time.
    await exercise(front, until(900), 1_000);
    // So is the plan, which is there now.
    const plan = await front.getByRole('region', { name: 'Plan' }).boundingBox();
    if (plan === null) throw new LabError('No stroke was an edit');
    const area = until(plan.y);
    const ours = await watchFrames(browser, front, milliseconds, async (long) => await exercise(front, area, long));
    const blank = await context.newPage();
    await blank.bringToFront();
    return { ours, empty: await watchFrames(browser, blank, milliseconds / 2, async (long) => await exercise(blank, area, long)), size };
  } finally {
    await browser.close();
    await program.stop();
    await rm(folder, { recursive: true });
  }
};
