// Servers that are not what they should be: whatever comes over the wire, and whenever, ends in a refusal that says what to do.
import { createServer, type AddressInfo, type Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDemoHost } from '../demo/demo-host.ts';
import { headerBytes, messageStatus, messageType } from '../libvirt/packets.ts';
import { demoMain, type DemoMain } from './demo-main.test-peer.ts';

/** What is sent instead of a frame; null = nothing, ever. */
type Spoil = (frame: Buffer, socket: Socket) => Buffer | null;

/** Splits a daemon's bytes into its frames. */
const framesOf = function* (bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) yield bytes.subarray(at, at + bytes.readUInt32BE(at));
};

/** A server in front of a demo host that lets so many frames pass and spoils the next; answers its port and how many frames came. */
const spoiledAfter = async (passed: number, spoil: Spoil): Promise<{ readonly port: number; readonly frames: () => number }> => {
  const demo = createDemoHost();
  const sockets = new Set<Socket>();
  let most = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    const daemon = demo.connect();
    let frames = 0;
    let rest = Buffer.alloc(0);
    daemon.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      let whole = 0;
      while (rest.length - whole >= 4 && rest.length - whole >= rest.readUInt32BE(whole)) whole += rest.readUInt32BE(whole);
      for (const frame of framesOf(rest.subarray(0, whole))) {
        if (socket.writableEnded || frames > passed) return;
        const sent = frames === passed ? spoil(frame, socket) : frame;
        frames += 1;
        most = Math.max(most, frames);
        if (sent !== null) socket.write(sent);
      }
      rest = rest.subarray(whole);
    });
    socket.on('data', (bytes: Buffer) => daemon.write(bytes));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => daemon.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    demo.close();
  });
  return { port: (server.address() as AddressInfo).port, frames: () => most };
};
const altered = (frame: Buffer, alter: (copy: Buffer) => void): Buffer => {
  const copy = Buffer.from(frame);
  alter(copy);
  return copy;
};
const payload = (frame: Buffer, bytes: Buffer): Buffer => altered(Buffer.concat([frame.subarray(0, headerBytes), bytes]), (copy) => copy.writeUInt32BE(headerBytes + bytes.length, 0));

/** How frames are spoiled, and what it is called once a libvirt daemon had answered before. */
const spoils: Readonly<Record<string, readonly [Spoil, ...readonly ('protocol' | 'connection-lost')[]]>> = {
  'half a frame, then the end': [(frame, socket) => (socket.end(frame.subarray(0, 20)), null), 'connection-lost'],
  'the end': [(_, socket) => (socket.end(), null), 'connection-lost'],
  'a reset': [(_, socket) => (socket.resetAndDestroy(), null), 'connection-lost'],
  'silence': [() => null, 'connection-lost'],
  'a length of four thousand million': [() => Buffer.from('ffffffff20008086', 'hex'), 'protocol'],
  'a length of nothing': [() => Buffer.alloc(64), 'protocol'],
  'text': [() => Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'), 'protocol'],
  'random bytes': [() => Buffer.from('9f3c27aa01d2b4e8'.repeat(64), 'hex'), 'protocol'],
  'another version': [(frame) => altered(frame, (copy) => copy.writeUInt32BE(7, 8)), 'protocol'],
  'another procedure': [(frame) => altered(frame, (copy) => copy.writeUInt32BE(999, 12)), 'protocol'],
  'a reply that nobody waits for': [(frame) => altered(frame, (copy) => copy.writeUInt32BE(4_000_000, 20)), 'protocol'],
  'a kind of message that does not exist': [(frame) => altered(frame, (copy) => copy.writeUInt32BE(77, 16)), 'protocol'],
  'a status that does not exist': [(frame) => altered(frame, (copy) => copy.writeUInt32BE(9, 24)), 'protocol'],
  // Packets of streams that are gone are dropped, so this is as good as silence.
  'a hole in a stream that is not open': [(frame) => altered(payload(frame, Buffer.alloc(3)), (copy) => copy.writeUInt32BE(messageType.streamHole, 16)), 'connection-lost'],
  // Where a number is due it is one, and then there is silence.
  'a list of four thousand million': [(frame) => payload(frame, Buffer.from('ffffffff'.repeat(8), 'hex')), 'protocol', 'connection-lost'],
  'an error that is none': [(frame) => altered(payload(frame, Buffer.from('00000001'.repeat(3), 'hex')), (copy) => copy.writeUInt32BE(messageStatus.error, 24)), 'protocol'],
};

const connectTo = async ({ ask, main }: DemoMain, port: number) => {
  const { id } = await ask('connections', 'add', { uri: `qemu+tcp://127.0.0.1:${port}/system`, autoConnect: false, allowPlain: true });
  const answer = await main.answer('connections', 'connect', { id }, { id: 'test', gone: new AbortController().signal });
  const state = (await ask('connections', 'list', {})).find((one) => one.id === id)?.state;
  return { id, answer, state };
};
const keepalive = { interval: 80, count: 1 };

describe('a server that sends', () => {
  it.each(Object.entries(spoils))('%s, at every step of connecting, is refused with code, stage and remedy', async (_, [spoil, ...codes]) => {
    const demo = await demoMain({ keepalive });
    const whole = await spoiledAfter(Number.POSITIVE_INFINITY, spoil);
    expect((await connectTo(demo, whole.port)).answer).toEqual({ ok: true, value: null });
    expect(whole.frames()).toBeGreaterThan(15);
    // Authentication, features, driver, events, and the last of the list.
    for (const step of [0, 1, 2, 3, 5, 8, whole.frames() - 1]) {
      const { port } = await spoiledAfter(step, spoil);
      const { answer, state } = await connectTo(demo, port);
      const refusal = answer.ok ? null : answer.refusal;
      // Of whoever answers the first question wrongly it is not known that it is libvirt at all.
      expect(step === 0 ? ['not-libvirt'] : codes, `step ${step}`).toContain(refusal?.code);
      expect([refusal?.stage, refusal?.remedy]).toEqual(['libvirt', expect.stringMatching(/\w+/)]);
      expect(state).toMatchObject({ phase: 'failed', refusal: { ...refusal }, stages: expect.arrayContaining([expect.objectContaining({ stage: 'libvirt', outcome: 'failed' })]) });
    }
  }, 60_000);

  it('any bytes for any answer’s content either connects or is refused, and never hangs', async () => {
    const demo = await demoMain({ keepalive });
    await fc.assert(fc.asyncProperty(fc.nat(18), fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), async (step, place, flip, more) => {
      const { port } = await spoiledAfter(step, (frame) => {
        const copy = altered(frame, (bytes) => {
          if (bytes.length > headerBytes) bytes.writeUInt8(bytes.readUInt8(headerBytes + (place % (bytes.length - headerBytes))) ^ flip, headerBytes + (place % (bytes.length - headerBytes)));
        });
        return more ? payload(copy, Buffer.concat([copy.subarray(headerBytes), Buffer.alloc(4, flip)])) : copy;
      });
      const { id, answer } = await connectTo(demo, port);
      if (!answer.ok) {
        expect(answer.refusal.code).not.toBe('bug');
        expect([answer.refusal.stage, answer.refusal.remedy]).toEqual([expect.stringMatching(/^(libvirt|sasl|driver)$/), expect.stringMatching(/\w+/)]);
      }
      await demo.ask('connections', 'remove', { id });
    }), { numRuns: 30 });
  }, 60_000);
});
