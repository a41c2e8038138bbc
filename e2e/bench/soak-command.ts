// `npm run bench -- --soak MINUTES [--lab]`: prints what main holds as time passes, and at the end how much of it grows a minute.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineLightGuests } from '../lab/guests.ts';
import { extraDaemon, extraDaemonDown } from '../lab/tier1.ts';
import { demoProcess } from './demo-process.ts';
import { type Grown, slopeOf, type Soaked, soak } from './soak.ts';

const megabyte = 1024 ** 2;
/** Light guests of the demo host and of the lab: those of the lab are processes of QEMU. */
const guests = { demo: 300, lab: 12 } as const;
const ticksEach = { demo: 1, lab: 4 } as const;
const daemon = 'soak';

const columns: readonly (readonly [head: string, of: (grown: Grown) => number])[] = [
  ['heap MiB', ({ heap }) => heap / megabyte], ['buffers MiB', ({ buffers }) => buffers / megabyte], ['resident MiB', ({ resident }) => resident / megabyte],
  ['timers', ({ timers }) => timers], ['handles', ({ handles }) => handles], ['listeners', ({ listeners }) => listeners],
];
const line = (cells: readonly string[]): void => void process.stdout.write(`${cells.map((cell) => cell.padStart(13)).join('')}\n`);
const cellsOf = (grown: Grown): readonly string[] => [grown.minute.toFixed(1), ...columns.map(([, of]) => of(grown).toFixed(1))];
const missedOf = ({ missed }: Soaked): string => (missed.length === 0 ? '' : ` and ${missed.length} more in vain (${[...new Set(missed)].join(' ')})`);

/** A host to wear out, and how to end it. */
const hostOf = async (isLab: boolean, home: string): Promise<{ readonly uri: string; readonly close: () => Promise<void> }> => {
  if (!isLab) return await demoProcess(home, guests.demo);
  const lab = await extraDaemon(daemon);
  await defineLightGuests(lab, guests.lab);
  return { uri: lab.unix.uri, close: async () => await extraDaemonDown(daemon) };
};

/** @param json a file for all that was seen. */
export const soakCommand = async (minutes: number, isLab: boolean, json: string | undefined): Promise<void> => {
  const home = await mkdtemp(join(tmpdir(), 'guestdeck-soak-'));
  try {
    const { uri, close } = await hostOf(isLab, home);
    try {
      line(['minute', ...columns.map(([head]) => head)]);
      const soaked = await soak(uri, home, { minutes, ticksEach: isLab ? ticksEach.lab : ticksEach.demo }, (grown) => line(cellsOf(grown)));
      // The first fifth is spent on code and guests that are met for the first time.
      const settled = soaked.seen.slice(Math.floor(soaked.seen.length / 5));
      line(['a minute', ...columns.map(([, of]) => slopeOf(settled, of).toFixed(3))]);
      process.stdout.write(`${isLab ? 'lab' : 'demo'}: ${soaked.ticks} ticks, ${soaked.starts} starts and stops${missedOf(soaked)}, ${soaked.windows} windows came and went, ${soaked.reconnects} reconnects\n`);
      if (json !== undefined) await writeFile(json, `${JSON.stringify(soaked, null, 2)}\n`);
    } finally {
      await close();
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
};
