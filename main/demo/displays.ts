// The displays of demo guests: a small VNC server (RFB 3.8, raw pixels) in front of each one's screen, and pictures of it.
import { type Duplex, duplexPair } from 'node:stream';
import { domainState } from '../libvirt/constants.ts';
import { shellOf } from './console.ts';
import { checkFlags, Fault } from './fault.ts';
import type { Guest } from './guest.ts';
import type { Inventory } from './inventory.ts';
import { Screen, screenSize, type Shifts } from './screen.ts';
import type { Handlers } from './serve.ts';

/** What a client says before its messages, and what it is answered; https://www.rfc-editor.org/rfc/rfc6143#section-7 */
const greeting = (name: string): readonly (readonly [bytes: number, answer: Buffer])[] => {
  const init = Buffer.alloc(24);
  init.writeUInt16BE(screenSize.width, 0);
  init.writeUInt16BE(screenSize.height, 2);
  init.set([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0], 4);
  init.writeUInt32BE(Buffer.byteLength(name), 20);
  return [[12, Buffer.from([1, 1])], [1, Buffer.alloc(4)], [1, Buffer.concat([init, Buffer.from(name)])]];
};

/** Bytes of a message of the client whose beginning this is; null = more of it has to come. */
const lengthOf = (from: Buffer): number | null => {
  const fixed = new Map([[0, 20], [3, 10], [4, 8], [5, 6]]).get(from[0] ?? -1);
  if (fixed !== undefined) return fixed;
  if (from[0] === 2) return from.length < 4 ? null : 4 + from.readUInt16BE(2) * 4;
  if (from[0] === 6) return from.length < 8 ? null : 8 + from.readUInt32BE(4);
  throw new RangeError('a message that RFB does not have');
};

/** Keys that are no signs: X's numbers of Return, of the keypad's Enter, and of BackSpace. */
const signs = new Map([[0xff0d, '\n'], [0xff8d, '\n'], [0xff08, '\b']]);

const serve = (screen: Screen, name: string, typed: (sign: string) => void, duplex: Duplex): void => {
  let left = greeting(name);
  let held = Buffer.alloc(0);
  let shifts: Shifts = [16, 8, 0];
  /** Rows that the client has not seen as they are, and whether it waits for some. */
  let stale: readonly [from: number, to: number] | null = [0, screenSize.height / screenSize.rowHeight];
  let waits = false;

  const update = (): void => {
    if (!waits || stale === null) return;
    const [from, to] = stale;
    const head = Buffer.alloc(16);
    head.writeUInt16BE(1, 2);
    for (const [at, value] of [0, from * screenSize.rowHeight, screenSize.width, (to - from) * screenSize.rowHeight].entries()) head.writeUInt16BE(value, 4 + at * 2);
    [waits, stale] = [false, null];
    duplex.write(Buffer.concat([head, screen.pixels(from, to, shifts)]));
  };
  const over = screen.watch((from, to) => {
    stale = stale === null ? [from, to] : [Math.min(from, stale[0]), Math.max(to, stale[1])];
    update();
  });

  const message = (said: Buffer): void => {
    if (said[0] === 0 && said[4] === 32) shifts = [said[14] ?? 0, said[15] ?? 0, said[16] ?? 0];
    if (said[0] === 3) {
      if (said[1] === 0) stale = [0, screenSize.height / screenSize.rowHeight];
      waits = true;
      update();
    }
    if (said[0] !== 4 || said[1] === 0) return;
    const key = said.readUInt32BE(4);
    typed(signs.get(key) ?? (key >= 0x20 && key < 0x7f ? String.fromCharCode(key) : ''));
  };

  duplex.on('data', (piece: Buffer) => {
    held = Buffer.concat([held, piece]);
    for (;;) {
      const [next] = left;
      const length = next === undefined ? (held.length === 0 ? null : lengthOf(held)) : next[0];
      if (length === null || held.length < length) return;
      if (next === undefined) message(held.subarray(0, length));
      else {
        left = left.slice(1);
        duplex.write(next[1]);
      }
      held = held.subarray(length);
    }
  });
  duplex.once('close', over);
  duplex.on('error', () => duplex.destroy());
  duplex.write('RFB 003.008\n');
};

export interface Displays {
  readonly handlers: Handlers;
  /** A client's end of the display that listens on this port of the demo host; null = none does. */
  readonly connect: (port: number) => Duplex | null;
  /** Ends what is open of a guest that stops. */
  readonly close: (guest: Guest) => void;
}

export const createDisplays = (inventory: Inventory): Displays => {
  const shown = new Map<Guest, { readonly screen: Screen; readonly typed: (sign: string) => void; readonly open: Set<Duplex> }>();
  const screenOf = (guest: Guest) => {
    const known = shown.get(guest);
    if (known !== undefined) return known;
    const [screen, shell] = [new Screen(), shellOf(guest)];
    screen.write(`Demo Linux 6.12 ${guest.name} tty1\n\n${shell.prompt}`);
    const typed = (sign: string): void => {
      if (guest.state === domainState.running) screen.write(shell.typed(sign).replaceAll('\b \b', '\b'));
    };
    const made = { screen, typed, open: new Set<Duplex>() };
    shown.set(guest, made);
    return made;
  };
  const graphicsOf = (guest: Guest) => guest.live?.root.at('devices')?.all('graphics') ?? [];

  return {
    connect: (port) => {
      const guest = inventory.all.find((one) => one.isActive && graphicsOf(one).some((display) => display.get('type') === 'vnc' && display.get('port') === String(port)));
      if (guest === undefined) return null;
      const { screen, typed, open } = screenOf(guest);
      const [near, far] = duplexPair();
      // Unlike sockets, the ends of a pair do not notice by themselves that the other one was destroyed.
      near.once('close', () => far.destroy());
      open.add(far);
      far.once('close', () => open.delete(far));
      serve(screen, `QEMU (${guest.name})`, typed, far);
      return near;
    },
    close: (guest) => {
      for (const far of shown.get(guest)?.open ?? []) far.end();
      shown.delete(guest);
    },
    handlers: {
      domainScreenshot: ({ dom, screen, flags }, client) => {
        checkFlags(flags, 0);
        const guest = inventory.find(dom);
        guest.mustRun();
        if (graphicsOf(guest).length === 0) throw new Fault('operationFailed', 'qemu', 'operation failed: no screen');
        if (screen !== 0) throw new Fault('invalidArg', 'qemu', 'invalid argument: no such screen');
        const picture = screenOf(guest).screen.png();
        const send = client.stream({ received: () => undefined, over: () => undefined });
        // The reply goes out in this turn; the picture only after it.
        queueMicrotask(() => {
          for (let at = 0; at < picture.length; at += 65_536) send(picture.subarray(at, at + 65_536));
          send(Buffer.alloc(0));
        });
        return { mime: 'image/png' };
      },
    },
  };
};
