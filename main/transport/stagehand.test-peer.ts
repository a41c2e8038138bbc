// What the tests of the transports share: surroundings that record, and answer from a list.
import type { Question, QuestionAnswer } from '../../app/contract/questions.ts';
import { Refused, type Refusal } from '../../app/contract/refusal.ts';
import type { Surroundings } from './transport.ts';

export interface Stagehand {
  readonly surroundings: Surroundings;
  /** Each report as a short line, in order. */
  readonly stages: () => readonly string[];
  readonly questions: readonly Question[];
}

/** Surroundings whose person gives `answers` in order and then declines. */
export function stagehand(
  own: Partial<Surroundings> & Pick<Surroundings, 'home'>,
  answers: readonly QuestionAnswer[] = [],
): Stagehand {
  const lines: string[] = [];
  const questions: Question[] = [];
  const surroundings: Surroundings = {
    ask: async (question) => answers[questions.push(question) - 1] ?? { kind: 'declined' },
    report: (report) =>
      lines.push(
        report.outcome === 'started' ? `${report.stage} started`
        : report.outcome === 'done' ? `${report.stage} done: ${report.seen}`
        : `${report.stage} failed: ${report.refusal.code}`,
      ),
    env: {},
    isRoot: false,
    ...own,
  };
  return { surroundings, stages: () => lines, questions };
}

/** The refusal a promise ends in; a value, or any other error, fails the test. */
export async function refusalOf(promise: Promise<unknown>): Promise<Refusal> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
  throw new Error('expected a refusal, and got a value');
}
