// The page's ends of channels: the messages that open, fill and close them, and how much may be under way. The same over every shell.
import type { Refusal } from './refusal.ts';

/** Bytes that may be under way in one direction of a channel and not be taken yet. */
export const channelWindow = 512 * 1024;
/** Most bytes in one message. */
export const largestPiece = 64 * 1024;
/** What was taken is told in portions of so many bytes: seven of eight parts of the window stay usable meanwhile. */
export const takenPortion = channelWindow / 8;

/** What a page sends. It numbers its channels, and uses no number twice. */
export type FromPage =
  | { readonly channel: number; readonly kind: 'open'; readonly section: string; readonly name: string; readonly takes: unknown }
  | { readonly channel: number; readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** So many bytes were dealt with; as many more may come. */
  | { readonly channel: number; readonly kind: 'took'; readonly count: number }
  | { readonly channel: number; readonly kind: 'close' };

/** What main sends; after `ended` nothing more of that channel. */
export type FromMain =
  | { readonly channel: number; readonly kind: 'opened' }
  | { readonly channel: number; readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly channel: number; readonly kind: 'took'; readonly count: number }
  | { readonly channel: number; readonly kind: 'ended'; readonly refusal: Refusal | null };

/** What a page does with its end. */
export interface ChannelEnd {
  /** Sends bytes in their order. Resolves when main had room for all of them, or when the channel is over. */
  readonly send: (bytes: Uint8Array) => Promise<void>;
  /** So many of the bytes heard were dealt with. Without it main, and whoever sends behind it, stops at the window. */
  readonly took: (count: number) => void;
  /** Ends it at once; nothing is heard of it afterwards. */
  readonly close: () => void;
}

/** What a page hears of its end. */
export interface ChannelHearer {
  readonly opened: () => void;
  readonly bytes: (bytes: Uint8Array) => void;
  /** It is over: by an ordinary end (null), or why. */
  readonly ended: (refusal: Refusal | null) => void;
}

interface Held {
  readonly hear: ChannelHearer;
  readonly unsent: { bytes: Uint8Array; readonly sent: () => void }[];
  room: number;
  taken: number;
}

/** All channels of one page, over whatever carries messages to main. */
export class PageChannels {
  readonly #post: (message: FromPage) => void;
  readonly #held = new Map<number, Held>();
  #last = 0;

  constructor(post: (message: FromPage) => void) {
    this.#post = post;
  }

  open(section: string, name: string, takes: unknown, hear: ChannelHearer): ChannelEnd {
    const channel = ++this.#last;
    const held: Held = { hear, unsent: [], room: channelWindow, taken: 0 };
    this.#held.set(channel, held);
    this.#post({ channel, kind: 'open', section, name, takes });
    return {
      send: (bytes) => new Promise((resolve) => {
        if (this.#held.get(channel) !== held || bytes.length === 0) return resolve();
        held.unsent.push({ bytes, sent: resolve });
        this.#drain(channel, held);
      }),
      took: (count) => {
        if (this.#held.get(channel) !== held) return;
        held.taken += count;
        if (held.taken < takenPortion) return;
        this.#post({ channel, kind: 'took', count: held.taken });
        held.taken = 0;
      },
      close: () => {
        if (this.#forget(channel) !== undefined) this.#post({ channel, kind: 'close' });
      },
    };
  }

  /** Takes what main sends. What belongs to a channel that was closed here was under way when it was. */
  heard(message: FromMain): void {
    const { channel } = message;
    const held = this.#held.get(channel);
    if (held === undefined) return;
    switch (message.kind) {
      case 'opened':
        return held.hear.opened();
      case 'bytes':
        return held.hear.bytes(message.bytes);
      case 'took':
        held.room += message.count;
        return this.#drain(channel, held);
      case 'ended':
        this.#forget(channel);
        return held.hear.ended(message.refusal);
    }
  }

  /** Nobody answers any more: every channel is over. */
  fail(refusal: Refusal): void {
    for (const channel of [...this.#held.keys()]) this.heard({ channel, kind: 'ended', refusal });
  }

  #drain(channel: number, held: Held): void {
    for (let first = held.unsent[0]; first !== undefined && held.room > 0; first = held.unsent[0]) {
      // A copy: what only shows a part of a larger buffer would travel with all of it.
      const bytes = first.bytes.slice(0, Math.min(held.room, largestPiece));
      held.room -= bytes.length;
      this.#post({ channel, kind: 'bytes', bytes });
      first.bytes = first.bytes.subarray(bytes.length);
      if (first.bytes.length > 0) continue;
      held.unsent.shift();
      first.sent();
    }
  }

  #forget(channel: number): Held | undefined {
    const held = this.#held.get(channel);
    this.#held.delete(channel);
    for (const { sent } of held?.unsent.splice(0) ?? []) sent();
    return held;
  }
}
