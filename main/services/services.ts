// What main implements of the contract, and the one door through which every shell calls it.
import type { Section } from '../../app/contract/ask.ts';
import { type AskName, type ChannelName, type ChannelSection, type Checked, type CheckedOpens, contract, type Gives, type News, type NewsName, type SectionName, type Told } from '../../app/contract/contract.ts';
import type { FromMain } from '../../app/contract/page-channels.ts';
import { type Answer, type Refusal, Refused } from '../../app/contract/refusal.ts';
import type { z } from '../../app/contract/schema.ts';

/** Who asks: a window, a page, a command. `gone` aborts when it is closed, or, of who opened a channel, when that is. */
export interface Caller {
  readonly id: string;
  readonly gone: AbortSignal;
}

/** One function an ask. They throw `Refused`; anything else is a bug. */
export type Services = {
  readonly [S in SectionName]: {
    readonly [A in AskName<S>]: (takes: Checked<S, A>, caller: Caller) => Promise<Gives<S, A>>;
  };
};

/** What a channel leads to: bytes each way, no faster than the slower side. */
export interface Line {
  /** What comes from afar, until it ends or throws. Who reads on slowly slows down who sends. */
  readonly incoming: AsyncIterable<Uint8Array>;
  /** Resolves when there is room for more. Throws once the line is over. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Lets go of it at once, as often as it is called; `incoming` ends. */
  readonly close: () => void;
}

/** One function a channel, which opens it. They throw `Refused`; anything else is a bug. */
export type ChannelServices = {
  readonly [S in ChannelSection]: {
    readonly [N in ChannelName<S>]: (takes: CheckedOpens<S, N>, caller: Caller) => Promise<Line>;
  };
};

/** Tells every window, or with `to` the one that asks under this id. */
export type Tell = <S extends SectionName, N extends NewsName<S>>(section: S, name: N, told: Told<S, N>, to?: Caller['id']) => void;

/** The whole of main, as a shell sees it. */
export interface Main {
  /** Checks a question from outside and answers it; never throws. */
  answer(section: string, name: string, takes: unknown, caller: Caller): Promise<Answer<unknown>>;
  /** Hears all news until the returned function is called; given a caller, none that is for another one. */
  listen(hear: (news: News) => void, caller?: Caller): () => void;
  /** Where a page's messages of channels go; what comes back is posted. The function answers false to what no page of ours sends. */
  channels(caller: Caller, post: (message: FromMain) => void): (message: unknown) => boolean;
  /** Closes every connection and file. */
  close(): Promise<void>;
}

const own = <T extends object>(holder: T, key: string): T[keyof T] | undefined =>
  Object.hasOwn(holder, key) ? holder[key as keyof T] : undefined;

/**
 * The door: unknown → typed value → answer as data.
 * @param complain where bugs go; the caller only learns that there was one.
 */
export const doorOf = (services: Services, complain: (error: unknown) => void): Main['answer'] => {
  return async (section, name, takes, caller) => {
    const held = own(contract, section);
    const ask = held === undefined ? undefined : (own(held.asks, name) as { takes: z.ZodType } | undefined);
    if (ask === undefined) return refuse(new Refused('bad-input', `There is no ask ${section}.${name}.`, { field: name }));
    try {
      const checked = ask.takes.safeParse(takes);
      if (!checked.success) throw misfit(`${section}.${name}`, checked.error);
      const service = services[section as SectionName] as Readonly<Record<string, (takes: unknown, caller: Caller) => Promise<unknown>>>;
      return { ok: true, value: await implemented(service[name], section, name)(checked.data, caller) };
    } catch (error) {
      if (!(error instanceof Refused)) complain(error);
      return refuse(error);
    }
  };
};

/** The same door for channels: unknown → typed value → line. Throws Refused. */
export const channelDoorOf = (services: ChannelServices) => async (section: string, name: string, takes: unknown, caller: Caller): Promise<Line> => {
  const held: Section | undefined = own(contract, section);
  const channel = held?.channels === undefined ? undefined : own(held.channels, name);
  if (channel === undefined) throw new Refused('bad-input', `There is no channel ${section}.${name}.`, { field: name });
  const checked = channel.takes.safeParse(takes);
  if (!checked.success) throw misfit(`${section}.${name}`, checked.error);
  const service = services[section as ChannelSection] as Readonly<Record<string, (takes: unknown, caller: Caller) => Promise<Line>>>;
  return await implemented(service[name], section, name)(checked.data, caller);
};

/** The types see to it that whatever the contract names has a service: one that is missing is a bug, which is told as such. */
const implemented = <S>(service: S | undefined, section: string, name: string): S => {
  if (service === undefined) throw new Error(`${section}.${name} has no service`);
  return service;
};

/** The first thing wrong with a question, and the field it is wrong with. */
const misfit = (ask: string, { issues: [issue] }: z.ZodError): Refused => {
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const field = [...(issue?.path ?? []), ...unknown].join('.');
  return new Refused('bad-input', `${field === '' ? ask : field}: ${issue?.message ?? 'not understood'}.`, { field });
};

/** What a window learns of anything thrown. */
export const refusalOf = (error: unknown): Refusal =>
  (error instanceof Refused ? error.refusal : { code: 'bug', message: 'Guestdeck itself failed at this.', remedy: 'The log in the data folder has the details.' });

const refuse = (error: unknown): Answer<never> => ({ ok: false, refusal: refusalOf(error) });
