// Settings of the demo host's guests: read, planned, applied, taken back, and what is said when that goes wrong.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Wanted } from '../../app/tuning/knobs.ts';
import { xmlFlag } from '../libvirt/constants.ts';
import { remote } from '../libvirt/procedures.ts';
import { historyPath } from './history-folder.test-peer.ts';
import { connectionOf, intercept } from './demo-main.test-peer.ts';
import { host, scene, settings, outcomes, merged, undo, failure, interceptSetters, all, five } from './tuning.test-peer.ts';

describe('tuning', () => {
  it.each([
    ['now', { live: all }], ['after a restart', { saved: all }], ['both', { live: all, saved: all }], ['each in its own way', five],
  ] as const)('sets every knob %s, as the host then shows, and undoes it', async (_, wanted) => {
    const { read, apply, ask } = await scene('web-03');
    const before = await read();
    const applied = await apply(wanted);
    expect(applied).toMatchObject({ outcome: 'complete', unconfirmed: [] });
    const { live, saved }: Wanted = wanted;
    // 8,9 is a spelling of 8-9.
    expect(settings(applied.reading)).toEqual(JSON.parse(JSON.stringify(merged(before, { live, saved })).replaceAll('8,9', '8-9')));
    const undone = await undo(ask, applied.entry);
    expect([undone.outcome, settings(undone.reading)]).toEqual(['complete', settings(before)]);
    const [last, first] = await ask('history', 'list', { host });
    expect([last?.kind, last?.undoes, first?.kind, first?.id]).toEqual(['undo', applied.entry, 'tuning', applied.entry]);
    expect((await undo(ask, last?.id ?? null)).outcome).toBe('complete');
    expect(settings(await read())).toEqual(settings(applied.reading));
  });

  it('plans what it then does, and does nothing where nothing is to do', async () => {
    const { read, apply, ask, uuid } = await scene();
    const plan = await ask('tuning', 'plan', { host, uuid, wanted: five });
    const applied = await apply(five);
    expect(applied.steps.map(({ title, virsh, scope }) => ({ title, virsh, scope }))).toEqual(plan.steps.map(({ title, virsh, scope }) => ({ title, virsh, scope })));
    expect(applied.reading.savedXml).toBe(plan.savedAfter);
    expect(await apply(five)).toMatchObject({ outcome: 'complete', steps: [], entry: null });
    expect((await read()).basis).toBe(applied.reading.basis);
  });

  it('refuses what rests on an old reading, and changes nothing', async () => {
    const { read, apply, ask, uuid } = await scene();
    const { basis } = await read();
    await apply({ live: { cpuShares: { '': 7 } } });
    await expect(ask('tuning', 'apply', { host, uuid, basis, wanted: { live: { cpuShares: { '': 8 } } } })).rejects.toMatchObject({ refusal: { code: 'changed-meanwhile' } });
    expect((await read()).live?.cpuShares['']).toBe(7);
  });

  it('does two applies at once one after the other: the second sees that the guest changed', async () => {
    const { read, ask, uuid } = await scene();
    const { basis } = await read();
    const attempts = await Promise.allSettled([5, 6].map(async (shares) => await ask('tuning', 'apply', { host, uuid, basis, wanted: { live: { cpuShares: { '': shares } } } })));
    expect(attempts.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect((await read()).live?.cpuShares['']).toBe(5);
  });

  it('tunes a transient guest now and says that it has nothing saved', async () => {
    const { apply, read } = await scene('ci-4711');
    expect(outcomes(await apply({ live: { vcpuPinning: { '1': '3' } } }))).toEqual(['complete', 'done']);
    expect((await read()).saved).toBeNull();
    await expect(apply({ saved: { vcpuPinning: { '1': '3' } } })).rejects.toMatchObject({ refusal: { code: 'plan-invalid', field: 'wanted.saved.vcpuPinning.1', message: expect.stringContaining('transient') } });
  });

  it('says when the host took a change and does not show it', async () => {
    const { apply, ask } = await scene();
    intercept({ domainPinEmulator: async () => await Promise.resolve({}) });
    const applied = await apply({ live: { emulatorPinning: { '': '3' } } });
    expect(applied).toMatchObject({ outcome: 'unconfirmed', unconfirmed: [{ knob: 'emulatorPinning', to: '3' }] });
    expect((await ask('history', 'list', { host }))[0]).toMatchObject({ outcome: 'unconfirmed' });
  });
});

describe('passwords in a definition', () => {
  it('are neither shown nor kept, and not lost when the definition is written anew', async () => {
    const { read, apply, ask, uuid, folder, main } = await scene();
    const connection = await connectionOf(ask);
    const dom = { name: 'web-01', uuid, id: -1 };
    const definition = async (): Promise<string> => (await connection.call(remote.domainGetXmlDesc, { dom, flags: xmlFlag.inactive | xmlFlag.secure })).xml;
    await connection.call(remote.domainDefineXmlFlags, { xml: (await definition()).replace('</devices>', "<graphics type='vnc' port='-1' passwd='open-sesame'/></devices>"), flags: 0 });
    expect(await definition()).toContain('open-sesame');
    const told: string[] = [];
    main.listen((news) => told.push(JSON.stringify(news)));
    const first = await apply({ saved: { vcpuPinning: { '0': '1' } } });
    const defined = await apply({ saved: { vcpuPinning: { '0': null } } });
    const plan = await ask('tuning', 'plan', { host, uuid, wanted: { saved: { vcpuPinning: { '0': '2' }, cpuShares: { '': null } } } });
    const undone = await undo(ask, defined.entry);
    expect(await definition()).toContain('open-sesame');
    const failing = interceptSetters();
    failing.set(async ({ nth, pass }) => await (nth === 1 ? failure() : pass()));
    const back = await apply({ saved: { vcpuPinning: { '0': null, '1': '3' } } });
    expect(back.outcome).toBe('put-back');
    expect(await definition()).toContain('open-sesame');
    const seen = JSON.stringify([first, defined, plan, undone, back, await read(), await ask('history', 'list', {}), await ask('guests', 'describe', { host, uuid }), told]);
    const kept = (await ask('history', 'list', {})).map(async ({ id }) => JSON.stringify(await ask('history', 'entry', { id })));
    const files = await Promise.all([readFile(historyPath(folder), 'utf8'), readFile(join(folder, 'connections.json'), 'utf8'), ...kept]);
    expect([seen, ...files].filter((text) => text.includes('open-sesame'))).toEqual([]);
  });
});

describe('undo', () => {
  it('works after Guestdeck was started again', async () => {
    const one = await scene();
    const before = await one.read();
    const applied = await one.apply({ saved: { cpuShares: { '': 77 } } });
    // The demo host dies with its main, so the other main is beside it, as a second window's process would be.
    const entry = (await one.ask('history', 'list', {}))[0];
    await one.main.close();
    const two = await scene('web-01', { dataFolder: one.folder });
    expect((await two.ask('history', 'list', {}))[0]).toEqual(entry);
    await expect(two.ask('history', 'undo', { id: applied.entry ?? '' })).rejects.toMatchObject({ refusal: { code: 'not-undoable', message: 'All of this is as it was before already.' } });
    await two.apply({ saved: { cpuShares: { '': 77 } } });
    expect((await undo(two.ask, applied.entry)).outcome).toBe('complete');
    expect(settings(await two.read())).toEqual(settings(before));
  });

  it('twice has nothing left to do', async () => {
    const { apply, ask } = await scene();
    const applied = await apply({ live: { cpuShares: { '': 9 } } });
    await undo(ask, applied.entry);
    await expect(undo(ask, applied.entry)).rejects.toMatchObject({ refusal: { code: 'not-undoable', message: 'All of this is as it was before already.' } });
  });

  it('of what was changed again since is refused in words', async () => {
    const { apply, ask, read } = await scene();
    const applied = await apply({ live: { vcpuPinning: { '0': '4' } } });
    await apply({ live: { vcpuPinning: { '0': '5' } } });
    await expect(undo(ask, applied.entry)).rejects.toMatchObject({ refusal: { code: 'not-undoable', message: 'vCPU 0 is not 4 any more: it was changed again since.', remedy: expect.stringContaining('later change') } });
    expect((await read()).live?.vcpuPinning['0']).toBe('5');
  });

  it('of a guest that has stopped since takes back the saved half, and says so when there is none', async () => {
    const { apply, ask, uuid } = await scene();
    const both = await apply({ live: { cpuShares: { '': 9 } }, saved: { cpuShares: { '': 9 } } });
    const live = await apply({ live: { emulatorPinning: { '': '9' } } });
    await ask('guests', 'act', { host, uuid, action: 'destroy', confirm: 'web-01' });
    await expect(undo(ask, live.entry)).rejects.toMatchObject({ refusal: { code: 'not-undoable', message: 'web-01 has stopped since, and nothing of this was saved.' } });
    expect((await undo(ask, both.entry)).reading.saved?.cpuShares['']).toBeNull();
    expect((await ask('history', 'list', { host, limit: 1 }))[0]).toMatchObject({ kind: 'undo', undoes: both.entry });
  });

  it('knows only entries that are there and can be undone', async () => {
    const { ask, uuid, apply } = await scene();
    const tuned = await apply({ live: { cpuShares: { '': 9 } } });
    await ask('guests', 'act', { host, uuid, action: 'suspend' });
    const [action] = await ask('history', 'list', {});
    await expect(ask('history', 'undo', { id: action?.id ?? '' })).rejects.toMatchObject({ refusal: { code: 'not-undoable', message: 'This action has no way back.' } });
    await expect(ask('history', 'undo', { id: 'nothing' })).rejects.toMatchObject({ refusal: { code: 'unknown-entry', field: 'id' } });
    await ask('connections', 'remove', { id: host });
    await expect(ask('history', 'undo', { id: tuned.entry ?? '' })).rejects.toMatchObject({ refusal: { code: 'unknown-host' } });
    await expect(ask('history', 'list', { before: 'nothing' })).rejects.toMatchObject({ refusal: { code: 'unknown-entry', field: 'before' } });
  });

  it('has a list that goes page by page', async () => {
    const { apply, ask, uuid } = await scene();
    for (const shares of [2, 3, 4, 5]) await apply({ live: { cpuShares: { '': shares } } });
    const all = await ask('history', 'list', { host, uuid });
    const [one, two] = await ask('history', 'list', { host, limit: 2 });
    expect(all.map(({ id }) => id)).toEqual([one?.id, two?.id, ...(await ask('history', 'list', { before: two?.id ?? '', limit: 5 })).map(({ id }) => id)]);
    expect([all.length, await ask('history', 'list', { host: 'other' })]).toEqual([4, []]);
  });
});
