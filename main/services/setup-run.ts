// Takes the steps of a plan on a host, looks whether it works, and puts all of it back where it does not: also after the host was lost and came back.
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { SetupReport } from '../../app/contract/setup.ts';
import { Refused, type Refusal } from '../../app/contract/refusal.ts';
import { beginScript, finishScript, type HostStep, readJournal, rootJournal, showScript, stepScript, takeBack, type TakenBack, troubleOf } from '../host/journal.ts';
import type { Shell } from '../host/shell.ts';
import type { Planned } from './setup-plan.ts';

/** A login on the host, as root where the steps need it. */
export interface Reached {
  readonly shell: Shell;
  /** The folder of the journal there. */
  readonly folder: string;
  readonly close: () => void;
}

export interface SetupOwner {
  /** Logs in afresh. Throws Refused. */
  readonly reach: (signal: AbortSignal) => Promise<Reached>;
  /** Connects by TLS; answers what was seen. Throws Refused. */
  readonly verify: (at: NonNullable<Planned['verify']>, signal: AbortSignal) => Promise<string>;
  readonly progress: (step: number, outcome: Outcome) => void;
  /** Longest time a host that is lost is waited for, in milliseconds. */
  readonly patience: number;
  /** Longest time of one step, in milliseconds. */
  readonly stepLimit: number;
  readonly complain: (error: unknown) => void;
}

type Outcome = SetupReport['steps'][number]['outcome'];

/** The journal's folder for changes that need no root, in the home of the user. */
export const journalFolder = (home: string, asRoot: boolean): string => (asRoot ? rootJournal : `${home}/.local/state/guestdeck`);

const interruptedBefore = (): Refused =>
  new Refused('changed-meanwhile', 'An earlier change on this host was not brought to its end; nothing was done.', { remedy: 'Put it back first.' });

/** One change as it goes on. */
class Run {
  readonly #planned: Planned;
  readonly #owner: SetupOwner;
  readonly #closing: AbortSignal;
  readonly #stamp: string;
  readonly #outcomes: { outcome: Outcome; refusal?: Refusal }[];
  #reached: Reached | null = null;
  /** Whether every step was taken and the journal may be gone. */
  #isFinishing = false;
  verified: string | null = null;

  constructor(planned: Planned, owner: SetupOwner, closing: AbortSignal) {
    this.#planned = planned;
    this.#owner = owner;
    this.#closing = closing;
    this.#stamp = `${planned.plan.basis.split('.')[0] ?? ''}-${randomBytes(4).toString('hex')}`;
    this.#outcomes = planned.plan.steps.map(() => ({ outcome: 'not-reached' }));
  }

  report(outcome: SetupReport['outcome'], refusal?: Refusal): SetupReport {
    const steps = this.#planned.plan.steps.map(({ title }, at) => ({ title, ...(this.#outcomes[at] ?? { outcome: 'not-reached' as const }) }));
    return { outcome, steps, ...(refusal !== undefined && { refusal }), verified: outcome === 'complete' ? this.verified : null };
  }

  #tell(step: number, outcome: Outcome, refusal?: Refusal): void {
    this.#outcomes[step] = { outcome, ...(refusal !== undefined && { refusal }) };
    this.#owner.progress(step, outcome);
  }

  get #limit(): AbortSignal {
    return AbortSignal.any([this.#closing, AbortSignal.timeout(this.#owner.stepLimit)]);
  }

  async #at(): Promise<Reached> {
    return (this.#reached ??= await this.#owner.reach(this.#limit));
  }

  close(): void {
    this.#reached?.close();
    this.#reached = null;
  }

  /** Opens the journal. Nothing is changed yet where this throws. @throws Refused. */
  async begin(): Promise<void> {
    const { shell, folder } = await this.#at();
    const trouble = troubleOf(await shell(beginScript(folder, this.#stamp), { signal: this.#limit }));
    if (trouble?.why === 'open') throw interruptedBefore();
    if (trouble !== null) throw new Refused('command-refused', `The host keeps no note of what is to be changed, and nothing was done: ${trouble.words}.`, { remedy: `Check the disk of ${folder} there.` });
  }

  /** Every step in turn, and the look whether it works. @throws Refused of the step that failed, which has it as its outcome. */
  async take(): Promise<void> {
    for (const [number, step] of this.#planned.steps.entries()) await this.#during(number, async () => await this.#takeOne(number, step));
    const { verify, steps } = this.#planned;
    if (verify === null) return;
    await this.#during(steps.length, async () => {
      this.verified = await this.#owner.verify(verify, this.#limit);
    });
  }

  async #during(number: number, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#tell(number, 'failed', error instanceof Refused ? error.refusal : undefined);
      throw error;
    }
    this.#tell(number, 'done');
  }

  async #takeOne(number: number, step: HostStep): Promise<void> {
    const { shell, folder } = await this.#at();
    const stdin = step.kind === 'file' && step.content instanceof Uint8Array ? { stdin: step.content } : {};
    const trouble = troubleOf(await shell(stepScript(folder, this.#stamp, number, step), { ...stdin, signal: this.#limit }));
    if (trouble === null) return;
    if (trouble.why === 'foreign') throw new Refused('changed-meanwhile', 'Somebody else put this change back meanwhile.');
    throw new Refused('command-refused', `The host refused this step: ${trouble.words}.`);
  }

  /** What was done is to stay. @throws Refused. */
  async finish(): Promise<void> {
    this.#isFinishing = true;
    const { shell, folder } = await this.#at();
    const trouble = troubleOf(await shell(finishScript(folder, this.#stamp, this.#planned.also), { signal: this.#limit }));
    if (trouble !== null) throw new Refused('command-refused', `The change could not be ended on the host: ${trouble.words}.`);
  }

  /** Takes everything back, over a new login where the old one is lost. */
  async putBack(): Promise<SetupReport['outcome']> {
    const until = Date.now() + this.#owner.patience;
    for (let wait = 1_000; ; wait = Math.min(wait * 2, 10_000)) {
      try {
        return await this.#putBackOnce();
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        this.close();
        if (this.#closing.aborted || Date.now() + wait > until) return this.#lost();
      }
      await delay(wait);
    }
  }

  /** What a host that does not come back has of the steps is not known. */
  #lost(): 'interrupted' {
    for (const [number, { outcome, refusal }] of this.#outcomes.entries()) if (outcome !== 'not-reached') this.#tell(number, 'unknown', refusal);
    return 'interrupted';
  }

  async #putBackOnce(): Promise<SetupReport['outcome']> {
    const { shell, folder } = await this.#at();
    const journal = readJournal((await shell(showScript(folder), { signal: this.#limit })).stdout.toString('utf8'));
    // Without our journal it was ended, or nothing was begun, or somebody put it back.
    if (journal?.stamp !== this.#stamp) return this.#isFinishing ? 'complete' : this.#settle([]);
    const taken = await takeBack(shell, folder, this.#limit);
    const rest = readJournal((await shell(showScript(folder), { signal: this.#limit })).stdout.toString('utf8'));
    return this.#settle(taken, rest !== null && rest.stamp === this.#stamp);
  }

  #settle(taken: readonly TakenBack[], isLeft = false): 'put-back' | 'partial' {
    for (const [number, { outcome, refusal }] of this.#outcomes.entries()) {
      const left = taken.find((one) => one.step === number && one.left !== null)?.left ?? null;
      if (left !== null) this.#tell(number, 'not-put-back', { code: 'command-refused', message: `The host did not take this back: ${left}.` });
      else if (outcome === 'done' && number < this.#planned.steps.length) this.#tell(number, 'put-back', refusal);
    }
    return isLeft ? 'partial' : 'put-back';
  }
}

/** Carries a plan out. What fails is in the report; nothing of it is thrown once a step was taken. @throws Refused before that. */
export async function carryOut(planned: Planned, owner: SetupOwner, closing: AbortSignal): Promise<SetupReport> {
  const run = new Run(planned, owner, closing);
  try {
    await beginOrLeave(run);
    try {
      await run.take();
      await run.finish();
      return run.report('complete');
    } catch (error) {
      const refusal = refusalOf(error, owner);
      const outcome = await run.putBack();
      return outcome === 'complete' ? run.report(outcome) : run.report(outcome, refusal);
    }
  } finally {
    run.close();
  }
}

/** A journal that was opened before the login was lost is closed again. */
async function beginOrLeave(run: Run): Promise<void> {
  try {
    await run.begin();
  } catch (error) {
    if (error instanceof Refused && isLoss(error)) await run.putBack();
    throw error;
  }
}

const isLoss = ({ refusal: { code } }: Refused): boolean => code === 'connection-lost' || code === 'not-connected' || code === 'cancelled';

function refusalOf(error: unknown, { complain }: SetupOwner): Refusal {
  if (error instanceof Refused) return error.refusal;
  complain(error);
  return { code: 'bug', message: 'Guestdeck itself failed at this.', remedy: 'The log in the data folder has the details.' };
}

/** Takes back a change that an earlier run left on the host. @throws Refused `bad-input` where there is none. */
export async function putBackLeft({ shell, folder }: Reached, signal: AbortSignal): Promise<SetupReport> {
  const show = async () => readJournal((await shell(showScript(folder), { signal })).stdout.toString('utf8'));
  const journal = await show();
  if (journal === null) throw new Refused('bad-input', 'No interrupted change lies on this host.', { field: 'host' });
  const taken = await takeBack(shell, folder, signal);
  const steps = journal.noted.map(({ step, what }): SetupReport['steps'][number] => {
    const left = taken.find((one) => one.step === step && one.left !== null)?.left ?? null;
    return left === null ? { title: what, outcome: 'put-back' } : { title: what, outcome: 'not-put-back', refusal: { code: 'command-refused', message: `The host did not take this back: ${left}.` } };
  });
  return { outcome: (await show()) === null ? 'put-back' : 'partial', steps, verified: null };
}
