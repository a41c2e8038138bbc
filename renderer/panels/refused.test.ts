// A refusal stands at the settings of its step, for as long as the same value is wished.
import { expect, it } from 'vitest';
import type { Plan } from '../../app/tuning/plan.ts';
import { reasonAgainst, refusedIn, refusedTextIn, wroteText } from './refused.ts';

const change = (unit: string, to: string) => ({ knob: 'vcpuPinning', unit, truth: 'live', from: null, to }) as const;
const step = (unit: string, to: string) => ({ title: '', scope: 'live', step: { kind: 'pinVcpu', vcpu: Number(unit), cpus: to, scope: 'live' }, virsh: '', changes: [change(unit, to)] }) as const;
const plan: Plan = { steps: [step('0', '1'), step('1', '2')], findings: [], savedBefore: '', savedAfter: '' };
const report = { title: '', virsh: '', scope: 'live' } as const;

it('the reason stands at what failed, and goes with the value', () => {
  const refused = refusedIn(plan, { steps: [{ ...report, outcome: 'put-back' }, { ...report, outcome: 'failed', refusal: { code: 'libvirt', message: 'no such CPU' } }] });
  expect(['0', '1'].map((unit) => reasonAgainst(refused, 'vcpuPinning', unit, 'live', unit === '0' ? '1' : '2'))).toEqual([null, 'no such CPU']);
  expect([reasonAgainst(refused, 'vcpuPinning', '1', 'live', '3'), reasonAgainst(refused, 'vcpuPinning', '1', 'saved', '2')]).toEqual([null, null]);
});

it('of a text the reason is kept with the text, and stands at none of the settings that it changes', () => {
  const text: Plan = { ...plan, steps: [{ title: '', scope: 'saved', step: { kind: 'define', xml: '<domain/>', text: { edit: '1 line added', validate: true } }, virsh: '', changes: [change('0', '1')] }] };
  const failed = { steps: [{ ...report, outcome: 'failed' as const, refusal: { code: 'libvirt' as const, message: 'no such device' } }] };
  expect([refusedIn(text, failed), refusedTextIn(text, failed), wroteText(text, failed)]).toEqual([[], { text: '<domain/>', message: 'no such device' }, false]);
  const late = { steps: [{ ...report, outcome: 'failed' as const, refusal: { code: 'changed-meanwhile' as const, message: 'by someone else' } }] };
  expect([refusedTextIn(text, late), refusedTextIn(plan, failed)]).toEqual([null, null]);
  const done = { steps: [{ ...report, outcome: 'done' as const }] };
  expect([refusedTextIn(text, done), wroteText(text, done), wroteText(plan, done)]).toEqual([null, true, false]);
});
