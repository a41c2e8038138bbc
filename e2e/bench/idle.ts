// What main takes while guests are on screen and while the window is hidden, of one host with so many running guests.
import type { Takes } from '../../app/contract/contract.ts';
import { demoProcess } from './demo-process.ts';
import { host, processorTime, programWith, residentBytes } from './program-window.ts';

export interface Idle {
  /** Milliseconds from the program's start until the guests are listed. */
  readonly listed: number;
  /** Per cent of a core, with all of them on screen at a period of a second, and with the window hidden. */
  readonly shown: number;
  readonly hidden: number;
  /** Bytes that main holds in all: before anything was shown, and with two hours of every guest kept. */
  readonly before: number;
  readonly memory: number;
  /** Bytes a tick: from the host to main, and from main to the window. */
  readonly fromHost: number;
  readonly toWindow: number;
}

const groups: Takes<'live', 'watch'>['interests'][number]['groups'] = ['cpu', 'memory', 'disk', 'network'];

/** @param running guests that run. @param ticks seconds of looking. */
export const idleWith = async (home: string, running: number, ticks: number): Promise<Idle> => {
  const demo = await demoProcess(home, Math.ceil((running * 4) / 3));
  try {
    const started = await programWith(home, demo.uri);
    const { window, program, listed, uuids } = started;
    const sample = async (): Promise<unknown> => await window.heard((news) => news.section === 'live');
    const share = async (looking: () => Promise<unknown>): Promise<number> => {
      const [time, began] = [await processorTime(program.pid), performance.now()];
      await looking();
      return ((await processorTime(program.pid)) - time) / ((performance.now() - began) / 100);
    };
    try {
      const before = await residentBytes(program.pid);
      await window.ask('live', 'watch', { interests: [{ host, groups, uuids: uuids.slice(0, running) }] });
      // Code is compiled for the first fifteen seconds; and the rings of every guest have room for two hours from the first sample on.
      for (let tick = 0; tick < ticks; tick += 1) await sample();
      const [told, got] = [await demo.sent(), window.received()];
      const shown = await share(async () => {
        for (let tick = 0; tick < ticks; tick += 1) await sample();
      });
      const [fromHost, toWindow] = [((await demo.sent()) - told) / ticks, (window.received() - got) / ticks];
      const memory = await residentBytes(program.pid);
      await window.ask('live', 'watch', { interests: [] });
      const hidden = await share(async () => await new Promise((resolve) => setTimeout(resolve, ticks * 1000)));
      return { listed, shown, hidden, before, memory, fromHost, toWindow };
    } finally {
      await started.close();
    }
  } finally {
    await demo.close();
  }
};
