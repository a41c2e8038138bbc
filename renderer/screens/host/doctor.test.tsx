// @vitest-environment happy-dom
// The doctor in the window: what it shows, and that a remedy runs only after its command was shown.
import { ThemeProvider } from '@mui/material/styles';
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { DoctorReport } from '../../../app/contract/doctor.ts';
import { ApiProvider, createApi } from '../../api/api.tsx';
import { standIn } from '../../stand-in/bridge.ts';
import { connections } from '../../stand-in/data.ts';
import { theme } from '../../ui/theme.ts';
import { ConnectionRefusal, DoctorCard } from './doctor.tsx';
import { textOf } from './doctor-text.ts';

afterEach(cleanup);

const failed = connections.find(({ state }) => state.phase === 'failed');
if (failed === undefined) throw new Error('the stand-in has no host that failed');

/** Shows something of the host that failed; gives all that is asked of main. */
const show = (shown: React.ReactNode) => {
  const bridge = standIn({ guests: 0, hosts: true, pace: 0 });
  render(<ThemeProvider theme={theme}><ApiProvider api={createApi({ bridge, up: () => true, onChange: () => () => undefined })}>{shown}</ApiProvider></ThemeProvider>);
  return { asked: (name: string) => bridge.asked.filter(({ ask }) => ask === `connections.${name}`).map(({ takes }) => takes) };
};

it('shows each stage with its time, what was seen closer, and what was not reached', async () => {
  show(<DoctorCard connection={failed} />);
  fireEvent.click(screen.getByRole('button', { name: 'Examine' }));
  const stages = within(await screen.findByRole('list', { name: 'Stages examined' })).getAllByRole('listitem').map((each) => each.textContent ?? '');
  expect(stages).toContainEqual(expect.stringMatching(/Host key.*SHA256.*64 ms/));
  expect(stages).toContainEqual(expect.stringContaining('Not reached.'));
  expect(within(screen.getByRole('list', { name: 'Seen by a closer look' })).getAllByRole('listitem')).toHaveLength(4);
  expect(screen.getByRole('status').textContent).toContain('A stage failed.');
});

it('runs a remedy only when its command was shown and told to, and then shows the host anew', async () => {
  const { asked } = show(<DoctorCard connection={failed} />);
  fireEvent.click(screen.getByRole('button', { name: 'Examine' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Start libvirtd.socket…' }));
  const dialog = await screen.findByRole('dialog', { name: 'Start libvirtd.socket' });
  expect(within(dialog).getByRole('region', { name: 'Command' }).textContent).toBe('systemctl start libvirtd.socket');
  expect(asked('remedy')).toEqual([]);
  fireEvent.click(within(dialog).getByRole('button', { name: 'Run' }));
  await waitFor(() => expect(within(dialog).getByRole('status').textContent).toContain('All stages are well now.'));
  expect(asked('remedy')).toEqual([{ id: failed.id, remedy: { kind: 'startUnit', unit: 'libvirtd.socket' } }]);
  fireEvent.click(within(dialog).getByRole('button', { name: 'Close' }));
  await waitFor(() => expect(screen.getByRole('status').textContent).toContain('All stages are well.'));
  expect(screen.getByRole('button', { name: 'Connect now' })).toBeTruthy();
});

it('only shows what is for a person to type', async () => {
  show(<DoctorCard connection={failed} />);
  fireEvent.click(screen.getByRole('button', { name: 'Examine' }));
  fireEvent.click(await screen.findByRole('button', { name: 'A polkit rule for this user…' }));
  const dialog = await screen.findByRole('dialog');
  expect(dialog.textContent).toContain('To be typed on the host.');
  expect(within(dialog).queryByRole('button', { name: 'Run' })).toBeNull();
});

it('begins at once where connecting failed, and offers what the refusal itself does', async () => {
  const { asked } = show(<ConnectionRefusal id={failed.id} name={failed.name} refusal={{ code: 'host-key-unknown', message: 'Never seen.', stage: 'hostKey', offers: [{ kind: 'acceptHostKey' }] }} />);
  expect(screen.getByRole('button', { name: 'Look at the host key again…' })).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Look closer…' }));
  await screen.findByRole('dialog', { name: `Doctor of ${failed.name}` });
  await screen.findByRole('list', { name: 'Stages examined' });
  expect(asked('doctor')).toEqual([{ id: failed.id }]);
});

it('leads to the wizard of certificates for that host, where they are what is missing', async () => {
  show(<ConnectionRefusal id={failed.id} name={failed.name} refusal={{ code: 'certificate-untrusted', message: 'Not signed.', stage: 'certificate', offers: [{ kind: 'makeCertificates', host: 'cumulus' }] }} />);
  fireEvent.click(screen.getByRole('button', { name: 'Make certificates…' }));
  expect(window.location.hash).toBe(`#/certificates/set-up/${failed.id}`);
  expect(screen.queryByRole('dialog')).toBeNull();
});

it('a report as text has every stage, every finding and every command', () => {
  const report: DoctorReport = {
    uri: 'qemu+ssh://a/system', at: 0, well: false,
    stages: [
      { outcome: 'done', stage: 'name', seen: '10.0.0.1', milliseconds: 3.4, warnings: ['slow'] },
      { outcome: 'failed', stage: 'port', refusal: { code: 'unreachable', message: 'Nothing listens.', remedy: 'Start it.' }, milliseconds: 1234, findings: ['It was refused.'] },
      { outcome: 'skipped', stage: 'login', why: 'Not reached.' },
    ],
    remedies: [{ remedy: { kind: 'openPort', port: 22 }, label: 'Open port 22', effect: '', command: null }],
  };
  expect(textOf(report)).toBe([
    'qemu+ssh://a/system, 1970-01-01T00:00:00.000Z: a stage failed', 'Host name: 10.0.0.1 (3 ms)', '  note: slow',
    'Port: FAILED (1.2 s, unreachable): Nothing listens.', '  remedy: Start it.', '  seen: It was refused.', 'Login: skipped. Not reached.', 'Can be done: Open port 22', '',
  ].join('\n'));
});
