// Where the channels of one page arrive: what opens one is checked, bytes go both ways within the window, and all end with the page.
import { fromPage } from '../../app/contract/channel-messages.ts';
import { channelWindow, type FromMain, type FromPage, largestPiece, takenPortion } from '../../app/contract/page-channels.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { type Caller, type Line, refusalOf } from './services.ts';

/** More than any page shows at a time. */
const mostChannels = 64;

type Opening = Extract<FromPage, { kind: 'open' }>;

interface Desk {
  /** Checks what a page wants opened, and opens it. Throws Refused. */
  readonly open: (section: string, name: string, takes: unknown, caller: Caller) => Promise<Line>;
  readonly caller: Caller;
  readonly post: (message: FromMain) => void;
  /** Where bugs go. */
  readonly complain: (error: unknown) => void;
}

/** One channel, from the wish to open it to its end. */
class Open {
  readonly #desk: Desk;
  readonly #channel: number;
  readonly #gone = new AbortController();
  readonly #over: () => void;
  readonly #line: Promise<Line | null>;
  #writing: Promise<void> = Promise.resolve();
  /** Bytes the page takes before it says more; and that it may send before we do. */
  #credit = channelWindow;
  #room = channelWindow;
  #taken = 0;
  #wake: () => void = () => undefined;

  constructor(desk: Desk, { channel, section, name, takes }: Opening, over: () => void) {
    this.#desk = desk;
    this.#channel = channel;
    this.#over = over;
    this.#line = desk.open(section, name, takes, { id: desk.caller.id, gone: this.#gone.signal }).catch((error: unknown) => {
      this.#end(error);
      return null;
    });
    void this.#run();
  }

  received(bytes: Uint8Array): void {
    if (bytes.length > Math.min(largestPiece, this.#room)) return this.#end(new Refused('bad-input', 'More bytes were sent than may be under way in a channel.', { field: 'bytes' }));
    this.#room -= bytes.length;
    this.#writing = this.#writing.then(async () => await this.#write(bytes)).catch((error: unknown) => this.#end(error));
  }

  took(count: number): void {
    this.#credit += count;
    if (this.#credit > channelWindow) return this.#end(new Refused('bad-input', 'More bytes were taken than were sent.', { field: 'count' }));
    this.#wake();
  }

  /** The page has closed it, or is gone: it is told nothing more. */
  close(): void {
    this.#gone.abort();
    this.#over();
    this.#wake();
  }

  async #run(): Promise<void> {
    const line = await this.#line;
    if (line === null) return;
    const { signal } = this.#gone;
    if (signal.aborted) return line.close();
    signal.addEventListener('abort', line.close, { once: true });
    this.#desk.post({ channel: this.#channel, kind: 'opened' });
    try {
      for await (const piece of line.incoming) {
        for (let at = 0; at < piece.length && !signal.aborted;) at += await this.#pass(piece.subarray(at, at + largestPiece));
        if (signal.aborted) break;
      }
      this.#end(null);
    } catch (error) {
      this.#end(error);
    }
  }

  /** Sends what the page takes of it now; how much that was. */
  async #pass(piece: Uint8Array): Promise<number> {
    if (this.#credit === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#gone.signal.aborted) return 0;
    // A copy: what only shows a part of a larger buffer would travel with all of it.
    const bytes = new Uint8Array(piece.subarray(0, this.#credit));
    this.#credit -= bytes.length;
    this.#desk.post({ channel: this.#channel, kind: 'bytes', bytes });
    return bytes.length;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const line = await this.#line;
    if (line === null || this.#gone.signal.aborted) return;
    await line.write(bytes);
    this.#taken += bytes.length;
    if (this.#taken < takenPortion || this.#gone.signal.aborted) return;
    this.#room += this.#taken;
    this.#desk.post({ channel: this.#channel, kind: 'took', count: this.#taken });
    this.#taken = 0;
  }

  #end(reason: unknown): void {
    if (this.#gone.signal.aborted) return;
    if (reason !== null && !(reason instanceof Refused)) this.#desk.complain(reason);
    this.close();
    this.#desk.post({ channel: this.#channel, kind: 'ended', refusal: reason === null ? null : refusalOf(reason) });
  }
}

/** Takes one page's messages. The function answers false to what no page of ours sends. */
export const channelDesk = (desk: Desk): ((message: unknown) => boolean) => {
  const open = new Map<number, Open>();
  let last = 0;
  desk.caller.gone.addEventListener('abort', () => {
    for (const one of [...open.values()]) one.close();
  }, { once: true });
  return (unchecked) => {
    const { data: message } = fromPage.safeParse(unchecked);
    if (message === undefined || desk.caller.gone.aborted) return false;
    const { channel } = message;
    if (message.kind === 'open') {
      if (channel <= last) return false;
      last = channel;
      if (open.size < mostChannels) open.set(channel, new Open(desk, message, () => open.delete(channel)));
      else desk.post({ channel, kind: 'ended', refusal: { code: 'bad-input', message: `A window has at most ${mostChannels} consoles open.` } });
      return true;
    }
    // A channel that has ended here may not have for the page yet; one that it never opened is none.
    if (channel > last) return false;
    if (message.kind === 'bytes') open.get(channel)?.received(message.bytes);
    else if (message.kind === 'took') open.get(channel)?.took(message.count);
    else open.get(channel)?.close();
    return true;
  };
};
