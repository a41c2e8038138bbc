// Hosts: adding one that refuses, losing the demo host and getting it back, the program stopping.
import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, row, test } from './program.ts';

/** A port where nothing listens. */
const deadPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  server.close();
  await once(server, 'close');
  return address.port;
};

test('a host that does not answer is refused with the stage, the cause and a remedy', async ({ window }) => {
  const port = await deadPort();
  await window.getByRole('button', { name: 'Add host…' }).click();
  const dialog = window.getByRole('dialog', { name: 'Add host' });
  await dialog.getByRole('button', { name: 'TCP' }).click();
  await dialog.getByLabel('Host name or address').fill('127.0.0.1');
  await dialog.getByRole('textbox', { name: 'Port' }).fill(`${port}`);
  await expect(dialog.getByLabel('Connection URI')).toHaveValue(`qemu+tcp://127.0.0.1:${port}/system`);
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await expect(dialog.getByRole('alert')).toContainText('Failed at: Port');
  await dialog.getByRole('button', { name: 'Keep and close' }).click();
  await window.getByRole('list', { name: 'Hosts' }).getByRole('link', { name: /127\.0\.0\.1/ }).click();
  await expect(window.getByRole('heading', { name: 'Connection failed' })).toBeVisible();
  await expect(window.getByRole('button', { name: 'Try again' })).toBeVisible();
});

test('fields and URI follow each other, and what is wrong is said at the URI', async ({ window }) => {
  await window.getByRole('button', { name: 'Add host…' }).click();
  const dialog = window.getByRole('dialog', { name: 'Add host' });
  await dialog.getByLabel('Connection URI').fill('qemu+ssh://admin@atlas:2222/system');
  await expect(dialog.getByLabel('Host name or address')).toHaveValue('atlas');
  await expect(dialog.getByLabel('User')).toHaveValue('admin');
  await expect(dialog.getByRole('textbox', { name: 'Port' })).toHaveValue('2222');
  await dialog.getByLabel('User').fill('root');
  await expect(dialog.getByLabel('Connection URI')).toHaveValue('qemu+ssh://root@atlas:2222/system');
  await dialog.getByLabel('Connection URI').fill('qemu+pigeon://atlas/system');
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await expect(dialog.getByText(/names a transport that does not exist/)).toBeVisible();
});

test('the demo host is disconnected and connected again', async ({ window }) => {
  await window.getByRole('list', { name: 'Hosts' }).getByRole('link', { name: /Demo host/ }).click();
  await expect(window.getByRole('heading', { name: 'CPUs and pinned guests' })).toBeVisible();
  await window.getByRole('button', { name: 'Disconnect' }).click();
  await expect(window.getByText('Not connected').first()).toBeVisible();
  await window.getByRole('button', { name: 'Connect', exact: true }).click();
  await expect(window.getByRole('heading', { name: 'CPUs and pinned guests' })).toBeVisible();
});

test('when the program is killed, the window says so and keeps what it knew', async ({ window, program }) => {
  await program.kill();
  await expect(window.getByText(/Guestdeck has stopped/)).toBeVisible();
  await expect(row(window, 'db-primary')).toBeVisible();
});

test('a dialog that was opened from the palette leaves the keys in the place behind it', async ({ window }) => {
  await window.keyboard.press('Control+k');
  await window.keyboard.type('add host');
  await window.keyboard.press('Enter');
  await expect(window.getByRole('dialog', { name: 'Add host' })).toBeVisible();
  await window.keyboard.press('Escape');
  await expect(window.getByRole('dialog')).toBeHidden();
  await expect(window.getByRole('main')).toBeFocused();
});
