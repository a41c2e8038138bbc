// @vitest-environment happy-dom
// The rows of a panel: as many as people read, the truths a guest has, what is wrong at the field where it is wrong, and what the guest has yet to do.
import { ThemeProvider } from '@mui/material/styles';
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bridge } from '../../app/contract/contract.ts';
import { type Reading, reading } from '../../app/contract/tuning.ts';
import { isActive } from '../../app/domain/guest.ts';
import { readSettings } from '../../app/tuning/knobs.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { ApiProvider, createApi } from '../api/api.tsx';
import { standIn } from '../stand-in/bridge.ts';
import { guestsOf } from '../stand-in/data.ts';
import { theme } from '../ui/theme.ts';
import { type PanelName, TuningPanel } from './tuning-panel.tsx';
import { useTuning } from './tuning.ts';

type Guest = ReturnType<typeof guestsOf>[number];
const guests = guestsOf(16);
const [primary] = guests;
const off = guests.find(({ state }) => !isActive(state));

const Page = ({ guest, panel }: { readonly guest: Guest; readonly panel: PanelName }): ReactNode => {
  const { tuning } = useTuning(guest, true);
  return tuning === null ? null : <TuningPanel tuning={tuning} panel={panel} />;
};
const show = (guest: Guest | undefined, bridge: Bridge, panel: PanelName = 'cpu'): void => {
  if (guest === undefined) throw new Error('the stand-in has no such guest');
  render(<ThemeProvider theme={theme}><ApiProvider api={createApi({ bridge, up: () => true, onChange: () => () => undefined })}><Page guest={guest} panel={panel} /></ApiProvider></ThemeProvider>);
};
/** The stand-in, with what is read of guests made another. */
const reads = (other: (read: Reading) => Reading): Bridge => {
  const inner = standIn({ guests: 16, hosts: true, pace: 0 });
  return {
    listen: inner.listen,
    open: inner.open,
    ask: async (section, name, takes) => {
      const answer = await inner.ask(section, name, takes);
      return !answer.ok || section !== 'tuning' || name !== 'read' ? answer : { ok: true, value: other(reading.parse(answer.value)) };
    },
  };
};
const card = async (name: string) => within(await screen.findByRole('region', { name }));

beforeEach(() => {
  globalThis.HTMLCanvasElement.prototype.getContext = () => null;
});
afterEach(cleanup);

it('folds many vCPUs into what they have in common', async () => {
  show(primary, standIn({ guests: 16, hosts: true, pace: 0, vcpus: 16 }));
  const vcpus = await card('vCPUs');
  const fold = vcpus.getByRole('button', { name: 'Single vCPUs (16)' });
  expect([vcpus.getAllByText('all: plugged').length, vcpus.queryByRole('button', { name: 'State of vCPU 15' })]).toEqual([2, null]);
  fireEvent.click(fold);
  vcpus.getByRole('button', { name: 'State of vCPU 15' });
});

it('says at the field of an item what is wrong there', async () => {
  show(primary, standIn({ guests: 16, hosts: true, pace: 0 }));
  const topology = await card('Topology');
  fireEvent.click(topology.getByRole('button', { name: 'Add cell, after restart' }));
  const field = await topology.findByRole('textbox', { name: 'vCPUs of cell 1, after restart' });
  fireEvent.change(field, { target: { value: '0-99' } });
  await topology.findByText('Cell 0 holds vCPU 99, and the last there can be is 7.');
  expect([field.getAttribute('aria-invalid'), topology.getByRole('textbox', { name: 'Memory of cell 1, after restart' }).getAttribute('aria-invalid')]).toEqual(['true', 'true']);
  fireEvent.change(field, { target: { value: '0-7' } });
  expect(field.getAttribute('aria-invalid')).toBe('false');
});

it('says at what is wished that no step leads there while the guest runs', async () => {
  show(primary, reads((read) => {
    const liveXml = (read.liveXml ?? '').replace('</devices>', "<interface type='user'><mac address='52:54:00:00:00:01'/><model type='virtio'/></interface></devices>");
    return { ...read, liveXml, live: readSettings(DomainXml.parse(liveXml), read.facts) };
  }), 'network');
  const nics = await card('Network interfaces');
  const field = nics.getByRole('textbox', { name: 'Model of NIC 1, now' });
  fireEvent.change(field, { target: { value: 'e1000' } });
  await nics.findByText('This cannot be changed while the guest runs.');
  fireEvent.change(field, { target: { value: 'virtio' } });
  expect(nics.queryByText('This cannot be changed while the guest runs.')).toBeNull();
});

it('shows of a guest that is shut off no running one', async () => {
  show(off, standIn({ guests: 16, hosts: true, pace: 0 }));
  const time = await card('CPU time');
  time.getByText('After restart');
  expect([time.queryByText('Now'), time.queryByText('not running')]).toEqual([null, null]);
});

it('says what the guest refused to give back', async () => {
  show(primary, reads((read) => ({ ...read, facts: { ...read.facts, unplugs: [{ alias: 'vcpu7', asked: 1, refused: 2 }, { alias: 'dimm0', asked: 1, refused: null }] } })));
  const vcpus = await card('vCPUs');
  vcpus.getByText(/^The guest refused to give back vCPU 7: it still uses it\./);
  expect(vcpus.queryByText(/dimm0/)).toBeNull();
});
