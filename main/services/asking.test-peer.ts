// Asks main as a window would, for tests: typed, through the door, a refusal thrown.
import type { AskName, Gives, SectionName, Takes } from '../../app/contract/contract.ts';
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
