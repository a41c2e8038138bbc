// What somebody else did between two readings, setting by setting.
import { expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { unknownFacts } from './knob.ts';
import { readSettings, type Settings } from './knobs.ts';
import { changedBetween } from './meanwhile.ts';

const settings = (inside: string): Settings => readSettings(DomainXml.parse(`<domain><memory>4096</memory><vcpu>2</vcpu>${inside}</domain>`), unknownFacts('any'));
const pinned = (cpus: string): Settings => settings(`<cputune><vcpupin vcpu='1' cpuset='${cpus}'/></cputune>`);

it('names each setting with what it was and is, in each truth', () => {
  expect(changedBetween({ live: pinned('3'), saved: pinned('3') }, { live: pinned('3'), saved: pinned('4') })).toEqual([{ knob: 'vcpuPinning', unit: '1', truth: 'saved', from: '3', to: '4' }]);
  expect(changedBetween({ live: pinned('3'), saved: null }, { live: settings(''), saved: pinned('4') })).toEqual([{ knob: 'vcpuPinning', unit: '1', truth: 'live', from: '3', to: null }]);
});

it('names a unit that came or went', () => {
  const one = readSettings(DomainXml.parse('<domain><vcpu>1</vcpu></domain>'), unknownFacts('any'));
  const two = readSettings(DomainXml.parse("<domain><vcpu>2</vcpu><cputune><vcpupin vcpu='1' cpuset='4'/></cputune></domain>"), unknownFacts('any'));
  expect(changedBetween({ live: null, saved: one }, { live: null, saved: two })).toContainEqual({ knob: 'vcpuPinning', unit: '1', truth: 'saved', from: null, to: '4' });
});

it('leaves out spellings of the same and what a running guest moves by itself', () => {
  const ballooned = (kib: number): Settings => settings(`<currentMemory>${kib}</currentMemory>`);
  expect(changedBetween({ live: ballooned(4096), saved: pinned('1-2') }, { live: ballooned(2048), saved: pinned('1,2') })).toEqual([]);
  expect(changedBetween({ live: null, saved: ballooned(4096) }, { live: null, saved: ballooned(2048) })).toMatchObject([{ knob: 'currentMemory', truth: 'saved' }]);
});
