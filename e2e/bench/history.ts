// The history as the program has it after years: many entries, each begun and ended, each with a definition of its own.
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from '../../app/contract/history.ts';
import { HistoryFile } from '../../main/services/history-file.ts';
import { linesOf } from '../../main/services/history-record.ts';
import { LabError } from '../lab/state.ts';
import { type Run, timed } from './measure.ts';

/** How many are shown at once. */
const page = 50;
/** Bytes of one file: as the program keeps them. */
const segmentBytes = 8 * 1024 ** 2;

/** A definition as large as usual ones, and like no other. */
const definition = (seed: number): string => `<domain>\n${Array.from({ length: 120 }, (_, line) => `  <device number='${line}' address='${(seed * 7919 + line * 104_729).toString(16)}'/>`).join('\n')}\n</domain>\n`;

const entryOf = (number: number, outcome: Entry['outcome']): Entry => {
  const guest = number % 100;
  const change = { knob: 'vcpuPinning', truth: 'saved', from: null, to: '7,23' } as const;
  const step = { virsh: `virsh vcpupin guest-${guest} 7 7,23 --config`, scope: 'saved', outcome: outcome === 'complete' ? 'done' : 'unknown' } as const;
  return {
    id: `7d5e3c10-0000-4000-8000-${String(number).padStart(12, '0')}`, at: 1_700_000_000_000 + number, user: 'admin', host: { id: `host-${guest % 10}`, name: `Host ${guest % 10}` },
    guest: { uuid: `11111111-2222-4333-8444-${String(guest).padStart(12, '0')}`, name: `guest-${guest}` }, kind: 'tuning', title: `Pin vCPU 7 to CPUs 7,23 and ${number % 9} more`, outcome,
    steps: Array.from({ length: 3 }, (_, at) => ({ ...step, title: `Pin vCPU ${at} to CPUs 7,23`, changes: [at] })), changes: Array.from({ length: 3 }, (_, unit) => ({ ...change, unit: `${unit}` })),
    savedBefore: definition(number), savedAfter: definition(number + 1), undoes: null,
  };
};

/** Writes so many entries as the program would have. @returns the bytes they take. */
async function writeHistory(folder: string, count: number): Promise<number> {
  await mkdir(folder, { recursive: true });
  let [all, segment, size] = [0, 1, 0];
  const known = new Set<string>();
  for (let number = 0; number < count; number++) {
    const pieces = (['interrupted', 'complete'] as const).map((outcome) => {
      const { bytes, texts } = linesOf(entryOf(number, outcome), (text) => known.has(text));
      for (const text of texts) known.add(text);
      return bytes;
    });
    const bytes = Buffer.concat(pieces);
    await appendFile(join(folder, `${String(segment).padStart(6, '0')}.jsonl`), bytes);
    [all, size] = [all + bytes.length, size + bytes.length];
    if (size < segmentBytes) continue;
    [segment, size] = [segment + 1, 0];
    known.clear();
  }
  return all;
}

/** Milliseconds until the newest page is there, from nothing; until a word is looked for in all of it; and what it takes on disk. */
export async function historyRuns(folder: string, count: number): Promise<{ readonly load: Run; readonly search: Run; readonly bytes: number }> {
  const bytes = await writeHistory(folder, count);
  const withHistory = async (work: (history: HistoryFile) => Promise<number>, expected: number): Promise<number> => {
    let history: HistoryFile | undefined;
    let found = 0;
    const took = await timed(async () => {
      history = await HistoryFile.open(folder);
      found = await work(history);
    });
    await history?.close();
    if (found !== expected) throw new LabError(`${found} entries were found where ${expected} are`);
    return took;
  };
  return {
    bytes,
    load: async () => await withHistory(async (history) => {
      let listed = 0;
      for await (const { id } of history.newestFirst()) {
        if ((await history.listed(id)) !== null) listed += 1;
        if (listed === page) break;
      }
      return listed;
    }, Math.min(page, count)),
    search: async () => await withHistory(async (history) => {
      let heads = 0;
      for await (const { title } of history.newestFirst()) if (title.startsWith('Pin vCPU')) heads += 1;
      return heads;
    }, count),
  };
}
