// One page on its socket: its questions and bytes go to main, news comes back, and main hears when the page is gone.
import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { encode } from '../../../app/contract/frames.ts';
import type { Main } from '../../services/services.ts';
import { type Message, sentIn } from './frames.ts';

/** A page that takes nothing while this many bytes wait for it is let go; it comes back and asks anew. */
const waitingLimit = 64 * 1024 * 1024;
/** A page is asked for a sign of life this often, in milliseconds, and let go when it missed one. */
export const heartbeat = 15_000;

/** Serves one page until its socket closes. */
export const servePage = (main: Main, socket: WebSocket): void => {
  const gone = new AbortController();
  const caller = { id: randomUUID(), gone: gone.signal };
  const send = (message: Message): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > waitingLimit) socket.terminate();
    else socket.send(encode(message));
  };
  const channels = main.channels(caller, send);
  const silence = main.listen((news) => send({ news }), caller);

  let isAlive = true;
  const beat = setInterval(() => {
    if (!isAlive) socket.terminate();
    isAlive = false;
    socket.ping();
  }, heartbeat);
  const leave = (): void => {
    clearInterval(beat);
    silence();
    gone.abort();
  };

  socket.on('pong', () => (isAlive = true));
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    const sent = gone.signal.aborted ? undefined : sentIn(data, isBinary);
    if (sent === undefined || ('ofChannel' in sent && !channels(sent.ofChannel))) {
      leave();
      return socket.close(1008, 'not a request');
    }
    if ('ofChannel' in sent) return;
    const { request } = sent;
    void main.answer(request.section, request.name, request.takes, caller).then((answer) => send({ id: request.id, answer }));
  });
  // A frame that is too large or broken: ws itself says why and closes.
  socket.on('error', leave);
  socket.on('close', leave);
};
