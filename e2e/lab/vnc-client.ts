// A VNC client of the plainest kind, as a witness: no login, raw pixels, the whole picture in memory; https://www.rfc-editor.org/rfc/rfc6143
import { LabError } from './state.ts';

/** Four bytes a pixel: red, green, blue, and one that means nothing. */
const pixelFormat = [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 0, 8, 16, 0, 0, 0];

export class VncClient {
  readonly #send: (bytes: Uint8Array) => void;
  readonly #pieces: Buffer[] = [];
  #waiting = 0;
  #wanted: { readonly length: number; readonly take: (bytes: Buffer) => void } | null = null;
  #updated: () => void = () => undefined;
  #width = 0;
  #height = 0;
  #name = '';
  #picture: Buffer = Buffer.alloc(0);
  /** Resolves when the size and the name are known; rejects when the server asks for a login or breaks the protocol. */
  readonly ready: Promise<void>;
  /** Never resolves: rejects with what is wrong in what came after. */
  readonly #reading: Promise<never>;

  /** @param send takes what goes to the server; what comes from it is given to `receive`. */
  constructor(send: (bytes: Uint8Array) => void) {
    this.#send = send;
    this.ready = this.#begin();
    this.#reading = this.ready.then(async () => await this.#read());
    // Told to whoever waits for an update.
    this.#reading.catch(() => undefined);
  }

  get width(): number {
    return this.#width;
  }
  get height(): number {
    return this.#height;
  }
  get name(): string {
    return this.#name;
  }
  /** The colours of one pixel, 24 bits. */
  pixel(x: number, y: number): number {
    return this.#picture.readUIntBE((y * this.#width + x) * 4, 3);
  }
  /** Three bytes a pixel, row by row. */
  get pixels(): Buffer {
    const pixels = Buffer.alloc(this.#width * this.#height * 3);
    for (let at = 0; at * 4 < this.#picture.length; at += 1) this.#picture.copy(pixels, at * 3, at * 4, at * 4 + 3);
    return pixels;
  }

  receive(bytes: Uint8Array): void {
    this.#pieces.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    this.#waiting += bytes.length;
    this.#look();
  }

  /** Asks for the picture, or for what of it has changed since the last time, and resolves when that has come: a picture that stands still is waited for. */
  async update(changed: boolean): Promise<void> {
    const request = Buffer.from([3, Number(changed), 0, 0, 0, 0, 0, 0, 0, 0]);
    request.writeUInt16BE(this.#width, 6);
    request.writeUInt16BE(this.#height, 8);
    const come = new Promise<void>((resolve) => (this.#updated = resolve));
    this.#send(request);
    await Promise.race([come, this.#reading]);
  }

  /** Presses a key and lets it go. */
  press(keysym: number): void {
    for (const down of [1, 0]) {
      const key = Buffer.from([4, down, 0, 0, 0, 0, 0, 0]);
      key.writeUInt32BE(keysym, 4);
      this.#send(key);
    }
  }

  async #begin(): Promise<void> {
    const version = (await this.#take(12)).toString('latin1');
    if (version !== 'RFB 003.008\n') throw new LabError(`What should be a VNC server says ${JSON.stringify(version)}`);
    this.#send(Buffer.from(version));
    const kinds = await this.#take((await this.#take(1)).readUInt8());
    if (!kinds.includes(1)) throw new LabError(`The VNC server asks for a login of kind ${kinds.join(' or ')}`);
    this.#send(Buffer.from([1]));
    if ((await this.#take(4)).readUInt32BE() !== 0) throw new LabError('The VNC server refuses');
    // Others may look as well.
    this.#send(Buffer.from([1]));
    const first = await this.#take(24);
    [this.#width, this.#height] = [first.readUInt16BE(0), first.readUInt16BE(2)];
    this.#name = (await this.#take(first.readUInt32BE(20))).toString();
    this.#picture = Buffer.alloc(this.#width * this.#height * 4);
    this.#send(Buffer.from([0, 0, 0, 0, ...pixelFormat]));
    this.#send(Buffer.from([2, 0, 0, 1, 0, 0, 0, 0]));
  }

  async #read(): Promise<never> {
    for (;;) {
      const kind = (await this.#take(1)).readUInt8();
      if (kind === 2) continue;
      if (kind !== 0) throw new LabError(`The VNC server sends a message of kind ${kind}`);
      for (let left = (await this.#take(3)).readUInt16BE(1); left > 0; left -= 1) await this.#rectangle();
      this.#updated();
    }
  }

  async #rectangle(): Promise<void> {
    const head = await this.#take(12);
    const [x, y, width, height] = [head.readUInt16BE(0), head.readUInt16BE(2), head.readUInt16BE(4), head.readUInt16BE(6)];
    const pixels = await this.#take(width * height * 4);
    for (let row = 0; row < height; row += 1) pixels.copy(this.#picture, ((y + row) * this.#width + x) * 4, row * width * 4, (row + 1) * width * 4);
  }

  /** So many of the bytes that come; only one at a time may wait for some. */
  #take(length: number): Promise<Buffer> {
    return new Promise((take) => {
      this.#wanted = { length, take };
      this.#look();
    });
  }

  #look(): void {
    if (this.#wanted === null || this.#waiting < this.#wanted.length) return;
    const { length, take } = this.#wanted;
    const all = this.#pieces.length === 1 ? (this.#pieces[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#pieces);
    this.#wanted = null;
    this.#waiting = all.length - length;
    this.#pieces.splice(0, this.#pieces.length, ...(this.#waiting > 0 ? [all.subarray(length)] : []));
    take(all.subarray(0, length));
  }
}
