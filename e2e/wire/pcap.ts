// Tapped messages as a capture file: raw IPv4 packets of TCP connections that look as if a sniffer had seen them.
import type { Passed } from './tap.ts';

/** The port that Wireshark knows libvirt by. */
export const libvirtPort = 16_509;
const firstClientPort = 40_000;
const [client, server] = [Buffer.of(192, 0, 2, 1), Buffer.of(192, 0, 2, 2)];
/** Raw IP, by the list of link types of tcpdump.org. */
const linkTypeRaw = 101;
/** IPv4's total length is 16 bits; a longer message takes several segments. */
const largestSegment = 60_000;

const [syn, ack, push] = [0x02, 0x10, 0x08];

/** A pcap file. One message starts one segment, so that a dissector's records and messages match one to one. */
export const pcapOf = (passed: readonly Passed[]): Buffer => {
  const records: Buffer[] = [fileHeader()];
  const connections = new Map<number, { client: number; server: number }>();
  const send = (connection: number, from: 'client' | 'server', flags: number, payload: Buffer): void => {
    const next = connections.get(connection) ?? { client: 1, server: 1 };
    connections.set(connection, next);
    const to = from === 'client' ? 'server' : 'client';
    const segment = packet(from, firstClientPort + connection, next[from], flags === syn ? 0 : next[to], flags, payload);
    next[from] += payload.length + (flags & syn ? 1 : 0);
    records.push(recordHeader(records.length, segment.length), segment);
  };
  for (const { connection, from, message } of passed) {
    if (!connections.has(connection)) {
      send(connection, 'client', syn, Buffer.alloc(0));
      send(connection, 'server', syn | ack, Buffer.alloc(0));
      send(connection, 'client', ack, Buffer.alloc(0));
    }
    for (let at = 0; at < message.length; at += largestSegment) send(connection, from, ack | push, message.subarray(at, at + largestSegment));
  }
  return Buffer.concat(records);
};

const fileHeader = (): Buffer => {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2_c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(linkTypeRaw, 20);
  return header;
};

/** Time says nothing here: each packet comes a millisecond after the one before. */
const recordHeader = (index: number, size: number): Buffer => {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(Math.floor(index / 1_000), 0);
  header.writeUInt32LE((index % 1_000) * 1_000, 4);
  header.writeUInt32LE(size, 8);
  header.writeUInt32LE(size, 12);
  return header;
};

const packet = (from: 'client' | 'server', clientPort: number, sequence: number, acknowledged: number, flags: number, payload: Buffer): Buffer => {
  const ip = Buffer.alloc(20);
  ip[0] = 0x45;
  ip.writeUInt16BE(40 + payload.length, 2);
  ip[8] = 64;
  ip[9] = 6;
  (from === 'client' ? client : server).copy(ip, 12);
  (from === 'client' ? server : client).copy(ip, 16);
  const tcp = Buffer.alloc(20);
  tcp.writeUInt16BE(from === 'client' ? clientPort : libvirtPort, 0);
  tcp.writeUInt16BE(from === 'client' ? libvirtPort : clientPort, 2);
  tcp.writeUInt32BE(sequence, 4);
  tcp.writeUInt32BE(acknowledged, 8);
  tcp[12] = 0x50;
  tcp[13] = flags;
  tcp.writeUInt16BE(65_535, 14);
  return Buffer.concat([ip, tcp, payload]);
};
