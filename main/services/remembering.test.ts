// When a remembered answer is given, when an answer is remembered, and when it is forgotten; the far side is a stage that takes or refuses.
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Question, QuestionAnswer } from '../../app/contract/questions.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { runStage } from '../transport/stages.ts';
import type { Surroundings } from '../transport/transport.ts';
import { testFolder } from './folder.test-peer.ts';
import { Questions } from './questions.ts';
import { Remembering } from './remembering.ts';
import { testStorage } from './remembering.test-peer.ts';
import { Secrets } from './secrets.ts';
import type { Tell } from './services.ts';

const password: Question = { kind: 'password', user: 'ada', host: 'far', port: 22, again: false };
const given = (text: string): QuestionAnswer => ({ kind: 'password', password: text });

let secrets: Secrets;
let questions: Questions;
let isVerified = true;
let complaints: unknown[];
/** Each question as a person saw it, and what a person would answer, in order; nothing left = declined. */
let seen: { readonly question: Question; readonly canRemember: string | null }[];
let person: { readonly answer: QuestionAnswer; readonly remember?: boolean }[];

beforeEach(async () => {
  isVerified = true;
  complaints = [];
  seen = [];
  person = [];
  const opened = await Secrets.open({ path: join(await testFolder(), 'secrets.json'), storage: testStorage(), tell: () => undefined, complain: (error) => complaints.push(error) });
  secrets = opened;
  onTestFinished(async () => {
    await opened.close();
    expect(complaints).toEqual([]);
  });
  const caller = { id: 'test', gone: new AbortController().signal };
  const tell: Tell = (_section, name) => {
    if (name !== 'asked') return;
    void questions.services.questions({}, caller).then(async ([open]) => {
      if (open === undefined) return;
      seen.push(open);
      await questions.services.answer({ id: open.id, ...(person.shift() ?? { answer: { kind: 'declined' } }) }, caller);
    });
  };
  questions = new Questions(tell, true, new Remembering(secrets, (error) => complaints.push(error)));
});

/** One login: asks until an answer is right, saying `again` as SSH does. */
const logIn = async (isRight: (answer: QuestionAnswer) => boolean, question: Question = password, failure: 'login-failed' | 'timed-out' = 'login-failed', tries = 3): Promise<'in' | 'out'> => {
  const surroundings: Surroundings = { ...questions.of('host', () => isVerified), report: () => undefined, home: '/', env: {}, isRoot: false };
  try {
    await runStage({ stage: 'login', doing: 'Logging in', remedy: '' }, surroundings, new AbortController().signal, async ({ ask }) => {
      for (let index = 0; index < tries; index++) {
        const answer = await ask('again' in question ? { ...question, again: index > 0 } : question);
        if (answer.kind === 'declined') break;
        if (isRight(answer)) return { value: undefined, seen: '' };
      }
      throw new Refused(failure, 'No.', { stage: 'login' });
    });
    return 'in';
  } catch (error) {
    if (error instanceof Refused) return 'out';
    throw error;
  }
};
const right = (text: string) => (answer: QuestionAnswer): boolean => answer.kind === 'password' && answer.password === text;
/** What is remembered now; what was accepted a moment ago is on its way into the file. */
const remembered = async (wanted: readonly string[]): Promise<void> => await expect.poll(() => secrets.list().map(({ purpose }) => purpose.kind).toSorted()).toEqual(wanted);

describe('an answer that is to be remembered', () => {
  it('is given by itself from then on', async () => {
    person = [{ answer: given('sesame'), remember: true }];
    expect(await logIn(right('sesame'))).toBe('in');
    await remembered(['password']);
    expect([await logIn(right('sesame')), seen]).toEqual(['in', [expect.objectContaining({ host: 'host', question: password, canRemember: 'kept' })]]);
  });

  it('is remembered only once it was right', async () => {
    person = [{ answer: given('wrong'), remember: true }, { answer: given('sesame') }];
    expect(await logIn(right('sesame'))).toBe('in');
    person = [{ answer: given('wrong'), remember: true }];
    expect(await logIn(right('sesame'))).toBe('out');
    await remembered([]);
    expect(seen.length).toBe(4);
  });

  it('is not remembered without a tick, nor for another host or user', async () => {
    person = [{ answer: given('sesame') }, { answer: given('sesame'), remember: true }, { answer: given('other') }, { answer: given('third') }];
    await logIn(right('sesame'));
    await logIn(right('sesame'));
    await remembered(['password']);
    await logIn(right('other'), { ...password, host: 'farther' });
    await logIn(right('third'), { ...password, user: 'root' });
    expect(seen.length).toBe(4);
  });
});

describe('a remembered answer that is refused', () => {
  beforeEach(async () => {
    person = [{ answer: given('old'), remember: true }];
    await logIn(right('old'));
    await remembered(['password']);
    seen = [];
  });

  it('is forgotten, and a person is asked and told that it was wrong', async () => {
    person = [{ answer: given('new'), remember: true }];
    expect(await logIn(right('new'))).toBe('in');
    expect(seen).toMatchObject([{ question: { ...password, again: true } }]);
    await expect.poll(async () => await secrets.find({ kind: 'password', user: 'ada', host: 'far', port: 22 })).toEqual(given('new'));
  });

  it('is forgotten also by a server that hangs up at once', async () => {
    expect(await logIn(right('new'), password, 'login-failed', 1)).toBe('out');
    await remembered([]);
    expect(seen).toEqual([]);
  });

  it('is kept when the login fails for another reason', async () => {
    expect(await logIn(right('new'), password, 'timed-out', 1)).toBe('out');
    await remembered(['password']);
  });

  it('is kept when something asked after it was refused', async () => {
    const code: Question = { kind: 'prompts', user: 'ada', host: 'far', port: 22, name: '', instructions: '', prompts: [{ text: 'Verification code: ', echo: false }] };
    const surroundings: Surroundings = { ...questions.of('host', () => isVerified), report: () => undefined, home: '/', env: {}, isRoot: false };
    await runStage({ stage: 'login', doing: 'Logging in', remedy: '' }, surroundings, new AbortController().signal, async ({ ask }) => {
      expect(await ask(password)).toEqual(given('old'));
      await ask(code);
      throw new Refused('login-failed', 'No.', { stage: 'login' });
    }).catch((error: unknown) => expect(error).toBeInstanceOf(Refused));
    expect(seen).toMatchObject([{ question: code, canRemember: null }]);
    await remembered(['password']);
  });
});

describe('a question of the server itself', () => {
  const prompt = (...texts: readonly string[]): Question => ({ kind: 'prompts', user: 'ada', host: 'far', port: 22, name: '', instructions: '', prompts: texts.map((text) => ({ text, echo: false })) });
  const answers = (count: number): QuestionAnswer => ({ kind: 'prompts', answers: Array.from({ length: count }, () => 'sesame') });

  it.each([['Password: '], ['(ada@far) Password: '], ['Passwort: '], ['Mot de passe : ']])('%j is remembered, and asked again as one that was wrong', async (text) => {
    person = [{ answer: answers(1), remember: true }, { answer: answers(1) }];
    await logIn(() => true, prompt(text));
    await remembered(['prompt']);
    let tries = 0;
    await logIn(() => ++tries === 2, prompt(text));
    expect(seen.map(({ question, canRemember }) => [canRemember, question.kind === 'prompts' && question.again])).toEqual([['kept', undefined], ['kept', true]]);
    await remembered([]);
  });

  it.each([['Verification code: '], ['One-time password: '], ['Password + token: '], ['New password: '], ['PIN: ']])('%j never is', async (text) => {
    person = [{ answer: answers(1), remember: true }];
    await logIn(() => true, prompt(text));
    expect(seen).toMatchObject([{ canRemember: null }]);
    await remembered([]);
  });

  it('with two lines, or one that is shown while typed, never is', async () => {
    person = [{ answer: answers(2), remember: true }, { answer: answers(1), remember: true }];
    await logIn(() => true, prompt('User: ', 'Password: '));
    await logIn(() => true, { ...prompt(), prompts: [{ text: 'Password: ', echo: true }] } as Question);
    expect(seen).toMatchObject([{ canRemember: null }, { canRemember: null }]);
    await remembered([]);
  });
});

it('a host key is always a person’s to judge', async () => {
  person = [{ answer: { kind: 'hostKey', accept: 'once' }, remember: true }];
  expect(await logIn(() => true, { kind: 'hostKey', host: 'far', port: 22, keyType: 'ssh-ed25519', sha256: 'SHA256:x' })).toBe('in');
  expect(seen).toMatchObject([{ canRemember: null }]);
  await remembered([]);
});

it('a password that SCRAM proved is not given to PLAIN', async () => {
  const question = (mechanism: string): Question => ({ kind: 'credentials', host: 'far', mechanism, again: false });
  const login: QuestionAnswer = { kind: 'credentials', user: 'fred', password: 'sesame' };
  person = [{ answer: login, remember: true }];
  await logIn(() => true, question('SCRAM-SHA-512'));
  await remembered(['credentials']);
  expect([await logIn(() => true, question('SCRAM-SHA-1')), await logIn(() => true, question('PLAIN')), seen.length]).toEqual(['in', 'out', 2]);
});

it('a host that nobody verified is given no remembered password, and it is not offered to remember one; passphrases stay here', async () => {
  person = [{ answer: given('sesame'), remember: true }, { answer: given('sesame'), remember: true }, { answer: { kind: 'passphrase', passphrase: 'x' }, remember: true }];
  await logIn(right('sesame'));
  await remembered(['password']);
  isVerified = false;
  expect(await logIn(right('sesame'))).toBe('in');
  await logIn(() => true, { kind: 'passphrase', keyFile: '/k', again: false });
  expect(seen.map(({ canRemember }) => canRemember)).toEqual(['kept', null, 'kept']);
  await remembered(['passphrase', 'password']);
});
