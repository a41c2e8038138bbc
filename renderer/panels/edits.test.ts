// Wishes: which stay, which came true, which fell away.
import { describe, expect, it } from 'vitest';
import { unknownFacts } from '../../app/tuning/knob.ts';
import { readSettings, type Settings } from '../../app/tuning/knobs.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { isEmpty, openWishes, unfulfilled, withEdits, withoutEdit } from './edits.ts';

const bare = readSettings(DomainXml.parse('<domain><vcpu>2</vcpu></domain>'), unknownFacts('any'));
const settings = (pin: string | null): Settings => ({ ...bare, vcpuPinning: { 0: pin, 1: null } });

describe('wishes', () => {
  it('gather, one over the other', () => {
    const wanted = withEdits(withEdits(withEdits({}, 'live', 'vcpuPinning', { 0: '3' }), 'live', 'vcpuPinning', { 1: '4' }), 'saved', 'cpuShares', { '': 200 });
    expect(wanted).toEqual({ live: { vcpuPinning: { 0: '3', 1: '4' } }, saved: { cpuShares: { '': 200 } } });
    expect(withEdits(wanted, 'live', 'vcpuPinning', { 0: '5' }).live?.vcpuPinning).toEqual({ 0: '5', 1: '4' });
  });

  it('are open only while the host has something else', () => {
    const wanted = withEdits(withEdits({}, 'live', 'vcpuPinning', { 0: '3' }), 'saved', 'vcpuPinning', { 0: '3' });
    expect(openWishes(wanted, { live: settings('3'), saved: settings(null) })).toEqual({ saved: { vcpuPinning: { 0: '3' } } });
    expect(isEmpty(openWishes(wanted, { live: settings('3'), saved: settings('3') }))).toBe(true);
  });

  it('that were applied are forgotten also where libvirt wrote out what was left to it, others are not', () => {
    const topology = { sockets: 1, dies: null, clusters: null, cores: 1, threads: 2 };
    const wanted = withEdits(withEdits({}, 'saved', 'cpuTopology', { '': topology }), 'saved', 'cpuShares', { '': 200 });
    const has = { live: null, saved: { ...bare, cpuTopology: { '': { ...topology, dies: 1 } } } };
    expect(unfulfilled(wanted, wanted, has)).toEqual({ saved: { cpuShares: { '': 200 } } });
    expect(unfulfilled(wanted, { saved: { cpuShares: { '': 200 } } }, has)).toEqual(wanted);
  });

  it('fall away with the vCPU or the truth they were for', () => {
    const wanted = withEdits(withEdits({}, 'live', 'vcpuPinning', { 0: '3' }), 'saved', 'vcpuPinning', { 9: '3' });
    expect(openWishes(wanted, { live: null, saved: settings(null) }, { live: null, saved: settings(null) })).toEqual({});
  });

  it('stay for a unit that only comes with another wish', () => {
    const wanted = withEdits({}, 'saved', 'vcpuPinning', { 9: '3' });
    expect(openWishes(wanted, { live: null, saved: bare }, { live: null, saved: { ...bare, vcpuPinning: { 9: '3' } } })).toEqual(wanted);
  });

  it('are taken back one by one, in both truths', () => {
    const wanted = withEdits(withEdits(withEdits({}, 'live', 'vcpuPinning', { 0: '3' }), 'saved', 'vcpuPinning', { 0: '4' }), 'live', 'cpuShares', { '': 7 });
    expect(withoutEdit(wanted, 'vcpuPinning', '0')).toEqual({ live: { cpuShares: { '': 7 } } });
  });
});
