// Messages by the procedure table: which line one belongs to, and what it carries as a value.
import { remoteError } from '../../main/libvirt/objects.ts';
import { frame, messageStatus, messageType, type Packet, Packets } from '../../main/libvirt/packets.ts';
import { type AnyCall, type AnyEvent, programs } from '../../main/libvirt/procedure.ts';
import { lxc, qemu, remote } from '../../main/libvirt/procedures.ts';
import { type Codec, Reader } from '../../main/xdr/xdr.ts';

export const lineOf = (packet: Pick<Packet, 'program' | 'procedure'>): AnyCall | AnyEvent | undefined =>
  [remote, qemu, lxc].flatMap((table) => Object.values<AnyCall | AnyEvent>(table)).find((line) => programs[line.program] === packet.program && line.number === packet.procedure);

/** The one packet in a message's bytes. */
export const packetOf = (message: Buffer): Packet => {
  const [packet, ...more] = new Packets().push(message);
  if (packet === undefined || more.length > 0) throw new Error('not one message');
  return packet;
};

const codecOf = (packet: Packet): Codec<unknown> | undefined => {
  const line = lineOf(packet);
  if (packet.status === messageStatus.error && packet.type !== messageType.call) return packet.payload.length === 0 ? undefined : remoteError;
  if (line?.kind === 'event') return packet.type === messageType.message ? line.message : undefined;
  if (packet.type === messageType.call) return line?.args;
  return packet.type === messageType.reply ? line?.ret : undefined;
};

const typeNames = new Map<number, string>(Object.entries(messageType).map(([name, type]) => [type, name]));
/** A message in a few words: `call domainPinVcpuFlags`. */
export const describeMessage = (packet: Packet): string => {
  const kind = typeNames.get(packet.type) ?? `type ${packet.type}`;
  if (packet.program === programs.keepalive) return packet.procedure === 1 ? 'ping' : 'pong';
  const outcome = packet.type === messageType.stream ? ['finish or confirmed', packet.payload.length === 0 ? 'abort' : 'error', packet.payload.length === 0 ? 'end of data' : 'data'][packet.status] : packet.status === messageStatus.error ? 'error' : '';
  return [kind === 'message' ? 'event' : kind, lineOf(packet)?.name ?? `${packet.procedure}`, outcome].filter((word) => word !== '').join(' ');
};

/** What a message carries: `rest` bytes are left over, and `again` is the message as we would send the same value. Null where no XDR is inside. */
export const decodeMessage = (packet: Packet): { readonly value: unknown; readonly rest: number; readonly again: Buffer } | null => {
  const codec = codecOf(packet);
  if (codec === undefined) return null;
  const from = new Reader(packet.payload);
  const value = codec.read(from);
  return { value, rest: from.remaining, again: frame(packet, (to) => codec.write(to, value)) };
};
