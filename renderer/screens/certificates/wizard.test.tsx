// @vitest-environment happy-dom
// The wizard against the stand-in: what it asks of main, what it keeps when one goes back, and that nothing is written before it is told to.
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { choose, heading, press, showPage, type } from './page.test-peer.tsx';

afterEach(cleanup);
beforeEach(() => {
  window.location.hash = '';
});

describe('the wizard', () => {
  it('makes an authority, a host and a client, installs them and verifies', async () => {
    const { asked } = await showPage({ setUp: 'atlas' });
    await choose(/^Authority/, 'A new authority');
    await press('Next: host certificate');
    expect(await screen.findByText('At least eight characters.')).toBeTruthy();
    expect(asked('certificates.createAuthority')).toEqual([]);
    type('Passphrase', 'example passphrase');
    type('Passphrase again', 'example passphrasE');
    await press('Next: host certificate');
    expect(await screen.findByText('Differs from the first.')).toBeTruthy();
    type('Passphrase again', 'example passphrase');
    await press('Next: host certificate');
    await heading('Certificate for the host');
    expect(asked('certificates.createAuthority')).toEqual([{ subject: [{ attribute: 'CN', value: 'Guestdeck CA' }], keyBits: 3072, validity: { days: 3650 }, newPassphrase: 'example passphrase', remember: true }]);

    await screen.findByText('10.0.4.11');
    await press('Next: client certificate');
    await heading('Certificate for this computer');
    expect(asked('certificates.createHost')).toEqual([{
      authority: 'made-1', clientAuth: false, keyBits: 3072, validity: { days: 730 }, passphrase: 'example passphrase',
      hosts: [{ names: ['atlas', 'atlas.example', 'atlas.example.net', '10.0.4.11', '2001:db8::11'], subject: [{ attribute: 'O', value: 'Guestdeck CA' }], host: 'atlas' }],
    }]);
    await press('Next: install');
    await heading('Install');
    expect(asked('certificates.createClient')).toMatchObject([{ authority: 'made-1', subject: [{ attribute: 'O', value: 'Guestdeck CA' }, { attribute: 'CN', value: 'admin' }] }]);
    await screen.findByText('systemctl enable --now libvirtd-tls.socket');
    expect(asked('setup.install')).toEqual([]);
    await press('Install');
    await press('Next: verify');
    await heading('Verify');
    expect(asked('setup.install')).toMatchObject([{ host: null, wish: { kind: 'client', certificate: 'made-3', place: 'app' } }, { host: 'atlas', wish: { kind: 'host', certificate: 'made-2', client: 'made-3', uses: ['daemon'] } }]);
    expect(await screen.findByText('All is well.')).toBeTruthy();
    expect(asked('health.check')).toEqual([{ uri: 'qemu+tls://atlas/system?pkipath=/home/admin/.local/share/guestdeck/client', over: 'atlas' }]);
  });

  it('keeps what was typed when one goes back, and makes nothing twice', async () => {
    const { asked } = await showPage({ setUp: 'atlas' });
    await press('Next: host certificate');
    await screen.findByText('10.0.4.11');
    type('Valid for', '90');
    await press('Next: client certificate');
    await heading('Certificate for this computer');
    await press('Back');
    expect((await screen.findByLabelText<HTMLInputElement>('Valid for')).value).toBe('90');
    await press('Next: client certificate');
    await heading('Certificate for this computer');
    expect(asked('certificates.createHost')).toHaveLength(1);
    // Something else takes the place of what was made, which nothing uses yet.
    await press('Back');
    type('Valid for', '91');
    await press('Next: client certificate');
    await heading('Certificate for this computer');
    expect(asked('certificates.createHost')).toHaveLength(2);
    expect(asked('certificates.remove')).toEqual([{ id: 'made-1', confirm: 'atlas' }]);
  });

  it('names what is wrong at its field before anything is asked', async () => {
    const { asked } = await showPage({ setUp: 'atlas' });
    await press('Next: host certificate');
    await screen.findByText('10.0.4.11');
    type('Valid for', '4000');
    type('DNS names and IP addresses', '10.0.0.300,');
    expect(await screen.findByText(/^10\.0\.0\.300: neither a DNS name nor an IP address/)).toBeTruthy();
    await press('Next: client certificate');
    expect(asked('certificates.createHost')).toEqual([]);
    type('Valid for', 'long');
    expect(screen.getByText('A whole number of days.')).toBeTruthy();
  });
});

describe('a certificate that is there', () => {
  it('goes on at its install, with its host, and is made anew only when that is wished', async () => {
    const { asked } = await showPage({ setUp: 'atlas', certificate: 'borealis' });
    await screen.findByText('systemctl enable --now libvirtd-tls.socket');
    expect(asked('setup.plan')).toContainEqual({ host: 'atlas', wish: { kind: 'host', certificate: 'borealis', client: 'me', uses: ['daemon'] } });
    expect(screen.getByRole('button', { name: '2. Host certificate, done' })).toBeTruthy();
    await press('Install');
    await press('Next: verify');
    expect(await screen.findByText('All is well.')).toBeTruthy();
    // Another certificate is another install, whatever was installed before.
    await press('2. Host certificate, done');
    await choose(/^Certificate/, 'A new certificate');
    await screen.findByText('10.0.4.11');
    await press('Next: client certificate');
    await heading('Certificate for this computer');
    await press('Next: install');
    await press('Install');
    await screen.findByRole('button', { name: 'Next: verify' });
    expect(asked('setup.install')).toMatchObject([{ host: null }, { wish: { certificate: 'borealis' } }, { host: 'atlas', wish: { certificate: 'made-1' } }]);
  });

  it('of an authority whose key is elsewhere is installed; none is made below that', async () => {
    await showPage({ setUp: 'atlas' }, async (bridge) => {
      await bridge.ask('certificates', 'importAuthority', { files: [btoa('-----BEGIN CERTIFICATE-----')] });
      await bridge.ask('certificates', 'importIdentity', { files: ['AAAA'], kind: 'client' });
    });
    await choose(/^Authority/, /^Imported CA/);
    await press('Next: host certificate');
    expect((await screen.findByRole('note')).textContent).toContain('The key of this authority is elsewhere');
    expect(screen.queryByLabelText('DNS names and IP addresses')).toBeNull();
    await press('Next: client certificate');
    expect((await screen.findByRole('alert')).textContent).toContain('New has a request for it');
  });
});

it('a profile is saved from what is filled in, without making anything, and fills the next form in', async () => {
  const { asked } = await showPage({ setUp: 'atlas' });
  await press('Next: host certificate');
  await screen.findByText('10.0.4.11');
  type('Valid for', '90');
  type('Organization', 'Example Org');
  fireEvent.click(screen.getByRole('checkbox', { name: 'Guests migrate from this host to others' }));
  await press('Save what is filled in as a profile');
  type('Name of the profile', 'short');
  fireEvent.keyDown(screen.getByLabelText('Name of the profile'), { key: 'Enter' });
  await screen.findByText('Saved as short.');
  expect([asked('certificates.saveProfile'), asked('certificates.createHost')]).toEqual([[{ profile: { name: 'short', kind: 'host', subject: [{ attribute: 'O', value: 'Example Org' }], keyBits: 3072, days: 90, clientAuth: true } }], []]);
  type('Valid for', '30');
  type('Organization', 'Other');
  fireEvent.click(screen.getByRole('checkbox', { name: 'Guests migrate from this host to others' }));
  await choose(/^Profile/, 'short');
  expect([screen.getByLabelText<HTMLInputElement>('Valid for').value, screen.getByLabelText<HTMLInputElement>('Organization').value, screen.getByRole<HTMLInputElement>('checkbox', { name: 'Guests migrate from this host to others' }).checked]).toEqual(['90', 'Example Org', true]);
});

it('a host that is saved with TLS alone is told to be added over SSH as well', async () => {
  await showPage({ setUp: 'cumulus' });
  await press('Next: host certificate');
  expect(await screen.findByText(/cumulus is saved with qemu\+tls:\/\/cumulus\/system only\..*qemu\+ssh:\/\/root@cumulus\/system/)).toBeTruthy();
});

describe('the page', () => {
  it('warns of what ends soon, and leads from a line of health to what mends it', async () => {
    await showPage();
    expect((await screen.findByRole('alert')).textContent).toBe('The certificate of the host cumulus expires in 19 days.');
    await choose(/^Host/, 'cumulus (tls)');
    await press('Verify');
    await press('Renew the certificate…');
    expect(await screen.findByRole('dialog', { name: 'Renew cumulus' })).toBeTruthy();
  });

  it('shows what is kept, what ends soon, and what can be done about it', async () => {
    const { asked } = await showPage();
    const table = await screen.findByRole('table', { name: 'Signed by Example Net CA' });
    expect(within(table).getAllByRole('row').map((row) => row.textContent)).toEqual([expect.stringContaining('Time left'), expect.stringContaining('borealis'), expect.stringMatching(/cumulus.*19 days/), expect.stringContaining('admin')]);
    expect(within(await screen.findByRole('list', { name: 'Time left' })).getAllByRole('listitem')[0]?.textContent).toBe('cumulus (host)19 days');
    await press('Renew cumulus…');
    const dialog = await screen.findByRole('dialog', { name: 'Renew cumulus' });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Renew' }));
    await waitFor(() => expect(asked('certificates.renew')).toEqual([{ id: 'cumulus', key: 'new', validity: { days: 730 } }]));
    // It is of use only where it is installed.
    await waitFor(() => expect(window.location.hash).toBe('#/certificates/set-up/cumulus/made-1'));
  });

  it('revokes only when told to, and removes only by name', async () => {
    const { asked } = await showPage();
    fireEvent.click(await screen.findByRole('button', { name: 'Actions for borealis (host)' }));
    fireEvent.click(await screen.findByRole('menuitem', { name: 'Revoke…' }));
    const revoke = await screen.findByRole('dialog', { name: /^Revoke/ });
    expect(document.activeElement?.textContent).toBe('Cancel');
    fireEvent.click(within(revoke).getByRole('button', { name: 'Revoke' }));
    await within(revoke).findByText(/revocation list 1 names it/);
    fireEvent.click(within(revoke).getByRole('button', { name: 'Close' }));
    expect(asked('certificates.revoke')).toEqual([{ id: 'borealis', reason: 'unspecified' }]);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    fireEvent.click(await screen.findByRole('button', { name: 'Actions for Example Net CA (authority)' }));
    fireEvent.click(await screen.findByRole('menuitem', { name: 'Remove…' }));
    const remove = await screen.findByRole('dialog');
    expect(within(remove).getByRole('button', { name: 'Remove' })).toHaveProperty('disabled', true);
    fireEvent.change(within(remove).getByLabelText('Type Example Net CA to confirm'), { target: { value: 'Example Net CA' } });
    fireEvent.click(within(remove).getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(asked('certificates.removeAuthority')).toEqual([{ id: 'ca', confirm: 'Example Net CA' }]));
  });

  it('exports the key of an authority only on purpose, and says what a wrong passphrase is', async () => {
    const { asked } = await showPage();
    fireEvent.click(await screen.findByRole('button', { name: 'Actions for Example Net CA (authority)' }));
    fireEvent.click(await screen.findByRole('menuitem', { name: 'Export…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Export Example Net CA' });
    fireEvent.click(within(dialog).getByRole('checkbox', { name: 'With its key' }));
    expect(within(dialog).getByRole('button', { name: 'Export' })).toHaveProperty('disabled', true);
    fireEvent.change(within(dialog).getByLabelText('Passphrase'), { target: { value: 'wrong' } });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Export' }));
    expect((await within(dialog).findAllByText('The passphrase does not open the key of the authority.')).length).toBeGreaterThan(0);
    fireEvent.change(within(dialog).getByLabelText('Passphrase'), { target: { value: 'example passphrase' } });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Export' }));
    expect(await within(dialog).findByRole('link', { name: 'Download cakey.pem' })).toBeTruthy();
    expect(asked('certificates.exportAuthority')).toHaveLength(2);
  });
});
