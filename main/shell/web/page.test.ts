// The heartbeat of a page, on a clock of the test.
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { standIn } from '../stand-in.test-main.ts';
import { heartbeat, servePage } from './page.ts';

class Socket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  readonly ping = vi.fn();
  readonly send = vi.fn();
  readonly close = vi.fn();
  readonly terminate = vi.fn(() => this.emit('close'));
}
const serve = (socket: Socket): ReturnType<typeof standIn> => {
  const main = standIn();
  // Only what Socket has is used of a WebSocket.
  servePage(main, socket as unknown as WebSocket);
  return main;
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('keeps a page that answers, however long it says nothing', () => {
  const socket = new Socket();
  socket.ping.mockImplementation(() => socket.emit('pong'));
  const main = serve(socket);
  vi.advanceTimersByTime(100 * heartbeat);
  expect([socket.terminate.mock.calls.length, main.hearers.size]).toEqual([0, 1]);
});

it('lets a page go that missed a heartbeat, and stops the clock', () => {
  const socket = new Socket();
  const main = serve(socket);
  vi.advanceTimersByTime(2 * heartbeat);
  expect([socket.terminate.mock.calls.length, main.hearers.size, vi.getTimerCount()]).toEqual([1, 0, 0]);
});

it('lets a page go that takes nothing any more', () => {
  const socket = new Socket();
  const main = serve(socket);
  socket.bufferedAmount = 65 * 1024 * 1024;
  for (const hear of main.hearers) hear({ section: 'program', name: 'preferencesChanged', told: {} });
  expect([socket.send.mock.calls.length, socket.terminate.mock.calls.length]).toEqual([0, 1]);
});
