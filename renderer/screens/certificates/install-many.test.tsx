// @vitest-environment happy-dom
// Many hosts at once: certificates are made for all, then installed on one after the other, each with its own result.
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Refused } from '../../../app/contract/refusal.ts';
import { showPage } from './page.test-peer.tsx';

afterEach(cleanup);
beforeEach(() => {
  window.location.hash = '';
});

const inDialog = (name: string | RegExp) => screen.findByRole('dialog', { name }).then((dialog) => within(dialog));

it('makes certificates for many hosts and installs them one after the other; one that fails stops no other', async () => {
  const { asked } = await showPage({}, async (bridge) => {
    await bridge.ask('connections', 'add', { uri: 'qemu+ssh://root@borealis/system', name: 'borealis by SSH' });
    await bridge.ask('connections', 'update', { id: 'drift', uri: 'qemu+ssh://root@drift/system' });
    await bridge.ask('connections', 'update', { id: 'cumulus', uri: 'qemu+ssh://root@cumulus/system' });
  });
  fireEvent.click(await screen.findByRole('button', { name: 'New' }));
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Certificates for many hosts…' }));
  const making = await inDialog('Certificates for many hosts');
  for (const name of ['borealis', 'borealis by SSH']) fireEvent.click(making.getByRole('checkbox', { name }));
  // A name that cannot be one is told in its line, and nothing is made.
  fireEvent.change(making.getByLabelText('Names of atlas'), { target: { value: 'atlas, 10.0.0.300' } });
  expect(making.getByText(/^10\.0\.0\.300: neither a DNS name nor an IP address/)).toBeTruthy();
  expect(making.getByRole('button', { name: 'Make 3 certificates' })).toHaveProperty('disabled', true);
  fireEvent.change(making.getByLabelText('Names of atlas'), { target: { value: 'atlas' } });
  fireEvent.click(making.getByRole('button', { name: 'Make 3 certificates' }));

  const installing = await inDialog('Install on many hosts');
  fireEvent.click(installing.getByRole('checkbox', { name: 'VNC consoles' }));
  fireEvent.click(installing.getByRole('button', { name: 'Look at what would be done' }));
  fireEvent.click(await installing.findByRole('button', { name: 'Show what is written on atlas' }));
  expect(await installing.findByText('/etc/pki/libvirt/private/serverkey.pem')).toBeTruthy();
  expect(asked('setup.install')).toEqual([]);
  fireEvent.click(await installing.findByRole('button', { name: 'Install on 3 hosts' }));
  await installing.findByText('2 hosts of 3 set up.');
  const results = within(installing.getByRole('list', { name: 'Hosts' })).getAllByText(/^(installed|failed, put back)$/).map(({ textContent }) => textContent);
  expect(results).toEqual(['installed', 'installed', 'failed, put back']);
  expect(installing.getByText('libvirtd-tls.socket did not start: the port is in use.', { selector: '[role=alert] *' })).toBeTruthy();
  expect(asked('setup.install')).toMatchObject(['atlas', 'cumulus', 'drift'].map((host, index) => ({ host, wish: { kind: 'host', certificate: `made-${index + 1}`, client: 'me', uses: ['daemon', 'vnc'] } })));

  // What failed is planned and tried again alone.
  fireEvent.click(installing.getByRole('button', { name: 'Look at what would be done' }));
  expect(await installing.findByRole('button', { name: 'Install on 1 host' })).toBeTruthy();
});

it('a host that cannot be looked at is told in its line, and is not installed on', async () => {
  const { asked } = await showPage({}, async (bridge) => {
    await bridge.ask('certificates', 'createHost', { authority: 'ca', hosts: [{ names: ['atlas'] }, { names: ['elsewhere'] }] });
    const { ask } = bridge;
    bridge.ask = async (section, name, takes) => (`${section}.${name}` === 'setup.plan' ? { ok: false, refusal: new Refused('command-refused', 'sudo was refused.').refusal } : await ask(section, name, takes));
  });
  fireEvent.click(await screen.findByRole('button', { name: 'Install 2 on their hosts…' }));
  const installing = await inDialog('Install on many hosts');
  fireEvent.click(installing.getByRole('button', { name: 'Look at what would be done' }));
  await waitFor(() => expect(installing.getByText('sudo was refused.')).toBeTruthy());
  expect([installing.getAllByText('not planned'), asked('setup.install')]).toMatchObject([[{}], []]);
});

it('a host that refuses the install is told in its line, with what can be put back, and the next one goes on', async () => {
  const { asked } = await showPage({}, async (bridge) => {
    await bridge.ask('connections', 'update', { id: 'drift', uri: 'qemu+ssh://root@jump/system' });
    await bridge.ask('certificates', 'createHost', { authority: 'ca', hosts: [{ names: ['atlas'] }, { names: ['jump'] }] });
    const { ask } = bridge;
    bridge.ask = async (section, name, takes) => {
      const answer = await ask(section, name, takes);
      return name === 'install' && JSON.stringify(takes).includes('"host":"atlas"') ? { ok: false, refusal: new Refused('changed-meanwhile', 'An earlier change was not brought to its end.').refusal } : answer;
    };
  });
  fireEvent.click(await screen.findByRole('button', { name: 'Install 2 on their hosts…' }));
  const installing = await inDialog('Install on many hosts');
  fireEvent.click(installing.getByRole('button', { name: 'Look at what would be done' }));
  fireEvent.click(await installing.findByRole('button', { name: 'Install on 2 hosts' }));
  await installing.findByText('not begun');
  expect(installing.getByText('An earlier change was not brought to its end.')).toBeTruthy();
  expect(installing.getByRole('button', { name: 'Put back' })).toBeTruthy();
  await waitFor(() => expect(asked('setup.install')).toMatchObject([{ host: 'atlas' }, { host: 'drift' }]));
});
