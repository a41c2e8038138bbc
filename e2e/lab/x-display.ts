// An X display that nobody sees, for programs of the desktop; and what is on it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pixels } from './png.ts';
import { LabError } from './state.ts';

export interface XDisplay {
  /** What DISPLAY is to be. */
  readonly name: string;
  readonly picture: () => Promise<Pixels>;
  readonly stop: () => Promise<void>;
}

/** Starts Xvfb, which keeps its screen in a file of the folder. */
export async function startXDisplay(folder: string): Promise<XDisplay> {
  // It ends with us, as all that the lab runs does.
  const server = spawn('setpriv', ['--pdeathsig', 'KILL', 'Xvfb', '-displayfd', '1', '-screen', '0', '1024x768x24', '-nolisten', 'tcp', '-fbdir', folder], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(server, 'close');
  // Its number, once it takes connections.
  const number = await Promise.race([once(server.stdout, 'data'), ended.then(() => null)]);
  if (number === null) throw new LabError('Xvfb did not start');
  return {
    name: `:${String(number[0]).trim()}`,
    picture: async () => ofXwd(await readFile(join(folder, 'Xvfb_screen0'))),
    stop: async () => {
      server.kill();
      await ended;
    },
  };
}

/** The pixels of an X window dump: a header of words, a table of colours, then blue, green, red and a byte that means nothing, as on every little-endian machine (X11/XWDFile.h). */
const ofXwd = (dump: Buffer): Pixels => {
  const word = (index: number): number => dump.readUInt32BE(index * 4);
  const [width, height, depth, line] = [word(4), word(5), word(11), word(12)];
  if (word(1) !== 7 || depth !== 32) throw new LabError(`a dump of version ${word(1)} with ${depth} bits a pixel`);
  const from = word(0) + word(19) * 12;
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) for (let colour = 0; colour < 3; colour += 1) pixels[(y * width + x) * 3 + colour] = dump[from + y * line + x * 4 + 2 - colour] ?? 0;
  return { width, height, pixels };
};
