// A smoke run of the benchmark, whole where there is time: that every row prints and compares somebody, never how quick anybody was.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from '../../app/contract/schema.ts';
import { isLong } from '../lab/long.ts';

const result = z.object({
  machine: z.string(),
  isQuick: z.literal(true),
  rows: z.array(z.object({ work: z.string(), medians: z.record(z.string(), z.number().nonnegative()), note: z.string().optional() })),
});
const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
let printed: string;
let written: z.infer<typeof result>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guestdeck-bench-test-'));
  const file = join(folder, 'bench.json');
  const { code, stdout, stderr } = await bench('--quick', '--json', file, ...(isLong ? [] : ['--only', 'far away']));
  expect(code, stderr).toBe(0);
  printed = stdout;
  written = result.parse(JSON.parse(await readFile(file, 'utf8')));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the benchmark as a person does, and answers what it printed. */
function bench(...words: readonly string[]): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['e2e/run.mjs', 'e2e/bench/bench.ts', ...words], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Row → who must be in it whether python3-libvirt is installed or not. */
const every: Readonly<Record<string, readonly string[]>> = {
  'process start alone': ['cli', 'virsh'],
  'connect + first answer, unix': ['ours', 'virsh'],
  'connect + first answer, tls': ['ours', 'virsh'],
  'connect + first answer, ssh': ['ours', 'virsh'],
  'connect + 20 guests with state, unix': ['ours', 'cli', 'virsh'],
  'connect + 20 guests with state, tls': ['ours', 'cli', 'virsh'],
  'connect + 20 guests with state, ssh': ['ours', 'cli', 'virsh'],
  'connect + statistics of 20 in one call, unix': ['ours', 'virsh'],
  'statistics of 20 in one call, connected': ['ours'],
  '20 XML documents, connected, unix': ['ours'],
  'statistics of 20 in one call: decoded, beside the daemon’s own time': ['ours', 'raw'],
  'guests on screen, 20: program start until they are listed': ['ours'],
  'guests on screen, 20: main at a period of 1 s': ['ours'],
  'guests on screen, 20: main with the window hidden': ['ours'],
  'guests on screen, 20: main’s memory in all, with room for 2 h of each': ['ours'],
  'program start until 20 guests are on screen': ['ours'],
  'the same from connecting on, 20 guests': ['ours'],
  'connect + 20 guests with state, tls: bytes on the wire': ['ours', 'virsh'],
  'small calls one at a time, unix': ['ours', 'raw'],
  'the same, half of them within': ['ours', 'raw'],
  'the same, 99 of 100 within': ['ours', 'raw'],
  'an authority, a host and a client of RSA 3072': ['ours', 'certtool'],
  'matrix of 64 × 128 in use: half of the frames within': ['ours', 'empty'],
  'the same, 95 of 100': ['ours', 'empty'],
  'the same, 99 of 100': ['ours', 'empty'],
  'the same, the longest': ['ours', 'empty'],
  'the same, processor time of the longest task': ['ours', 'empty'],
  'fleet in use: half of the frames within': ['ours', 'empty'],
  'fleet in use: 99 of 100 frames': ['ours', 'empty'],
  'fleet in use: the longest frame': ['ours', 'empty'],
  'fleet in use: a key in the search until its rows are drawn, half within': ['ours'],
  'fleet in use: 95 of 100 keys': ['ours'],
  'history of many entries: open, and list the newest 50': ['ours'],
  'history of many entries: open, and search all': ['ours'],
  'bulk: 3 settings planned for 200 guests': ['ours'],
  ...Object.fromEntries(['unix', 'tls', 'ssh'].flatMap((way) => [
    ...['half within', '95 of 100'].map((part) => [`echo of a key at 1920 × 1080, ${way}: ${part}`, ['ours', 'raw']] as const),
    ...['half of the pointer’s movements answered within', '95 of 100', '99 of 100', 'the longest'].map((part) => [`flood on a serial line, ${way}: ${part}`, ['ours', 'empty']] as const),
    [`flood on a serial line, ${way}: processor time of the page’s longest task`, ['ours']] as const,
  ])),
  'start until one host is read': ['ours'],
  '50 hosts, 10 dead: start until the living are read': ['ours'],
  'connect + first answer, tls, 20 ms': ['ours', 'virsh'],
  'connect + 20 guests with state, tls, 20 ms': ['ours', 'virsh'],
  '20 XML documents, connected, tls, 20 ms': ['ours'],
};
/** Those of a host far away, when there is no time for all. */
const expected = Object.fromEntries(Object.entries(every).filter(([work]) => isLong || / 20 ms$|: bytes on the wire$/.test(work)));

it('prints every row with its contenders, and writes them down', () => {
  const present = Object.fromEntries(written.rows.map(({ work, medians }) => [work, Object.keys(medians).filter((contender) => contender !== 'python' && contender !== 'virt-manager')]));
  expect(present).toEqual(expected);
  const lines = printed.split('\n').map((line) => line.split(/\s{2,}/)[0] ?? '');
  expect(lines[0]).toBe(written.machine);
  expect(Object.keys(expected).filter((work) => !lines.includes(work))).toEqual([]);
});

it('loads the guests in a fixed number of round trips, where virsh takes one for each', () => {
  const note = written.rows.find(({ work }) => work === 'connect + 20 guests with state, tls, 20 ms')?.note ?? '';
  const trips = Object.fromEntries([...note.matchAll(/(\w+) (\d+)/g)].map(([, contender, count]) => [contender, Number(count)]));
  expect(trips['ours']).toBeLessThan(12);
  expect(trips['virsh']).toBeGreaterThan(20);
});

it('says how it is used when the number of guests is none', async () => {
  const { code, stdout, stderr } = await bench('--guests', 'many');
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('usage: npm run bench');
});
