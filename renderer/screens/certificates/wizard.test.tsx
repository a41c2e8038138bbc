// @vitest-environment happy-dom
// The wizard against the stand-in: what it asks of main, what it keeps when one goes back, and that nothing is written before it is told to.
import { ThemeProvider } from '@mui/material/styles';
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiProvider, createApi, useAsk } from '../../api/api.tsx';
import { useFleet } from '../../api/fleet.ts';
import { standIn } from '../../stand-in/bridge.ts';
import { theme } from '../../ui/theme.ts';
import { CertificatesScreen } from './certificates-screen.tsx';

afterEach(cleanup);
beforeEach(() => {
  window.location.hash = '';
});

const Screen = ({ setUp }: { readonly setUp?: string }): React.ReactNode => {
  const fleet = useFleet();
  const { data } = useAsk('connections', 'list', {});
  return data === undefined ? null : <CertificatesScreen place={{ at: 'certificates', ...(setUp !== undefined && { setUp }) }} fleet={fleet} />;
};

/** Shows the page, or the wizard for a host; gives all that is asked of main. */
const show = (setUp?: string) => {
  const bridge = standIn({ guests: 0, hosts: true, pace: 0 });
  render(<ThemeProvider theme={theme}><ApiProvider api={createApi({ bridge, up: () => true, onChange: () => () => undefined })}><Screen {...(setUp !== undefined && { setUp })} /></ApiProvider></ThemeProvider>);
  return { asked: (name: string) => bridge.asked.filter(({ ask }) => ask === name).map(({ takes }) => takes) };
};

const press = async (name: string): Promise<void> => {
  fireEvent.click(await screen.findByRole('button', { name }));
};
const type = (label: string, value: string): void => {
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
};
const choose = async (label: RegExp, option: string): Promise<void> => {
  fireEvent.mouseDown(await screen.findByRole('combobox', { name: label }));
  fireEvent.click(await screen.findByRole('option', { name: option }));
  await waitFor(() => expect(screen.queryByRole('listbox')).toBeNull());
};

const heading = async (name: string): Promise<void> => {
  await screen.findByRole('heading', { name });
};

describe('the wizard', () => {
  it('makes an authority, a host and a client, installs them and verifies', async () => {
    const { asked } = show('atlas');
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
    const { asked } = show('atlas');
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
    const { asked } = show('atlas');
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

describe('the page', () => {
  it('shows what is kept, what ends soon, and what can be done about it', async () => {
    const { asked } = show();
    const table = await screen.findByRole('table', { name: 'Signed by Example Net CA' });
    expect(within(table).getAllByRole('row').map((row) => row.textContent)).toEqual([expect.stringContaining('Time left'), expect.stringContaining('borealis'), expect.stringMatching(/cumulus.*19 days/), expect.stringContaining('admin')]);
    expect(within(await screen.findByRole('list', { name: 'Time left' })).getAllByRole('listitem')[0]?.textContent).toBe('cumulus (host)19 days');
    await press('Renew cumulus…');
    const dialog = await screen.findByRole('dialog', { name: 'Renew cumulus' });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Renew' }));
    await waitFor(() => expect(asked('certificates.renew')).toEqual([{ id: 'cumulus', key: 'new', validity: { days: 730 } }]));
    // It is of use only where it is installed.
    await waitFor(() => expect(window.location.hash).toBe('#/certificates/set-up/cumulus'));
  });

  it('revokes only when told to, and removes only by name', async () => {
    const { asked } = show();
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
    const { asked } = show();
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
