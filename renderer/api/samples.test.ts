// @vitest-environment happy-dom
// What is watched is what is on screen, said once; samples are kept for five minutes and gaps stay gaps.
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { contract } from '../../app/contract/contract.ts';
import { guestSeries } from '../../app/contract/live.ts';
import { type StandIn, standIn } from '../stand-in/bridge.ts';
import { guestsOf } from '../stand-in/data.ts';
import { connect } from './client.ts';
import { Samples, union } from './samples.ts';

const [guest] = guestsOf(1);
const uuid = guest?.uuid ?? '';

describe('what is watched', () => {
  let bridge: StandIn;
  let samples: Samples;
  const told = (): readonly unknown[] => bridge.asked.filter(({ ask }) => ask === 'live.watch').map(({ takes }) => takes);
  const turn = (): Promise<void> => new Promise((resolve) => queueMicrotask(() => queueMicrotask(resolve)));
  beforeEach(() => {
    bridge = standIn({ guests: 16, hosts: true, pace: 0 });
    samples = new Samples(connect(contract, bridge));
  });

  it('is told once for all that comes and goes in a turn, and not again when nothing changed', async () => {
    const stop = samples.watch({ host: 'a', groups: ['cpu'], uuids: ['1'] });
    samples.watch({ host: 'a', groups: ['cpu'], uuids: ['2'] });
    await turn();
    expect(told()).toEqual([{ interests: [{ host: 'a', groups: ['cpu'], uuids: ['1', '2'] }] }]);
    samples.watch({ host: 'a', groups: ['cpu'], uuids: ['1'] });
    stop();
    await turn();
    expect(told()).toHaveLength(2);
    samples.renew();
    await turn();
    expect(told()).toHaveLength(3);
  });

  it('is nothing while the window is hidden, whatever is on its screens, and all of it when it is shown again', async () => {
    const shown = vi.spyOn(document, 'visibilityState', 'get');
    onTestFinished(() => shown.mockRestore());
    const interests = [{ host: 'a', groups: ['cpu'], uuids: ['1'] }];
    samples.watch({ host: 'a', groups: ['cpu'], uuids: ['1'] });
    await turn();
    for (const state of ['hidden', 'visible'] as const) {
      shown.mockReturnValue(state);
      samples.visibilityChanged();
      await turn();
    }
    expect(told()).toEqual([{ interests }, { interests: [] }, { interests }]);
  });

  it('keeps details of one guest apart from what all rows need', () => {
    expect(union([{ host: 'a', groups: ['cpu', 'memory'], uuids: ['1', '2'] }, { host: 'a', groups: ['hostCpu'], uuids: [] }, { host: 'b', groups: ['cpu'], uuids: null }, { host: 'b', groups: ['disk'], uuids: null }])).toEqual([
      { host: 'a', groups: ['cpu', 'memory'], uuids: ['1', '2'] }, { host: 'a', groups: ['hostCpu'], uuids: [] }, { host: 'b', groups: ['cpu', 'disk'], uuids: null },
    ]);
  });

  it('arrives as tracks of at most a minute, and tells who looks', async () => {
    let calls = 0;
    samples.onSample('borealis', () => (calls += 1));
    samples.onAny(() => (calls += 1000));
    samples.watch({ host: 'borealis', groups: ['cpu', 'hostCpu'], uuids: [uuid] });
    await turn();
    for (let count = 0; count < 65; count += 1) bridge.sample();
    const track = samples.track('borealis', uuid);
    expect([track.count, track.read(track.count, 'cpu').length, calls, samples.hostCpus('borealis')?.length]).toEqual([65, 60, 65_065, 32]);
    const disk = { target: 'vda', readBytes: 5, writeBytes: null, readRequests: 1, writeRequests: 0, readLatency: 3, writeLatency: null };
    const memory = { actual: 7, available: null, usable: null, unused: null, caches: null, rss: 9, majorFaults: null, minorFaults: null, swapIn: null, swapOut: null, lastUpdate: 0 };
    bridge.tell({ section: 'live', name: 'sample', told: { host: 'borealis', at: Date.now(), hostCpus: null, places: [{ uuid, cpus: [3, null] }], balloons: [{ uuid, memory }], disks: [{ uuid, disks: [disk] }], guests: ['other', uuid], values: [1, 2, 3, 4, 5, 6, null, 5, 10, null, 20, 30] } });
    expect(guestSeries.map((name) => [...samples.track('borealis', uuid).read(samples.track('borealis', uuid).count, name)].at(-1))).toEqual([Number.NaN, 5, 10, Number.NaN, 20, 30]);
    expect([[...samples.track('borealis', 'other').read(samples.track('borealis', 'other').count, 'cpu')], [...samples.track('borealis', 'other').read(samples.track('borealis', 'other').count, 'networkTransmitBytes')]]).toEqual([[1], [6]]);
    expect([samples.usage('borealis', uuid, Date.now()), samples.usage('borealis', 'nobody', Date.now())]).toEqual([{ cpu: null, usedKiB: 5 }, { cpu: null, usedKiB: null }]);
    expect(samples.places('borealis', uuid)).toEqual([3, null]);
    expect([samples.disks('borealis', uuid), samples.disks('borealis', 'other')]).toEqual([[disk], []]);
    expect([samples.balloon('borealis', uuid), samples.balloon('borealis', 'other')]).toEqual([memory, null]);
    expect(track.count).toBe(66);
  });
});
