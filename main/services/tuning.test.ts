// Settings of the demo host's guests: read, planned, applied, taken back, and what is said when that goes wrong.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Applied, Reading } from '../../app/contract/tuning.ts';
import { Refused } from '../../app/contract/refusal.ts';
import type { Wanted } from '../../app/tuning/knobs.ts';
import { errorCode, xmlFlag } from '../libvirt/constants.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import { remote } from '../libvirt/procedures.ts';
import type { Asking } from './asking.test-peer.ts';
import { historyPath, keepFirstRecord } from './history-folder.test-peer.ts';
import { connectedMain, connectionOf, demoMain, type DemoMain, intercept, type Intercepted, uuidOf } from './demo-main.test-peer.ts';

const host = 'demo';
interface Scene extends DemoMain {
  readonly uuid: string;
  readonly read: () => Promise<Reading>;
  readonly apply: (wanted: Wanted) => Promise<Applied>;
}
const scene = async (name = 'web-01', options: Parameters<typeof connectedMain>[0] = {}): Promise<Scene> => {
  const demo = await connectedMain(options);
  const uuid = await uuidOf(demo.ask, name);
  const read = async (): Promise<Reading> => await demo.ask('tuning', 'read', { host, uuid });
  return { ...demo, uuid, read, apply: async (wanted) => await demo.ask('tuning', 'apply', { host, uuid, wanted, basis: (await read()).basis }) };
};
const settings = ({ live, saved }: Reading) => ({ live, saved });
const outcomes = ({ outcome, steps }: Applied): readonly string[] => [outcome, ...steps.map((step) => step.outcome)];
const merged = (before: Reading, wanted: { readonly live: Wanted['live'] | undefined; readonly saved: Wanted['saved'] | undefined }): unknown =>
  Object.fromEntries((['live', 'saved'] as const).map((truth) => [truth, Object.fromEntries(Object.entries(before[truth] ?? {}).map(([knob, units]) => {
    const more = Object.entries(wanted[truth] ?? {}).find(([name]) => name === knob)?.[1];
    return [knob, { ...units, ...more }];
  }))]));
const undo = async (ask: Asking, id: string | null): Promise<Applied> => {
  const { wanted, basis, uuid } = await ask('history', 'undo', { id: id ?? '' });
  return await ask('tuning', 'apply', { host, uuid, wanted, basis });
};
const failure = async (): Promise<never> =>
  await Promise.reject(new LibvirtError({ code: errorCode.operationFailed, domain: 10, message: 'No.', level: 2, dom: null, str1: null, str2: null, str3: null, int1: -1, int2: -1, net: null }, 'it'));
const setters = ['domainPinVcpuFlags', 'domainPinEmulator', 'domainSetSchedulerParametersFlags', 'domainDefineXmlFlags'] as const;
/** Setting calls, counted from the last `set`, go through what was set. */
const interceptSetters = () => {
  let nth = 0;
  let instead: (call: Intercepted) => Promise<unknown> = async ({ pass }) => await pass();
  intercept(Object.fromEntries(setters.map((name) => [name, async (call: Intercepted) => await instead({ ...call, nth: nth++ })])));
  return {
    set: (other: (call: Intercepted) => Promise<unknown>) => {
      nth = 0;
      instead = other;
    },
  };
};

const all = { vcpuPinning: { '0': '4-7', '3': '1' }, emulatorPinning: { '': '8,9' }, cpuShares: { '': 512 } };
const five: Wanted = { live: all, saved: { vcpuPinning: { '0': '4-7', '1': '2' }, emulatorPinning: { '': null }, cpuShares: { '': 300 } } };

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

describe('a step that fails', () => {
  it('has all before it put back, wherever it is', async () => {
    const { read, apply, ask, uuid } = await scene('db-primary');
    const before = await read();
    const { steps } = await ask('tuning', 'plan', { host, uuid, wanted: five });
    const setters = interceptSetters();
    expect(steps.length).toBe(7);
    for (const k of steps.keys()) {
      setters.set(async ({ nth, pass }) => await (nth === k ? failure() : pass()));
      const applied = await apply(five);
      expect(outcomes(applied)).toEqual(['put-back', ...steps.map((_, step) => (step < k ? 'put-back' : step === k ? 'failed' : 'not-reached'))]);
      expect(applied.steps[k]?.refusal).toMatchObject({ code: 'libvirt', message: 'No.' });
      const after = await read();
      expect([settings(after), after.savedXml]).toEqual([settings(before), before.savedXml]);
    }
    const [last] = await ask('history', 'list', { host });
    await expect(ask('history', 'undo', { id: last?.id ?? '' })).rejects.toMatchObject({ refusal: { code: 'not-undoable', message: expect.stringContaining('put back') } });
  });

  it('leaves the guest as it was, whatever was wanted and wherever it fails', async () => {
    const { read, apply } = await scene('db-replica');
    const setters = interceptSetters();
    const cpus = fc.option(fc.constantFrom('0', '1-3', '10', '8-9,24'), { nil: null });
    const some = fc.record({ vcpuPinning: fc.dictionary(fc.constantFrom('0', '1', '7'), cpus), emulatorPinning: fc.record({ '': cpus }), cpuShares: fc.record({ '': fc.option(fc.integer({ min: 2, max: 10_000 }), { nil: null }) }) }, { requiredKeys: [] });
    await fc.assert(fc.asyncProperty(fc.record({ live: some, saved: some }, { requiredKeys: [] }), fc.nat(8), async (wanted, k) => {
      setters.set(async ({ nth, pass }) => await (nth === k ? failure() : pass()));
      const before = await read();
      const applied = await apply(wanted);
      const after = await read();
      if (applied.outcome === 'complete') expect(applied.steps.length).toBeLessThanOrEqual(k);
      else {
        expect(applied.outcome).toBe('put-back');
        expect([settings(after), after.savedXml]).toEqual([settings(before), before.savedXml]);
      }
    }), { numRuns: 40 });
  }, 60_000);

  it('and cannot all be put back is told step by step, and undone later', async () => {
    const { read, apply, ask } = await scene();
    const before = await read();
    const setters = interceptSetters();
    // Putting back the vCPU's pin fails too; the emulator's, after it, is put back all the same.
    setters.set(async ({ nth, pass }) => await (nth === 2 || nth === 3 ? failure() : pass()));
    const applied = await apply({ live: { vcpuPinning: { '0': '1' }, emulatorPinning: { '': '3' }, cpuShares: { '': 9 } } });
    expect(outcomes(applied)).toEqual(['partial', 'not-put-back', 'put-back', 'failed']);
    expect(applied.steps[0]?.refusal).toMatchObject({ code: 'libvirt' });
    expect(applied.reading.live).toEqual({ ...before.live, vcpuPinning: { ...before.live?.vcpuPinning, '0': '1' } });
    setters.set(async ({ pass }) => await pass());
    expect((await ask('history', 'list', { host }))[0]).toMatchObject({ outcome: 'partial', steps: [{ outcome: 'not-put-back' }, { outcome: 'put-back' }, { outcome: 'failed' }] });
    expect(outcomes(await undo(ask, applied.entry))).toEqual(['complete', 'done']);
    expect(settings(await read())).toEqual(settings(before));
    expect((await ask('history', 'list', { host }))[0]).toMatchObject({ kind: 'undo', undoes: applied.entry });
  });

  it('because the guest stopped meanwhile leaves the saved half put back and nothing to put back of the live one', async () => {
    const { read, apply, uuid } = await scene();
    const before = await read();
    const setters = interceptSetters();
    setters.set(async ({ nth, pass, connection }) => {
      if (nth === 1) await connection.call(remote.domainDestroyFlags, { dom: { name: 'web-01', uuid, id: -1 }, flags: 0 });
      return await pass();
    });
    const applied = await apply({ live: { vcpuPinning: { '0': '1', '1': '2' } }, saved: { vcpuPinning: { '0': '1' } } });
    expect(outcomes(applied)).toEqual(['put-back', 'put-back', 'failed']);
    expect(settings(await read())).toEqual({ live: null, saved: before.saved });
  });

  it('through a bug of our own is put back like any other, and is in the log', async () => {
    const { read, apply, folder } = await scene();
    const before = await read();
    const setters = interceptSetters();
    setters.set(async ({ nth, pass }) => await (nth === 1 ? Promise.reject(new TypeError('the bug')) : pass()));
    const applied = await apply({ live: { vcpuPinning: { '0': '1', '1': '2' } } });
    expect([outcomes(applied), applied.steps[1]?.refusal?.code]).toEqual([['put-back', 'put-back', 'failed'], 'bug']);
    expect(settings(await read())).toEqual(settings(before));
    expect(await readFile(join(folder, 'guestdeck.log'), 'utf8')).toContain('TypeError: the bug');
  });
});

describe('an apply that loses its host in the midst', () => {
  const three: Wanted = { live: { vcpuPinning: { '0': '1' }, emulatorPinning: { '': '3' }, cpuShares: { '': 9 } } };
  /** A scene in which the connection breaks at the calls that are named, counted over all setters, before or after the host has done them. */
  const breaking = async (breaks: Readonly<Record<number, 'before' | 'after'>>) => {
    const made = await scene();
    const setters = interceptSetters();
    setters.set(async ({ nth, pass, connection }) => {
      const when = breaks[nth];
      if (when === 'after') await pass();
      if (when === undefined) return await pass();
      connection.close();
      return await Promise.reject(new Refused('connection-lost', 'Gone.'));
    });
    const phase = async (): Promise<string | undefined> => (await made.ask('connections', 'list', {}))[0]?.state.phase;
    const latest = async () => (await made.ask('history', 'list', { host, limit: 1 }))[0];
    return {
      ...made, latest,
      lost: async () => await expect.poll(phase).toBe('lost'),
      back: async () => await made.ask('connections', 'connect', { id: host }),
      /** The entry once it has an end. */
      ended: async () => {
        await expect.poll(async () => (await latest())?.outcome).not.toBe('interrupted');
        return await latest();
      },
    };
  };

  it.each([['before', 'failed'], ['after', 'put-back']] as const)('%s the host did the step waits for it, reads what it has, and puts all back', async (when, inFlight) => {
    const { read, apply, latest, lost, back } = await breaking({ 1: when });
    const before = await read();
    const applying = apply(three);
    await lost();
    await expect.poll(latest).toMatchObject({ outcome: 'interrupted', steps: [{ outcome: 'done', changes: [0] }, { outcome: 'unknown', changes: [1], refusal: { code: 'connection-lost' } }, { outcome: 'not-reached', changes: [2] }] });
    await back();
    const applied = await applying;
    expect(outcomes(applied)).toEqual(['put-back', 'put-back', inFlight, 'not-reached']);
    expect(applied.steps[1]?.refusal).toMatchObject({ code: 'connection-lost' });
    expect(settings(await read())).toEqual(settings(before));
    expect(await latest()).toMatchObject({ id: applied.entry, outcome: 'put-back', steps: [{ outcome: 'put-back' }, { outcome: inFlight }, { outcome: 'not-reached' }] });
  });

  it('at its last step, which the host had done, is complete', async () => {
    const { read, apply, lost, back, latest } = await breaking({ 2: 'after' });
    const applying = apply(three);
    await lost();
    await back();
    const applied = await applying;
    expect([outcomes(applied), applied.steps.map(({ refusal }) => refusal)]).toEqual([['complete', 'done', 'done', 'done'], [undefined, undefined, undefined]]);
    expect((await read()).live).toMatchObject({ emulatorPinning: { '': '3' }, cpuShares: { '': 9 } });
    const entry = await latest();
    expect([entry?.outcome, entry?.judged]).toEqual(['complete', undefined]);
  });

  it('and again while it puts back, puts back in the end', async () => {
    const { read, apply, lost, back } = await breaking({ 2: 'before', 3: 'after' });
    const before = await read();
    const applying = apply(three);
    for (let time = 0; time < 2; time++) {
      await lost();
      await back();
    }
    expect(outcomes(await applying)).toEqual(['put-back', 'put-back', 'put-back', 'failed']);
    expect(settings(await read())).toEqual(settings(before));
  });

  it('is interrupted when somebody disconnects the host; reached again, its end is told, and nothing is put back but by undoing', async () => {
    const { read, apply, ask, lost, back, ended } = await breaking({ 1: 'after' });
    const before = await read();
    const applying = apply(three);
    await lost();
    await ask('connections', 'disconnect', { id: host });
    const applied = await applying;
    expect(outcomes(applied)).toEqual(['interrupted', 'done', 'unknown', 'not-reached']);
    await back();
    const entry = await ended();
    expect(entry).toMatchObject({ id: applied.entry, outcome: 'partial', judged: expect.any(Number), steps: [{ outcome: 'done' }, { outcome: 'done' }, { outcome: 'not-reached' }] });
    expect((await read()).live).toMatchObject({ vcpuPinning: { '0': '1' }, emulatorPinning: { '': '3' } });
    expect((await undo(ask, applied.entry)).steps.length).toBe(2);
    expect(settings(await read())).toEqual(settings(before));
    expect((await ask('history', 'list', { host }))[0]).toMatchObject({ kind: 'undo', undoes: applied.entry });
  });

  it('waits a minute, and no longer, for a host that stays away', async () => {
    const { apply, ask } = await scene();
    const away = intercept({
      domainPinVcpuFlags: async ({ connection }) => {
        connection.close();
        return await Promise.reject(new Refused('connection-lost', 'Gone.'));
      },
      authList: async () => await Promise.reject(new Refused('unreachable', 'Nobody there.')),
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    let applied: Applied | null = null;
    const applying = apply(three).then((told) => (applied = told));
    await expect.poll(async () => (await ask('history', 'list', { host, limit: 1 }))[0]?.steps[0]).toMatchObject({ outcome: 'unknown', refusal: { code: 'connection-lost' } });
    await vi.advanceTimersByTimeAsync(59_000);
    expect([applied, away.called.filter((name) => name === 'authList').length > 3]).toEqual([null, true]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(outcomes(await applying)).toEqual(['interrupted', 'unknown', 'not-reached', 'not-reached']);
  });

  it('lets other guests be tuned, and the same one only after it', async () => {
    const { read, apply, ask, lost, back, uuid } = await breaking({ 0: 'before' });
    const applying = apply(three);
    await lost();
    await back();
    const { basis } = await read();
    const second = ask('tuning', 'apply', { host, uuid, basis, wanted: { live: { cpuShares: { '': 7 } } } });
    expect([(await applying).outcome, (await second).outcome]).toEqual(['put-back', 'complete']);
  });
});

describe('an apply in whose midst Guestdeck itself ended', () => {
  it('has its end told at the next start, once its host is reached', async () => {
    const one = await scene();
    const applied = await one.apply({ live: { cpuShares: { '': 9 } }, saved: { cpuShares: { '': 9 } } });
    await one.main.close();
    await keepFirstRecord(one.folder);
    const two = await demoMain({ dataFolder: one.folder });
    const entry = async () => (await two.ask('history', 'list', {}))[0];
    expect(await entry()).toMatchObject({ id: applied.entry, outcome: 'interrupted', steps: [{ outcome: 'unknown' }] });
    await two.ask('connections', 'connect', { id: host });
    await expect.poll(entry).toMatchObject({ id: applied.entry, outcome: 'put-back', steps: [{ outcome: 'not-reached' }], judged: expect.any(Number) });
    expect(two.news).toContainEqual({ section: 'history', name: 'changed', told: { id: applied.entry } });
    const judged = await entry();
    await two.ask('connections', 'disconnect', { id: host });
    await two.ask('connections', 'connect', { id: host });
    expect(await entry()).toEqual(judged);
  });

  it('is not judged by a command line, which may run beside the process that applies', async () => {
    const one = await scene();
    await one.apply({ live: { cpuShares: { '': 9 } } });
    await one.main.close();
    await keepFirstRecord(one.folder);
    const two = await connectedMain({ dataFolder: one.folder, shell: 'cli' });
    await two.ask('connections', 'disconnect', { id: host });
    expect((await two.ask('history', 'list', {}))[0]?.outcome).toBe('interrupted');
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
