// The questions that only a person can answer: they wait here until a window answers, or until nobody needs the answer any more.
import { randomUUID } from 'node:crypto';
import type { Lasting, Question } from '../../app/contract/questions.ts';
import { Refused } from '../../app/contract/refusal.ts';
import type { Surroundings } from '../transport/transport.ts';
import type { Answered, AskPerson, Remembering } from './remembering.ts';
import type { Services, Tell } from './services.ts';

interface Waiting {
  readonly host: string | null;
  readonly question: Question;
  readonly canRemember: Lasting | null;
  readonly answer: (answered: Answered) => void;
}

export class Questions {
  readonly #tell: Tell;
  readonly #isInteractive: boolean;
  readonly #remembering: Remembering;
  readonly #waiting = new Map<string, Waiting>();

  /** @param isInteractive false where there is nobody to ask: every question is declined then. */
  constructor(tell: Tell, isInteractive: boolean, remembering: Remembering) {
    this.#tell = tell;
    this.#isInteractive = isInteractive;
    this.#remembering = remembering;
  }

  /** How what concerns this computer alone asks. */
  get ofNoHost(): ReturnType<Questions['of']> {
    return this.of(null, () => true);
  }

  /**
   * How connecting to a host asks: what is remembered answers first, then whoever is there. A host that nobody verified is given no
   * remembered password: whoever poses as it would have it without a word.
   */
  of(host: string | null, isVerified: () => boolean): Required<Pick<Surroundings, 'ask' | 'accepted'>> {
    const person: AskPerson = async (question, canRemember, signal) => await this.#askPerson(host, question, canRemember, signal);
    return {
      ask: async (asked, stage) =>
        isVerified() || asked.kind === 'passphrase' ? await this.#remembering.ask(asked, stage, person) : (await person(asked, null, stage)).answer,
      accepted: (stage) => this.#remembering.accepted(stage),
    };
  }

  /** Puts a question about a host to whoever is there; declined once the signal aborts. */
  async #askPerson(host: string | null, question: Question, canRemember: Lasting | null, signal: AbortSignal): Promise<Answered> {
    const declined: Answered = { answer: { kind: 'declined' }, remember: false };
    if (!this.#isInteractive || signal.aborted) return declined;
    const id = randomUUID();
    return await new Promise((resolve) => {
      const settle = (answered: Answered): void => {
        signal.removeEventListener('abort', decline);
        this.#waiting.delete(id);
        this.#tell('connections', 'asked', { id });
        resolve(answered);
      };
      const decline = (): void => settle(declined);
      this.#waiting.set(id, { host, question, canRemember, answer: settle });
      signal.addEventListener('abort', decline, { once: true });
      this.#tell('connections', 'asked', { id });
    });
  }

  readonly services: Pick<Services['connections'], 'questions' | 'answer'> = {
    questions: async () => [...this.#waiting].map(([id, { host, question, canRemember }]) => ({ id, host, question, canRemember })),
    answer: async ({ id, answer, remember = false }) => {
      const waiting = this.#waiting.get(id);
      if (waiting === undefined) throw new Refused('bad-input', 'This question is not open any more.', { field: 'id' });
      const { question: asked } = waiting;
      if (answer.kind !== 'declined' && answer.kind !== asked.kind) throw new Refused('bad-input', `The question is for ${asked.kind}.`, { field: 'answer.kind' });
      if (answer.kind === 'prompts' && asked.kind === 'prompts' && answer.answers.length !== asked.prompts.length) {
        throw new Refused('bad-input', `The server asks for ${asked.prompts.length} answers.`, { field: 'answer.answers' });
      }
      waiting.answer({ answer, remember: remember && waiting.canRemember !== null });
      return null;
    },
  };
}
