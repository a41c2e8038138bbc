// @vitest-environment happy-dom
// From an edit to the report: what the bar says, what the review shows, what is asked of main.
import { ThemeProvider } from '@mui/material/styles';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { type ReactNode, useState } from 'react';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bridge } from '../../app/contract/contract.ts';
import { reading } from '../../app/contract/tuning.ts';
import { ApiProvider, createApi } from '../api/api.tsx';
import { standIn } from '../stand-in/bridge.ts';
import { guestsOf } from '../stand-in/data.ts';
import { theme } from '../ui/theme.ts';
import { isEmpty } from './edits.ts';
import { PlanBar } from './plan-bar.tsx';
import { ReviewDialog } from './review-dialog.tsx';
import { TuningPanel } from './tuning-panel.tsx';
import { useTuning } from './tuning.ts';

const [primary] = guestsOf(1);
const guest = { host: primary?.host ?? '', uuid: primary?.uuid ?? '', name: primary?.name ?? '' };

const Page = (): ReactNode => {
  const { tuning, plan: made } = useTuning(guest, true);
  const [open, setOpen] = useState(false);
  if (tuning === null) return null;
  const plan = open ? tuning.plan() : null;
  return (
    <>
      <TuningPanel tuning={tuning} panel="cpu" />
      {!isEmpty(tuning.wanted) && <PlanBar shown={made} plan={tuning.plan} onDiscard={tuning.discard} onReview={() => setOpen(true)} onApply={() => setOpen(true)} />}
      {open && <ReviewDialog proposal={plan === null ? null : { guest, wanted: tuning.wanted, basis: tuning.reading.basis, plan }} onClose={() => setOpen(false)} />}
    </>
  );
};

const show = (bridge: Bridge): void => {
  render(<ThemeProvider theme={theme}><ApiProvider api={createApi({ bridge, up: () => true, onChange: () => () => undefined })}><Page /></ApiProvider></ThemeProvider>);
};
const field = (name: string): Promise<HTMLElement> => screen.findByRole('textbox', { name });

beforeEach(() => {
  // happy-dom draws nothing: the canvas has no context, which the canvas takes as "not now".
  globalThis.HTMLCanvasElement.prototype.getContext = () => null;
});
afterEach(() => {
  const discard = screen.queryByRole('button', { name: 'Discard', hidden: true });
  if (discard !== null) fireEvent.click(discard);
  cleanup();
});

it('an edit becomes a plan, a review, a report, and then what the host shows', async () => {
  const bridge = standIn({ guests: 16, hosts: true, pace: 0 });
  show(bridge);
  const pin = await field('CPUs of vCPU 7');
  expect(pin).toHaveProperty('value', '7');
  fireEvent.change(pin, { target: { value: '7, 23' } });
  fireEvent.keyDown(pin, { key: 'Enter' });
  fireEvent.change(await field('CPU shares, after restart'), { target: { value: '4096' } });
  const bar = await screen.findByRole('region', { name: 'Plan' });
  expect(bar.textContent).toContain('2 changes1 now1 at next startvCPU 7: 7 → 7,23 · CPU shares: 2048 → 4096');
  fireEvent.click(await screen.findByRole('button', { name: 'Review…' }));
  const steps = await screen.findByRole('list', { name: 'Steps' });
  expect(steps.textContent).toContain('virsh vcpupin db-primary 7 7,23 --live --config');
  expect(steps.textContent).toContain('virsh schedinfo db-primary --set cpu_shares=4096 --config');
  fireEvent.click(screen.getByRole('button', { name: 'Apply 2 changes' }));
  await screen.findByText('Applied, and the host shows it.');
  expect(bridge.asked.find(({ ask }) => ask === 'tuning.apply')?.takes).toMatchObject({ wanted: { live: { vcpuPinning: { 7: '7,23' } }, saved: { vcpuPinning: { 7: '7,23' }, cpuShares: { '': 4096 } } } });
  fireEvent.click(screen.getByRole('button', { name: 'Close' }));
  await waitFor(() => expect(screen.queryByRole('region', { name: 'Plan' })).toBeNull());
  expect(await field('CPUs of vCPU 7')).toHaveProperty('value', '7,23');
});

/** A reading in which somebody else has pinned vCPU 0 for the next start. */
const pinnedElsewhere = (answer: Awaited<ReturnType<Bridge['ask']>>): Awaited<ReturnType<Bridge['ask']>> => {
  if (!answer.ok) return answer;
  const read = reading.parse(answer.value);
  return { ok: true, value: { ...read, basis: 'another', saved: read.saved && { ...read.saved, vcpuPinning: { ...read.saved.vcpuPinning, 0: '5' } }, savedXml: read.savedXml?.replace("<vcpupin vcpu='0' cpuset='0'/>", "<vcpupin vcpu='0' cpuset='5'/>") ?? null } };
};

it('a guest changed meanwhile is read again, the edits are kept, and nothing is overwritten', async () => {
  const inner = standIn({ guests: 16, hosts: true, pace: 0 });
  let applied = 0;
  show({
    listen: inner.listen,
    open: inner.open,
    ask: (section, name, takes) => {
      if (name === 'read' && applied === 1) return inner.ask(section, name, takes).then(pinnedElsewhere);
      if (name !== 'apply' || ++applied > 1) return inner.ask(section, name, takes);
      return Promise.resolve({ ok: false, refusal: { code: 'changed-meanwhile', message: 'The guest was changed by someone else.' } });
    },
  });
  fireEvent.change(await field('CPU shares, now'), { target: { value: '300' } });
  fireEvent.click(await screen.findByRole('button', { name: 'Review…' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Apply 1 change' }));
  await screen.findByText('The guest was changed meanwhile');
  await waitFor(() => expect(inner.asked.filter(({ ask }) => ask === 'tuning.read').length).toBeGreaterThan(1));
  const changed = await screen.findByRole('list', { name: 'Changed meanwhile' });
  expect(changed.textContent).toBe('After restart: vCPU 0: 0 → 5');
  fireEvent.click(screen.getByRole('button', { name: 'Apply 1 change' }));
  await screen.findByText('Applied, and the host shows it.');
});

it('a step that somebody else was before has its plan made anew, on request', async () => {
  const inner = standIn({ guests: 16, hosts: true, pace: 0 });
  let applied = 0;
  show({
    listen: inner.listen,
    open: inner.open,
    ask: async (section, name, takes) => {
      if (name !== 'apply' || ++applied > 1) return await inner.ask(section, name, takes);
      const read = await inner.ask('tuning', 'read', { host: guest.host, uuid: guest.uuid });
      const step = { title: 'Set the CPU shares', virsh: 'virsh schedinfo', scope: 'live', outcome: 'failed', refusal: { code: 'changed-meanwhile', message: 'CPU shares was changed to 5 by someone else meanwhile, and stays so.' } };
      return read.ok ? { ok: true, value: { outcome: 'put-back', steps: [step], unconfirmed: [], entry: 'e', reading: read.value } } : read;
    },
  });
  fireEvent.change(await field('CPU shares, now'), { target: { value: '300' } });
  fireEvent.click(await screen.findByRole('button', { name: 'Review…' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Apply 1 change' }));
  await screen.findByText(/was changed to 5 by someone else/);
  fireEvent.click(screen.getByRole('button', { name: 'Review the new plan' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Apply 1 change' }));
  await screen.findByText('Applied, and the host shows it.');
});

it('a value that cannot be stays in its field with the reason, and makes no plan', async () => {
  show(standIn({ guests: 16, hosts: true, pace: 0 }));
  const pin = await field('CPUs of vCPU 0');
  fireEvent.change(pin, { target: { value: '0-9' } });
  await screen.findByRole('region', { name: 'Plan' });
  fireEvent.change(pin, { target: { value: '0-99' } });
  expect((await screen.findByRole('alert')).textContent).toBe('The host has no CPUs 32-99; its CPUs are 0-31.');
  expect(pin).toHaveProperty('value', '0-99');
  expect(screen.queryByRole('region', { name: 'Plan' })).toBeNull();
  fireEvent.keyDown(pin, { key: 'Escape' });
  expect(pin).toHaveProperty('value', '0');
  const shares = await field('CPU shares, now');
  fireEvent.change(shares, { target: { value: '300' } });
  await screen.findByRole('region', { name: 'Plan' });
  fireEvent.change(shares, { target: { value: '300000' } });
  await screen.findByText(/CPU shares go from 2 to 10000/);
  expect(screen.queryByRole('region', { name: 'Plan' })).toBeNull();
});

it('fields that only go together are filled in one after the other, and nothing can be applied before the last', async () => {
  show(standIn({ guests: 16, hosts: true, pace: 0 }));
  const [count, most] = [await field('vCPUs: vCPUs, after restart'), await field('vCPUs: At most, after restart')];
  const more = `${Number(most.getAttribute('value')) + 8}`;
  fireEvent.change(count, { target: { value: more } });
  await waitFor(() => expect(document.getElementById(count.getAttribute('aria-describedby') ?? '')?.textContent).toMatch(/^A guest with at most/));
  expect(screen.getByRole('button', { name: 'Review…' })).toHaveProperty('disabled', true);
  fireEvent.change(most, { target: { value: more } });
  await waitFor(() => expect(screen.getByRole('button', { name: 'Review…' })).toHaveProperty('disabled', false));
  expect(screen.getByRole('region', { name: 'Plan' }).textContent).toContain(`vCPUs: 8 → ${more}`);
});
