// What is said of saved connections, their order, and a list that another process changes.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectedMain, demoMain } from './demo-main.test-peer.ts';

const listed = 'connections.json';

describe('a saved connection', () => {
  it('has a group, a colour, tags and its kind of access, which can be changed one by one', async () => {
    const { ask, folder } = await demoMain();
    const marks = { group: 'Oslo', color: 'purple', tags: ['web', 'old'], readOnly: true, allowPlain: true, autoConnect: false } as const;
    const { id } = await ask('connections', 'add', { uri: 'qemu+tcp://far/system', ...marks, group: ' Oslo ', tags: ['web', ' old', 'web'] });
    const shown = async () => (await ask('connections', 'list', {})).find((one) => one.id === id);
    expect(await shown()).toMatchObject({ ...marks, name: 'far' });
    await ask('connections', 'update', { id, color: null, tags: [], group: '' });
    expect(await shown()).toMatchObject({ ...marks, color: null, tags: [], group: '' });
    await ask('connections', 'update', { id, readOnly: false });
    expect(await shown()).toMatchObject({ readOnly: false, allowPlain: true, autoConnect: false, uri: 'qemu+tcp://far/system' });
    expect(JSON.parse(await readFile(join(folder, listed), 'utf8'))).toMatchObject([{ id: 'demo' }, { id, color: null, readOnly: false, allowPlain: true }]);
  });

  it.each([
    [{ color: 'mauve' }, 'color'],
    [{ tags: [''] }, 'tags.0'],
    [{ tags: 'web' }, 'tags'],
    [{ readOnly: 1 }, 'readOnly'],
    [{ password: 'x' }, 'password'],
  ])('takes nothing else: %j', async (wrong, field) => {
    const { main } = await demoMain();
    const answer = await main.answer('connections', 'add', { uri: 'qemu:///system', ...wrong }, { id: 'test', gone: new AbortController().signal });
    expect(answer).toMatchObject({ ok: false, refusal: { code: 'bad-input', field } });
  });

  it.each([
    ['qemu+tls://h/system', false, []],
    ['qemu+tls://h/system?no_verify=1', false, ['no-verify']],
    ['qemu+ssh://h/system?no_verify=1', false, ['no-verify']],
    ['qemu+ssh://h/system?no_verify=1&known_hosts_verify=normal', false, []],
    ['qemu+ssh://h/system?known_hosts_verify=ignore', false, ['no-verify']],
    ['qemu+tcp://h/system', false, []],
    ['qemu+tcp://h/system?no_verify=1', true, ['plain']],
    ['qemu:///system?no_verify=1', true, []],
  ])('of %s (plain allowed: %s) is warned of as %j', async (uri, allowPlain, warnings) => {
    const { ask } = await demoMain();
    await ask('connections', 'add', { uri, allowPlain });
    expect((await ask('connections', 'list', {})).at(-1)?.warnings).toEqual(warnings);
  });

  it('may be named by an alias of libvirt.conf, which becomes its name', async () => {
    const { ask, folder } = await demoMain();
    await mkdir(join(folder, '.config', 'libvirt'), { recursive: true });
    await writeFile(join(folder, '.config', 'libvirt', 'libvirt.conf'), 'uri_aliases = [ "hail=qemu+ssh://root@hail.example/system" ]');
    await ask('connections', 'add', { uri: 'hail' });
    expect((await ask('connections', 'list', {})).at(-1)).toMatchObject({ name: 'hail', uri: 'qemu+ssh://root@hail.example/system', transport: 'ssh' });
    const { entries } = await ask('connections', 'importable', {});
    expect(entries.find(({ name }) => name === 'hail')?.savedAs).toBe((await ask('connections', 'list', {})).at(-1)?.id);
  });
});

describe('the order of the list', () => {
  it('is the one that was asked for; what was not named comes after it, as it was', async () => {
    const { ask } = await demoMain();
    for (const name of ['a', 'b', 'c', 'd']) await ask('connections', 'add', { uri: `qemu+ssh://${name}/system` });
    const names = async (): Promise<string> => (await ask('connections', 'list', {})).map(({ name }) => name).join(' ');
    const ids = Object.fromEntries((await ask('connections', 'list', {})).map(({ id, name }) => [name, id]));
    await ask('connections', 'order', { ids: [ids['c'] ?? '', ids['a'] ?? ''] });
    expect(await names()).toBe('c a Demo host b d');
    await expect(ask('connections', 'order', { ids: [ids['d'] ?? '', 'nobody'] })).rejects.toMatchObject({ refusal: { code: 'unknown-host', field: 'ids' } });
    await expect(ask('connections', 'order', { ids: [ids['d'] ?? '', ids['d'] ?? ''] })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'ids' } });
    expect(await names()).toBe('c a Demo host b d');
  });
});

describe('a list that another process changes', () => {
  it('is shown as it is now, and what was removed there is closed here', async () => {
    const here = await connectedMain();
    const there = await demoMain({ dataFolder: here.folder });
    const told = (): number => here.news.filter((one) => one.section === 'connections' && one.name === 'changed' && one.told.id === null).length;
    const { id } = await there.ask('connections', 'add', { uri: 'qemu+ssh://far/system' });
    await expect.poll(async () => (await here.ask('connections', 'list', {})).map(({ uri }) => uri)).toEqual(['demo:///', 'qemu+ssh://far/system']);
    await expect.poll(told).toBe(1);
    await there.ask('connections', 'update', { id, name: 'Far' });
    await expect.poll(async () => (await here.ask('connections', 'list', {}))[1]?.name).toBe('Far');
    expect((await here.ask('guests', 'list', { host: 'demo' })).length).toBeGreaterThan(0);
    await there.ask('connections', 'remove', { id: 'demo' });
    await expect.poll(async () => (await here.ask('connections', 'list', {})).map(({ name }) => name)).toEqual(['Far']);
    await expect(here.ask('guests', 'list', { host: 'demo' })).rejects.toMatchObject({ refusal: { code: 'unknown-host' } });
  });

  it('is left as it was while its file is damaged', async () => {
    const { ask, folder } = await demoMain();
    const path = join(folder, listed);
    const text = await readFile(path, 'utf8');
    await writeFile(path, '[{"id":');
    await expect.poll(() => existsSync(join(folder, 'guestdeck.log'))).toBe(true);
    expect((await ask('connections', 'list', {})).map(({ id }) => id)).toEqual(['demo']);
    await writeFile(path, text.replace('Demo host', 'Mended'));
    await expect.poll(async () => (await ask('connections', 'list', {}))[0]?.name).toBe('Mended');
  });
});
