// From no certificate at all to a verified connection over TLS, as a newcomer does it: on a whole machine with systemd, and virsh connects with what was exported.
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hostDown, hostShell, hostVirsh, type VirtualHost } from '../lab/host/host.ts';
import { flowHost, onVirtualHost } from './flow-lab.ts';
import { expect, pictures, test } from './program.ts';

const execute = promisify(execFile);
const passphrase = 'a passphrase of the flow';
const picture = pictures('certificates');

test.describe('Certificates of a real host', () => {
  onVirtualHost();
  let machine: VirtualHost;
  let folder: string;

  test.beforeAll(async () => {
    machine = await flowHost('certificates');
    // An emulated machine takes longer to start its daemon than connecting waits.
    await hostVirsh(machine, 'list');
    folder = await mkdtemp(join(tmpdir(), 'guestdeck-exported-'));
  });
  test.afterAll(async () => {
    if (machine !== undefined) await hostDown();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  test('are made, installed and verified by the wizard, and serve virsh too', async ({ window }) => {
    await window.getByRole('button', { name: 'Add host…' }).click();
    const adding = window.getByRole('dialog', { name: 'Add host' });
    await adding.getByLabel('Connection URI').fill(`qemu+ssh://keeper@127.0.0.1:${machine.sshPort}/system?keyfile=${machine.keyFile}&known_hosts=${machine.knownHosts}`);
    await adding.getByLabel('Name in Guestdeck').fill('lab-07');
    await adding.getByRole('button', { name: 'Connect', exact: true }).click();
    // A machine that is emulated beside others may take longer than a stage waits: whoever sits there tries again.
    const [connected, again] = [window.getByRole('heading', { level: 1, name: 'lab-07' }), adding.getByRole('button', { name: 'Try again' })];
    await expect(async () => {
      if (await again.isVisible()) await again.click();
      await expect(connected).toBeVisible({ timeout: 20_000 });
    }).toPass({ timeout: 120_000 });

    await window.getByRole('link', { name: /^Certificates/ }).click();
    await expect(window.getByText('No certificates yet: set up TLS for a host')).toBeVisible();
    await picture(window, '1-empty');
    await window.getByRole('button', { name: 'Set up TLS for a host' }).first().click();

    // What is missing is said at its field, and nothing is made.
    await window.getByRole('button', { name: 'Next: host certificate' }).click();
    await expect(window.getByText('At least eight characters.')).toBeVisible();
    await window.getByLabel('Passphrase', { exact: true }).fill(passphrase);
    await window.getByLabel('Passphrase again').fill(passphrase);
    await picture(window, '2-authority');
    await window.getByRole('button', { name: 'Next: host certificate' }).click();

    await expect(window.getByRole('heading', { name: 'Certificate for the host' })).toBeVisible();
    await expect(window.getByRole('combobox', { name: 'Host', exact: true })).toContainText('lab-07');
    await expect(window.getByRole('button', { name: '127.0.0.1' })).toBeVisible();
    await window.getByLabel('DNS names and IP addresses').fill('not_a_name,');
    await expect(window.getByText(/^not_a_name: neither a DNS name nor an IP address/)).toBeVisible();
    await window.getByLabel('DNS names and IP addresses').press('Backspace');
    await expect(window.getByText(/^not_a_name/)).toHaveCount(0);
    await picture(window, '3-host');
    await window.getByRole('button', { name: 'Next: client certificate' }).click();
    await expect(window.getByRole('heading', { name: 'Certificate for this computer' })).toBeVisible();

    // Going back keeps what was typed, and what was made of it.
    await window.getByRole('button', { name: 'Back' }).click();
    await expect(window.getByRole('button', { name: '127.0.0.1' })).toBeVisible();
    await window.getByRole('button', { name: 'Next: client certificate' }).click();
    await picture(window, '4-client');
    await window.getByRole('button', { name: 'Next: install' }).click();

    // The machine's TLS port is forwarded from another one.
    await window.getByRole('button', { name: /by which name it is reached/ }).click();
    await window.getByLabel('Reached as').fill(`127.0.0.1:${machine.tlsPort}`);
    const steps = window.getByRole('list', { name: 'Steps: What goes where on lab-07' });
    await expect(steps).toContainText(`:${machine.tlsPort}/`, { timeout: 180_000 });
    await expect(steps).toContainText('/etc/pki/libvirt/private/serverkey.pem');
    await picture(window, '5-plan');
    expect(await hostShell(machine, 'ls /etc/pki/libvirt/servercert.pem 2>&1 || true')).toContain('No such file');
    await window.getByRole('button', { name: 'Install', exact: true }).click();
    await expect(window.getByRole('button', { name: 'Next: verify' })).toBeVisible({ timeout: 180_000 });
    await picture(window, '6-installed');
    await window.getByRole('button', { name: 'Next: verify' }).click();
    await expect(window.getByText('All is well.')).toBeVisible({ timeout: 120_000 });
    await picture(window, '7-verified');
    expect((await hostShell(machine, 'stat -c "%U %a" /etc/pki/libvirt/private/serverkey.pem')).trim()).toBe('root 600');

    // What is exported for another computer connects it.
    await window.getByRole('button', { name: 'Done', exact: true }).click();
    await expect(window.getByRole('status').filter({ hasText: '1 authority · 1 host · 1 client' })).toBeVisible();
    await window.getByRole('button', { name: /^Actions for .* \(client\)$/ }).click();
    await window.getByRole('menuitem', { name: 'Export…' }).click();
    const exporting = window.getByRole('dialog', { name: /^Export/ });
    await exporting.getByRole('button', { name: 'Export', exact: true }).click();
    const [download] = await Promise.all([window.waitForEvent('download'), exporting.getByRole('link', { name: /^Download .*\.zip$/ }).click()]);
    const archive = join(folder, 'client.zip');
    await download.saveAs(archive);
    const pki = join(folder, 'pki');
    await mkdir(pki);
    await execute('python3', ['-m', 'zipfile', '-e', archive, pki]);
    const { stdout: found } = await execute('find', [pki, '-name', 'clientkey.pem', '-printf', '%h']);
    await chmod(join(found, 'clientkey.pem'), 0o600);
    const { stdout } = await execute('virsh', ['-c', `qemu+tls://127.0.0.1:${machine.tlsPort}/system?pkipath=${found}`, 'list', '--all', '--name']);
    expect(stdout.trim().split('\n').toSorted()).toEqual(['numa-guest', 'plain']);
    await picture(window, '8-page');
  });
});
