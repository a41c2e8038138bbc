// What is told of an apply whose end nobody saw, for everything that its host may show.
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../app/contract/history.ts';
import type { Change } from '../../app/tuning/change.ts';
import { connectedMain, uuidOf } from './demo-main.test-peer.ts';
import { parsed, type Read } from './guest-reading.ts';
import { judgeEntry } from './judge.ts';

const host = 'demo';
/** A guest of the demo host that was given these CPU shares, now and for the next start, as it is read. */
const guestWith = async (live: number | null, saved: number | null, name = 'web-01'): Promise<Read> => {
  const { ask } = await connectedMain();
  const uuid = await uuidOf(ask, name);
  const before = await ask('tuning', 'read', { host, uuid });
  const wanted = { ...(live === null ? {} : { live: { cpuShares: { '': live } } }), ...(saved === null ? {} : { saved: { cpuShares: { '': saved } } }) };
  const { reading } = await ask('tuning', 'apply', { host, uuid, basis: before.basis, wanted });
  return { reading, facts: reading.facts, definitions: parsed({ live: reading.liveXml, saved: reading.savedXml, autostart: null }) };
};
const change = (truth: Change['truth'], from: number | null, to: number): Change => ({ knob: 'cpuShares', unit: '', truth, from, to });
const step = (outcome: Entry['steps'][number]['outcome'], changes: number[] | undefined, more: Partial<Entry['steps'][number]> = {}): Entry['steps'][number] =>
  ({ title: 'Set CPU shares', virsh: 'virsh schedinfo', scope: 'live', outcome, ...(changes === undefined ? {} : { changes }), ...more });
const entryOf = (changes: readonly Change[], steps: Entry['steps']): Entry => ({
  id: '1', at: 1, user: 'me', host: { id: host, name: 'Demo host' }, guest: { uuid: 'u', name: 'web-01' }, kind: 'tuning', title: 'It',
  outcome: 'interrupted', steps, changes: [...changes], savedBefore: '<before/>', savedAfter: '<after/>', undoes: null,
});
const lost = { refusal: { code: 'connection-lost', message: 'Gone.' } } as const;
const told = ({ outcome, steps }: Entry): readonly string[] => [outcome, ...steps.map((one) => one.outcome)];

describe('an entry whose end nobody saw', () => {
  const changes = [change('live', 2, 5), change('saved', 2, 6)];
  const steps = [step('unknown', [0]), step('unknown', [1])];

  it.each<readonly [string, number, number, readonly string[]]>([
    ['all of it', 5, 6, ['complete', 'done', 'done']],
    ['nothing of it', 2, 2, ['put-back', 'not-reached', 'not-reached']],
    ['the first step', 5, 2, ['partial', 'done', 'not-reached']],
    ['something else', 7, 6, ['partial', 'unknown', 'done']],
  ])('of which the host shows %s', async (_, live, saved, expected) => {
    const read = await guestWith(live, saved);
    const entry = judgeEntry(entryOf(changes, steps), read, 77);
    expect(told(entry)).toEqual(expected);
    expect([entry.judged, entry.savedAfter, entry.savedBefore]).toEqual([77, read.reading.savedXml, '<before/>']);
    expect(entry.steps.map(({ refusal }) => refusal?.code)).toEqual(expected.slice(1).map((outcome) => (outcome === 'unknown' ? 'not-confirmed' : undefined)));
  });

  it('of which the host shows half a step is not called done', async () => {
    const both = entryOf([change('live', 2, 5), change('saved', 2, 5)], [step('unknown', [0, 1], { scope: 'both' })]);
    expect(judgeEntry(both, await guestWith(5, 2), 1)).toMatchObject({ outcome: 'unconfirmed', steps: [{ outcome: 'unknown', refusal: { message: expect.stringContaining('neither') } }] });
    expect(told(judgeEntry(both, await guestWith(5, 5), 1))).toEqual(['complete', 'done']);
  });

  it('keeps why a step failed, and calls put back what was done and is not there any more', async () => {
    const read = await guestWith(2, 2);
    expect(judgeEntry(entryOf(changes, [step('done', [0]), step('unknown', [1], lost)]), read, 1)).toMatchObject({ outcome: 'put-back', steps: [{ outcome: 'put-back' }, { outcome: 'failed', ...lost }] });
    const there = judgeEntry(entryOf(changes, [step('done', [0]), step('unknown', [1], lost)]), await guestWith(5, 6), 1);
    expect([told(there), there.steps[1]?.refusal]).toEqual([['complete', 'done', 'done'], undefined]);
  });

  it('of a guest that has stopped is known as far as it was saved, and of one that is gone not at all', async () => {
    const stopped = await guestWith(null, 6, 'web-03');
    const read: Read = { ...stopped, reading: { ...stopped.reading, live: null, liveXml: null } };
    expect(told(judgeEntry(entryOf(changes, steps), read, 1))).toEqual(['partial', 'unknown', 'done']);
    const gone = judgeEntry(entryOf(changes, steps), null, 1);
    expect([told(gone), gone.savedAfter, gone.steps[0]?.refusal?.message]).toEqual([['unconfirmed', 'unknown', 'unknown'], '<after/>', 'Nothing is left on the host that shows whether this was done.']);
  });

  it('does not guess what its steps were to change', async () => {
    expect(told(judgeEntry(entryOf(changes, [step('unknown', undefined), step('unknown', [9])]), await guestWith(5, 6), 1))).toEqual(['unconfirmed', 'unknown', 'unknown']);
  });
});
