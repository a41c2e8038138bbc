// Asks main as a window would, for tests: typed, through the door, a refusal thrown.
import type { AskName, Gives, SectionName, Takes } from '../../app/contract/contract.ts';
import type { Question, QuestionAnswer } from '../../app/contract/questions.ts';
import type { Answer } from '../../app/contract/refusal.ts';
import { Refused } from '../../app/contract/refusal.ts';
import type { Main } from './services.ts';

export type Asking = <S extends SectionName, A extends AskName<S>>(section: S, name: A, takes: Takes<S, A>) => Promise<Gives<S, A>>;

/** A caller that stays until `gone` aborts. */
export const asking = (main: Main, gone: AbortSignal = new AbortController().signal): Asking =>
  async <S extends SectionName, A extends AskName<S>>(section: S, name: A, takes: Takes<S, A>) => {
    const answer = (await main.answer(section, name, takes, { id: 'test', gone })) as Answer<Gives<S, A>>;
    if (answer.ok) return answer.value;
    const { code, message, ...more } = answer.refusal;
    throw new Refused(code, message, more);
  };

/** Answers what main asks in turn, and declines when there is no answer left. @returns what was asked so far. */
export const answering = (main: Main, ask: Asking, answers: readonly QuestionAnswer[], remember = false): readonly Question[] => {
  const asked: Question[] = [];
  const left = [...answers];
  main.listen((news) => {
    if (news.section !== 'connections' || news.name !== 'asked') return;
    void ask('connections', 'questions', {}).then(async ([open]) => {
      if (open === undefined) return;
      asked.push(open.question);
      await ask('connections', 'answer', { id: open.id, answer: left.shift() ?? { kind: 'declined' }, remember });
    });
  });
  return asked;
};
