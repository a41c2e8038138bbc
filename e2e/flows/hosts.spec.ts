// Hosts: adding one that refuses, losing the demo host and getting it back, the program stopping.
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { Locator, Page } from 'playwright/test';
import { expect, openGuest, row, test } from './program.ts';

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

const hosts = (window: Page): Locator => window.getByRole('list', { name: 'Hosts', exact: true });

/** Opens the menu of a host in the sidebar and chooses from it. */
const choose = async (window: Page, host: string, item: string): Promise<void> => {
  await hosts(window).getByRole('button', { name: `Actions for ${host}` }).click();
  await window.getByRole('menuitem', { name: item }).click();
};

/** Saves a host without connecting to it. */
const save = async (window: Page, uri: string, name: string, group: string): Promise<void> => {
  await window.getByRole('button', { name: 'Add host…' }).click();
  const dialog = window.getByRole('dialog', { name: 'Add host' });
  await dialog.getByLabel('Connection URI').fill(uri);
  await dialog.getByLabel('Name in Guestdeck').fill(name);
  await dialog.getByLabel('Group').fill(group);
  await dialog.getByRole('button', { name: 'Only save' }).click();
  await expect(dialog).toBeHidden();
};

/** The hosts of a list in order, but for this computer's own, which is there where a libvirt is. */
const namesIn = async (list: Locator): Promise<string[]> => {
  const names = await list.getByRole('button', { name: /^Actions for/ }).evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label')?.replace('Actions for ', '') ?? ''));
  return names.filter((name) => name !== 'This computer');
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

test('every parameter of the URI has a field that follows it, and what has none is kept', async ({ window }) => {
  await window.getByRole('button', { name: 'Add host…' }).click();
  const dialog = window.getByRole('dialog', { name: 'Add host' });
  const uri = dialog.getByLabel('Connection URI');
  await uri.fill('qemu+ssh://atlas/system?pkipath=/pki&keyfile=/k&plugin=7');
  await dialog.getByRole('button', { name: 'More: 1 set' }).click();
  await expect(dialog.getByRole('textbox', { name: 'Private key' })).toHaveValue('/k');
  for (const kept of ['pkipath=/pki', 'plugin=7']) await expect(dialog.getByText(kept, { exact: true })).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Private key' }).fill('');
  await dialog.getByRole('textbox', { name: 'Netcat program' }).fill('ncat');
  await dialog.getByRole('checkbox', { name: 'Do not verify the host' }).check();
  await expect(uri).toHaveValue('qemu+ssh://atlas/system?pkipath=/pki&plugin=7&netcat=ncat&no_verify=1');
  const meaning = dialog.getByText(/Another machine can pose as this host/);
  await expect(meaning).toHaveCSS('color', 'rgb(176, 40, 50)');
  await dialog.getByRole('textbox', { name: 'Login methods' }).fill('magic');
  await expect(dialog.getByText('Login methods must be a list of agent, privkey, password, keyboard-interactive.')).toBeVisible();
  // Folded away, what is given up is still said.
  await dialog.getByRole('button', { name: 'More: 3 set' }).click();
  await expect(meaning).toBeVisible();
  await dialog.getByRole('button', { name: 'TLS' }).click();
  await dialog.getByRole('button', { name: /^More/ }).click();
  await expect(dialog.getByRole('textbox', { name: 'Certificate folder' })).toHaveValue('/pki');
  await expect(dialog.getByRole('textbox', { name: 'Netcat program' })).toBeHidden();
  await expect(dialog.getByText('netcat=ncat', { exact: true })).toBeVisible();
});

test('hosts are listed in groups, folded, and put in order by keys and by mouse', async ({ window }) => {
  await save(window, 'qemu+tls://one.test/system', 'one', 'Lab');
  await save(window, 'qemu+tls://two.test/system?no_verify=1', 'two', 'Lab');
  await save(window, 'qemu+tcp://three.test/system', 'three', 'Far');
  const lab = window.getByRole('list', { name: 'Hosts in Lab' });
  await expect.poll(() => namesIn(hosts(window))).toEqual(['Demo host', 'one', 'two', 'three']);
  await expect(lab.getByRole('img', { name: 'host not verified' })).toBeVisible();

  await choose(window, 'two', 'Move up');
  await expect.poll(() => namesIn(lab)).toEqual(['two', 'one']);
  await expect(hosts(window).getByRole('button', { name: 'Actions for two' })).toBeFocused();
  await lab.getByRole('link', { name: /one/ }).dragTo(lab.getByRole('link', { name: /two/ }), { targetPosition: { x: 40, y: 3 } });
  await expect.poll(() => namesIn(lab)).toEqual(['one', 'two']);
  // To another group, which is left empty and goes.
  await hosts(window).getByRole('link', { name: /three/ }).dragTo(lab.getByRole('link', { name: /two/ }), { targetPosition: { x: 40, y: 25 } });
  await expect.poll(() => namesIn(lab)).toEqual(['one', 'two', 'three']);
  await expect(hosts(window).getByRole('button', { name: /^Far/ })).toBeHidden();

  await hosts(window).getByRole('button', { name: /^Lab/ }).click();
  await expect(lab).toBeHidden();
  await window.reload();
  await expect(hosts(window).getByRole('button', { name: /^Lab/ })).toHaveAttribute('aria-expanded', 'false');
});

test('a host is edited, and another way of access takes effect by reconnecting', async ({ window }) => {
  await choose(window, 'Demo host', 'Edit…');
  const dialog = window.getByRole('dialog', { name: 'Edit Demo host' });
  await dialog.getByLabel('Name in Guestdeck').fill('Playground');
  await dialog.getByLabel('Tags').fill('quiet');
  await dialog.getByLabel('Tags').press('Enter');
  await dialog.getByRole('button', { name: 'green' }).click();
  await dialog.getByRole('checkbox', { name: 'Read-only' }).check();
  await expect(dialog.getByRole('status')).toContainText('takes effect with the next connect');
  await dialog.getByRole('button', { name: 'Save and reconnect' }).click();
  await expect(dialog).toBeHidden();
  await expect(hosts(window).getByText('quiet')).toBeVisible();
  for (const mark of ['read-only', 'marked green']) await expect(hosts(window).getByRole('img', { name: mark })).toBeVisible();

  await openGuest(window, 'web-01', 'CPU');
  await expect(window.getByRole('alert')).toHaveText('Playground is connected read-only: this can be looked at, not changed.');
  await expect(window.getByRole('textbox', { name: 'CPUs of vCPU 0' })).toBeDisabled();
  await expect(window.getByRole('group', { name: 'CPU shares, now' })).toHaveAttribute('title', /read-only|looking/i);
  await expect(window.getByRole('button', { name: 'Shut down', exact: true })).toBeDisabled();
  await window.getByRole('grid', { name: /^Pinning/ }).focus();
  await window.keyboard.press('Space');
  await expect(window.getByRole('region', { name: 'Plan' })).toBeHidden();
});

test('a plain connection has to be insisted on, and is marked for it', async ({ window }) => {
  await save(window, 'qemu+tcp://127.0.0.1:1/system', 'bare', '');
  await choose(window, 'bare', 'Edit…');
  const dialog = window.getByRole('dialog', { name: 'Edit bare' });
  await dialog.getByRole('checkbox', { name: 'Plain connection without login' }).check();
  await expect(dialog.getByText(/whoever reaches the daemon rules the host/)).toHaveCSS('color', 'rgb(176, 40, 50)');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await choose(window, 'bare', 'Connection and doctor');
  const card = window.getByRole('region', { name: 'Connection' });
  await expect(card).toContainText('TCP, also without login');
  await expect(hosts(window).getByRole('img', { name: 'plain connection' })).toBeVisible();
});

test('removing a host names the plans that go with it', async ({ window }) => {
  await openGuest(window, 'web-01', 'CPU');
  await window.getByRole('textbox', { name: 'CPU shares, after restart' }).fill('300');
  await expect(window.getByRole('region', { name: 'Plan' })).toContainText('1 change');
  await choose(window, 'Demo host', 'Remove…');
  const dialog = window.getByRole('dialog', { name: 'Remove Demo host from Guestdeck?' });
  await expect(dialog).toContainText('What was edited and not applied is lost: the plan of web-01.');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await window.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(window.getByRole('region', { name: 'Plan' })).toContainText('1 change');
  await choose(window, 'Demo host', 'Remove…');
  await dialog.getByLabel('Type Demo host to confirm').fill('Demo host');
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(window.getByRole('heading', { level: 1, name: 'All guests' })).toBeVisible();
  await expect.poll(() => namesIn(hosts(window))).toEqual([]);
});

test('the list goes out as JSON and comes back, entry by entry', async ({ window }) => {
  await save(window, 'qemu+tls://one.test/system', 'one', 'Lab');
  await window.getByRole('link', { name: 'Settings' }).click();
  await window.getByRole('button', { name: 'Export…' }).click();
  const exported = window.getByRole('dialog', { name: 'Export hosts' });
  const [download] = await Promise.all([window.waitForEvent('download'), exported.getByRole('link', { name: 'Download' }).click()]);
  const file = await download.path();
  expect(download.suggestedFilename()).toBe('guestdeck-hosts.json');
  await exported.getByRole('button', { name: 'Close' }).click();
  await choose(window, 'one', 'Remove…');
  await window.getByLabel('Type one to confirm').fill('one');
  await window.getByRole('button', { name: 'Remove' }).click();
  await expect.poll(() => namesIn(hosts(window))).toEqual(['Demo host']);

  await window.getByRole('button', { name: 'Import…' }).click();
  const dialog = window.getByRole('dialog', { name: 'Import hosts' });
  await dialog.getByLabel('File of an exported list').setInputFiles(file);
  await dialog.getByRole('button', { name: 'Import the list' }).click();
  const results = dialog.getByRole('list', { name: 'What became of each host' });
  await expect(results.getByRole('listitem').filter({ hasText: 'one' })).toContainText('added');
  await expect(results.getByRole('listitem').filter({ hasText: 'Demo host' })).toContainText('left out');
  await dialog.getByLabel('Exported list, as JSON').fill('[{');
  await dialog.getByRole('button', { name: 'Import the list' }).click();
  await expect(dialog.getByRole('alert')).toContainText('Nothing was imported');
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect.poll(() => namesIn(hosts(window))).toEqual(['Demo host', 'one']);
});
