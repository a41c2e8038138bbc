// Questions, news and bytes between the windows and main, over Electron's IPC; every message's sender is checked.
import { randomUUID } from 'node:crypto';
import type { News } from '../../../app/contract/contract.ts';
import type { FromMain } from '../../../app/contract/page-channels.ts';
import type { Answer } from '../../../app/contract/refusal.ts';
import type { Caller, Main } from '../../services/services.ts';
import { askChannel, bytesChannel, newsChannel } from './channels.ts';
import { isPage } from './scheme.ts';

/** The part of a frame that tells who sends. */
export interface SenderFrame {
  readonly url: string;
}

/** The part of a window's WebContents that is used. */
export interface PageContents {
  readonly mainFrame: SenderFrame;
  send(channel: string, message: News | FromMain): void;
  isDestroyed(): boolean;
  on(event: 'destroyed' | 'render-process-gone' | 'did-navigate', hear: () => void): unknown;
}

export interface AskEvent {
  readonly sender: object;
  readonly senderFrame: SenderFrame | null;
}

/** The part of ipcMain that is used. */
export interface AskChannel {
  handle(channel: string, answer: (event: AskEvent, ...words: unknown[]) => Promise<Answer<unknown>>): void;
  on(channel: string, hear: (event: AskEvent, message: unknown) => void): unknown;
}

/** A page that was added, as main knows it since it was loaded last. */
interface Page {
  readonly contents: PageContents;
  readonly caller: Caller;
  /** Takes its messages of channels. */
  readonly channels: (message: unknown) => boolean;
  /** No more news goes to it. */
  readonly silence: () => void;
}

const foreign: Answer<never> = { ok: false, refusal: { code: 'bad-input', message: 'Only the page of Guestdeck may ask.' } };

/** Tells one window, unless it is gone. */
export const tellWindow = (contents: Pick<PageContents, 'send' | 'isDestroyed'>, news: News): void => {
  if (!contents.isDestroyed()) contents.send(newsChannel, news);
};

/** Answers the windows that are added to it, and nobody else. */
export const serveWindows = (main: Main, channel: AskChannel): { readonly add: (contents: PageContents) => void } => {
  const pages = new Map<object, Page>();
  /** The page that sends. A frame that is gone, inside another, or showing something else has no business here. */
  const pageOf = ({ sender, senderFrame }: AskEvent): Page | undefined => {
    const page = pages.get(sender);
    return page !== undefined && senderFrame !== null && senderFrame === page.contents.mainFrame && isPage(senderFrame.url) ? page : undefined;
  };

  channel.handle(askChannel, async (event, section, name, takes) => {
    const page = pageOf(event);
    if (page === undefined || typeof section !== 'string' || typeof name !== 'string') return foreign;
    return main.answer(section, name, takes, page.caller);
  });
  // What is no message of ours is nobody's, and not heard.
  channel.on(bytesChannel, (event, message) => void pageOf(event)?.channels(message));

  return {
    add: (contents) => {
      let gone = new AbortController();
      const leave = (): void => {
        gone.abort();
        pages.get(contents)?.silence();
        pages.delete(contents);
      };
      const renew = (): void => {
        leave();
        gone = new AbortController();
        const caller = { id: randomUUID(), gone: gone.signal };
        const channels = main.channels(caller, (message) => {
          if (!contents.isDestroyed()) contents.send(bytesChannel, message);
        });
        const silence = main.listen((news) => tellWindow(contents, news), caller);
        pages.set(contents, { contents, caller, channels, silence });
      };
      renew();
      // A page that is loaded again is another caller: nobody is left to hear what the one before asked.
      contents.on('did-navigate', renew);
      contents.on('render-process-gone', () => gone.abort());
      contents.on('destroyed', leave);
    },
  };
};
