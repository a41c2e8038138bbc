// Which questions a remembered answer settles, and what makes it remembered or forgotten: that the far side took it, or refused it.
import type { Purpose } from '../../app/contract/credentials.ts';
import type { Lasting, Question, QuestionAnswer } from '../../app/contract/questions.ts';
import { type RefusalCode, Refused } from '../../app/contract/refusal.ts';
import { type Secrets, purposeKey } from './secrets.ts';

/** What a person answers, and whether it is to be remembered. */
export interface Answered {
  readonly answer: QuestionAnswer;
  readonly remember: boolean;
}

/** Puts a question to a person; with `canRemember` null it is not offered to remember the answer. */
export type AskPerson = (question: Question, canRemember: Lasting | null, signal: AbortSignal) => Promise<Answered>;

/** A server's own question that wants the account's password, and not what is good for once only. */
const wantsPassword = (prompt: string): boolean =>
  /password|passwort|kennwort|mot de passe|contraseña|senha|пароль/i.test(prompt) && !/one.?time|otp|token|code|current|new|retype|again|expired|change/i.test(prompt);

/** PLAIN shows the password to the daemon, the others do not: what is remembered for one is not given to another. */
const familyOf = (mechanism: string): string => mechanism.replace(/^SCRAM-.*/, 'SCRAM');

/** What an answer to this question is for; null for all that is asked anew each time. */
const purposeOf = (question: Question): Purpose | null => {
  if (question.kind === 'password') {
    const { user, host, port } = question;
    return { kind: 'password', user, host, ...(port === undefined ? {} : { port }) };
  }
  if (question.kind === 'passphrase') return { kind: 'passphrase', keyFile: question.keyFile };
  if (question.kind === 'credentials') {
    const { host, mechanism, user } = question;
    return { kind: 'credentials', host, family: familyOf(mechanism), ...(user === undefined ? {} : { user }) };
  }
  if (question.kind !== 'prompts') return null;
  const { user, host, port, prompts: [only, ...others] } = question;
  if (only === undefined || others.length > 0 || only.echo || !wantsPassword(only.text)) return null;
  return { kind: 'prompt', user, host, prompt: only.text, ...(port === undefined ? {} : { port }) };
};

/** The question as it is put after a wrong answer. */
const saidAgain = (question: Question): Question => ('again' in question || question.kind === 'prompts' ? { ...question, again: true } : question);

/** How a stage ends when the answer given in it was refused. */
const refusedBy: Readonly<Record<Purpose['kind'], RefusalCode>> = { password: 'login-failed', prompt: 'login-failed', passphrase: 'key-unreadable', credentials: 'auth-failed' };

/** One stage of connecting, in which the same may be asked again when it was refused. */
interface Course {
  /** Purposes already looked up; where a remembered answer was given, true until it was refused. */
  readonly tried: Map<string, boolean>;
  /** What a person wants remembered once the stage ends well. */
  readonly toRemember: Map<string, { readonly purpose: Purpose; readonly answer: QuestionAnswer }>;
  /** What was asked last: the one that a refusal of the whole stage is about. */
  last: string | null;
}

/** Answers from what is remembered before a person is asked. */
export class Remembering {
  readonly #secrets: Secrets;
  readonly #complain: (error: unknown) => void;
  /** By the signal of the stage, which each of its questions comes with. */
  readonly #courses = new WeakMap<AbortSignal, Course>();

  constructor(secrets: Secrets, complain: (error: unknown) => void) {
    this.#secrets = secrets;
    this.#complain = complain;
  }

  /** The answer to a question of the stage that `signal` belongs to. */
  async ask(question: Question, signal: AbortSignal, person: AskPerson): Promise<QuestionAnswer> {
    const course = this.#courseOf(signal);
    const purpose = purposeOf(question);
    if (purpose === null) {
      course.last = null;
      return (await person(question, null, signal)).answer;
    }
    const key = purposeKey(purpose);
    course.last = key;
    const isRefused = course.tried.get(key) === true;
    if (!course.tried.has(key)) {
      const known = await this.#secrets.find(purpose);
      course.tried.set(key, known !== null);
      if (known !== null) {
        this.#forgetIfRefused(purpose, course, signal);
        return known;
      }
    } else if (isRefused) {
      course.tried.set(key, false);
      await this.#secrets.forgetFor(purpose);
    }
    const { answer, remember } = await person(isRefused ? saidAgain(question) : question, this.#secrets.lasts, signal);
    if (remember && answer.kind !== 'declined') course.toRemember.set(key, { purpose, answer });
    else course.toRemember.delete(key);
    return answer;
  }

  /** The stage ended well: what was answered in it was right. */
  accepted(signal: AbortSignal): void {
    for (const { purpose, answer } of this.#courses.get(signal)?.toRemember.values() ?? []) this.#secrets.remember(purpose, answer).catch(this.#complain);
  }

  #courseOf(signal: AbortSignal): Course {
    const known = this.#courses.get(signal);
    if (known !== undefined) return known;
    const course: Course = { tried: new Map(), toRemember: new Map(), last: null };
    this.#courses.set(signal, course);
    return course;
  }

  /** A server that hangs up after a wrong password asks no second time. */
  #forgetIfRefused(purpose: Purpose, course: Course, signal: AbortSignal): void {
    signal.addEventListener('abort', () => {
      const reason: unknown = signal.reason;
      const key = purposeKey(purpose);
      if (course.last !== key || course.tried.get(key) !== true || !(reason instanceof Refused) || reason.refusal.code !== refusedBy[purpose.kind]) return;
      this.#secrets.forgetFor(purpose).catch(this.#complain);
    }, { once: true });
  }
}
