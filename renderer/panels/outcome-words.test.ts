import { expect, it } from 'vitest';
import { outcomeWords } from './outcome-words.ts';

const balloon = { knob: 'currentMemory', unit: '', truth: 'live', from: 2_097_152, to: 1_048_576 } as const;
const shares = { knob: 'cpuShares', unit: '', truth: 'live', from: null, to: 5 } as const;

it('what a guest is asked for and has not come to is on its way, and no failure', () => {
  expect(outcomeWords({ outcome: 'unconfirmed', unconfirmed: [balloon] })).toEqual({
    good: true, text: 'Applied. The guest is asked for this and has not come to it yet: Balloon to 1 GiB. A guest gives memory back, or takes it, at its own pace, and only with a balloon driver.',
  });
});

it('what a host took and does not show is told as such, also beside what is on its way', () => {
  expect(outcomeWords({ outcome: 'unconfirmed', unconfirmed: [balloon, shares] })).toMatchObject({ good: false, text: expect.stringContaining('CPU shares is host default instead of 5') });
  expect(outcomeWords({ outcome: 'unconfirmed', unconfirmed: [{ ...balloon, truth: 'saved' }] }).good).toBe(false);
});

it('where a host took all and shows nothing of it, that is told, and why', () => {
  expect(outcomeWords({ outcome: 'unconfirmed', unconfirmed: [] })).toMatchObject({ good: false, text: expect.stringContaining('libvirt keeps only what it understands') });
});
