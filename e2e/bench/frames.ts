// How long the frames and tasks of a page take while it is used, as the page and a trace of its browser see them.
import type { Browser, Page } from 'playwright';
import { z } from '../../app/domain/schema.ts';

/** What a page saw while it was used, in milliseconds. */
export interface Frames {
  /** From each frame to the next. */
  readonly gaps: readonly number[];
  /** Processor time of each task of the pages: what other programs of the machine took meanwhile is not in it. */
  readonly tasks: readonly number[];
  /** Tasks that kept the page from anything else for 50 ms or more. */
  readonly longTasks: readonly number[];
}

/** Runs in the page: notes each frame until it is asked for what it noted. */
const note = (): void => {
  const noted: { gaps: number[]; longTasks: number[] } = { gaps: [], longTasks: [] };
  new PerformanceObserver((list) => noted.longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
  let before: number | null = null;
  const next = (at: number): void => {
    if (before !== null) noted.gaps.push(at - before);
    before = at;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
  Object.assign(window, { noted });
};

/** Runs in a page: until it has nothing to do. */
const idle = async (): Promise<void> => await new Promise((resolve) => requestIdleCallback(() => resolve()));

/** What is read of a trace of Chromium's; `tdur` is in microseconds. */
const trace = z.object({ traceEvents: z.array(z.object({ name: z.string(), ts: z.number(), pid: z.number(), tid: z.number(), tdur: z.number().optional(), args: z.union([z.object({ name: z.unknown().optional() }), z.string()]).optional() })) });

/** The processor time of each task on the threads that pages are run and drawn by, from when it was noted on. */
const tasksIn = (text: string): readonly number[] => {
  const { traceEvents } = trace.parse(JSON.parse(text));
  const threadOf = ({ pid, tid }: { readonly pid: number; readonly tid: number }): string => `${pid}/${tid}`;
  const pages = new Set(traceEvents.filter(({ name, args }) => name === 'thread_name' && typeof args === 'object' && args.name === 'CrRendererMain').map(threadOf));
  const from = traceEvents.find(({ name }) => name === 'noting')?.ts ?? 0;
  return traceEvents.flatMap((event) => (event.ts >= from && event.name.endsWith('RunTask') && event.tdur !== undefined && pages.has(threadOf(event)) ? [event.tdur / 1000] : []));
};

/** The processor time, in milliseconds, of each task of the pages while one is used. */
export const watchTasks = async (browser: Browser, page: Page, work: () => Promise<void>): Promise<readonly number[]> => {
  await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing'] });
  // To begin a trace keeps every page busy for a tenth of a second, which is not theirs.
  await Promise.all(page.context().pages().map((each) => each.evaluate(idle)));
  await page.evaluate(() => void performance.mark('noting'));
  await work();
  return tasksIn((await browser.stopTracing()).toString());
};

/**
 * What is noted of a page while it is used: its frames for so many milliseconds, then its tasks for a third of that.
 * A trace takes time of the two cores that frames are drawn with, so that no frame is counted while one runs.
 */
export const watchFrames = async (browser: Browser, page: Page, milliseconds: number, work: (milliseconds: number) => Promise<void>): Promise<Frames> => {
  await page.evaluate(note);
  await work(milliseconds);
  const noted = await page.evaluate(() => (window as unknown as { readonly noted: Omit<Frames, 'tasks'> }).noted);
  return { ...noted, tasks: await watchTasks(browser, page, async () => await work(milliseconds / 3)) };
};
