// Everything that ends a connection: by whom, with which refusal, and that nothing that waited goes on waiting.
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Refused } from '../../app/contract/refusal.ts';
import { Connection } from './connection.ts';
import { frame, type Header, messageStatus, messageType } from './packets.ts';
import { programs } from './procedure.ts';
import { remote } from './procedures.ts';
import { errorFrame, errorOf, holeFrame, Peer, replyFrame, streamFrame } from './scripted.test-peer.ts';

let peer: Peer;
let connection: Connection;
beforeEach(() => {
  peer = new Peer();
  connection = new Connection(peer.near);
});
afterEach(() => connection.close());

const hostname = remote.connectGetHostname;
const dom = { name: 'web', uuid: '4dea22b3-1d52-d8f3-2516-782e98ab3fa0', id: 1 };
const codeOf = async (asked: Promise<unknown>): Promise<string> =>
  await asked.then(() => 'answered', (error: unknown) => (error instanceof Refused ? error.refusal.code : String(error)));

/** A reply to the call, changed. */
const wrong = (change: Partial<Header>) => (call: Header): Buffer => frame({ ...call, type: messageType.reply, status: messageStatus.ok, ...change }, (to) => to.uint(0));
const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const patched = (bytes: Buffer, at: number, value: number): Buffer => {
  bytes.writeUInt32BE(value, at);
  return bytes;
};

describe('the connection ends with `protocol`, and so does the call that waits, when the peer sends', () => {
  it.each<readonly [string, (call: Header) => Buffer]>([
    ['a length below a header', () => word(27)],
    ['a length of zero', () => word(0)],
    ['a length past 32 MiB', () => word(33_554_437)],
    ['a length of 0xffffffff', () => word(0xffff_ffff)],
    ['text instead of frames', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['another version of the program', (call) => patched(replyFrame(call, hostname.ret, { hostname: 'h' }), 8, 2)],
    ['a reply under a serial that nobody used', wrong({ serial: 77 })],
    ['a reply of another program', wrong({ program: programs.qemu })],
    ['a reply of another procedure', wrong({ procedure: 1 })],
    ['a reply with the status of a stream', wrong({ status: messageStatus.continue })],
    ['a reply with an unknown status', wrong({ status: 9 })],
    ['a call', wrong({ type: messageType.call })],
    ['a reply with file descriptors', wrong({ type: messageType.replyWithFds })],
    ['an unknown type', wrong({ type: 7 })],
    ['a reply that ends too soon', (call) => frame({ ...call, type: messageType.reply, status: messageStatus.ok }, (to) => to.uint(5))],
    ['a reply without its payload', (call) => frame({ ...call, type: messageType.reply, status: messageStatus.ok })],
    ['a reply with a string of 4 GiB', (call) => frame({ ...call, type: messageType.reply, status: messageStatus.ok }, (to) => to.uint(0xffff_fffc))],
    ['an error struct that ends too soon', (call) => errorFrame(call, errorOf(1, 'x')).subarray(0, 40)],
    ['an event that ends too soon', () => frame({ program: programs.remote, procedure: 318, type: messageType.message, serial: 1, status: 0 }, (to) => to.uint(1))],
  ])('%s', async (name, bytes) => {
    connection.on(remote.domainEventCallbackLifecycle, () => undefined);
    const asked = connection.call(hostname, {});
    const { header } = await peer.call(hostname);
    const message = bytes(header);
    if (name.startsWith('an error struct')) patched(message, 0, message.length);
    peer.send(message);
    expect(await codeOf(asked)).toBe('protocol');
    expect(await connection.closed).toMatchObject({ code: 'protocol', stage: 'libvirt' });
    expect(peer.near.destroyed).toBe(true);
  });

  it.each<readonly [string, (call: Header) => Buffer]>([
    ['a hole in a stream that was not opened sparse', (call) => holeFrame(call, 4_096n)],
    ['a stream packet under the serial of another procedure', (call) => streamFrame({ ...call, procedure: 209 }, Buffer.from('x'))],
    ['a stream packet of an unknown status', (call) => frame({ ...call, type: messageType.stream, status: 5 })],
    ['a stream error that ends too soon', (call) => frame({ ...call, type: messageType.stream, status: messageStatus.error }, (to) => to.uint(1))],
  ])('%s', async (_, bytes) => {
    const opened = connection.stream(remote.domainOpenConsole, { dom, dev_name: null, flags: 0 });
    const { header } = await peer.answer(remote.domainOpenConsole, {});
    const { stream } = await opened;
    const waits = connection.call(hostname, {});
    peer.send(bytes(header));
    expect(await codeOf(stream[Symbol.asyncIterator]().next())).toBe('protocol');
    expect([await codeOf(waits), await codeOf(stream.finish())]).toEqual(['protocol', 'protocol']);
  });

  it('a reply twice', async () => {
    const asked = connection.call(hostname, {});
    const { header } = await peer.call(hostname);
    const reply = replyFrame(header, hostname.ret, { hostname: 'h' });
    peer.send(reply, reply);
    expect(await asked).toEqual({ hostname: 'h' });
    expect(await connection.closed).toMatchObject({ code: 'protocol' });
  });
});

describe('bytes after the fields', () => {
  it('of a newer server are ignored', async () => {
    const asked = connection.call(hostname, {});
    const { header } = await peer.call(hostname);
    peer.send(frame({ ...header, type: messageType.reply, status: messageStatus.ok }, (to) => {
      hostname.ret.write(to, { hostname: 'h' });
      to.uint(1);
    }));
    expect(await asked).toEqual({ hostname: 'h' });
    expect(connection.isOpen).toBe(true);
  });
});

describe('a connection that is lost', () => {
  it('fails what is in flight, what waits its turn and every stream, each once', async () => {
    const opened = connection.stream(remote.domainOpenConsole, { dom, dev_name: null, flags: 0 });
    await peer.answer(remote.domainOpenConsole, {});
    const { stream } = await opened;
    const asked = Array.from({ length: 6 }, async () => await codeOf(connection.call(hostname, {})));
    const read = codeOf(stream[Symbol.asyncIterator]().next());
    await peer.sentByNow();
    peer.end();
    expect(await Promise.all([...asked, read])).toEqual(Array.from({ length: 7 }, () => 'connection-lost'));
    expect(await connection.closed).toEqual({ code: 'connection-lost', message: 'The host closed the connection.' });
  });

  it('in the middle of a message is lost just the same', async () => {
    const asked = connection.call(hostname, {});
    const { header } = await peer.call(hostname);
    peer.send(replyFrame(header, hostname.ret, { hostname: 'h' }).subarray(0, 30));
    peer.end();
    expect(await codeOf(asked)).toBe('connection-lost');
  });

  it('tells what broke it, and keeps the refusal that a transport gave', async () => {
    const [plain, refused] = [new PassThrough(), new PassThrough()];
    const connections = [new Connection(plain), new Connection(refused)];
    plain.destroy(new Error('read ECONNRESET'));
    refused.destroy(new Refused('host-key-changed', 'The key changed.', { stage: 'hostKey' }));
    expect(await Promise.all(connections.map(({ closed }) => closed))).toEqual([
      { code: 'connection-lost', message: 'The connection broke: read ECONNRESET.' },
      { code: 'host-key-changed', message: 'The key changed.', stage: 'hostKey' },
    ]);
  });

  it('refuses every later call the same way', async () => {
    peer.end();
    await connection.closed;
    expect(await codeOf(connection.call(hostname, {}))).toBe('connection-lost');
    expect(await codeOf(connection.stream(remote.domainOpenConsole, { dom, dev_name: null, flags: 0 }))).toBe('connection-lost');
    expect(connection.isOpen).toBe(false);
  });
});

describe('closing', () => {
  it('resolves `closed` with null and fails what waits', async () => {
    const asked = connection.call(hostname, {});
    connection.close();
    connection.close();
    expect([await codeOf(asked), await connection.closed]).toEqual(['connection-lost', null]);
    expect(peer.near.destroyed).toBe(true);
  });

  it('inside a listener stops at once: what came in the same read is not looked at', async () => {
    const first = connection.call(hostname, {}, { replied: () => connection.close() });
    const second = connection.call(hostname, {});
    const calls = [await peer.call(hostname), await peer.call(hostname)];
    peer.send(...calls.map(({ header }) => replyFrame(header, hostname.ret, { hostname: 'h' })));
    expect(await first).toEqual({ hostname: 'h' });
    expect(await codeOf(second)).toBe('connection-lost');
  });
});

describe('a listener of ours that fails', () => {
  it('ends the connection instead of leaving calls to wait, and its error is not hidden', async () => {
    connection.on(remote.domainEventCallbackReboot, () => {
      throw new Error('our own fault');
    });
    const asked = connection.call(hostname, {});
    await peer.call(hostname);
    const reboot = frame({ program: programs.remote, procedure: 319, type: messageType.message, serial: 1, status: 0 }, (to) => remote.domainEventCallbackReboot.message.write(to, { callbackID: 0, msg: { dom } }));
    expect(() => peer.near.emit('data', reboot)).toThrow('our own fault');
    expect(await codeOf(asked)).toBe('bug');
    expect(await connection.closed).toMatchObject({ code: 'bug' });
  });
});
