// Runs one stage of reaching a host: its time limit, its cancellation, its report.
import type { Question, QuestionAnswer } from '../../app/contract/questions.ts';
import { Refused, type Stage } from '../../app/contract/refusal.ts';
import type { Surroundings } from './transport.ts';

const defaultLimit = 10_000;

/** What the work of a stage gets. */
export interface Step {
  /** Aborts when the caller gives up or the time is over: the work then frees what it holds. */
  readonly signal: AbortSignal;
  /** Asks a person; the stage's clock stands still meanwhile. */
  readonly ask: (question: Question) => Promise<QuestionAnswer>;
}

/** What a stage brought: its value, and what was found in words for a person. */
export interface Found<T> {
  readonly value: T;
  readonly seen: string;
}

/** What a stage is about: its name, what is being done (as in "… took longer than"), and what to try when time runs out. */
export interface StageSubject {
  readonly stage: Stage;
  readonly doing: string;
  readonly remedy: string;
}

/**
 * Runs `work` under the stage's time limit and reports its beginning and end.
 * The promise settles when the time is over or the caller gives up, whether or not `work` does.
 * @throws Refused: `timed-out`, `cancelled`, or what `work` threw.
 */
export async function runStage<T>(
  subject: StageSubject,
  surroundings: Surroundings,
  caller: AbortSignal,
  work: (step: Step) => Promise<Found<T>>,
): Promise<T> {
  const { stage, doing, remedy } = subject;
  const limit = surroundings.stageLimit ?? defaultLimit;
  const clock = new Clock(limit);
  const ended = new AbortController();
  let onAbort = (): void => undefined;
  const ask = async (question: Question): Promise<QuestionAnswer> => {
    clock.pause();
    try {
      return await surroundings.ask(question, ended.signal);
    } finally {
      clock.resume();
    }
  };
  surroundings.report({ stage, outcome: 'started' });
  try {
    const { value, seen } = await new Promise<Found<T>>((resolve, reject) => {
      const giveUp = (refused: Refused): void => {
        reject(refused);
        ended.abort(refused);
      };
      onAbort = () => giveUp(new Refused('cancelled', `${doing} was given up.`, { stage }));
      if (caller.aborted) {
        onAbort();
        return;
      }
      caller.addEventListener('abort', onAbort);
      clock.start(() => giveUp(new Refused('timed-out', `${doing} took longer than ${limit / 1000} s.`, { stage, remedy })));
      work({ signal: ended.signal, ask }).then(resolve, reject);
    });
    surroundings.accepted?.(ended.signal);
    surroundings.report({ stage, outcome: 'done', seen, milliseconds: clock.stop() });
    return value;
  } catch (thrown) {
    const error = placed(thrown, stage);
    ended.abort(error);
    const milliseconds = clock.stop();
    if (error instanceof Refused) surroundings.report({ stage, outcome: 'failed', refusal: error.refusal, milliseconds });
    throw error;
  } finally {
    caller.removeEventListener('abort', onAbort);
  }
}

/** A refusal that does not say where it happened happened here: a connection that breaks does so in any stage. */
function placed(error: unknown, stage: Stage): unknown {
  if (!(error instanceof Refused) || error.refusal.stage !== undefined) return error;
  const { code, message, ...more } = error.refusal;
  return new Refused(code, message, { ...more, stage }, { cause: error });
}

/** A stopwatch with an alarm that can stand still. */
class Clock {
  readonly #limit: number;
  #run = 0;
  #since: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #alarm: () => void = () => undefined;
  #stopped = false;

  constructor(limit: number) {
    this.#limit = limit;
  }
  start(alarm: () => void): void {
    this.#alarm = alarm;
    this.resume();
  }
  resume(): void {
    if (this.#stopped || this.#since !== undefined) return;
    this.#since = performance.now();
    this.#timer = setTimeout(this.#alarm, this.#limit - this.#run);
  }
  pause(): void {
    if (this.#since === undefined) return;
    this.#run += performance.now() - this.#since;
    this.#since = undefined;
    clearTimeout(this.#timer);
  }
  /** The milliseconds run. */
  stop(): number {
    this.pause();
    this.#stopped = true;
    return this.#run;
  }
}
