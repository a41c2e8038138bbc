// The least a Node program can do for a call: frames made beforehand, written to the socket, and answers counted by their length.
import { connect, type Socket } from 'node:net';
import { LabError } from '../lab/state.ts';

/** Length, program `remote`, version 1, procedure, type call, serial, status OK, then the arguments. */
function frame(procedure: number, args: Buffer = Buffer.alloc(0)): Buffer {
  const words = [28 + args.length, 0x20008086, 1, procedure, 0, 0, 0];
  const head = Buffer.alloc(28);
  words.forEach((word, index) => head.writeUInt32BE(word, index * 4));
  return Buffer.concat([head, args]);
}

/** Text as XDR, with its length before and zeros after. */
function xdrText(value: string): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  bytes.writeUInt32BE(value.length);
  bytes.write(value, 4);
  return bytes;
}

const authList = frame(66);
const connectOpen = frame(1, Buffer.concat([Buffer.from('00000001', 'hex'), xdrText('qemu:///system'), Buffer.from('00000000', 'hex')]));
const connectGetLibVersion = frame(157);
/** No guest named, every group, no flags: everything of all. */
const connectGetAllDomainStats = frame(344, Buffer.alloc(12));

/** An open connection that can do two things. */
export interface RawLoop {
  /** Small calls one after the other; the milliseconds of each. */
  readonly calls: (count: number) => Promise<readonly number[]>;
  /** The whole answer with everything of all guests, as it came. */
  readonly statistics: () => Promise<Buffer>;
  readonly close: () => void;
}

/** Connects to a daemon's UNIX socket that asks for no authentication. */
export async function rawLoop(path: string): Promise<RawLoop> {
  const socket = connect(path);
  await repeat(socket, authList, 1);
  await repeat(socket, connectOpen, 1);
  return { calls: (count) => repeat(socket, connectGetLibVersion, count), statistics: () => answerTo(socket, connectGetAllDomainStats), close: () => socket.destroy() };
}

/** Writes one frame, and answers all that comes back. */
function answerTo(socket: Socket, call: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let had = 0;
    const receive = (piece: Buffer): void => {
      pieces.push(piece);
      had += piece.length;
      const [first] = pieces;
      if (first === undefined || first.length < 28 || had < first.readUInt32BE(0)) return;
      socket.off('data', receive).off('error', reject);
      if (first.readUInt32BE(24) === 0) resolve(Buffer.concat(pieces));
      else reject(new LabError(`The daemon refused procedure ${call.readUInt32BE(12)}`));
    };
    socket.on('data', receive).on('error', reject);
    socket.write(call);
  });
}

/** Writes one frame over and over, each time after the whole answer to the one before. */
function repeat(socket: Socket, call: Buffer, count: number): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    const took: number[] = [];
    let serial = 0;
    let began = 0;
    let held: Buffer = Buffer.alloc(0);
    const send = (): void => {
      call.writeUInt32BE(++serial, 20);
      began = performance.now();
      socket.write(call);
    };
    const off = (): void => {
      socket.off('data', receive).off('error', reject);
    };
    const receive = (piece: Buffer): void => {
      held = held.length === 0 ? piece : Buffer.concat([held, piece]);
      if (held.length < 4 || held.length < held.readUInt32BE(0)) return;
      took.push(performance.now() - began);
      if (held.readUInt32BE(24) !== 0) {
        off();
        reject(new LabError(`The daemon refused procedure ${call.readUInt32BE(12)}`));
        return;
      }
      held = held.subarray(held.readUInt32BE(0));
      if (took.length < count) {
        send();
        return;
      }
      off();
      resolve(took);
    };
    socket.on('data', receive).on('error', reject);
    send();
  });
}
