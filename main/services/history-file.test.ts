// History on a real disk: what was acknowledged stays, whatever happens around it.
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Entry } from '../../app/contract/history.ts';
import { build } from 'vite';
import { testFolder } from './demo-main.test-peer.ts';
import { HistoryFile } from './history-file.ts';

const entry = (id: string, more: Partial<Entry> = {}): Entry => ({
  id, at: 1, user: 'me', host: { id: 'h', name: 'Host' }, guest: { uuid: 'g', name: 'Gäst' }, kind: 'action', title: `Start ${id}`,
  outcome: 'complete', steps: [], changes: [], savedBefore: null, savedAfter: null, undoes: null, ...more,
});
const opened = async (path: string): Promise<HistoryFile> => {
  const history = await HistoryFile.open(path);
  onTestFinished(async () => await history.close().catch((error: unknown) => expect(error).toMatchObject({ code: 'EBADF' })));
  return history;
};
const ids = async (history: HistoryFile): Promise<readonly string[]> => (await history.entries()).map(({ id }) => id);

describe('the history', () => {
  it('has after opening again what was appended, the latest record of each id, in the order they were begun', async () => {
    const path = join(await testFolder(), 'history.jsonl');
    const first = await opened(path);
    await Promise.all([first.append(entry('a', { outcome: 'partial' })), first.append(entry('b')), first.append(entry('a'))]);
    const again = await (await opened(path)).entries();
    expect(again).toEqual([entry('a'), entry('b')]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['a torn line', (text: string) => text.slice(0, -40)],
    ['half a character', (text: string) => Buffer.from(text).subarray(0, Buffer.from(text).indexOf(Buffer.from('ä')) + 1)],
    ['garbage', (text: string) => `${text}garbage\n\0\0\0\n{"id":"x"}\n0123456789abcdef {"id":"x"}\n`],
    ['a flipped bit', (text: string) => text.replace('Start b', 'Start c')],
  ])('passes over %s, and what is appended afterwards counts', async (_, damage) => {
    const path = join(await testFolder(), 'history.jsonl');
    const first = await opened(path);
    await first.append(entry('a'));
    const whole = await readFile(path, 'utf8');
    await first.append(entry('b'));
    await first.close();
    await writeFile(path, Buffer.concat([Buffer.from(whole), Buffer.from(damage((await readFile(path, 'utf8')).slice(whole.length)))]));
    const again = await opened(path);
    await again.append(entry('d'));
    expect((await ids(again)).filter((id) => id !== 'b')).toEqual(['a', 'd']);
    expect(await ids(await opened(path))).toEqual(await ids(again));
  });

  it('loses no entry to the torn line of another process', async () => {
    const path = join(await testFolder(), 'history.jsonl');
    const mine = await opened(path);
    await mine.append(entry('a'));
    await appendFile(path, '\n0123456789abcdef {"id":"torn');
    await mine.append(entry('b'));
    expect(await ids(await opened(path))).toEqual(['a', 'b']);
  });

  it('shows each of two writers what the other wrote', async () => {
    const path = join(await testFolder(), 'history.jsonl');
    const [one, two] = [await opened(path), await opened(path)];
    const names = Array.from({ length: 50 }, (_, index) => `${index}`);
    await Promise.all(names.flatMap((name) => [one.append(entry(`one ${name}`)), two.append(entry(`two ${name}`))]));
    expect((await ids(one)).length).toBe(100);
    expect((await ids(one)).toSorted()).toEqual((await ids(two)).toSorted());
  });

  it('reads ten thousand entries, longer together than one piece', async () => {
    const path = join(await testFolder(), 'history.jsonl');
    const written = [entry('x', { savedBefore: 'é'.repeat(2_000_000) }), ...Array.from({ length: 10_000 }, (_, index) => entry(`${index}`))];
    const line = (text: string): string => `${createHash('sha256').update(text).digest('hex').slice(0, 16)} ${text}\n`;
    await writeFile(path, written.map((one) => line(JSON.stringify(one))).join(''));
    const again = await (await opened(path)).entries();
    expect(again.length).toBe(10_001);
    expect(again[0]?.savedBefore?.length).toBe(2_000_000);
    expect(again.at(-1)).toEqual(entry('9999'));
  });

  it('refuses with words what cannot be written or opened', async () => {
    const folder = await testFolder();
    const history = await opened(join(folder, 'history.jsonl'));
    await history.close();
    await expect(history.append(entry('late'))).rejects.toMatchObject({ refusal: { code: 'storage', remedy: expect.stringContaining('folder') } });
    await expect(HistoryFile.open(folder)).rejects.toMatchObject({ refusal: { code: 'storage' } });
  });

  it('keeps every acknowledged entry through thirty kills in mid-write', async () => {
    const folder = await testFolder();
    const path = join(folder, 'history.jsonl');
    // Plain Node reads no TypeScript: the writer is bundled first.
    const program = join(folder, 'writer.ts');
    await writeFile(program, `import { HistoryFile } from ${JSON.stringify(join(import.meta.dirname, 'history-file.ts'))};
const history = await HistoryFile.open(process.argv[2]);
const entry = JSON.parse(process.argv[3]);
for (let n = 0; ; n++) {
  const id = process.pid + '-' + n;
  await history.append({ ...entry, id, savedBefore: 'x'.repeat((n * 7919) % 200000) });
  process.stdout.write(id + '\\n');
}
`);
    await build({
      configFile: false, logLevel: 'silent', root: folder,
      build: { ssr: program, outDir: join(folder, 'out'), target: 'node20', rollupOptions: { output: { format: 'es', entryFileNames: 'writer.mjs' } } },
      ssr: { noExternal: true },
    });
    const acknowledged: string[] = [];
    const kill = async (after: number): Promise<void> => {
      const child = spawn(process.execPath, [join(folder, 'out', 'writer.mjs'), path, JSON.stringify(entry('x'))], { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(child, 'close');
      let seen = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged.push(line);
        if (++seen === after) child.kill('SIGKILL');
      }
      await ended;
    };
    // Several write at once, and each is killed somewhere after a few entries.
    for (let round = 0; round < 10; round++) await Promise.all([1, 4, 9].map(async (after) => await kill(after + (round % 3))));
    const kept = new Set(await ids(await opened(path)));
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(100);
  }, 120_000);
});
