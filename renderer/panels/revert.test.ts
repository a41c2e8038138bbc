// The way back of one setting.
import { expect, it } from 'vitest';
import { unknownFacts } from '../../app/tuning/knob.ts';
import { readSettings, type Settings } from '../../app/tuning/knobs.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { wayBack } from './revert.tsx';

const settings = (pin: string | null): Settings => ({ ...readSettings(DomainXml.parse('<domain/>'), unknownFacts('any')), vcpuPinning: { 0: pin } });
const calls: unknown[] = [];
const tuning = { wanted: {}, actual: { live: settings('3'), saved: settings('3') }, set: (...call: readonly unknown[]) => calls.push(call), revert: (...call: readonly unknown[]) => calls.push(call) };

it('there is none where nothing was edited and both truths agree, or one is missing', () => {
  expect(wayBack(tuning, 'vcpuPinning', '0')).toBeNull();
  expect(wayBack({ ...tuning, actual: { live: null, saved: settings('3') } }, 'vcpuPinning', '0')).toBeNull();
});

it('an edit is taken back before anything else', () => {
  const way = wayBack({ ...tuning, actual: { live: settings('3'), saved: settings('4') }, wanted: { live: { vcpuPinning: { 0: '5' } } } }, 'vcpuPinning', '0');
  way?.act();
  expect([way?.label, calls.splice(0)]).toEqual(['Take back the edit of vCPU 0', [['vcpuPinning', '0']]]);
});

it('where the truths differ, after restart becomes as now', () => {
  const way = wayBack({ ...tuning, actual: { live: settings(null), saved: settings('4') } }, 'vcpuPinning', '0');
  way?.act();
  expect([way?.label, calls.splice(0)]).toEqual(['vCPU 0: after restart as now, no pin', [['vcpuPinning', ['saved'], { 0: null }]]]);
});
