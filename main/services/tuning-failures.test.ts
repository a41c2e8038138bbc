// Tuning that does not come to its end: a step that fails, a host that is lost in the midst, Guestdeck that ends itself.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Applied } from '../../app/contract/tuning.ts';
import { Refused } from '../../app/contract/refusal.ts';
import type { Wanted } from '../../app/tuning/knobs.ts';
import { remote } from '../libvirt/procedures.ts';
import { keepFirstRecord } from './history-folder.test-peer.ts';
import { connectedMain, demoMain, intercept } from './demo-main.test-peer.ts';
import { host, scene, settings, outcomes, undo, failure, interceptSetters, five } from './tuning.test-peer.ts';

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
