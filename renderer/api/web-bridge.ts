// The Bridge over a WebSocket, for the shell without Electron; it comes back by itself when the socket breaks.
import { contract, type News } from '../../app/contract/contract.ts';
import { decode, encode } from '../../app/contract/frames.ts';
import { type FromMain, PageChannels } from '../../app/contract/page-channels.ts';
import { type Answer, type Refusal, refusal as refusalSchema } from '../../app/contract/refusal.ts';
import { z } from '../../app/contract/schema.ts';
import type { Link } from './link.ts';

/** The part of WebSocket that is used, so that tests can stand in for it. */
export interface Socket extends Pick<WebSocket, 'addEventListener'> {
  readonly readyState: number;
  binaryType: BinaryType;
  send(message: string | Uint8Array<ArrayBuffer>): void;
}

/** News of this contract; what it holds is main's own and was typed there. */
const someNews = z.object({ section: z.enum(Object.keys(contract)), name: z.string() });
const someOfChannel = z.object({ channel: z.number(), kind: z.enum(['opened', 'bytes', 'took', 'ended']) });
const message = z.union([
  z.object({ id: z.number(), answer: z.discriminatedUnion('ok', [z.object({ ok: z.literal(true), value: z.unknown() }), z.object({ ok: z.literal(false), refusal: refusalSchema })]) }),
  z.object({ news: z.custom<News>((value) => someNews.safeParse(value).success) }),
  z.object({ ofChannel: z.custom<FromMain>((value) => someOfChannel.safeParse(value).success) }),
]);

const open = 1;
const firstPause = 500;
const longestPause = 5000;

const stopped: Refusal = {
  code: 'connection-lost',
  message: 'Guestdeck has stopped, so nothing answers this window.',
  remedy: 'Start Guestdeck again. What was asked may or may not have been done.',
};

/** A link that opens a socket with `connect` and, after each break, again: after 0.5 s, then ever later up to 5 s. */
export const webLink = (connect: () => Socket): Link => {
  const waiting = new Map<number, (answer: Answer<unknown>) => void>();
  const hearers = new Set<(news: News) => void>();
  const watchers = new Set<() => void>();
  const beforeOpen: (string | Uint8Array<ArrayBuffer>)[] = [];
  let socket: Socket;
  let up = true;
  let everOpen = false;
  let pause = firstPause;
  let lastId = 0;

  const setUp = (now: boolean): void => {
    if (up === now) return;
    up = now;
    for (const tell of watchers) tell();
  };

  const channels = new PageChannels((sent) => post(encode(sent)));
  /** False where nobody answers. */
  const post = (sent: string | Uint8Array<ArrayBuffer>): boolean => {
    if (socket.readyState === open) socket.send(sent);
    else if (everOpen && !up) return false;
    else beforeOpen.push(sent);
    return true;
  };

  const receive = (value: unknown): void => {
    const told = message.parse(typeof value === 'object' && value !== null && 'channel' in value ? { ofChannel: value } : value);
    if ('ofChannel' in told) return channels.heard(told.ofChannel);
    if ('news' in told) {
      for (const hear of hearers) hear(told.news);
      return;
    }
    waiting.get(told.id)?.(told.answer);
    waiting.delete(told.id);
  };

  const start = (): void => {
    socket = connect();
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => {
      everOpen = true;
      pause = firstPause;
      for (const sent of beforeOpen.splice(0)) socket.send(sent);
      setUp(true);
    });
    socket.addEventListener('message', (event) => {
      // What an answer holds is checked against the contract by the client.
      const data: unknown = event.data;
      if (typeof data === 'string') receive(JSON.parse(data));
      else if (data instanceof ArrayBuffer) receive(decode(new Uint8Array(data)));
    });
    socket.addEventListener('close', () => {
      beforeOpen.length = 0;
      for (const answer of waiting.values()) answer({ ok: false, refusal: stopped });
      waiting.clear();
      setUp(false);
      channels.fail(stopped);
      setTimeout(start, pause);
      pause = Math.min(pause * 2, longestPause);
    });
  };
  start();

  return {
    up: () => up,
    onChange: (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    bridge: {
      ask: (section, name, takes) => new Promise((resolve) => {
        const id = ++lastId;
        if (post(JSON.stringify({ id, section, name, takes }))) waiting.set(id, resolve);
        else resolve({ ok: false, refusal: stopped });
      }),
      listen: (hear) => {
        hearers.add(hear);
        return () => hearers.delete(hear);
      },
      open: (section, name, takes, hear) => {
        const end = channels.open(section, name, takes, hear);
        // Told in a later turn, as every other end is.
        if (everOpen && !up) queueMicrotask(() => channels.fail(stopped));
        return end;
      },
    },
  };
};
