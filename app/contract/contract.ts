// The contract between main and everything that shows it: each section's asks, news and channels, and the types that follow from them.
import type { Answer } from './refusal.ts';
import type { z } from './schema.ts';
import type { Section } from './ask.ts';
import type { ChannelEnd, ChannelHearer } from './page-channels.ts';
import { bulk } from './bulk.ts';
import { certificates } from './certificates.ts';
import { connections } from './connections.ts';
import { consoles } from './consoles.ts';
import { credentials } from './credentials.ts';
import { guests } from './guests.ts';
import { health } from './health.ts';
import { history } from './history.ts';
import { hosts } from './hosts.ts';
import { live } from './live.ts';
import { memory } from './memory.ts';
import { networks } from './networks.ts';
import { notices } from './notices.ts';
import { profiles } from './profiles.ts';
import { program } from './program.ts';
import { setup } from './setup.ts';
import { tags } from './tags.ts';
import { tasks } from './tasks.ts';
import { tuning } from './tuning.ts';

export const contract = { program, connections, credentials, certificates, health, setup, hosts, guests, consoles, live, memory, networks, tuning, bulk, tasks, notices, profiles, history, tags } satisfies Readonly<Record<string, Section>>;

type C = typeof contract;
export type SectionName = keyof C;
export type AskName<S extends SectionName> = keyof C[S]['asks'] & string;
export type NewsName<S extends SectionName> = keyof C[S]['news'] & string;
type AskOf<S extends SectionName, A extends AskName<S>> = C[S]['asks'][A];
type In<X> = X extends { readonly takes: infer T extends z.ZodType } ? z.input<T> : never;
/** What main receives of an ask once it is checked. */
export type Checked<S extends SectionName, A extends AskName<S>> = OutOfTakes<AskOf<S, A>>;
type OutOfTakes<X> = X extends { readonly takes: infer T extends z.ZodType } ? z.output<T> : never;
type Out<X> = X extends { readonly gives: infer G extends z.ZodType } ? z.output<G> : never;

/** What an ask takes, as the caller writes it, and what it gives. */
export type Takes<S extends SectionName, A extends AskName<S>> = In<AskOf<S, A>>;
export type Gives<S extends SectionName, A extends AskName<S>> = Out<AskOf<S, A>>;
/** What a piece of news holds. */
export type Told<S extends SectionName, N extends NewsName<S>> = C[S]['news'][N] extends z.ZodType ? z.output<C[S]['news'][N]> : never;

/** Sections that have channels, and their names. */
export type ChannelSection = { readonly [S in SectionName]: C[S] extends { readonly channels: object } ? S : never }[SectionName];
export type ChannelName<S extends ChannelSection> = keyof C[S]['channels'] & string;
/** What it takes to open a channel, as the page writes it and as main receives it. */
export type Opens<S extends ChannelSection, N extends ChannelName<S>> = In<C[S]['channels'][N]>;
export type CheckedOpens<S extends ChannelSection, N extends ChannelName<S>> = OutOfTakes<C[S]['channels'][N]>;

/** News as it travels. */
export type News = { readonly [S in SectionName]: { readonly [N in NewsName<S>]: { readonly section: S; readonly name: N; readonly told: Told<S, N> } }[NewsName<S>] }[SectionName];

/** What a shell gives a page: questions one way, news the other, and channels of bytes. */
export interface Bridge {
  ask(section: string, name: string, takes: unknown): Promise<Answer<unknown>>;
  /** Hears all news until the returned function is called. */
  listen(hear: (news: News) => void): () => void;
  /** Opens a channel; how that went is heard. */
  open(section: string, name: string, takes: unknown, hear: ChannelHearer): ChannelEnd;
}
