// @vitest-environment happy-dom
// The plan follows an edit by a moment: no edit is lost meanwhile, and nothing is done by a plan that is over.
import { ThemeProvider } from '@mui/material/styles';
import { act, cleanup, fireEvent, render, renderHook, screen, waitFor } from '@testing-library/react';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Unit } from '../../app/tuning/knob.ts';
import type { Plan } from '../../app/tuning/plan.ts';
import { ApiProvider, createApi } from '../api/api.tsx';
import { standIn } from '../stand-in/bridge.ts';
import { guestsOf } from '../stand-in/data.ts';
import { theme } from '../ui/theme.ts';
import { PlanBar } from './plan-bar.tsx';
import { type Tuning, useTuning } from './tuning.ts';

const [primary] = guestsOf(1);
const guest = { host: primary?.host ?? '', uuid: primary?.uuid ?? '', name: primary?.name ?? '' };

beforeEach(() => sessionStorage.clear());
afterEach(cleanup);

/** The tuning of a guest; `onFollowed` is called in each commit that draws what follows from edits, before its effects. */
const tuned = async (onFollowed: (tuning: Tuning) => void) => {
  const api = createApi({ bridge: standIn({ guests: 16, hosts: true, pace: 0 }), up: () => true, onChange: () => () => undefined });
  const wrapper = ({ children }: { readonly children: ReactNode }): ReactNode => <ApiProvider api={api}>{children}</ApiProvider>;
  const hook = renderHook(() => {
    const { tuning } = useTuning(guest, true);
    const drawn = useRef<Tuning | null>(null);
    useLayoutEffect(() => {
      if (tuning !== null && drawn.current === tuning) onFollowed(tuning);
      drawn.current = tuning;
    });
    return tuning;
  }, { wrapper });
  await waitFor(() => expect(hook.result.current).not.toBeNull());
  return () => hook.result.current;
};

it('an edit that comes right before what follows from the last is kept', async () => {
  const pins: Record<Unit, string> = { 0: '1-2' };
  let isEdited = false;
  const tuning = await tuned(({ set }) => {
    const next = Object.keys(pins).length;
    if (!isEdited || next === 4) return;
    pins[next] = '3,5';
    set('vcpuPinning', ['live'], { [next]: '3,5' });
  });
  isEdited = true;
  act(() => tuning()?.set('vcpuPinning', ['live'], pins));
  await waitFor(() => expect(Object.keys(pins)).toEqual(['0', '1', '2', '3']));
  expect(tuning()?.wanted).toEqual({ live: { vcpuPinning: pins } });
  expect(tuning()?.plan()?.steps.map(({ title }) => title)).toEqual(['Pin vCPU 0 to CPUs 1-2', 'Pin vCPU 1 to CPUs 3,5', 'Pin vCPU 2 to CPUs 3,5', 'Pin vCPU 3 to CPUs 3,5']);
});

const good: Plan = {
  steps: [{ title: 'Pin vCPU 0 to CPUs 1-2', scope: 'live', step: { kind: 'pinVcpu', vcpu: 0, cpus: '1-2', scope: 'live' }, virsh: 'virsh vcpupin any 0 1-2', changes: [{ knob: 'vcpuPinning', unit: '0', truth: 'live', from: null, to: '1-2' }] }],
  findings: [],
  savedBefore: '',
  savedAfter: '',
};
const bad: Plan = { ...good, findings: [{ level: 'error', message: 'The host has no CPU 900.', knob: 'vcpuPinning', unit: '1', truth: 'live' }] };

it('nothing is done by a plan that is over', () => {
  const done: string[] = [];
  /** Uses the bar as it is drawn before the new plan is. */
  const Hasty = ({ when, use }: { readonly when: boolean; readonly use: () => void }): ReactNode => {
    useLayoutEffect(() => {
      if (when) use();
    }, [when, use]);
    return null;
  };
  const seen: boolean[] = [];
  const use = (): void => {
    for (const name of ['Review…', 'Apply']) {
      const button = screen.getByRole('button', { name });
      seen.push(button.hasAttribute('disabled'));
      button.click();
    }
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true }));
  };
  const plans = { good: () => good, bad: () => bad };
  /** @param shown what is drawn already; @param which what is wished. */
  const bar = (shown: keyof typeof plans, which: keyof typeof plans): ReactNode => (
    <ThemeProvider theme={theme}>
      <PlanBar shown={plans[shown]()} plan={plans[which]} onDiscard={() => done.push('discard')} onReview={() => done.push('review')} onApply={() => done.push('apply')} />
      <Hasty when={which === 'bad'} use={use} />
    </ThemeProvider>
  );
  const { rerender } = render(bar('good', 'good'));
  fireEvent.click(screen.getByRole('button', { name: 'Apply' }));
  fireEvent.keyDown(window, { key: 'Enter', ctrlKey: true });
  expect(done).toEqual(['apply', 'review']);
  rerender(bar('good', 'bad'));
  // The bar still showed the plan before, and could be used.
  expect(seen).toEqual([false, false]);
  expect(done).toEqual(['apply', 'review']);
  rerender(bar('bad', 'bad'));
  expect(screen.getByRole('button', { name: 'Apply' }).hasAttribute('disabled')).toBe(true);
  expect(screen.getByRole('region', { name: 'Plan' }).textContent).toContain('The host has no CPU 900.');
});
