// The Bridge over a socket: answers find their questions, breaks are told, and it comes back.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { News } from '../../app/contract/contract.ts';
import { type Socket, webLink } from './web-bridge.ts';

class FakeSocket extends EventTarget implements Socket {
  readyState = 0;
  binaryType: BinaryType = 'blob';
  readonly sent: string[] = [];
  send(message: string | Uint8Array): void {
    if (typeof message === 'string') this.sent.push(message);
  }
  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }
  say(message: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }
  break(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event('close'));
  }
}

describe('the link over a socket', () => {
  let sockets: FakeSocket[];
  const link = () => webLink(() => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  });
  const last = (): FakeSocket => sockets.at(-1) ?? new FakeSocket();
  beforeEach(() => {
    sockets = [];
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());

  it('sends what was asked before it was open, and gives each answer to its own question', async () => {
    const { bridge } = link();
    const [first, second] = [bridge.ask('program', 'about', {}), bridge.ask('hosts', 'describe', { host: 'h' })];
    expect(last().sent).toEqual([]);
    last().open();
    expect(last().sent.map((text): unknown => JSON.parse(text))).toEqual([
      { id: 1, section: 'program', name: 'about', takes: {} }, { id: 2, section: 'hosts', name: 'describe', takes: { host: 'h' } },
    ]);
    last().say({ id: 2, answer: { ok: true, value: 'two' } });
    last().say({ id: 1, answer: { ok: false, refusal: { code: 'bug', message: 'one' } } });
    expect(await Promise.all([first, second])).toEqual([{ ok: false, refusal: { code: 'bug', message: 'one' } }, { ok: true, value: 'two' }]);
  });

  it('tells news to whoever listens, and no longer after', () => {
    const { bridge } = link();
    const heard: News[] = [];
    const stop = bridge.listen((news) => heard.push(news));
    last().open();
    const news = { section: 'history', name: 'changed', told: { id: '1' } };
    last().say({ news });
    stop();
    last().say({ news });
    expect(heard).toEqual([news]);
  });

  it('refuses what was under way when the socket breaks, and what is asked until it is back', async () => {
    const { bridge, up } = link();
    last().open();
    const asked = bridge.ask('program', 'about', {});
    last().break();
    expect(up()).toBe(false);
    expect(await asked).toMatchObject({ ok: false, refusal: { code: 'connection-lost' } });
    expect(await bridge.ask('program', 'about', {})).toMatchObject({ ok: false, refusal: { code: 'connection-lost' } });
  });

  it('tries again, ever later, and says when it is back', () => {
    const { up, onChange } = link();
    const changes: boolean[] = [];
    onChange(() => changes.push(up()));
    last().open();
    for (const pause of [500, 1000, 2000, 4000, 5000, 5000]) {
      last().break();
      const before = sockets.length;
      vi.advanceTimersByTime(pause - 1);
      expect(sockets).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(sockets).toHaveLength(before + 1);
    }
    last().open();
    expect(changes).toEqual([false, true]);
    last().break();
    vi.advanceTimersByTime(500);
    expect(last().sent).toEqual([]);
  });
});
