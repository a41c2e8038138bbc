// The list of connections as a text, and read back: whole, or not at all, each entry with what became of it.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../../app/contract/connections.ts';
import { demoMain } from './demo-main.test-peer.ts';

const exported = (...connections: readonly unknown[]): string => JSON.stringify({ format: 'guestdeck-connections', version: 1, connections });
const without = ({ id: _id, state: _state, ...kept }: Connection): unknown => kept;

describe('an exported list', () => {
  it('is imported elsewhere as it was, but for the leave to connect in the clear', async () => {
    const one = await demoMain();
    await one.ask('connections', 'add', { uri: 'qemu+ssh://root@far/system', name: 'Far', group: 'Oslo', color: 'teal', tags: ['web', 'old'], readOnly: true, autoConnect: false });
    await one.ask('connections', 'add', { uri: 'qemu+tcp://lab/system', allowPlain: true });
    const { text } = await one.ask('connections', 'export', {});
    expect(JSON.parse(text)).toMatchObject({ format: 'guestdeck-connections', version: 1, connections: [{ uri: 'demo:///' }, { name: 'Far', group: 'Oslo' }, { name: 'lab' }] });
    expect(text).not.toMatch(/"id"|allowPlain/);

    const other = await demoMain();
    expect(await other.ask('connections', 'import', { text })).toEqual([
      { name: 'Demo host', uri: 'demo:///', id: null, remark: 'It is in the list already, as Demo host.' },
      { name: 'Far', uri: 'qemu+ssh://root@far/system', id: expect.any(String), remark: null },
      { name: 'lab', uri: 'qemu+tcp://lab/system', id: expect.any(String), remark: null },
    ]);
    const [before, after] = await Promise.all([one, other].map(async ({ ask }) => (await ask('connections', 'list', {})).slice(1).map(without)));
    expect(after).toEqual(before?.map((shown, at) => (at === 1 ? { ...(shown as object), allowPlain: false, warnings: [] } : shown)));
    expect(other.news.filter(({ section, name }) => section === 'connections' && name === 'changed')).toHaveLength(1);
  });

  it('leaves out what is there twice or cannot be used, and says why; the rest is added', async () => {
    const { ask } = await demoMain();
    const text = exported(
      { uri: 'qemu+ssh://h/system' },
      { uri: 'qemu+ssh://H:22/system', name: 'The same' },
      { uri: 'nonsense', name: 'Broken' },
      { uri: 'qemu:///system', color: 'mauve' },
      { name: 'Nothing' },
      'text',
      { uri: 'qemu+tls://t/system', more: 'from a later version' },
    );
    expect((await ask('connections', 'import', { text })).map(({ name, id, remark }) => [name, id !== null, remark])).toEqual([
      ['h', true, null],
      ['The same', false, 'It is in the list already, as h.'],
      ['Broken', false, expect.stringContaining('does not begin with a hypervisor')],
      ['', false, expect.stringContaining('It is not understood: color: ')],
      ['Nothing', false, expect.stringContaining('It is not understood: uri: ')],
      ['', false, expect.stringContaining('It is not understood: the whole: ')],
      ['t', true, null],
    ]);
    expect((await ask('connections', 'list', {})).map(({ name }) => name)).toEqual(['Demo host', 'h', 't']);
  });

  it('starts no program by itself that its sender put into it', async () => {
    const { ask } = await demoMain();
    const results = await ask('connections', 'import', { text: exported({ uri: 'qemu+ext:///system?command=/bin/sh&argv=-c&argv=id' }, { uri: 'qemu+ssh://h/system?COMMAND=/tmp/ssh', autoConnect: true }) });
    for (const { remark } of results) expect(remark).toContain('not connected by itself');
    expect((await ask('connections', 'list', {})).slice(1).map(({ autoConnect }) => autoConnect)).toEqual([false, false]);
  });

  it.each([
    ['{"format": "guestdeck-connections",\n "version": 1,\n "connections": [}', 'not JSON: something is wrong at line 3, column 18'],
    ['', 'not JSON: something is wrong at line 1, column 1'],
    ['[]', 'not a list of connections that Guestdeck exported: the whole: '],
    ['{"format":"guestdeck-connections","version":1}', 'connections: '],
    ['{"format":"other","version":1,"connections":[]}', 'format: '],
    ['{"format":"guestdeck-connections","version":2,"connections":[{"uri":"qemu:///system"}]}', 'version 2, which a newer Guestdeck made'],
  ])('that is none is refused whole, naming where: %s', async (text, words) => {
    const { ask, folder } = await demoMain();
    const before = await readFile(join(folder, 'connections.json'), 'utf8');
    await expect(ask('connections', 'import', { text })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'text', message: expect.stringContaining(words), remedy: expect.stringMatching(/./) } });
    expect(await readFile(join(folder, 'connections.json'), 'utf8')).toBe(before);
  });

  it('is added in one step: what cannot be saved leaves nothing behind', async () => {
    const { ask, folder } = await demoMain();
    await writeFile(join(folder, 'connections.json'), 'damaged');
    await expect(ask('connections', 'import', { text: exported({ uri: 'qemu:///system' }) })).rejects.toMatchObject({ refusal: { code: 'storage' } });
    expect((await ask('connections', 'list', {})).map(({ uri }) => uri)).toEqual(['demo:///']);
  });
});
