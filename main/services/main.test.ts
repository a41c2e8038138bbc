// Main as a whole: it ends when it is closed, and leaves nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { describe, expect, it } from 'vitest';
import { recordsIn } from './history-folder.test-peer.ts';
import { connectedMain, demoMain, intercept, testFolder, uuidOf } from './demo-main.test-peer.ts';

const caller = { id: 'test', gone: new AbortController().signal };

describe('main', () => {
  it('lets its process end by itself when it is closed in the midst of everything', async () => {
    const folder = await testFolder();
    const program = join(folder, 'program.ts');
    // No call to exit: what was left open would keep the process.
    await writeFile(program, `import { createMain } from ${JSON.stringify(join(import.meta.dirname, 'main.ts'))};
const run = async () => {
// As a window would: it keeps the process while main is open.
const window = setInterval(() => undefined, 1000);
const main = await createMain({ dataFolder: process.argv[2], shell: 'web', version: 'test', home: process.argv[2], env: {} });
const ask = async (section, name, takes) => await main.answer(section, name, takes, { id: 'a', gone: new AbortController().signal });
await ask('connections', 'connect', { id: 'demo' });
await ask('live', 'watch', { interests: [{ host: 'demo', groups: ['cpu', 'hostCpu'], uuids: null }] });
await new Promise((resolve) => main.listen((news) => news.section === 'live' && resolve()));
const guests = (await ask('guests', 'list', { host: 'demo' })).value;
const last = ask('guests', 'badges', { host: 'demo', uuids: guests.map(({ uuid }) => uuid) });
await main.close();
clearInterval(window);
process.stdout.write(JSON.stringify([guests.length, (await last).ok, (await ask('program', 'about', {})).refusal.code]));
};
void run();
`);
    await build({
      configFile: false, logLevel: 'silent', root: folder,
      build: { ssr: program, outDir: join(folder, 'out'), target: 'node20', rollupOptions: { external: ['cpu-features', /sshcrypto\.node$/], output: { format: 'cjs', entryFileNames: 'program.cjs' } } },
      ssr: { noExternal: true },
    });
    const data = await testFolder();
    await writeFile(join(data, 'connections.json'), JSON.stringify([{ id: 'demo', name: 'Demo', uri: 'demo:///', autoConnect: true }]));
    const child = spawn(process.execPath, [join(folder, 'out', 'program.cjs'), data], { stdio: ['ignore', 'pipe', 'inherit'] });
    const output: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => output.push(piece));
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(JSON.parse(Buffer.concat(output).toString())).toEqual([15, false, 'cancelled']);
    expect((await readdir(data)).toSorted()).toEqual(['connections.json', 'history']);
  }, 60_000);

  it('writes into the history what became of an apply that was cut short by closing, and nothing afterwards', async () => {
    const { main, ask, folder } = await connectedMain();
    const uuid = await uuidOf(ask, 'web-01');
    const { basis } = await ask('tuning', 'read', { host: 'demo', uuid });
    let closed: Promise<void> = Promise.resolve();
    intercept({
      domainPinEmulator: async ({ pass }) => {
        closed = main.close();
        return await pass();
      },
    });
    const wanted = { live: { vcpuPinning: { '0': '1' }, emulatorPinning: { '': '3' } } };
    const applied = await ask('tuning', 'apply', { host: 'demo', uuid, basis, wanted });
    await closed;
    expect([applied.outcome, ...applied.steps.map(({ outcome }) => outcome)]).toEqual(['interrupted', 'done', 'done']);
    expect(await recordsIn(folder)).toMatchObject([{ outcome: 'interrupted', steps: [{ outcome: 'unknown' }, {}] }, { outcome: 'interrupted', steps: [{ outcome: 'done' }, {}] }]);
    expect(await main.answer('program', 'about', {}, caller)).toMatchObject({ ok: false, refusal: { code: 'cancelled' } });
    await main.close();
  });

  it('keeps preferences set at the same time', async () => {
    const { ask, news } = await demoMain();
    await Promise.all((['dark', 'light', 'dark'] as const).map(async (appearance) => await ask('program', 'setPreferences', { preferences: { appearance } })));
    expect(['dark', 'light']).toContain((await ask('program', 'preferences', {})).appearance);
    expect(news.filter(({ name }) => name === 'preferencesChanged').length).toBe(3);
    expect(await ask('program', 'about', {})).toMatchObject({ version: 'test', shell: 'web' });
  });
});
