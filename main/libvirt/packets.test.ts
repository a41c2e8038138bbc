// Frames: their layout, their bounds, and that nothing depends on how the bytes arrive.
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { XdrError } from '../xdr/xdr.ts';
import { frame, type Header, largestMessage, messageStatus, messageType, nextSerial, type Packet, Packets, ProtocolError } from './packets.ts';

const authList: Header = { program: 0x20008086, procedure: 66, type: messageType.call, serial: 1, status: messageStatus.ok };
const lengthWord = (length: number): Buffer => {
  const word = Buffer.alloc(4);
  word.writeUInt32BE(length);
  return word;
};
/** Packets as values of their own, whatever memory they shared. */
const cut = (packets: Packets, pieces: readonly Buffer[]): readonly Packet[] =>
  pieces.flatMap((piece) => [...packets.push(piece)].map((packet) => ({ ...packet, payload: Buffer.from(packet.payload) })));

const header = fc.record({
  program: fc.integer({ min: 0, max: 0xffff_ffff }),
  procedure: fc.integer(),
  type: fc.integer({ min: 0, max: 6 }),
  serial: fc.integer({ min: 0, max: 0xffff_ffff }),
  status: fc.integer({ min: 0, max: 2 }),
});
const message = fc.tuple(header, fc.uint8Array({ maxLength: 40 }));

describe('a frame', () => {
  it('is a length that counts itself, six words and the payload, big-endian', () => {
    expect(frame(authList).toString('hex')).toBe('0000001c200080860000000100000042000000000000000100000000');
    expect(frame(authList, (to) => to.raw(Uint8Array.of(1, 2, 3))).toString('hex')).toBe('0000001f200080860000000100000042000000000000000100000000010203');
  });

  it('carries a signed procedure and unsigned program and serial', () => {
    const extreme: Header = { program: 0xffff_ffff, procedure: -1, type: messageType.reply, serial: 0xffff_ffff, status: messageStatus.error };
    expect(cut(new Packets(), [frame(extreme)])).toEqual([{ ...extreme, version: 1, payload: Buffer.alloc(0) }]);
  });

  it('has at most 33,554,408 bytes of payload, both ways', () => {
    const most = largestMessage - 28;
    expect(most).toBe(33_554_408);
    const [packet] = new Packets().push(frame(authList, (to) => to.raw(new Uint8Array(most))));
    expect(packet?.payload).toHaveLength(most);
    expect(() => frame(authList, (to) => to.raw(new Uint8Array(most + 1)))).toThrow(XdrError);
  });
});

describe('packets', () => {
  it('are the same however their bytes arrive', () => {
    fc.assert(fc.property(fc.array(message, { maxLength: 6 }), fc.array(fc.nat({ max: 400 }), { maxLength: 12 }), (messages, cuts) => {
      const bytes = Buffer.concat(messages.map(([head, payload]) => frame(head, (to) => to.raw(payload))));
      const edges = [0, ...cuts.filter((at) => at <= bytes.length).sort((left, right) => left - right), bytes.length];
      const pieces = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
      expect(cut(new Packets(), pieces)).toEqual(messages.map(([head, payload]) => ({ ...head, version: 1, payload: Buffer.from(payload) })));
    }));
  });

  it('are the same byte by byte, and nothing is held between them', () => {
    const packets = new Packets();
    const bytes = Buffer.concat([frame(authList), frame(authList, (to) => to.uint(7))]);
    expect(cut(packets, [...bytes].map((byte) => Buffer.of(byte)))).toEqual(cut(new Packets(), [bytes]));
    expect(packets.held).toBe(0);
  });

  it('of many pieces are joined once, not again with every piece', () => {
    const bytes = frame(authList, (to) => to.raw(new Uint8Array(1_048_576)));
    const concat = vi.spyOn(Buffer, 'concat');
    const packets = new Packets();
    const found: Packet[] = [];
    for (let at = 0; at < bytes.length; at += 1_000) found.push(...packets.push(bytes.subarray(at, at + 1_000)));
    expect(found.map(({ payload }) => payload.length)).toEqual([1_048_576]);
    expect(concat).toHaveBeenCalledTimes(1);
  });

  it.each([0, 1, 27, largestMessage + 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff])('refuse a length of %i with its four bytes, before taking memory for it', (length) => {
    const word = lengthWord(length);
    const packets = new Packets();
    const [alloc, allocUnsafe, concat] = [vi.spyOn(Buffer, 'alloc'), vi.spyOn(Buffer, 'allocUnsafe'), vi.spyOn(Buffer, 'concat')];
    expect(() => [...packets.push(word)]).toThrow(ProtocolError);
    for (const taken of [alloc, allocUnsafe, concat]) expect(taken).not.toHaveBeenCalled();
  });

  it('refuse a bad length behind good messages only after handing those out', () => {
    const handed: Packet[] = [];
    const read = (): void => {
      for (const packet of new Packets().push(Buffer.concat([frame(authList), lengthWord(3)]))) handed.push(packet);
    };
    expect(read).toThrow('a message of 3 bytes, where 28 to 33554436 are allowed');
    expect(handed).toHaveLength(1);
  });

  it('wait for the rest of the smallest and of the largest message', () => {
    for (const length of [28, largestMessage]) {
      const packets = new Packets();
      expect([...packets.push(lengthWord(length))]).toEqual([]);
      expect(packets.held).toBe(4);
    }
  });

  it('refuse what an HTTP server, an SSH server or a TLS alert begins with', () => {
    for (const greeting of ['HTTP/1.1 400 Bad Request\r\n', 'SSH-2.0-OpenSSH_9.2\r\n', '220 mail ESMTP\r\n', '\x15\x03\x03\x00\x02\x02\x46']) {
      expect(() => [...new Packets().push(Buffer.from(greeting, 'latin1'))], greeting).toThrow(ProtocolError);
    }
  });
});

describe('the next serial', () => {
  const free = (): boolean => false;
  it('is one more, and 1 after the last, since 0 belongs to others', () => {
    expect([0, 1, 0xffff_fffe, 0xffff_ffff].map((last) => nextSerial(last, free))).toEqual([1, 2, 0xffff_ffff, 1]);
  });

  it('is none that a call or stream still holds', () => {
    const held = new Set([0xffff_ffff, 1, 2]);
    expect(nextSerial(0xffff_fffe, (serial) => held.has(serial))).toBe(3);
  });
});
