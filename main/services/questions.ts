// The questions that only a person can answer: they wait here until a window answers, or until nobody needs the answer any more.
import { randomUUID } from 'node:crypto';
import type { Question, QuestionAnswer } from '../../app/contract/questions.ts';
import { Refused } from '../../app/contract/refusal.ts';
import type { Services, Tell } from './services.ts';

interface Waiting {
  readonly host: string;
  readonly question: Question;
  readonly answer: (answer: QuestionAnswer) => void;
}

export class Questions {
  readonly #tell: Tell;
  readonly #isInteractive: boolean;
  readonly #waiting = new Map<string, Waiting>();

  /** @param isInteractive false where there is nobody to ask: every question is declined then. */
  constructor(tell: Tell, isInteractive: boolean) {
    this.#tell = tell;
    this.#isInteractive = isInteractive;
  }

  /** Puts a question about a host to whoever is there; declined once the signal aborts. */
  async ask(host: string, question: Question, signal: AbortSignal): Promise<QuestionAnswer> {
    if (!this.#isInteractive || signal.aborted) return { kind: 'declined' };
    const id = randomUUID();
    return await new Promise((resolve) => {
      const settle = (answer: QuestionAnswer): void => {
        signal.removeEventListener('abort', decline);
        this.#waiting.delete(id);
        this.#tell('connections', 'asked', { id });
        resolve(answer);
      };
      const decline = (): void => settle({ kind: 'declined' });
      this.#waiting.set(id, { host, question, answer: settle });
      signal.addEventListener('abort', decline, { once: true });
      this.#tell('connections', 'asked', { id });
    });
  }

  readonly services: Pick<Services['connections'], 'questions' | 'answer'> = {
    questions: async () => [...this.#waiting].map(([id, { host, question }]) => ({ id, host, question })),
    answer: async ({ id, answer }) => {
      const waiting = this.#waiting.get(id);
      if (waiting === undefined) throw new Refused('bad-input', 'This question is not open any more.', { field: 'id' });
      const { question: asked } = waiting;
      if (answer.kind !== 'declined' && answer.kind !== asked.kind) throw new Refused('bad-input', `The question is for ${asked.kind}.`, { field: 'answer.kind' });
      if (answer.kind === 'prompts' && asked.kind === 'prompts' && answer.answers.length !== asked.prompts.length) {
        throw new Refused('bad-input', `The server asks for ${asked.prompts.length} answers.`, { field: 'answer.answers' });
      }
      waiting.answer(answer);
      return null;
    },
  };
}
