// @vitest-environment happy-dom
// The warning of certificates that end: sixty, thirty and seven days before, in words and ever louder, and not before that.
import { ThemeProvider } from '@mui/material/styles';
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { Gives } from '../../../app/contract/contract.ts';
import { expiryAt, warningOf } from '../../../app/pki/expiry.ts';
import { ApiProvider, createApi, useAsk } from '../../api/api.tsx';
import { standIn } from '../../stand-in/bridge.ts';
import { colors } from '../../ui/colors.ts';
import { theme } from '../../ui/theme.ts';
import { ExpiryBadge, ExpiryNotice } from './expiry-notice.tsx';

afterEach(cleanup);

const day = 86_400_000;

/** What `health.warnings` gives of certificates that end in so many days. */
const warnings = (days: readonly number[]): Gives<'health', 'warnings'> => days.flatMap((left, index) => {
  const [notBefore, notAfter] = [Date.now() - 700 * day, Date.now() + left * day + day / 2];
  const expiry = expiryAt({ notBefore: new Date(notBefore), notAfter: new Date(notAfter) }, new Date());
  const warning = warningOf(expiry);
  return warning === null ? [] : [{ fingerprint: `${index}`, kind: 'host' as const, label: `host-${index}`, subject: '', issuer: '', notBefore, notAfter, expiry, warning, places: [{ at: 'kept' as const, id: `${index}` }] }];
});

const Answered = (): React.ReactNode => (useAsk('health', 'warnings', {}).data === undefined ? null : <span>answered</span>);

const show = async (days: readonly number[]): Promise<void> => {
  const bridge = standIn({ guests: 0, hosts: true, pace: 0 });
  const { ask } = bridge;
  bridge.ask = async (section, name, takes) => (name === 'warnings' ? { ok: true, value: warnings(days) } : await ask(section, name, takes));
  render(<ThemeProvider theme={theme}><ApiProvider api={createApi({ bridge, up: () => true, onChange: () => () => undefined })}><Answered /><ExpiryNotice linked /><ExpiryBadge /></ApiProvider></ThemeProvider>);
  await screen.findByText('answered');
};

const { accent, warn, bad } = colors.light;

it.each([
  [59, 'The certificate of the host host-0 expires in 59 days. Look at certificates', accent],
  [29, 'The certificate of the host host-0 expires in 29 days. Look at certificates', warn],
  [6, 'The certificate of the host host-0 expires in 6 days. Look at certificates', bad],
  [-3, 'The certificate of the host host-0 expired 2 days ago. Look at certificates', bad],
] as const)('with %i days left', async (days, words, tone) => {
  await show([days]);
  const notice = screen.getByRole('alert');
  expect([notice.textContent, getComputedStyle(notice).backgroundColor]).toEqual([words, tone.soft]);
  expect(screen.getByRole('link', { name: 'Look at certificates' }).getAttribute('href')).toBe('#/certificates');
});

it('says how many more there are, and nothing while all is far away', async () => {
  await show([6, 40, 50, 900]);
  expect([screen.getByRole('alert').textContent, screen.getByText('3 expire')]).toMatchObject(['The certificate of the host host-0 expires in 6 days. 2 others are within 60 days of the end, or past it. Look at certificates', {}]);
  cleanup();
  await show([60, 900]);
  expect([screen.queryByRole('alert'), screen.queryByText(/expire/)]).toEqual([null, null]);
});
