// A page's ends of channels straight on main, for tests: what is heard is gathered, what is sent waits for its room.
import type { ChannelName, ChannelSection, Opens } from '../../app/contract/contract.ts';
import { type ChannelEnd, type FromMain, PageChannels } from '../../app/contract/page-channels.ts';
import type { Refusal } from '../../app/contract/refusal.ts';
import type { Main } from './services.ts';

export interface Heard extends ChannelEnd {
  /** All that came. */
  readonly bytes: () => Buffer;
  readonly text: () => string;
  /** Undefined while it is open; null for an ordinary end. */
  readonly ended: () => Refusal | null | undefined;
  readonly opened: () => boolean;
  /** Resolves when this has come, from the beginning; rejects when the channel ended without it. */
  readonly until: (text: string) => Promise<void>;
}

export type Opening = <S extends ChannelSection, N extends ChannelName<S>>(section: S, name: N, takes: Opens<S, N>, hear?: (bytes: Uint8Array) => void) => Heard;

/** @param hear what is done with bytes instead of gathering them; they count as taken all the same. */
export const opening = (main: Main, gone: AbortSignal = new AbortController().signal): Opening => {
  const page = new PageChannels((message) => void receive(message));
  const receive = main.channels({ id: 'page', gone }, (message: FromMain) => page.heard(message));
  return (section, name, takes, hear) => {
    const pieces: Uint8Array[] = [];
    let [opened, ended]: [boolean, Refusal | null | undefined] = [false, undefined];
    const waiting = new Set<() => void>();
    const tell = (): void => {
      for (const look of [...waiting]) look();
    };
    const text = (): string => Buffer.concat(pieces).toString();
    const end = page.open(section, name, takes, {
      opened: () => (opened = true),
      bytes: (bytes) => {
        if (hear === undefined) pieces.push(bytes);
        else hear(bytes);
        end.took(bytes.length);
        tell();
      },
      ended: (refusal) => {
        ended = refusal;
        tell();
      },
    });
    return {
      ...end, text, bytes: () => Buffer.concat(pieces), opened: () => opened, ended: () => ended,
      until: async (sought) => await new Promise<void>((resolve, reject) => {
        const look = (): void => {
          if (text().includes(sought)) resolve();
          else if (ended !== undefined) reject(new Error(`the channel ended (${JSON.stringify(ended)}) before ${JSON.stringify(sought)} came; it said ${JSON.stringify(text().slice(-500))}`));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
    };
  };
};
