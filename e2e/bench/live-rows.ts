// What looking at guests takes: main itself beside a demo host of so many running guests, and what decoding takes of a daemon's answer.
import { chromium } from 'playwright';
import { remote } from '../../main/libvirt/procedures.ts';
import { Packets } from '../../main/libvirt/packets.ts';
import { Reader } from '../../main/xdr/xdr.ts';
import config from '../playwright.config.ts';
import { LabError } from '../lab/state.ts';
import { idleWith } from './idle.ts';
import { type Shown, virtManager } from './peers.ts';
import { median, takeTurns, timed, mapField, type Aim, type Row } from './measure.ts';
import { programOn } from './program-window.ts';
import { rawLoop } from './raw-loop.ts';

const megabyte = 1024 ** 2;
const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`;
/** Per cent of a core that main may take, by the guests on screen; bytes that it may hold in all. */
const idleAims: Readonly<Record<number, Aim>> = { 100: { atMost: 2 }, 1_000: { atMost: 6 } };
const memoryAims: Readonly<Record<number, Aim>> = { 5_000: { atMost: 600 } };

/** @param sizes how many running guests, one measurement each: a curve. @param ticks seconds that each is looked at. */
export const liveRows = async (home: string, sizes: readonly number[], ticks: number): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for (const guests of sizes) {
    const { listed, shown, hidden, before, memory, fromHost, toWindow } = await idleWith(home, guests, ticks);
    const line = (work: string, unit: Row['unit'], ours: number, note: string, aim?: Aim): Row => ({ work, unit, repetitions: 1, medians: { ours }, note, ...(aim && { aim }) });
    rows.push(
      line(`guests on screen, ${guests}: program start until they are listed`, 'ms', listed, 'a new process with one saved host'),
      line(`guests on screen, ${guests}: main at a period of 1 s`, '% of a core', shown, `each tick ${kilobytes(fromHost)} from the host, ${kilobytes(toWindow)} to the window`, idleAims[guests]),
      line(`guests on screen, ${guests}: main with the window hidden`, '% of a core', hidden, `over ${ticks} s`),
      line(`guests on screen, ${guests}: main’s memory in all, with room for 2 h of each`, 'MiB', memory / megabyte, `${Math.round(before / megabyte)} before they were shown`, memoryAims[guests]),
    );
  }
  return rows;
};

/** The table of all guests that a daemon has: from nothing but an open browser, and from connecting; beside the window of virt-manager with the same. */
export const shownRows = async (home: string, uri: string, guests: number, repetitions: number): Promise<readonly Row[]> => {
  const browser = await chromium.launch(config.use?.launchOptions);
  /** @param isAsked the program is there already, and connects when it is told to; else it connects by itself once it is started. */
  const ours = async (isAsked: boolean): Promise<number> => {
    const page = await (await browser.newContext({ viewport: { width: 1600, height: 900 } })).newPage();
    let began = performance.now();
    const program = await programOn(home, uri, !isAsked);
    try {
      await page.goto(program.address);
      if (isAsked) {
        await page.getByRole('button', { name: 'Actions for Many' }).click();
        const connect = page.getByRole('menuitem', { name: 'Connect', exact: true });
        // The menu has come to rest before it is pressed.
        await connect.click({ trial: true });
        began = performance.now();
        await connect.click();
      }
      // Its heads are a row too.
      const table = page.getByRole('grid', { name: 'Guests' }).and(page.locator(`[aria-rowcount="${guests + 1}"]`));
      await table.getByRole('link').first().waitFor();
      return performance.now() - began;
    } finally {
      await page.context().close();
      await program.stop();
    }
  };
  try {
    const times = await takeTurns<Shown>({
      ours: async () => ({ started: await ours(false), connected: await ours(true) }),
      'virt-manager': await virtManager(home, uri, guests),
    }, { repetitions, warm: false });
    const line = (work: string, of: keyof Shown, aim?: Aim): Row => {
      const medians = mapField(times, (shown) => median(shown.map((each) => each[of])));
      const theirs = medians['virt-manager'];
      return { work, unit: 'ms', repetitions, medians, note: theirs === undefined ? 'virt-manager is not installed' : `virt-manager ${Math.round(theirs)}`, ...(aim && { aim }) };
    };
    return [
      line(`program start until ${guests} guests are on screen`, 'started'),
      // What virt-manager takes grows faster than the guests do, and the aim is for a thousand.
      line(`the same from connecting on, ${guests} guests`, 'connected', guests < 1_000 ? undefined : { against: 'virt-manager', atMost: 0.05 }),
    ];
  } finally {
    await browser.close();
  }
};

/** What an answer with everything of all guests takes to arrive, and then to be made into values. */
export const decodingRows = async (socket: string, guests: number, repetitions: number): Promise<readonly Row[]> => {
  const raw = await rawLoop(socket);
  try {
    let answer: Buffer = Buffer.alloc(0);
    const times = await takeTurns({
      raw: async () => await timed(async () => (answer = await raw.statistics())),
      ours: async () => await timed(async () => {
        const [packet] = new Packets().push(answer.length === 0 ? (answer = await raw.statistics()) : answer);
        if (packet === undefined) throw new LabError('The daemon answered nothing');
        const { retStats } = remote.connectGetAllDomainStats.ret.read(new Reader(packet.payload));
        if (retStats.length !== guests) throw new LabError(`${retStats.length} guests were answered where ${guests} are defined`);
      }),
    }, { repetitions, warm: true });
    return [{ work: `statistics of ${guests} in one call: decoded, beside the daemon’s own time`, unit: 'ms', repetitions, medians: mapField(times, median), aim: { against: 'raw', atMost: 0.2 }, note: `${kilobytes(answer.length)}; raw: until the last byte is there` }];
  } finally {
    raw.close();
  }
};
