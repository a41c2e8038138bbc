// connect(contract, bridge): the contract as typed calls. What main answers is checked against the contract once, here.
import type { AskName, Bridge, ChannelName, ChannelSection, contract as wholeContract, Gives, News, Opens, SectionName, Takes } from '../../app/contract/contract.ts';
import type { Ask } from '../../app/contract/ask.ts';
import type { ChannelEnd, ChannelHearer } from '../../app/contract/page-channels.ts';
import { Refused } from '../../app/contract/refusal.ts';
import type { z } from '../../app/contract/schema.ts';

export interface Client {
  /** Asks main. @throws Refused with main's refusal, or `bug` when the answer is not what the contract says. */
  readonly ask: <S extends SectionName, A extends AskName<S>>(section: S, name: A, takes: Takes<S, A>) => Promise<Gives<S, A>>;
  /** Hears all news until the returned function is called. */
  readonly listen: (hear: (news: News) => void) => () => void;
  /** Opens a channel of bytes; what is heard is up to main, and so is when it ends. */
  readonly open: <S extends ChannelSection, N extends ChannelName<S>>(section: S, name: N, takes: Opens<S, N>, hear: ChannelHearer) => ChannelEnd;
}

/** A client of `bridge` that speaks `contract`. */
export const connect = (contract: typeof wholeContract, bridge: Bridge): Client => ({
  ask: async <S extends SectionName, A extends AskName<S>>(section: S, name: A, takes: Takes<S, A>): Promise<Gives<S, A>> => {
    const asks: Readonly<Record<string, Ask>> = contract[section].asks;
    const gives = asks[name]?.gives as z.ZodType<Gives<S, A>> | undefined;
    if (gives === undefined) throw new Error(`the contract has no ask ${section}.${name}`);
    const answer = await bridge.ask(section, name, takes);
    if (!answer.ok) throw new Refused(answer.refusal.code, answer.refusal.message, answer.refusal);
    const checked = gives.safeParse(answer.value);
    if (checked.success) return checked.data;
    const issue = checked.error.issues[0];
    throw new Refused('bug', `The answer to ${section}.${name} is not what the contract says: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
  },
  listen: (hear) => bridge.listen(hear),
  open: (section, name, takes, hear) => bridge.open(section, name, takes, hear),
});
