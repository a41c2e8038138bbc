// Streams: data, holes and every way to end, against a scripted peer that speaks real frames.
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Refused } from '../../app/contract/refusal.ts';
import { Connection } from './connection.ts';
import { LibvirtError } from './errors.ts';
import { type Header, messageStatus, messageType, type Packet } from './packets.ts';
import { remote } from './procedures.ts';
import { confirmFrame, errorFrame, errorOf, holeFrame, keepaliveFrame, Peer, replyFrame, streamFrame } from './scripted.test-peer.ts';
import { highWater, type LibvirtStream, type StreamPiece } from './stream.ts';
import { mostBuffered } from './streams.ts';

let peer: Peer;
let connection: Connection;
beforeEach(() => {
  peer = new Peer();
  connection = new Connection(peer.near);
});
afterEach(() => {
  vi.useRealTimers();
  connection.close();
});
const dedicated = (): void => {
  connection.close();
  peer = new Peer();
  connection = new Connection(peer.near, { dedicated: true });
};

const dom = { name: 'web', uuid: '4dea22b3-1d52-d8f3-2516-782e98ab3fa0', id: 1 };
const vol = { pool: 'default', name: 'disk', key: '/disk' };
const download = remote.storageVolDownload;
const upload = remote.storageVolUpload;
const none = Buffer.alloc(0);
const bytes = (text: string): Buffer => Buffer.from(text);

interface Opened {
  readonly stream: LibvirtStream;
  readonly call: Header;
}
/** Opens a download; `after` arrives in one read with the reply. */
const opened = async (options: { readonly sparse?: boolean; readonly after?: (call: Header) => readonly Buffer[] } = {}): Promise<Opened> => {
  const asked = connection.stream(download, { vol, offset: 0n, length: 0n, flags: options.sparse === true ? 1 : 0 }, { sparse: options.sparse ?? false });
  const { header } = await peer.call(download);
  peer.send(replyFrame(header, download.ret, {}), ...(options.after?.(header) ?? []));
  return { stream: (await asked).stream, call: header };
};
const openedUpload = async (sparse = false): Promise<Opened> => {
  const asked = connection.stream(upload, { vol, offset: 0n, length: 0n, flags: sparse ? 1 : 0 }, { sparse });
  const { header } = await peer.answer(upload, {});
  return { stream: (await asked).stream, call: header };
};
const shown = (piece: StreamPiece): string => (piece.kind === 'data' ? piece.data.toString() : `${piece.length} zeros`);
const read = async (stream: LibvirtStream): Promise<readonly string[]> => {
  const pieces: string[] = [];
  for await (const piece of stream) pieces.push(shown(piece));
  return pieces;
};
const codeOf = async (asked: Promise<unknown>): Promise<string> => await asked.then(() => 'done', (error: unknown) => (error instanceof Refused ? error.refusal.code : String(error)));
const what = ({ type, status, payload }: Packet): readonly unknown[] => [type, status, payload.length];
const finish = [messageType.stream, messageStatus.ok, 0];
const abort = [messageType.stream, messageStatus.error, 0];

describe('reading', () => {
  it('gets what came in one read with the reply, until the empty packet; then finishes and waits for the server’s word', async () => {
    const { stream, call } = await opened({ after: (header) => [streamFrame(header, bytes('one')), streamFrame(header, bytes('two')), streamFrame(header, none)] });
    const all = read(stream);
    const finished = await peer.next();
    expect([finished.serial, finished.procedure, what(finished)]).toEqual([call.serial, download.number, finish]);
    peer.send(confirmFrame(call));
    expect(await all).toEqual(['one', 'two']);
  });

  it('waits for data, and fails when finishing fails', async () => {
    const { stream, call } = await opened();
    const all = read(stream);
    peer.send(streamFrame(call, bytes('a')));
    expect(await peer.sentByNow()).toEqual([]);
    peer.send(streamFrame(call, none));
    expect(what(await peer.next())).toEqual(finish);
    peer.send(errorFrame(call, errorOf(38, 'No space left on device'), messageType.stream));
    await expect(all).rejects.toThrow('No space left on device');
  });

  it('hands out what came before the server’s error, then the error, and sends nothing after it', async () => {
    const { stream } = await opened({ after: (header) => [streamFrame(header, bytes('some')), errorFrame(header, errorOf(1, 'gone'), messageType.stream)] });
    const pieces: string[] = [];
    const all = (async () => {
      for await (const piece of stream) pieces.push(shown(piece));
    })();
    await expect(all).rejects.toBeInstanceOf(LibvirtError);
    expect(pieces).toEqual(['some']);
    await expect(stream.finish()).rejects.toThrow('gone');
    await stream.abort();
    expect(await peer.sentByNow()).toEqual([]);
  });

  it('that is broken off aborts, drops what still comes, and is over with the confirmation', async () => {
    const { stream, call } = await opened({ after: (header) => [streamFrame(header, bytes('1'))] });
    const broken = (async () => {
      for await (const piece of stream) return shown(piece);
      return 'nothing';
    })();
    expect(what(await peer.next())).toEqual(abort);
    peer.send(streamFrame(call, bytes('still')), streamFrame(call, none), confirmFrame(call), streamFrame(call, bytes('much too late')));
    expect(await broken).toBe('1');
    expect(await peer.sentByNow()).toEqual([]);
    expect([stream.unread, connection.isOpen]).toEqual([0, true]);
  });

  it('keeps its own bytes when the receive buffer is used again', async () => {
    const { stream, call } = await opened();
    const message = streamFrame(call, bytes('kept'));
    peer.near.emit('data', message);
    message.fill(0);
    expect(await stream[Symbol.asyncIterator]().next()).toEqual({ done: false, value: { kind: 'data', data: bytes('kept') } });
  });
});

describe('giving up', () => {
  it('tells a reader at once, before the server has confirmed', async () => {
    const { stream, call } = await opened();
    const all = codeOf(stream[Symbol.asyncIterator]().next());
    const aborted = stream.abort(new Refused('timed-out', 'Too slow.'));
    expect(what(await peer.next())).toEqual(abort);
    peer.send(confirmFrame(call));
    await aborted;
    expect(await all).toBe('timed-out');
  });

  it('an upload never looks like a finished one', async () => {
    const { stream, call } = await openedUpload();
    const aborted = stream.abort();
    peer.send(confirmFrame(call));
    await aborted;
    expect([await codeOf(stream.finish()), await codeOf(stream.write(bytes('x')))]).toEqual(['cancelled', 'cancelled']);
    expect((await peer.sentByNow()).map(what)).toEqual([abort]);
  });

  it('the call aborts the stream that its reply opens all the same', async () => {
    const abortion = new AbortController();
    const asked = codeOf(connection.stream(download, { vol, offset: 0n, length: 0n, flags: 0 }, { signal: abortion.signal }));
    const { header } = await peer.call(download);
    abortion.abort();
    expect(await asked).toBe('cancelled');
    peer.send(replyFrame(header, download.ret, {}), streamFrame(header, bytes('unwanted')));
    expect((await peer.sentByNow()).map(what)).toEqual([abort]);
    peer.send(confirmFrame(header));
    expect(await peer.sentByNow()).toEqual([]);
  });

  it('the call that is then refused leaves no stream: whatever comes under its serial is dropped', async () => {
    const abortion = new AbortController();
    const asked = codeOf(connection.stream(download, { vol, offset: 0n, length: 0n, flags: 0 }, { signal: abortion.signal }));
    const { header } = await peer.call(download);
    abortion.abort();
    expect(await asked).toBe('cancelled');
    peer.send(errorFrame(header, errorOf(50, 'no such volume')), holeFrame(header, 1n));
    expect(await peer.sentByNow()).toEqual([]);
    expect(connection.isOpen).toBe(true);
  });

  it('the call before its turn leaves no stream', async () => {
    const abortion = new AbortController();
    const four = Array.from({ length: 4 }, async () => await codeOf(connection.call(remote.connectGetHostname, {})));
    const asked = codeOf(connection.stream(download, { vol, offset: 0n, length: 0n, flags: 0 }, { signal: abortion.signal }));
    abortion.abort();
    expect(await asked).toBe('cancelled');
    expect((await peer.sentByNow()).map(({ procedure }) => procedure)).toEqual(Array.from({ length: 4 }, () => remote.connectGetHostname.number));
    connection.close();
    await Promise.all(four);
  });

  it('is not needed where the call is refused: then there is no stream', async () => {
    const asked = connection.stream(download, { vol, offset: 0n, length: 0n, flags: 0 });
    const { header } = await peer.refuse(download, errorOf(50, 'no such volume'));
    await expect(asked).rejects.toThrow('no such volume');
    peer.send(streamFrame(header, bytes('x')));
    expect(await peer.sentByNow()).toEqual([]);
    expect(connection.isOpen).toBe(true);
  });
});

describe('the server ends a stream', () => {
  it('by itself while a console is read: reading ends well, writing does not', async () => {
    const { stream, call } = await opened({ after: (header) => [streamFrame(header, none)] });
    expect(await codeOf(stream.write(bytes('x')))).toBe('connection-lost');
    const all = read(stream);
    expect(what(await peer.next())).toEqual(finish);
    peer.send(confirmFrame(call));
    expect(await all).toEqual([]);
  });

  it('with a confirmation that nobody asked for, which is an error', async () => {
    const { stream, call } = await opened();
    peer.send(confirmFrame(call));
    expect(await codeOf(read(stream))).toBe('protocol');
  });
});

describe('holes', () => {
  it('arrive in their place, the last before the end', async () => {
    const { stream, call } = await opened({ sparse: true, after: (header) => [streamFrame(header, bytes('a')), holeFrame(header, 4_194_304n), streamFrame(header, bytes('b')), holeFrame(header, 2n ** 40n), streamFrame(header, none)] });
    const all = read(stream);
    expect(what(await peer.next())).toEqual(finish);
    peer.send(confirmFrame(call));
    expect(await all).toEqual(['a', '4194304 zeros', 'b', '1099511627776 zeros']);
  });

  it.each([['of negative length', true, -1n], ['in a stream that was not opened sparse', false, 1n]])('%s end the connection', async (_, sparse, length) => {
    const { stream, call } = await opened({ sparse });
    peer.send(holeFrame(call, length));
    expect(await codeOf(read(stream))).toBe('protocol');
    expect(await connection.closed).toMatchObject({ code: 'protocol' });
  });

  it('are sent as length and flags, only in a sparse stream, and have a length', async () => {
    const { stream, call } = await openedUpload(true);
    await stream.writeHole(65_536n);
    const hole = await peer.next();
    expect([hole.type, hole.status, hole.serial, hole.payload.toString('hex')]).toEqual([messageType.streamHole, messageStatus.continue, call.serial, '000000000001000000000000']);
    await expect(stream.writeHole(0n)).rejects.toThrow('a hole of 0 bytes');
    await expect(stream.writeHole(-1n)).rejects.toThrow('a hole of -1 bytes');
    await expect((await openedUpload()).stream.writeHole(1n)).rejects.toThrow('not opened sparse');
    expect(await peer.sentByNow()).toEqual([]);
  });
});

describe('writing', () => {
  it('cuts data into packets of at most 262,120 bytes, the last not empty, and sends nothing for nothing', async () => {
    const { stream } = await openedUpload();
    await stream.write(none);
    await stream.write(Buffer.alloc(2 * 262_120, 1));
    await stream.write(Buffer.alloc(262_121, 2));
    const sent = await peer.sentByNow();
    expect(sent.map(what)).toEqual([262_120, 262_120, 262_120, 1].map((size) => [messageType.stream, messageStatus.continue, size]));
    expect(sent.at(-1)?.payload).toEqual(Buffer.of(2));
  });

  it('waits while the socket is full', async () => {
    connection.close();
    peer = new Peer(1_024);
    connection = new Connection(peer.near);
    const { stream } = await openedUpload();
    peer.far.pause();
    let written = false;
    const writing = stream.write(Buffer.alloc(600_000)).then(() => (written = true));
    // Nothing is read at the far end, so after a turn of the event loop the first piece still waits.
    await new Promise(setImmediate);
    expect([written, peer.near.writableLength < 300_000]).toEqual([false, true]);
    peer.far.resume();
    await writing;
    expect((await peer.sentByNow()).map(({ payload }) => payload.length)).toEqual([262_120, 262_120, 75_760]);
    expect(peer.near.listenerCount('drain')).toBe(0);
  });

  it('that waits for room ends with the connection', async () => {
    connection.close();
    peer = new Peer(1_024);
    connection = new Connection(peer.near);
    const { stream } = await openedUpload();
    peer.far.pause();
    const writing = codeOf(stream.write(Buffer.alloc(600_000)));
    connection.close();
    expect(await writing).toBe('connection-lost');
  });

  it('stops at the server’s error, which finishing tells too; nothing more is sent', async () => {
    const { stream, call } = await openedUpload();
    peer.send(errorFrame(call, errorOf(38, 'No space left on device', { int1: 28 }), messageType.stream));
    expect(await peer.sentByNow()).toEqual([]);
    await expect(stream.write(bytes('x'))).rejects.toThrow('No space left on device');
    await expect(stream.finish()).rejects.toMatchObject({ error: { code: 38, int1: 28 } });
    expect(await peer.sentByNow()).toEqual([]);
  });

  it('is good only with the server’s word', async () => {
    const { stream, call } = await openedUpload();
    await stream.write(bytes('all of it'));
    let good = false;
    const finished = stream.finish().then(() => (good = true));
    expect((await peer.sentByNow()).map(what)).toEqual([[messageType.stream, messageStatus.continue, 9], finish]);
    expect(good).toBe(false);
    peer.send(confirmFrame(call));
    expect(await finished).toBe(true);
    await expect(stream.write(bytes('more'))).rejects.toThrow('the stream is over');
  });
});

describe('a slow reader', () => {
  const packet = Buffer.alloc(262_120, 7);
  const flood = (call: Header, count: number): void => peer.send(...Array.from({ length: count }, () => streamFrame(call, packet)));
  /** Resolves when the client has stopped reading. */
  const paused = async (): Promise<unknown> => await once(peer.near, 'pause');

  it('stops the socket of a dedicated connection until it has read again', async () => {
    dedicated();
    const { stream, call } = await opened();
    const stops = paused();
    flood(call, 5);
    await stops;
    expect([peer.near.isPaused(), stream.unread > highWater]).toEqual([true, true]);
    const pieces = stream[Symbol.asyncIterator]();
    await pieces.next();
    await pieces.next();
    expect([peer.near.isPaused(), stream.unread < highWater]).toEqual([false, true]);
  });

  it('is not taken for a dead peer', async () => {
    dedicated();
    const { stream, call } = await opened();
    vi.useFakeTimers();
    connection.close();
    peer = new Peer();
    connection = new Connection(peer.near, { dedicated: true, keepalive: { interval: 1_000, count: 2 } });
    const again = await opened();
    flood(again.call, 5);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(connection.isOpen).toBe(true);
    const pieces = again.stream[Symbol.asyncIterator]();
    for (let read = 0; read < 5; read++) await pieces.next();
    await vi.advanceTimersByTimeAsync(4_000);
    expect([connection.isOpen, call.serial, await codeOf(stream.finish())]).toEqual([false, 1, 'connection-lost']);
  });

  it('that gives up or finishes lets the socket go on, so that the confirmation arrives', async () => {
    dedicated();
    for (const end of ['abort', 'finish'] as const) {
      const { stream, call } = await opened();
      const stops = paused();
      flood(call, 5);
      await stops;
      const ended = stream[end]();
      expect(what(await peer.next())).toEqual(end === 'abort' ? abort : finish);
      flood(call, 5);
      peer.send(confirmFrame(call));
      await ended;
      expect(peer.near.isPaused()).toBe(false);
    }
  });

  it('holds the socket as long as one of two is slow', async () => {
    dedicated();
    const [one, other] = [await opened(), await opened()];
    // Both fill up before the pause takes hold: they come in one read.
    const stops = paused();
    peer.send(...[one, other].flatMap(({ call }) => Array.from({ length: 5 }, () => streamFrame(call, packet))));
    await stops;
    const first = one.stream.abort();
    expect(peer.near.isPaused()).toBe(true);
    const second = other.stream.abort();
    expect(peer.near.isPaused()).toBe(false);
    peer.send(confirmFrame(one.call), confirmFrame(other.call));
    await Promise.all([first, second]);
  });

  it('on a shared connection is buffered for up to 16 MiB while replies go on, then given up', async () => {
    const { stream, call } = await opened();
    const most = Math.floor(mostBuffered / (packet.length + 128));
    flood(call, most);
    const asked = connection.call(remote.connectGetHostname, {});
    await peer.answer(remote.connectGetHostname, { hostname: 'h' });
    expect(await asked).toEqual({ hostname: 'h' });
    expect(peer.near.isPaused()).toBe(false);
    flood(call, 1);
    expect((await peer.sentByNow()).map(what)).toEqual([abort]);
    peer.send(confirmFrame(call));
    expect(await codeOf(read(stream))).toBe('timed-out');
    expect([stream.unread, connection.isOpen]).toEqual([0, true]);
  });

  it('is given up for a flood of holes and of single bytes too', async () => {
    const { stream, call } = await opened({ sparse: true });
    const [hole, byte] = [holeFrame(call, 1n), streamFrame(call, Buffer.of(1))];
    const flooding = Buffer.concat(Array.from({ length: 70_000 }, (_, index) => (index % 2 === 0 ? hole : byte)));
    peer.send(flooding);
    expect((await peer.sentByNow()).map(what)).toEqual([]);
    peer.send(flooding);
    expect((await peer.sentByNow()).map(what)).toEqual([abort]);
    expect(stream.unread).toBe(0);
  });
});

describe('two streams and a call', () => {
  it('share a connection without mixing', async () => {
    const one = await opened();
    const asked = connection.stream(remote.domainOpenConsole, { dom, dev_name: null, flags: 0 });
    const { header } = await peer.answer(remote.domainOpenConsole, {});
    const other = (await asked).stream;
    peer.send(streamFrame(header, bytes('console')), keepaliveFrame(2), streamFrame(one.call, bytes('disk')), streamFrame(header, none), streamFrame(one.call, none));
    const both = Promise.all([read(one.stream), read(other)]);
    const finished = [await peer.next(), await peer.next()];
    expect(new Set(finished.map(({ serial }) => serial))).toEqual(new Set([one.call.serial, header.serial]));
    peer.send(confirmFrame(one.call), confirmFrame(header));
    expect(await both).toEqual([['disk'], ['console']]);
  });
});
