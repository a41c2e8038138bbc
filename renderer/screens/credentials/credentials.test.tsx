// @vitest-environment happy-dom
// What is remembered and forgotten, keys made, and a host moved to a key: what is asked of main, and what never stays in the window.
import { ThemeProvider } from '@mui/material/styles';
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, expect, it } from 'vitest';
import { ApiProvider, createApi } from '../../api/api.tsx';
import { standIn } from '../../stand-in/bridge.ts';
import { connections } from '../../stand-in/data.ts';
import { theme } from '../../ui/theme.ts';
import { KeysCard } from './keys.tsx';
import { RememberedCard } from './remembered.tsx';
import { UseKeyDialog } from './use-key.tsx';

afterEach(cleanup);

const show = (part: ReactNode) => {
  const bridge = standIn({ guests: 0, hosts: true, pace: 0 });
  const api = createApi({ up: () => true, onChange: () => () => undefined, bridge });
  render(<ThemeProvider theme={theme}><ApiProvider api={api}>{part}</ApiProvider></ThemeProvider>);
  return {
    told: (ask: string) => bridge.asked.filter((one) => one.ask === ask).map(({ takes }) => takes),
    cache: () => JSON.stringify([api.queries.getMutationCache().getAll().map(({ state }) => state), api.queries.getQueryCache().getAll().map(({ state }) => state.data)]),
  };
};
const type = (label: string, value: string): void => void fireEvent.change(screen.getByLabelText(label), { target: { value } });
const press = (name: string): void => void fireEvent.click(screen.getByRole('button', { name }));

it('each remembered answer says what it is, whose and for how long, and can be forgotten', async () => {
  const { told } = show(<RememberedCard />);
  const list = screen.getByRole('list', { name: 'Remembered passwords' });
  await waitFor(() => expect(within(list).getAllByRole('button').map((button) => button.getAttribute('aria-label'))).toEqual([
    'Forget SSH password of root on atlas, port 2222', 'Forget Passphrase of /home/admin/.ssh/id_ed25519', 'Forget libvirt password (SCRAM) of admin on borealis', 'Forget Answer to “Password:” of root on cumulus',
  ]));
  expect(within(list).getAllByText('until Guestdeck is closed').length).toBe(1);
  await screen.findByText(/Encrypted by Secret Service/);
  press('Forget SSH password of root on atlas, port 2222');
  await waitFor(() => expect(told('credentials.forget')).toEqual([{ id: 'r1' }]));
});

it('a key is made with a passphrase typed twice, which stays nowhere in the window', async () => {
  const { told, cache } = show(<KeysCard />);
  press('Make a key…');
  await screen.findByDisplayValue('admin by Guestdeck');
  type('Passphrase', 'hunter2');
  expect(screen.getByRole('button', { name: 'Make key' })).toHaveProperty('disabled', true);
  type('Passphrase again', 'hunter2');
  press('Make key');
  await waitFor(() => expect(told('credentials.makeKey')).toEqual([{ name: 'id_ed25519_guestdeck', type: 'ed25519', comment: 'admin by Guestdeck', passphrase: 'hunter2' }]));
  await waitFor(() => expect(screen.getByRole('list', { name: 'SSH keys' }).textContent).toContain('id_ed25519_guestdeck'));
  expect(cache()).not.toContain('hunter2');
});

it('a name that is taken is refused where it was typed', async () => {
  show(<KeysCard />);
  press('Make a key…');
  type('File name', 'id_rsa');
  press('Make key');
  expect((await screen.findByRole('alert')).textContent).toContain('There is a key /home/admin/.ssh/id_rsa already.');
});

const atlas = connections.find(({ id }) => id === 'atlas');
if (atlas === undefined) throw new Error('the stand-in has no such host');

it('a host is moved to a key: what is written is shown before, and the URI changes only once the key lets in', async () => {
  const { told } = show(<UseKeyDialog connection={atlas} onClose={() => undefined} />);
  const dialog = await screen.findByRole('dialog');
  await waitFor(() => expect(dialog.textContent).toContain('keyfile=/home/admin/.ssh/id_ed25519'));
  for (const words of ['ssh-ed25519 AAAA', '~/.ssh/authorized_keys', 'umask 077']) expect(dialog.textContent).toContain(words);
  expect(told('credentials.installKey')).toEqual([]);
  press('Add key and use it');
  await screen.findByRole('status');
  expect(told('connections.update')).toEqual([{ id: 'atlas', uri: 'qemu+ssh://root@atlas/system?keyfile=/home/admin/.ssh/id_ed25519' }]);
});

it('a key that does not let in is said so, and the connection stays as it was', async () => {
  const { told } = show(<UseKeyDialog connection={atlas} onClose={() => undefined} />);
  fireEvent.mouseDown(await screen.findByRole('combobox', { name: 'Key' }));
  fireEvent.click(await screen.findByRole('option', { name: /id_rsa/ }));
  await waitFor(() => expect(screen.getByRole('dialog').textContent).toContain('keyfile=/home/admin/.ssh/id_rsa'));
  press('Add key and use it');
  expect((await screen.findByRole('alert')).textContent).toContain('The key was added, and the host does not let it in');
  expect(told('connections.update')).toEqual([]);
});
