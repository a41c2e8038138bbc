// What consoles are measured by: how soon a key shows in a moving picture, and how a page fares while a guest prints without end.
import type { LabDaemon } from '../lab/state.ts';
import { echoRuns } from './echo.ts';
import { floodSeen } from './flood.ts';
import { type Aim, type Field, mapField, quantile, type Row, takeTurns } from './measure.ts';

/** What a person takes for at once. */
const atOnce: Aim = { atMost: 100 };

/** A key until its effect is seen in a moving picture of a real guest, over each way to its host. */
export const echoRows = async (daemon: LabDaemon, repetitions: number): Promise<readonly Row[]> => {
  const { ours, raw, close } = await echoRuns(daemon);
  const rows: Row[] = [];
  try {
    for (const way of ['unix', 'tls', 'ssh'] as const) {
      const taken = await takeTurns({ ours: ours[way], raw }, { repetitions, warm: true });
      const line = (work: string, share: number): Row => {
        const medians: Field<number> = mapField(taken, (each) => quantile(each, share));
        return { work: `echo of a key at 1920 × 1080, ${way}: ${work}`, unit: 'ms', repetitions, medians, aim: atOnce, note: 'a quarter of the picture moves 18 times a second; raw: RFB on a TCP socket' };
      };
      rows.push(line('half within', 0.5), line('95 of 100', 0.95));
    }
  } finally {
    await close();
  }
  return rows;
};

const megabyte = 1024 ** 2;
const late = (answers: readonly number[]): string => `${answers.filter((took) => took > 100).length} of ${answers.length}`;

/** How soon the page answers while a guest prints without end for so many milliseconds, over each way to its host, and what becomes of memory and of the bytes. */
export const floodRows = async (daemon: LabDaemon, home: string, milliseconds: number): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for (const way of ['unix', 'ssh', 'tls'] as const) {
    const { answers, empty, tasks, printed, kept, wrongAt, memory, heap } = await floodSeen(daemon, way, home, milliseconds);
    const [before, most, after, early, last] = [memory.before, memory.most, memory.after, heap.early, heap.late].map((bytes) => Math.round(bytes / megabyte));
    const line = (work: string, share: number, note: string): Row => {
      const medians = { ours: quantile(answers, share), empty: quantile(empty, share) };
      return { work: `flood on a serial line, ${way}: ${work}`, unit: 'ms', repetitions: answers.length, medians, aim: atOnce, note: `empty page ${medians.empty.toFixed(1)}; ${note}` };
    };
    rows.push(
      line('half of the pointer’s movements answered within', 0.5, `${printed} bytes in ${milliseconds / 1000} s and until it stopped, ${kept} of them kept, ${wrongAt === null ? 'none wrong' : `the first wrong one at ${wrongAt}`}`),
      line('95 of 100', 0.95, `main's memory before, at most and after: ${before}, ${most}, ${after} MiB`),
      line('99 of 100', 0.99, `the page's heap at most ${early} MiB in the first sixth of the time, ${last} in the last`),
      line('the longest', 1, `over 100: ours ${late(answers)}, empty page ${late(empty)}`),
      { work: `flood on a serial line, ${way}: processor time of the page’s longest task`, unit: 'ms', repetitions: tasks.length, medians: { ours: quantile(tasks, 1) }, aim: atOnce, note: `${tasks.filter((task) => task > 16).length} of ${tasks.length} take more than 16` },
    );
  }
  return rows;
};
