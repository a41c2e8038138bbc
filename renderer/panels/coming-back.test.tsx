// @vitest-environment happy-dom
// A plan that waits while its host is away, while the page is loaded again, and what becomes of it by what the host has then.
import { act, cleanup, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiProvider, createApi } from '../api/api.tsx';
import { type StandIn, standIn } from '../stand-in/bridge.ts';
import { guestsOf } from '../stand-in/data.ts';

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
  const titles = (): readonly string[] => hook.result.current?.plan?.steps.map(({ title }) => title) ?? [];
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
    expect(page.tuning()?.plan?.steps[0]?.changes).toEqual([{ knob: 'cpuShares', unit: '', truth: 'saved', from: 1000, to: 4096 }]);
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

it('the network being back is told to main', () => {
  createApi({ bridge, up: () => true, onChange: () => () => undefined });
  expect(ApiProvider).toBeTypeOf('function');
  window.dispatchEvent(new Event('online'));
  expect(bridge.asked.map(({ ask }) => ask)).toContain('connections.awake');
});
