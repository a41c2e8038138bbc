// A refusal stands at the settings of its step, for as long as the same value is wished.
import { expect, it } from 'vitest';
import type { Plan } from '../../app/tuning/plan.ts';
import { reasonAgainst, refusedIn } from './refused.ts';

const change = (unit: string, to: string) => ({ knob: 'vcpuPinning', unit, truth: 'live', from: null, to }) as const;
const step = (unit: string, to: string) => ({ title: '', scope: 'live', step: { kind: 'pinVcpu', vcpu: Number(unit), cpus: to, scope: 'live' }, virsh: '', changes: [change(unit, to)] }) as const;
const plan: Plan = { steps: [step('0', '1'), step('1', '2')], findings: [], savedBefore: '', savedAfter: '' };
const report = { title: '', virsh: '', scope: 'live' } as const;

it('the reason stands at what failed, and goes with the value', () => {
  const refused = refusedIn(plan, { steps: [{ ...report, outcome: 'put-back' }, { ...report, outcome: 'failed', refusal: { code: 'libvirt', message: 'no such CPU' } }] });
  expect(['0', '1'].map((unit) => reasonAgainst(refused, 'vcpuPinning', unit, 'live', unit === '0' ? '1' : '2'))).toEqual([null, 'no such CPU']);
  expect([reasonAgainst(refused, 'vcpuPinning', '1', 'live', '3'), reasonAgainst(refused, 'vcpuPinning', '1', 'saved', '2')]).toEqual([null, null]);
});
