// History on a real disk: what was acknowledged stays, whatever happens around it.
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Entry } from '../../app/contract/history.ts';
import { build } from 'vite';
import { testFolder } from './folder.test-peer.ts';
import { HistoryFile, type HistoryLimits } from './history-file.ts';
import type { Head } from './history-record.ts';

const entry = (id: string, more: Partial<Entry> = {}): Entry => ({
  id, at: 1, user: 'me', host: { id: 'h', name: 'Host' }, guest: { uuid: 'g', name: 'Gäst' }, kind: 'action', title: `Start ${id}`,
  outcome: 'complete', steps: [], changes: [], savedBefore: null, savedAfter: null, undoes: null, ...more,
});
const opened = async (path: string, limits?: HistoryLimits): Promise<HistoryFile> => {
  const history = await HistoryFile.open(path, limits);
  onTestFinished(async () => await history.close());
  return history;
};
const heads = async (history: HistoryFile, having?: readonly string[]): Promise<readonly Head[]> => {
  const found: Head[] = [];
  for await (const head of history.newestFirst(having)) found.push(head);
  return found;
};
/** Ids of all entries, those begun first first. */
const ids = async (history: HistoryFile): Promise<readonly string[]> => (await heads(history)).map(({ id }) => id).toReversed();
const entries = async (history: HistoryFile): Promise<readonly (Entry | null)[]> => await Promise.all((await ids(history)).map(async (id) => await history.find(id)));
const firstOf = (path: string): string => join(path, '000001.jsonl');
const oldLine = (one: unknown): string => `\n${createHash('sha256').update(JSON.stringify(one)).digest('hex').slice(0, 16)} ${JSON.stringify(one)}\n`;
const xml = (seed: string): string => `<domain>${Array.from({ length: 150 }, (_, line) => `  <line n='${line}'>${seed}</line>`).join('\n')}</domain>`;
const change = { knob: 'cpuShares', unit: '', truth: 'saved', from: null, to: 7 } as const;

describe('the history', () => {
  it('has after opening again what was appended, the latest record of each id, in the order they were begun', async () => {
    const path = join(await testFolder(), 'history');
    const first = await opened(path);
    const whole = entry('a', { changes: [change], savedBefore: xml('é'), savedAfter: xml('ü'), judged: 3, steps: [{ title: 'One\ttab', virsh: 'virsh', scope: 'both', outcome: 'done', changes: [0] }] });
    await Promise.all([first.append(entry('a', { outcome: 'partial' })), first.append(entry('b')), first.append(whole)]);
    const again = await opened(path);
    expect(await entries(again)).toEqual([whole, entry('b')]);
    const { savedBefore: _before, savedAfter: _after, ...listed } = whole;
    expect(await again.listed('a')).toMatchObject(listed);
    expect(await again.find('c')).toBeNull();
    expect([(await stat(path)).mode & 0o777, (await stat(firstOf(path))).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  it('tells of each entry without reading it whole, and passes over those without the values that are asked for', async () => {
    const history = await opened(join(await testFolder(), 'history'));
    await history.append(entry('a', { changes: [change, change], outcome: 'partial' }));
    await history.append(entry('b', { guest: null }));
    const { steps: _steps, changes: _changes, savedBefore: _before, savedAfter: _after, ...head } = entry('a', { outcome: 'partial' });
    expect(await heads(history, ['g'])).toEqual([{ ...head, knobs: ['cpuShares'] }]);
    expect((await heads(history, ['h'])).map(({ id }) => id)).toEqual(['b', 'a']);
  });

  it('keeps a definition once, however many entries have it', async () => {
    const path = join(await testFolder(), 'history');
    const history = await opened(path);
    for (let n = 0; n < 20; n++) await history.append(entry(`${n}`, { savedBefore: xml('one'), savedAfter: xml('two') }));
    expect((await readFile(firstOf(path), 'utf8')).match(/^[0-9a-f]{16}=/gm)).toHaveLength(2);
    expect((await entries(history)).every((one) => one?.savedBefore === xml('one') && one.savedAfter === xml('two'))).toBe(true);
  });

  it.each([
    ['a torn line', (text: string) => text.slice(0, -40)],
    ['a definition torn off', (text: string) => text.slice(0, 60)],
    ['half a character', (text: string) => Buffer.from(text).subarray(0, Buffer.from(text).indexOf(Buffer.from('ä')) + 1)],
    ['garbage', (text: string) => `${text.slice(0, -9)}garbage\n\0\0\0\n{"id":"x"}\n0123456789abcdef {"id":"x"}\n0123456789abcdef=4 abc\n0123456789abcdef {"id":"x"}\t2 0123456789abcdef\t{}\n`],
    ['a flipped bit', (text: string) => text.replace('Start b', 'Start c')],
  ])('passes over %s, and what is appended afterwards counts', async (_, damage) => {
    const path = join(await testFolder(), 'history');
    const first = await opened(path);
    await first.append(entry('a'));
    const whole = await readFile(firstOf(path), 'utf8');
    await first.append(entry('b', { savedBefore: xml('b'), changes: [change] }));
    await first.close();
    await writeFile(firstOf(path), Buffer.concat([Buffer.from(whole), Buffer.from(damage((await readFile(firstOf(path), 'utf8')).slice(whole.length)))]));
    const again = await opened(path);
    await again.append(entry('d', { savedBefore: xml('b') }));
    expect(await entries(again)).toEqual([entry('a'), entry('d', { savedBefore: xml('b') })]);
    expect(await entries(await opened(path))).toEqual(await entries(again));
  });

  it('still tells that there was an entry whose definition or whose steps were damaged later', async () => {
    const path = join(await testFolder(), 'history');
    const first = await opened(path);
    await first.append(entry('a', { savedBefore: xml('a'), savedAfter: xml('b') }));
    await first.append(entry('b', { steps: [{ title: 'Step', virsh: 'virsh', scope: 'both', outcome: 'done' }] }));
    const text = await readFile(firstOf(path), 'utf8');
    await writeFile(firstOf(path), text.replace(/(=\d+ ....)./, '$1*').replace('"title":"Step"', '"title":"Stop"'));
    const again = await opened(path);
    expect([await ids(again), await again.find('a'), await again.find('b')]).toEqual([['a', 'b'], entry('a', { savedAfter: xml('b') }), null]);
  });

  it('loses no entry to the torn line of another process', async () => {
    const path = join(await testFolder(), 'history');
    const mine = await opened(path);
    await mine.append(entry('a'));
    await appendFile(firstOf(path), '\n0123456789abcdef {"id":"torn');
    await mine.append(entry('b'));
    expect(await ids(await opened(path))).toEqual(['a', 'b']);
  });

  it('shows each of two writers what the other wrote, over the end of a file too', async () => {
    const path = join(await testFolder(), 'history');
    const limits = { segment: 4000, all: 1_000_000 };
    const [one, two] = [await opened(path, limits), await opened(path, limits)];
    const names = Array.from({ length: 50 }, (_, index) => `${index}`);
    await Promise.all(names.flatMap((name) => [one.append(entry(`one ${name}`, { savedBefore: xml(name) })), two.append(entry(`two ${name}`, { savedBefore: xml(name) }))]));
    expect((await ids(one)).length).toBe(100);
    expect((await ids(one)).toSorted()).toEqual((await ids(two)).toSorted());
    expect((await entries(two)).every((found) => found?.savedBefore === xml(found?.id.slice(4) ?? ''))).toBe(true);
    expect((await readdir(path)).length).toBeGreaterThan(3);
  });

  it('gives up the oldest when there is more than is to be kept, for whoever has it open', async () => {
    const path = join(await testFolder(), 'history');
    const limits = { segment: 10_000, all: 50_000 };
    const [one, two] = [await opened(path, limits), await opened(path, limits)];
    const names = Array.from({ length: 400 }, (_, index) => `${index}`);
    for (const name of names) await one.append(entry(name, { savedAfter: xml(name) }));
    const kept = await ids(one);
    expect(kept.length).toBeGreaterThan(30);
    expect(kept).toEqual(names.slice(-kept.length));
    expect(await ids(two)).toEqual(kept);
    expect(await ids(await opened(path, limits))).toEqual(kept);
    expect(await two.find('0')).toBeNull();
    const sizes = await Promise.all((await readdir(path)).map(async (name) => (await stat(join(path, name))).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(limits.all);
  });

  it('reads what was kept in one file once, and gives it up in its turn', async () => {
    const folder = await testFolder();
    const path = join(folder, 'history');
    const old = [entry('x', { savedBefore: 'é'.repeat(2_000_000) }), entry('a', { outcome: 'interrupted' }), entry('b', { changes: [change] })];
    await writeFile(`${path}.jsonl`, `${old.map(oldLine).join('')}\n0123456789abcdef {"id":"torn`);
    const history = await opened(path);
    expect(await entries(history)).toEqual(old);
    await history.append(entry('a'));
    expect(await entries(await opened(path))).toEqual([old[0], entry('a'), old[2]]);
    expect(await ids(await opened(path))).toEqual(['x', 'a', 'b']);
    const small = await opened(path, { segment: 100, all: 1000 });
    await small.append(entry('c'));
    await small.append(entry('d'));
    expect([(await readdir(folder)), (await ids(small)).slice(-1)]).toEqual([['history'], ['d']]);
  });

  it('refuses with words what cannot be written or opened', async () => {
    const folder = await testFolder();
    const history = await opened(join(folder, 'history'));
    await history.append(entry('a'));
    await truncate(firstOf(join(folder, 'history')), 0);
    await history.close();
    await expect(history.append(entry('late'))).rejects.toMatchObject({ refusal: { code: 'storage', remedy: expect.stringContaining('folder') } });
    await writeFile(join(folder, 'file'), '');
    await expect(HistoryFile.open(join(folder, 'file'))).rejects.toMatchObject({ refusal: { code: 'storage' } });
  });

  // Two hundred take a minute: `GUESTDECK_KILLS=200`.
  const kills = Number(process.env['GUESTDECK_KILLS'] ?? 40);
  it(`keeps every acknowledged entry through ${kills} kills in mid-write`, async () => {
    const folder = await testFolder();
    const path = join(folder, 'history');
    // Plain Node reads no TypeScript: the writer is bundled first.
    const program = join(folder, 'writer.ts');
    await writeFile(program, `import { HistoryFile } from ${JSON.stringify(join(import.meta.dirname, 'history-file.ts'))};
const history = await HistoryFile.open(process.argv[2], { segment: 400_000, all: 1_000_000_000 });
const entry = JSON.parse(process.argv[3]);
for (let n = 0; ; n++) {
  const id = process.pid + '-' + process.hrtime.bigint();
  await history.append({ ...entry, id, savedBefore: id + '<x/>'.repeat((n * 7919) % 50000) });
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
    for (let killed = 0; killed < kills; killed += 4) await Promise.all([1, 3, 6, 9].slice(0, kills - killed).map(async (after) => await kill(after + ((killed / 4) % 3))));
    const history = await opened(path);
    const kept = new Set(await ids(history));
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
    const whole = await Promise.all(acknowledged.map(async (id) => (await history.find(id))?.savedBefore?.startsWith(id)));
    expect(whole.every((is) => is === true)).toBe(true);
    expect(acknowledged.length).toBeGreaterThan(kills * 3);
  }, 60_000 + kills * 2_000);
});
