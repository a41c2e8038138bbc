// The history through the door of main: found again, told with its definitions, taken back and done again, and given out as files.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { entry as entryForm } from '../../app/contract/history.ts';
import { z } from '../../app/contract/schema.ts';
import type { Wanted } from '../../app/tuning/knobs.ts';
import { connectedMain, type DemoMain, uuidOf } from './demo-main.test-peer.ts';

const host = 'demo';
const shares = (value: number): Wanted => ({ saved: { cpuShares: { '': value } } });

interface Scene extends DemoMain {
  readonly uuid: string;
  /** Applies to the guest, or to another one; the entry's id. */
  readonly apply: (wanted: Wanted, uuid?: string) => Promise<string>;
  /** Takes an entry back; the id of the entry that did. */
  readonly back: (id: string) => Promise<string>;
}

const scene = async (): Promise<Scene> => {
  const made = await connectedMain();
  const { ask } = made;
  const uuid = await uuidOf(ask, 'web-01');
  const apply = async (wanted: Wanted, which = uuid): Promise<string> => {
    const { basis } = await ask('tuning', 'read', { host, uuid: which });
    const { entry } = await ask('tuning', 'apply', { host, uuid: which, wanted, basis });
    if (entry === null) throw new Error('nothing was to do');
    return entry;
  };
  return { ...made, uuid, apply, back: async (id) => await apply((await ask('history', 'undo', { id })).wanted) };
};

describe('the history', () => {
  it('finds what fits words, kinds and outcomes, of one guest, of one host, and of all', async () => {
    const { ask, uuid, apply, back } = await scene();
    const other = await uuidOf(ask, 'etl-night');
    const first = await apply(shares(300));
    const pinned = await apply({ saved: { vcpuPinning: { '0': '1' } } }, other);
    await ask('guests', 'setAutostart', { host, uuid: other, autostart: true });
    const undone = await back(first);
    const [act] = await ask('history', 'list', { kinds: ['action'] });
    const found = async (sought: Parameters<typeof ask<'history', 'list'>>[2]): Promise<readonly string[]> => (await ask('history', 'list', sought)).map(({ id }) => id);
    expect(act?.title).toBe('Start with the host');
    expect(await found({})).toEqual([undone, act?.id, pinned, first]);
    expect(await found({ host, uuid })).toEqual([undone, first]);
    expect(await found({ host: 'other' })).toEqual([]);
    expect(await found({ text: 'pin VCPU' })).toEqual([pinned]);
    expect(await found({ text: 'etl demo' })).toEqual([act?.id, pinned]);
    expect(await found({ text: 'cpuShares' })).toEqual([undone, first]);
    expect(await found({ text: 'cpu shares', kinds: ['undo', 'action'] })).toEqual([undone]);
    expect(await found({ outcomes: ['partial', 'interrupted'] })).toEqual([]);
    expect(await found({ outcomes: ['complete'], limit: 2, before: undone })).toEqual([act?.id, pinned]);
  });

  it('tells one entry with the definitions before and after', async () => {
    const { ask, uuid, apply } = await scene();
    const before = (await ask('tuning', 'read', { host, uuid })).savedXml;
    const id = await apply(shares(300));
    const after = (await ask('tuning', 'read', { host, uuid })).savedXml;
    expect(await ask('history', 'entry', { id })).toMatchObject({ id, savedBefore: before, savedAfter: after });
    await expect(ask('history', 'entry', { id: 'nothing' })).rejects.toMatchObject({ refusal: { code: 'unknown-entry', field: 'id' } });
  });

  it('calls an undo that is taken back done again, and takes the first entry for standing then', async () => {
    const { ask, uuid, apply, back } = await scene();
    const done = await apply(shares(300));
    const told = async () => (await ask('history', 'list', { uuid })).map(({ kind, undoes, undoneBy }) => ({ kind, undoes, undoneBy })).toReversed();
    const undone = await back(done);
    expect(await told()).toEqual([{ kind: 'tuning', undoes: null, undoneBy: undone }, { kind: 'undo', undoes: done, undoneBy: null }]);
    const redone = await back(undone);
    expect(await told()).toEqual([
      { kind: 'tuning', undoes: null, undoneBy: null },
      { kind: 'undo', undoes: done, undoneBy: redone },
      { kind: 'redo', undoes: undone, undoneBy: null },
    ]);
    expect((await ask('tuning', 'read', { host, uuid })).saved?.cpuShares['']).toBe(300);
    const again = await back(redone);
    expect((await told()).map(({ kind, undoneBy }) => [kind, undoneBy])).toEqual([['tuning', undone], ['undo', null], ['redo', again], ['undo', null]]);
    await expect(ask('history', 'undo', { id: done })).rejects.toMatchObject({ refusal: { code: 'not-undoable', message: 'All of this is as it was before already.' } });
  });

  it('refuses to undo and to redo what was changed again since, with what is in the way', async () => {
    const { ask, apply, back } = await scene();
    const done = await apply(shares(300));
    const undone = await back(done);
    await apply(shares(400));
    for (const id of [done, undone]) await expect(ask('history', 'undo', { id })).rejects.toMatchObject({ refusal: { code: 'not-undoable', message: expect.stringMatching(/^CPU shares is not .* any more: it was changed again since\.$/) } });
  });
});

describe('the history as a file', () => {
  it('has all that fits, with the definitions, as JSON', async () => {
    const { ask, uuid, apply, back } = await scene();
    const done = await apply(shares(300));
    const undone = await back(done);
    const { name, content, entries, left } = await ask('history', 'export', { host, uuid, as: 'json' });
    expect([name, entries, left]).toEqual(['guestdeck-history.json', 2, 0]);
    expect(z.array(entryForm).parse(JSON.parse(content))).toEqual(await Promise.all([undone, done].map(async (id) => await ask('history', 'entry', { id }))));
    expect(JSON.parse((await ask('history', 'export', { text: 'nothing like it', as: 'json' })).content)).toEqual([]);
  });

  it('is a script that a shell runs: what was done, the first first, with definitions in it, once it knows the host', async () => {
    const { ask, uuid, apply, folder } = await scene();
    await apply({ live: { emulatorPinning: { '': '3' } } });
    await apply({ saved: { partition: { '': '/machine/it\'s' } } });
    await ask('guests', 'setAutostart', { host, uuid, autostart: true });
    const { name, content } = await ask('history', 'export', { host, as: 'virsh' });
    expect(name).toBe('guestdeck-history.sh');
    // A virsh that tells what it was given.
    await writeFile(join(folder, 'virsh'), '#!/bin/sh\necho "$LIBVIRT_DEFAULT_URI $*"\n[ "$1" != define ] || cat "$2"\n', { mode: 0o755 });
    await writeFile(join(folder, name), content);
    const run = async (env: Readonly<Record<string, string>>) => await promisify(execFile)('sh', [join(folder, name)], { env: { PATH: `${folder}:/usr/bin:/bin`, ...env } });
    const lines = (await run({ HOST_1: 'test:///default' })).stdout.split('\n');
    const commands = lines.filter((line) => line.startsWith('test:///default '));
    expect(commands).toEqual(['test:///default emulatorpin web-01 3 --live', 'test:///default define /dev/stdin', 'test:///default autostart web-01']);
    const [defined] = (await ask('history', 'list', { text: 'partition' }));
    expect(lines.slice(lines.indexOf('test:///default define /dev/stdin') + 1, -2).join('\n')).toBe((await ask('history', 'entry', { id: defined?.id ?? '' })).savedAfter?.trimEnd());
    await expect(run({})).rejects.toThrow(/HOST_1: is to be the libvirt URI/);
  });

  it('tells of steps that were not done without doing them', async () => {
    const { ask, uuid } = await scene();
    await expect(ask('guests', 'act', { host, uuid: await uuidOf(ask, 'etl-night'), action: 'start' }).then(async () => await ask('guests', 'act', { host, uuid, action: 'start' }))).rejects.toThrow();
    const { content } = await ask('history', 'export', { as: 'virsh' });
    expect(content.split('\n').filter((line) => line.includes('virsh start'))).toEqual(['virsh start etl-night']);
  });
});
