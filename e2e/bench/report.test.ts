// How the numbers are shown and judged.
import { describe, expect, it } from 'vitest';
import type { Row } from './measure.ts';
import { isReached, missed, tableOf } from './report.ts';

const listing: Row = { work: 'list', unit: 'ms', repetitions: 3, medians: { ours: 20, cli: 250.4, virsh: 100 }, aim: { against: 'virsh', atMost: 0.35 }, note: 'a note' };
const calling: Row = { work: 'calls', unit: 'calls/s', repetitions: 3, medians: { ours: 800, python: 900, raw: 1000 }, aim: { against: 'raw', atLeast: 0.9 } };

it('prints a line for each row, numbers to three digits, ratios to the others', () => {
  const [heads = '', , first = '', second = ''] = tableOf([listing, calling]).split('\n');
  expect(heads.split(/\s{2,}/)).toEqual(['work', 'unit', 'ours', 'cli', 'virsh', 'python', 'raw', 'ours/virsh', 'cli/virsh', 'ours/python', 'ours/raw', 'aim', 'note']);
  expect(first.split(/\s{2,}/)).toEqual(['list', 'ms', '20.0', '250', '100', '-', '-', '0.200', '2.50', '-', '-', '≤ 0.35 virsh, reached', 'a note']);
  expect(second.split(/\s{2,}/)).toEqual(['calls', 'calls/s', '800', '-', '-', '900', '1000', '-', '-', '0.889', '0.800', '≥ 0.9 raw, missed']);
});

describe('aims', () => {
  it('name the rows that miss them', () => {
    expect(missed([listing, calling])).toEqual(['calls']);
  });

  it('may be for our number itself', () => {
    const longest: Row = { work: 'frames', unit: 'ms', repetitions: 1, medians: { ours: 33, empty: 17 }, aim: { atMost: 32 } };
    expect(missed([longest, { ...longest, medians: { ours: 32 } }])).toEqual(['frames']);
    expect(tableOf([longest])).toContain('≤ 32 ms, missed');
  });

  it('are neither reached nor missed where the other is not there', () => {
    expect(isReached({ ...listing, medians: { ours: 20 } })).toBeUndefined();
    expect(isReached({ work: 'start', unit: 'ms', repetitions: 1, medians: { ours: 1, virsh: 2 } })).toBeUndefined();
  });
});
