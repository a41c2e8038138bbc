// Many guests of the demo host: planned, applied, taken back, tried again and restarted.
import { describe, expect, it } from 'vitest';
import type { Run } from '../../app/contract/bulk.ts';
import { applicable, applied, type Changes, ended } from './bulk.test-peer.ts';
import { Fault } from '../demo/fault.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import { connectedMain, type DemoMain, intercept, uuidOf } from './demo-main.test-peer.ts';

const shares = (operation: Changes[number]['operation']): Changes[number] => ({ aim: { knob: 'cpuShares', units: null, field: null }, operation, occasion: 'possible' });
const names = ['web-01', 'web-02', 'etl-night'] as const;
const which = async ({ ask }: DemoMain, of: readonly string[] = names) => await Promise.all(of.map(async (name) => ({ host: 'demo', uuid: await uuidOf(ask, name) })));

/** Plans changes and applies what can be. */
const changed = async (demo: DemoMain, changes: Changes): Promise<Run> => await applied(demo, 'shares', await demo.ask('bulk', 'plan', { guests: await which(demo), changes }));
const sharesOf = async ({ ask }: DemoMain, name: string) => {
  const { live, saved } = await ask('tuning', 'read', { host: 'demo', uuid: await uuidOf(ask, name) });
  return [live?.cpuShares[''], saved?.cpuShares['']];
};

describe('many guests', () => {
  it('are planned each from what it has, and one that cannot be is refused by itself', async () => {
    const demo = await connectedMain();
    const [missing] = await which(demo, ['web-01']);
    const plans = await demo.ask('bulk', 'plan', {
      guests: [...(await which(demo)), { ...missing, host: 'demo', uuid: '00000000-0000-4000-8000-000000000000' }],
      changes: [{ aim: { knob: 'memory', units: null, field: null }, operation: { how: 'times', factor: 2 }, occasion: 'possible' }],
    });
    expect(plans.map(({ outcome }) => outcome)).toEqual(['planned', 'planned', 'planned', 'refused']);
    for (const plan of plans) {
      const [change] = plan.outcome === 'planned' ? plan.changes : [];
      if (change !== undefined) expect([change.truth, Number(change.to)]).toEqual(['saved', 2 * Number(change.from)]);
    }
    expect(plans[3]).toMatchObject({ reasons: ['The host has no such guest any more.'] });
  });

  it('are changed by what was planned, and taken back by plans of their own', async () => {
    const demo = await connectedMain();
    const before = await Promise.all(names.map(async (name) => await sharesOf(demo, name)));
    const run = await changed(demo, [shares({ how: 'set', to: 777 })]);
    expect(run.guests.map(({ state, outcome }) => [state, outcome])).toEqual(names.map(() => ['done', 'complete']));
    expect(await sharesOf(demo, 'web-01')).toEqual([777, 777]);
    expect(await sharesOf(demo, 'etl-night')).toEqual([undefined, 777]);

    const back = await demo.ask('bulk', 'undo', { id: run.id });
    await applied(demo, 'back', back);
    expect(await Promise.all(names.map(async (name) => await sharesOf(demo, name)))).toEqual(before);
    expect((await demo.ask('history', 'list', { host: 'demo' })).filter(({ kind }) => kind === 'undo')).toHaveLength(3);
    // What is back already has nothing to be taken back any more.
    expect(await demo.ask('bulk', 'undo', { id: run.id })).toMatchObject(names.map(() => ({ outcome: 'refused', reasons: ['All of this is as it was before already.'] })));
  });

  it('go on without the one that fails, which is tried again with what was wanted of it', async () => {
    const demo = await connectedMain();
    const uuid = await uuidOf(demo.ask, 'web-02');
    let broken = true;
    const fails = async ({ args, pass }: { readonly args: unknown; readonly pass: () => Promise<unknown> }): Promise<unknown> => {
      const isIt = typeof args === 'object' && args !== null && 'dom' in args && JSON.stringify(args.dom).includes(uuid);
      return await (broken && isIt ? Promise.reject(new LibvirtError(new Fault('operationFailed', 'qemu', 'No.').error, 'it')) : pass());
    };
    intercept({ domainSetSchedulerParametersFlags: fails });
    const run = await changed(demo, [shares({ how: 'set', to: 555 })]);
    expect(run.guests.map(({ state }) => state)).toEqual(['done', 'failed', 'done']);
    expect(run.guests[1]?.refusal).toMatchObject({ code: 'libvirt' });
    broken = false;
    const [again, ...others] = await demo.ask('bulk', 'again', { id: run.id });
    expect([again, others]).toMatchObject([{ name: 'web-02', outcome: 'planned', wanted: { live: { cpuShares: { '': 555 } } } }, []]);
  });

  it('are not overwritten where somebody changed them since they were planned', async () => {
    const demo = await connectedMain();
    const plans = await demo.ask('bulk', 'plan', { guests: await which(demo, ['web-01']), changes: [shares({ how: 'set', to: 321 })] });
    await changed(demo, [shares({ how: 'set', to: 123 })]);
    expect((await applied(demo, 'late', plans)).guests).toMatchObject([{ state: 'failed', refusal: { code: 'changed-meanwhile' } }]);
    expect(await sharesOf(demo, 'web-01')).toEqual([123, 123]);
  });
});

it('one that is gone fails by itself', async () => {
  const demo = await connectedMain();
  const plans = await demo.ask('bulk', 'plan', { guests: await which(demo, ['web-01']), changes: [shares({ how: 'set', to: 321 })] });
  const guests = applicable(plans);
  const gone = guests.map((guest) => ({ ...guest, uuid: '00000000-0000-4000-8000-000000000000' }));
  const { id } = await demo.ask('bulk', 'apply', { title: 'two', guests: [...gone, ...guests], stopAtFailure: false });
  expect((await ended(demo, id)).guests).toMatchObject([{ state: 'failed', refusal: { code: 'unknown-guest' } }, { state: 'done', name: 'web-01' }]);
});

describe('a restart', () => {
  it('makes what is saved come true', async () => {
    const demo = await connectedMain();
    const [guest] = await which(demo, ['web-01']);
    if (guest === undefined) throw new Error('no guest');
    const read = async () => await demo.ask('tuning', 'read', guest);
    const { saved, basis } = await read();
    const memory = (saved?.memory[''] ?? 0) * 2;
    await demo.ask('tuning', 'apply', { ...guest, wanted: { saved: { memory: { '': memory } } }, basis });
    const { id } = await demo.ask('bulk', 'restart', { title: 'restart', guests: [guest], stopAtFailure: false });
    expect((await ended(demo, id)).guests).toMatchObject([{ state: 'done', words: 'Restarted: nothing waits any more.' }]);
    expect((await read()).live?.memory['']).toBe(memory);
    expect((await demo.ask('history', 'list', { uuid: guest.uuid, limit: 2 })).map(({ title }) => title)).toEqual(['Start', 'Shut down']);
  });

  it('is refused where it cannot be', async () => {
    const demo = await connectedMain();
    const { id } = await demo.ask('bulk', 'restart', { title: 'restart', guests: await which(demo, ['etl-night']), stopAtFailure: false });
    expect((await ended(demo, id)).guests).toMatchObject([{ state: 'failed', words: 'It is shut off: what was saved holds from its next start on.' }]);
  });

  it('that is cancelled while the guest shuts down does not start it', async () => {
    const demo = await connectedMain();
    // A guest that does not hear of it.
    const { called } = intercept({ domainShutdownFlags: async () => ({}) });
    const { id } = await demo.ask('bulk', 'restart', { title: 'restart', guests: await which(demo, ['web-01']), stopAtFailure: false });
    await expect.poll(async () => (await demo.ask('bulk', 'runs', {}))[0]?.guests[0]?.words).toBe('Shutting down');
    await expect.poll(() => called.includes('domainShutdownFlags')).toBe(true);
    await demo.ask('bulk', 'cancel', { id });
    expect((await ended(demo, id)).guests).toMatchObject([{ state: 'failed', refusal: { code: 'cancelled' } }]);
    expect(called).not.toContain('domainCreateWithFlags');
  });
});
