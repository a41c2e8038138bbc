// @vitest-environment happy-dom
// Bad input on the page of certificates: each gets its message at the field it is wrong in, and nothing is made of it.
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mostFileBytes } from '../../../app/contract/certificates.ts';
import { Refused } from '../../../app/contract/refusal.ts';
import { choose, heading, press, showPage, type } from './page.test-peer.tsx';

afterEach(cleanup);
beforeEach(() => {
  window.location.hash = '';
});

/** What is said of a field: its own description, as a screen reader tells it. */
const saidOf = (field: HTMLElement): string => (field.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
const isMarked = (field: HTMLElement): boolean => field.getAttribute('aria-invalid') === 'true';

const toHostStep = async (): Promise<(name: string) => unknown[]> => {
  const { asked } = await showPage({ setUp: 'atlas' });
  await press('Next: host certificate');
  await screen.findByText('10.0.4.11');
  return asked;
};

describe('in the wizard', () => {
  it('an authority without a name', async () => {
    const { asked } = await showPage({ setUp: 'atlas' });
    await choose(/^Authority/, 'A new authority');
    type('Name', ' ');
    type('Passphrase', 'long enough');
    type('Passphrase again', 'long enough');
    await press('Next: host certificate');
    expect([saidOf(screen.getByLabelText('Name')), isMarked(screen.getByLabelText('Name')), asked('certificates.createAuthority')]).toEqual(['A common name is needed.', true, []]);
    expect(document.activeElement).toBe(screen.getByLabelText('Name'));
  });

  it('a country that is none, and a passphrase that is too short', async () => {
    const { asked } = await showPage({ setUp: 'atlas' });
    await choose(/^Authority/, 'A new authority');
    await press('Unit, locality, state, country');
    type('Country', 'Norway');
    type('Passphrase', 'short');
    expect([saidOf(screen.getByLabelText('Country')), saidOf(screen.getByLabelText('Passphrase'))]).toEqual(['A country is two capital letters, such as DE.', 'At least eight characters.']);
    await press('Next: host certificate');
    expect(asked('certificates.createAuthority')).toEqual([]);
  });

  it.each([
    ['atlas_1,', /^atlas_1: neither a DNS name nor an IP address/],
    ['10.0.0.300,', /^10\.0\.0\.300: neither a DNS name nor an IP address/],
    ['fe80::12345,', /^fe80::12345: neither a DNS name nor an IP address/],
    ['10.0.4.11,', /^10\.0\.4\.11: 10\.0\.4\.11 is in the list twice/],
    ['2001:DB8:0::11,', /^2001:DB8:0::11: 2001:db8::11 is in the list twice/],
  ])('a name of a host such as %s', async (typed, words) => {
    const asked = await toHostStep();
    type('DNS names and IP addresses', typed);
    const field = screen.getByLabelText('DNS names and IP addresses');
    await waitFor(() => expect(saidOf(field)).toMatch(words));
    expect(isMarked(field)).toBe(true);
    await press('Next: client certificate');
    expect(asked('certificates.createHost')).toEqual([]);
  });

  it('an end before the start, an end that is left out, and no days at all', async () => {
    const asked = await toHostStep();
    type('Valid for', '0');
    expect(isMarked(screen.getByLabelText('Valid for'))).toBe(true);
    type('Valid for', '730');
    await press('From one date to another');
    type('Valid from', '2027-03-02');
    type('Valid until', '2027-03-01');
    expect([saidOf(screen.getByLabelText('Valid until')), isMarked(screen.getByLabelText('Valid until'))]).toEqual(['The end is before the start.', true]);
    await press('Next: client certificate');
    type('Valid until', '');
    expect(saidOf(screen.getByLabelText('Valid until'))).toBe('A date is needed.');
    await press('Next: client certificate');
    expect(asked('certificates.createHost')).toEqual([]);
    type('Valid until', '2027-03-03');
    await press('Next: client certificate');
    await heading('Certificate for this computer');
    expect(asked('certificates.createHost')).toMatchObject([{ validity: { notBefore: new Date(2027, 2, 2).getTime(), notAfter: new Date(2027, 2, 3, 23, 59, 59).getTime() } }]);
  });

  it('what only main finds wrong, at its field as well', async () => {
    await showPage({ setUp: 'atlas' }, async (bridge) => {
      const { ask } = bridge;
      bridge.ask = async (section, name, takes) => (name === 'createHost' ? { ok: false, refusal: new Refused('bad-input', 'The certificate would end before its authority begins.', { field: 'validity.days' }).refusal } : await ask(section, name, takes));
    });
    await press('Next: host certificate');
    await screen.findByText('10.0.4.11');
    await press('Next: client certificate');
    await waitFor(() => expect(saidOf(screen.getByLabelText('Valid for'))).toBe('The certificate would end before its authority begins.'));
    expect(screen.queryByText('Not made')).toBeNull();
  });

  it('a client without a name', async () => {
    const asked = await toHostStep();
    await press('Next: client certificate');
    await heading('Certificate for this computer');
    await choose(/^Certificate/, 'A new certificate');
    type('Name', '');
    await press('Next: install');
    expect([saidOf(screen.getByLabelText('Name')), asked('certificates.createClient')]).toEqual(['A common name is needed.', []]);
  });
});

describe('on import', () => {
  const pick = (file: File): void => {
    fireEvent.change(screen.getByLabelText('Files'), { target: { files: [file] } });
  };
  const opened = async (before?: Parameters<typeof showPage>[1]) => {
    const { asked } = await showPage({}, before);
    await press('Import…');
    const dialog = within(await screen.findByRole('dialog', { name: 'Import' }));
    return { asked, dialog, send: () => fireEvent.click(dialog.getByRole('button', { name: 'Import' })) };
  };

  it('a file of 16 MB, which is not even read', async () => {
    const { asked, dialog } = await opened();
    const large = new File([new Uint8Array(16 * mostFileBytes)], 'disk.img');
    pick(large);
    expect((await dialog.findByRole('alert')).textContent).toBe('disk.img has more than 1 MiB, which no certificate has.');
    expect([dialog.getByRole('button', { name: 'Import' }).hasAttribute('disabled'), asked('certificates.importAuthority')]).toEqual([true, []]);
  });

  it('a file without a certificate in it', async () => {
    const { dialog, send } = await opened();
    pick(new File(['-----BEGIN NONSENSE-----\nx\n'], 'ca.pem'));
    await dialog.findByText('ca.pem');
    send();
    expect((await dialog.findAllByText('There is no certificate in this file.')).some((one) => one.closest('[role=alert]')?.previousElementSibling?.getAttribute('aria-label') === 'Files')).toBe(true);
  });

  it('a passphrase that does not open the file', async () => {
    const { dialog, send } = await opened(async (bridge) => {
      const { ask } = bridge;
      bridge.ask = async (section, name, takes) => (name === 'importAuthority' ? { ok: false, refusal: new Refused('key-unreadable', 'The passphrase does not open the file.', { field: 'passphrase' }).refusal } : await ask(section, name, takes));
    });
    pick(new File(['-----BEGIN CERTIFICATE-----'], 'ca.p12'));
    await dialog.findByText('ca.p12');
    fireEvent.change(dialog.getByLabelText('Passphrase of the file'), { target: { value: 'wrong' } });
    send();
    await waitFor(() => expect(saidOf(dialog.getByLabelText('Passphrase of the file'))).toBe('The passphrase does not open the file.'));
  });
});

it('a request that is none, where it was pasted', async () => {
  await showPage({}, async (bridge) => {
    const { ask } = bridge;
    bridge.ask = async (section, name, takes) => (name === 'readRequest' ? { ok: false, refusal: new Refused('bad-input', 'The request cannot be used: there is none in it.', { field: 'request' }).refusal } : await ask(section, name, takes));
  });
  await press('New');
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Certificate for a request…' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Sign a request' }));
  fireEvent.change(dialog.getByLabelText('Request (PEM)'), { target: { value: 'junk' } });
  fireEvent.click(dialog.getByRole('button', { name: 'Read it' }));
  await waitFor(() => expect(saidOf(dialog.getByLabelText('Request (PEM)'))).toBe('The request cannot be used: there is none in it.'));
});
