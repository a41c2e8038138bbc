// Who may ask over Electron's IPC, and who hears of it when a window goes; Electron itself is stood in for.
import { expect, it } from 'vitest';
import { standIn, someNews } from '../stand-in.test-main.ts';
import { askChannel, newsChannel } from './channels.ts';
import { type AskChannel, type AskEvent, type PageContents, serveWindows } from './messages.ts';
import { pageUrl } from './scheme.ts';

type Ask = Parameters<AskChannel['handle']>[1];

class Contents implements PageContents {
  mainFrame = { url: pageUrl };
  destroyed = false;
  readonly sent: unknown[] = [];
  readonly hearers = new Map<string, () => void>();
  send(channel: string, news: unknown): void {
    this.sent.push([channel, news]);
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
  on(event: string, hear: () => void): void {
    this.hearers.set(event, hear);
  }
}

const start = () => {
  const main = standIn();
  let ask: Ask | undefined;
  const windows = serveWindows(main, { handle: (channel, answer) => { if (channel === askChannel) ask = answer; }, on: () => undefined });
  const contents = new Contents();
  windows.add(contents);
  return {
    main, contents,
    ask: (event: Partial<AskEvent> = {}, ...words: unknown[]) => {
      if (ask === undefined) throw new Error('nothing handles the channel');
      return ask({ sender: contents, senderFrame: contents.mainFrame, ...event }, ...(words.length > 0 ? words : ['program', 'about', {}]));
    },
  };
};

it('answers the page', async () => {
  const { main, ask } = start();
  expect(await ask()).toEqual({ ok: true, value: 'heard' });
  expect(main.asked).toMatchObject([{ section: 'program', name: 'about', takes: {} }]);
});

it.each([
  ['a window that was not opened by the shell', () => ({ sender: new Contents() })],
  ['a frame that is gone', () => ({ senderFrame: null })],
  ['a frame inside the page', () => ({ senderFrame: { url: pageUrl } })],
])('refuses %s, and main hears nothing', async (_who, event) => {
  const { main, ask } = start();
  expect(await ask(event())).toMatchObject({ ok: false, refusal: { code: 'bad-input' } });
  expect(main.asked).toEqual([]);
});

it.each(['https://evil.example/', 'guestdeck://other/', 'guestdeck://app/other', 'guestdeck://app.evil/', 'file:///etc/passwd', 'about:blank'])('refuses a window that shows %s', async (url) => {
  const { main, contents, ask } = start();
  contents.mainFrame.url = url;
  expect(await ask()).toMatchObject({ ok: false });
  expect(main.asked).toEqual([]);
});

it('refuses a section or a name that is no text', async () => {
  const { main, ask } = start();
  expect(await ask({}, { toString: () => 'program' }, 'about', {})).toMatchObject({ ok: false });
  expect(await ask({}, 'program')).toMatchObject({ ok: false });
  expect(main.asked).toEqual([]);
});

it('tells news to every window that is still there', () => {
  const { main, contents } = start();
  for (const hear of main.hearers) hear(someNews);
  contents.destroyed = true;
  for (const hear of main.hearers) hear(someNews);
  expect(contents.sent).toEqual([[newsChannel, someNews]]);
});

it('aborts what a page asked when it is loaded again, and answers the new one as another caller', async () => {
  const { main, contents, ask } = start();
  await ask();
  contents.hearers.get('did-navigate')?.();
  await ask();
  const [before, after] = main.asked.map(({ caller }) => caller);
  expect([before?.gone.aborted, after?.gone.aborted, before?.id === after?.id]).toEqual([true, false, false]);
});

it.each(['destroyed', 'render-process-gone'])('aborts what a window asked at %s', async (event) => {
  const { main, contents, ask } = start();
  await ask();
  contents.hearers.get(event)?.();
  expect(main.asked[0]?.caller.gone.aborted).toBe(true);
});

it('answers a window no more once it is destroyed', async () => {
  const { contents, ask } = start();
  contents.hearers.get('destroyed')?.();
  expect(await ask()).toMatchObject({ ok: false });
});
