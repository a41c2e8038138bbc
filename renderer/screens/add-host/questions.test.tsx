// @vitest-environment happy-dom
// Questions of connecting: what is asked, what the default is, what is answered.
import { ThemeProvider } from '@mui/material/styles';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { Gives } from '../../../app/contract/contract.ts';
import type { Lasting, Question } from '../../../app/contract/questions.ts';
import { ApiProvider, createApi } from '../../api/api.tsx';
import { standIn } from '../../stand-in/bridge.ts';
import { connections } from '../../stand-in/data.ts';
import { theme } from '../../ui/theme.ts';
import { Questions } from './questions.tsx';

afterEach(cleanup);

/** Shows the dialog of a question; gives what is answered, and the whole cache as text. */
const showQuestion = (question: Question, canRemember: Lasting | null = null, storage: Gives<'credentials', 'storage'> = { available: true, name: 'Test keyring' }) => {
  const inner = standIn({ guests: 0, hosts: true, pace: 0 });
  const answers: unknown[] = [];
  const api = createApi({
    up: () => true,
    onChange: () => () => undefined,
    bridge: {
      listen: inner.listen,
      open: inner.open,
      ask: (section, name, takes) => {
        if (name === 'questions') return Promise.resolve({ ok: true, value: [{ id: 'q1', host: 'atlas', question, canRemember }] });
        if (name === 'storage') return Promise.resolve({ ok: true, value: storage });
        if (name !== 'answer') return inner.ask(section, name, takes);
        answers.push(takes);
        return Promise.resolve({ ok: true, value: null });
      },
    },
  });
  render(<ThemeProvider theme={theme}><ApiProvider api={api}><Questions connections={connections} /></ApiProvider></ThemeProvider>);
  return { answers, kept: () => JSON.stringify([api.queries.getMutationCache().getAll().map(({ state }) => state), api.queries.getQueryCache().getAll().map(({ state }) => state.data)]) };
};

it('an unknown host key is shown with its fingerprint, and refusing is the default', async () => {
  const { answers } = showQuestion({ kind: 'hostKey', host: 'atlas', port: 22, keyType: 'ssh-ed25519', sha256: 'SHA256:abc' });
  expect((await screen.findByRole('dialog')).textContent).toContain('SHA256:abc');
  const refuse = screen.getByRole('button', { name: 'Refuse' });
  expect(document.activeElement).toBe(refuse);
  fireEvent.click(refuse);
  fireEvent.click(screen.getByRole('button', { name: 'Accept always' }));
  await waitFor(() => expect(answers).toEqual([{ id: 'q1', answer: { kind: 'declined' } }, { id: 'q1', answer: { kind: 'hostKey', accept: 'always' } }]));
});

it('a password is not shown, is sent once, and is kept nowhere in the window', async () => {
  const { answers, kept } = showQuestion({ kind: 'password', user: 'root', host: 'atlas', again: true });
  const field = await screen.findByLabelText('Password');
  expect([field.getAttribute('type'), screen.getByRole('alert').textContent]).toEqual(['password', 'That was not accepted.']);
  fireEvent.change(field, { target: { value: 'hunter2' } });
  fireEvent.click(screen.getByRole('button', { name: 'Log in' }));
  await waitFor(() => expect(answers).toEqual([{ id: 'q1', answer: { kind: 'password', password: 'hunter2' } }]));
  expect(kept()).not.toContain('hunter2');
});

it("a server's own prompts are shown as it asks, hidden where it says so", async () => {
  const { answers } = showQuestion({ kind: 'prompts', user: 'root', host: 'atlas', name: 'Two factors', instructions: 'Have your token ready.', prompts: [{ text: 'Name', echo: true }, { text: 'Code', echo: false }] });
  fireEvent.change(await screen.findByLabelText('Name'), { target: { value: 'me' } });
  const code = screen.getByLabelText('Code');
  expect(code.getAttribute('type')).toBe('password');
  fireEvent.change(code, { target: { value: '42' } });
  fireEvent.click(screen.getByRole('button', { name: 'Answer' }));
  await waitFor(() => expect(answers).toEqual([{ id: 'q1', answer: { kind: 'prompts', answers: ['me', '42'] } }]));
});

it('a password is remembered only where that is ticked, and the box says where and how long', async () => {
  const { answers } = showQuestion({ kind: 'password', user: 'root', host: 'atlas', again: false }, 'kept');
  const tick = await screen.findByRole('checkbox', { name: 'Remember' });
  await screen.findByText('Kept encrypted by Test keyring, and forgotten when it is refused.');
  expect(tick).toHaveProperty('checked', false);
  fireEvent.change(screen.getByLabelText('Password'), { target: { value: 'hunter2' } });
  fireEvent.click(screen.getByRole('button', { name: 'Log in' }));
  fireEvent.click(tick);
  fireEvent.click(screen.getByRole('button', { name: 'Log in' }));
  const answer = { kind: 'password', password: 'hunter2' };
  await waitFor(() => expect(answers).toEqual([{ id: 'q1', answer }, { id: 'q1', answer, remember: true }]));
});

it('without a safe storage the box says that it is for this run, and why', async () => {
  showQuestion({ kind: 'passphrase', keyFile: '/k', again: false }, 'session', { available: false, why: 'There is none here.' });
  await screen.findByText('Kept until Guestdeck is closed, and forgotten when it is refused. There is none here.');
});

it('what is good for once only has no such box', async () => {
  showQuestion({ kind: 'prompts', user: 'root', host: 'atlas', name: '', instructions: '', prompts: [{ text: 'Code', echo: false }], again: true });
  expect((await screen.findByRole('alert')).textContent).toBe('That was not accepted.');
  expect(screen.queryByRole('checkbox')).toBeNull();
});
