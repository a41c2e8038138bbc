// @vitest-environment happy-dom
// The daemon's settings and the SASL users in the window: nothing is read before it is asked for, nothing written before its lines were shown.
import { ThemeProvider } from '@mui/material/styles';
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiProvider, createApi } from '../../api/api.tsx';
import { standIn } from '../../stand-in/bridge.ts';
import { connections } from '../../stand-in/data.ts';
import { theme } from '../../ui/theme.ts';
import { DaemonCard } from './daemon-card.tsx';
import { SaslCard } from './sasl-card.tsx';

afterEach(cleanup);

const atlas = connections.find(({ id }) => id === 'atlas');
if (atlas === undefined) throw new Error('the stand-in has no atlas');

const show = (shown: React.ReactNode, before: (bridge: ReturnType<typeof standIn>) => void = () => undefined) => {
  const bridge = standIn({ guests: 0, hosts: true, pace: 0 });
  before(bridge);
  render(<ThemeProvider theme={theme}><ApiProvider api={createApi({ bridge, up: () => true, onChange: () => () => undefined })}>{shown}</ApiProvider></ThemeProvider>);
  return { asked: (name: string) => bridge.asked.filter(({ ask }) => ask === name).map(({ takes }) => takes) };
};

const press = async (name: string): Promise<void> => {
  fireEvent.click(await screen.findByRole('button', { name }));
};
const choose = async (field: string, option: string): Promise<void> => {
  fireEvent.mouseDown(await screen.findByRole('combobox', { name: field }));
  fireEvent.click(await screen.findByRole('option', { name: option }));
  await waitFor(() => expect(screen.queryByRole('listbox')).toBeNull());
};

describe('the daemon’s settings', () => {
  it('are read when told to, changed after their lines were shown, and shown anew from the file', async () => {
    const { asked } = show(<DaemonCard connection={atlas} login="atlas" begun={false} fixed={null} />);
    expect(asked('setup.settings')).toEqual([]);
    await press('Read settings');
    const clients = await screen.findByRole<HTMLInputElement>('textbox', { name: 'max_clients' });
    expect([clients.value, screen.getByRole('combobox', { name: 'auth_tls' }).textContent, screen.getByRole('combobox', { name: 'listen_tls' }).textContent]).toEqual(['800', 'sasl', 'Default (1, yes)']);
    fireEvent.change(clients, { target: { value: '900' } });
    await choose('auth_tls', 'Default (none)');
    expect(within(screen.getByRole('group', { name: 'auth_tls' })).getByText('In the file now: sasl.')).toBeTruthy();
    expect(screen.getByRole('status').textContent).toBe('2 settings changed, not written yet.');
    await press('Review changes…');
    const dialog = await screen.findByRole('dialog', { name: 'Change the daemon’s settings on atlas' });
    const difference = await within(dialog).findByRole('figure', { name: 'Changes of /etc/libvirt/libvirtd.conf' });
    expect(difference.textContent).toContain('- auth_tls = "sasl"  # asked for since 2024');
    expect(difference.textContent).toContain('+ max_clients = 900');
    expect(within(dialog).getByText('systemctl restart libvirtd.service')).toBeTruthy();
    expect(asked('setup.install')).toEqual([]);
    fireEvent.click(within(dialog).getByRole('button', { name: 'Write and restart' }));
    await within(dialog).findByText(/Written, and the daemon was restarted\./);
    expect(asked('setup.install')).toMatchObject([{ host: 'atlas', wish: { kind: 'settings', changes: [{ name: 'auth_tls', value: null }, { name: 'max_clients', value: 900 }] } }]);
    fireEvent.click(within(dialog).getByRole('button', { name: 'Close' }));
    await waitFor(() => expect(screen.getByRole('status').textContent).toBe('Nothing is changed.'));
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'max_clients' }).value).toBe('900');
    expect(screen.getByRole('combobox', { name: 'auth_tls' }).textContent).toBe('Default (none)');
  });

  it('that cannot be written because an earlier change was cut off lead to putting that back', async () => {
    const { asked } = show(<DaemonCard connection={atlas} login="atlas" begun fixed={null} />, (bridge) => {
      const { ask } = bridge;
      bridge.ask = async (section, name, takes) => {
        if (name === 'install') return { ok: false, refusal: { code: 'changed-meanwhile', message: 'An earlier change on this host was not brought to its end; nothing was done.' } };
        const answer = await ask(section, name, takes);
        return name === 'putBack' ? { ok: true, value: { outcome: 'put-back', steps: [{ title: 'Replace /etc/libvirt/libvirtd.conf', outcome: 'put-back' }], verified: null } } : answer;
      };
    });
    fireEvent.change(await screen.findByRole('textbox', { name: 'max_clients' }), { target: { value: '900' } });
    await press('Review changes…');
    const dialog = await screen.findByRole('dialog');
    await within(dialog).findByText('systemctl restart libvirtd.service');
    fireEvent.click(within(dialog).getByRole('button', { name: 'Write and restart' }));
    await within(dialog).findByText(/An earlier change on this host was not brought to its end/);
    fireEvent.click(await within(dialog).findByRole('button', { name: 'Put back' }));
    expect(await within(dialog).findByText('Put back: Replace /etc/libvirt/libvirtd.conf.')).toBeTruthy();
    expect(asked('setup.putBack')).toEqual([{ host: 'atlas' }]);
  });

  it('that break a rule are told at the field and cannot be reviewed; one can be taken back alone', async () => {
    show(<DaemonCard connection={atlas} login="atlas" begun fixed={null} />);
    const least = await screen.findByRole<HTMLInputElement>('textbox', { name: 'min_workers' });
    fireEvent.change(least, { target: { value: '30' } });
    expect(screen.getByText('min_workers (30) is greater than max_workers (20).')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Review changes…' })).toHaveProperty('disabled', true);
    await press('Revert min_workers');
    expect([least.value, screen.getByRole('status').textContent]).toEqual(['', 'Nothing is changed.']);
  });

  it('offer the names of clients that are kept, and warn of a list that lets nobody in', async () => {
    show(<DaemonCard connection={atlas} login="atlas" begun fixed={null} />);
    await choose('tls_allowed_dn_list', 'Only those listed');
    expect(await screen.findByText('An empty tls_allowed_dn_list lets nobody in over TLS.')).toBeTruthy();
    const names = screen.getByRole('combobox', { name: 'Names of tls_allowed_dn_list' });
    fireEvent.mouseDown(names);
    fireEvent.click(await screen.findByRole('option', { name: 'O=Example Net,CN=admin' }));
    expect(await screen.findByRole('button', { name: 'O=Example Net,CN=admin' })).toBeTruthy();
    expect(screen.queryByText('An empty tls_allowed_dn_list lets nobody in over TLS.')).toBeNull();
  });

  it('say how to get at them where nothing is reached over SSH, and change nothing on a host that is connected read-only', async () => {
    show(<DaemonCard connection={atlas} login={null} begun={false} fixed={null} />);
    expect(screen.getByText(/add it with a qemu\+ssh URI as well/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Read settings' })).toBeNull();
    cleanup();
    show(<DaemonCard connection={atlas} login="atlas" begun fixed="atlas is connected read-only." />);
    expect(await screen.findByRole('textbox', { name: 'max_clients' })).toHaveProperty('disabled', true);
  });
});

describe('SASL users', () => {
  it('are listed, added with a password that is sent once, and removed by name', async () => {
    const { asked } = show(<SaslCard connection={atlas} login="atlas" fixed={null} />);
    expect(asked('setup.users')).toEqual([]);
    await press('Read users');
    const list = await screen.findByRole('list', { name: 'SASL users' });
    expect(within(list).getAllByRole('listitem').map((one) => one.textContent)).toEqual([expect.stringContaining('backup@atlas'), expect.stringContaining('fred@atlas')]);
    await press('Add a user…');
    const dialog = await screen.findByRole('dialog', { name: 'Add a SASL user' });
    const type = (label: string, value: string): void => {
      fireEvent.change(within(dialog).getByLabelText(label), { target: { value } });
    };
    const add = (): void => {
      fireEvent.click(within(dialog).getByRole('button', { name: 'Add the user' }));
    };
    add();
    expect([...(await within(dialog).findAllByText(/^A (name|password) is needed\.$/))].map(({ textContent }) => textContent)).toEqual(['A name is needed.', 'A password is needed.']);
    type('User', 'not a name');
    type('Password', 'secret');
    type('Password again', 'secreT');
    add();
    expect(await within(dialog).findByText(/^Letters, digits and marks without blanks/)).toBeTruthy();
    expect(within(dialog).getByText('Differs from the first.')).toBeTruthy();
    expect(asked('setup.addUser')).toEqual([]);
    type('User', 'carol');
    type('Password again', 'secret');
    expect([within(dialog).getByLabelText('Password'), within(dialog).getByLabelText('Password again')].map((field) => field.getAttribute('type'))).toEqual(['password', 'password']);
    add();
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(asked('setup.addUser')).toEqual([{ host: 'atlas', name: 'carol', password: 'secret' }]);
    await press('Remove carol@atlas');
    const remove = await screen.findByRole('dialog', { name: 'Remove the SASL user carol@atlas?' });
    expect(within(remove).getByRole('button', { name: 'Remove' })).toHaveProperty('disabled', true);
    fireEvent.change(within(remove).getByLabelText('Type carol to confirm'), { target: { value: 'carol' } });
    fireEvent.click(within(remove).getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(asked('setup.removeUser')).toEqual([{ host: 'atlas', name: 'carol', realm: 'atlas' }]));
    await waitFor(() => expect(within(screen.getByRole('list', { name: 'SASL users' })).getAllByRole('listitem')).toHaveLength(2));
  });
});
