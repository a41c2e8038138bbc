// @vitest-environment happy-dom
// A plan that waits while its host is away, while the page is loaded again, and what becomes of it by what the host has then.
import { ThemeProvider } from '@mui/material/styles';
import { act, cleanup, fireEvent, render, renderHook, screen, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Connection } from '../../app/contract/connections.ts';
import type { Bridge } from '../../app/contract/contract.ts';
import type { Applied, Reading } from '../../app/contract/tuning.ts';
import { makePlan } from '../../app/tuning/plan.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { ApiProvider, createApi } from '../api/api.tsx';
import { type StandIn, standIn } from '../stand-in/bridge.ts';
import { guestsOf } from '../stand-in/data.ts';
import { theme } from '../ui/theme.ts';
import { ReviewDialog } from './review-dialog.tsx';

const [primary] = guestsOf(1);
const guest = { host: primary?.host ?? '', uuid: primary?.uuid ?? '', name: primary?.name ?? '' };

/** The page as it is loaded: its modules anew, what the window keeps as it was. */
const load = async (bridge: StandIn, answering = true) => {
  cleanup();
  vi.resetModules();
  const [{ useTuning }, api] = await Promise.all([import('./tuning.ts'), import('../api/api.tsx')]);
  const made = api.createApi({ bridge, up: () => true, onChange: () => () => undefined });
  const wrapper = ({ children }: { readonly children: ReactNode }): ReactNode => <api.ApiProvider api={made}>{children}</api.ApiProvider>;
  const hook = renderHook(({ there }) => useTuning(guest, there).tuning, { wrapper, initialProps: { there: answering } });
  const titles = (): readonly string[] => hook.result.current?.plan()?.steps.map(({ title }) => title) ?? [];
  await waitFor(() => expect(hook.result.current).not.toBeNull());
  return { ...hook, titles, tuning: () => hook.result.current };
};
const elsewhere = async (bridge: StandIn, wanted: unknown): Promise<void> => void (await bridge.ask('tuning', 'apply', { host: guest.host, uuid: guest.uuid, wanted, basis: '' }));

let bridge: StandIn;
beforeEach(() => {
  sessionStorage.clear();
  bridge = standIn({ guests: 16, hosts: true, pace: 0 });
});
afterEach(cleanup);

describe('a pending plan', () => {
  it('stays while its host is away, and is made anew from what the host has when it is back', async () => {
    const page = await load(bridge);
    act(() => {
      page.tuning()?.set('vcpuPinning', ['live'], { 7: '7,23' });
      page.tuning()?.set('cpuShares', ['saved'], { '': 4096 });
    });
    expect(page.titles()).toEqual(['Pin vCPU 7 to CPUs 7,23', 'Set CPU shares to 4096']);
    const before = page.tuning()?.reading.basis;
    page.rerender({ there: false });
    // Somebody else fulfils one wish meanwhile, and moves what the other starts from.
    await elsewhere(bridge, { live: { vcpuPinning: { 7: '7,23' } }, saved: { cpuShares: { '': 1000 } } });
    expect(page.titles().length).toBe(2);
    page.rerender({ there: true });
    act(() => bridge.tell({ section: 'connections', name: 'changed', told: { id: guest.host } }));
    await waitFor(() => expect(page.titles()).toEqual(['Set CPU shares to 4096']));
    expect(page.tuning()?.plan()?.steps[0]?.changes).toEqual([{ knob: 'cpuShares', unit: '', truth: 'saved', from: 1000, to: 4096 }]);
    expect(page.tuning()?.reading.basis).not.toBe(before);
  });

  it('is there again when the page is loaded anew, and gone for good once discarded', async () => {
    const page = await load(bridge);
    act(() => page.tuning()?.set('vcpuPinning', ['live', 'saved'], { 7: '7,23' }));
    const again = await load(bridge);
    await waitFor(() => expect(again.titles()).toEqual(['Pin vCPU 7 to CPUs 7,23']));
    act(() => again.tuning()?.discard());
    expect((await load(bridge)).titles()).toEqual([]);
  });

  it.each([
    ['of a knob that is not known', JSON.stringify({ [`${guest.host}/${guest.uuid}`]: { live: { warp: { '': 9 } } } })],
    ['that is no JSON', 'nonsense'],
    ['that is no list of wishes', '7'],
  ])('%s is dropped', async (_, text) => {
    sessionStorage.setItem('guestdeck.edits', text);
    const page = await load(bridge);
    expect(page.titles()).toEqual([]);
    act(() => page.tuning()?.set('vcpuPinning', ['live'], { 7: '7,23' }));
    expect(page.titles()).toEqual(['Pin vCPU 7 to CPUs 7,23']);
  });

  it('lasts as long as the page where the browser keeps nothing', async () => {
    vi.spyOn(globalThis, 'sessionStorage', 'get').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    const page = await load(bridge);
    act(() => page.tuning()?.set('vcpuPinning', ['live'], { 7: '7,23' }));
    expect(page.titles().length).toBe(1);
    expect((await load(bridge)).titles()).toEqual([]);
  });
});

it('an apply whose host is lost says that it waits, may be left alone, and tells that its end was not seen', async () => {
  const { reading, plan } = await bridge.ask('tuning', 'read', { host: guest.host, uuid: guest.uuid }).then((answer) => {
    const now = answer.ok ? (answer.value as Reading) : null;
    if (now === null) throw new Error('not read');
    const xml = { live: DomainXml.parse(now.liveXml ?? ''), saved: DomainXml.parse(now.savedXml ?? '') };
    return { reading: now, plan: makePlan(xml, { live: { cpuShares: { '': 300 } } }, now.facts) };
  });
  let answer: (applied: Applied) => void = () => undefined;
  let isLost = false;
  const lost = (list: readonly Connection[]): readonly Connection[] => list.map((one) => ({ ...one, state: { phase: 'lost', since: 1, nextTry: 2, refusal: { code: 'connection-lost', message: 'Gone.' } } }));
  const breaking: Bridge = {
    listen: bridge.listen,
    open: bridge.open,
    ask: async (section, name, takes) => {
      if (name === 'apply') return await new Promise((resolve) => (answer = (value) => resolve({ ok: true, value })));
      const told = await bridge.ask(section, name, takes);
      return isLost && section === 'connections' && name === 'list' && told.ok ? { ok: true, value: lost(told.value as readonly Connection[]) } : told;
    },
  };
  let closed = 0;
  const api = createApi({ bridge: breaking, up: () => true, onChange: () => () => undefined });
  render(<ThemeProvider theme={theme}><ApiProvider api={api}><ReviewDialog proposal={{ guest, wanted: { live: { cpuShares: { '': 300 } } }, basis: reading.basis, plan }} onClose={() => (closed += 1)} /></ApiProvider></ThemeProvider>);
  fireEvent.click(screen.getByRole('button', { name: 'Apply 1 change' }));
  await waitFor(() => expect(screen.getByRole('button', { name: 'Back' })).toHaveProperty('disabled', true));
  isLost = true;
  act(() => bridge.tell({ section: 'connections', name: 'changed', told: { id: guest.host } }));
  await screen.findByText(/^The connection to the host broke\./);
  fireEvent.click(screen.getByRole('button', { name: 'Close' }));
  expect(closed).toBe(1);
  answer({ outcome: 'interrupted', steps: plan.steps.map(({ title, virsh, scope }) => ({ title, virsh, scope, outcome: 'unknown' })), unconfirmed: [], entry: '1', reading });
  await screen.findByText(/^The host was lost in the midst/);
  expect((await screen.findByRole('list', { name: 'Steps' })).textContent).toContain('not known');
}, 20_000);

it('the network being back is told to main', () => {
  createApi({ bridge, up: () => true, onChange: () => () => undefined });
  window.dispatchEvent(new Event('online'));
  expect(bridge.asked.map(({ ask }) => ask)).toContain('connections.awake');
});
