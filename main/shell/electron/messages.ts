// Questions and news between the windows and main, over Electron's IPC; every message's sender is checked.
import { randomUUID } from 'node:crypto';
import type { News } from '../../../app/contract/contract.ts';
import type { Answer } from '../../../app/contract/refusal.ts';
import type { Caller, Main } from '../../services/services.ts';
import { askChannel, newsChannel } from './channels.ts';
import { isPage } from './scheme.ts';

/** The part of a frame that tells who sends. */
export interface SenderFrame {
  readonly url: string;
}

/** The part of a window's WebContents that is used. */
export interface PageContents {
  readonly mainFrame: SenderFrame;
  send(channel: string, news: News): void;
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
}

const foreign: Answer<never> = { ok: false, refusal: { code: 'bad-input', message: 'Only the page of Guestdeck may ask.' } };

/** Answers the windows that are added to it, and nobody else. */
export const serveWindows = (main: Main, channel: AskChannel): { readonly add: (contents: PageContents) => void } => {
  const callers = new Map<object, { readonly contents: PageContents; readonly caller: Caller }>();

  channel.handle(askChannel, async ({ sender, senderFrame }, section, name, takes) => {
    const page = callers.get(sender);
    // A frame that is gone, inside another, or showing something else has no business here.
    if (page === undefined || senderFrame === null || senderFrame !== page.contents.mainFrame || !isPage(senderFrame.url)) return foreign;
    if (typeof section !== 'string' || typeof name !== 'string') return foreign;
    return main.answer(section, name, takes, page.caller);
  });
  main.listen((news) => {
    for (const { contents } of callers.values()) if (!contents.isDestroyed()) contents.send(newsChannel, news);
  });

  return {
    add: (contents) => {
      let gone = new AbortController();
      const renew = (): void => {
        gone.abort();
        gone = new AbortController();
        callers.set(contents, { contents, caller: { id: randomUUID(), gone: gone.signal } });
      };
      const leave = (): void => {
        gone.abort();
        callers.delete(contents);
      };
      renew();
      // A page that is loaded again is another caller: nobody is left to hear what the one before asked.
      contents.on('did-navigate', renew);
      contents.on('render-process-gone', () => gone.abort());
      contents.on('destroyed', leave);
    },
  };
};
