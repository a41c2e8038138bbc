// A channel of an SSH session as an ordinary stream: ssh2's own channels know no errors, and never say that they were destroyed.
import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import type { Refused } from '../../app/contract/refusal.ts';

/** The bytes of a channel. Both directions end together, as a daemon's connection does. */
export class ChannelStream extends Duplex {
  readonly #channel: ClientChannel;
  /** What waits for the far side to make room; the channel never calls back once it is closed. */
  #unsent: (() => void) | undefined;
  #isClosed = false;

  /**
   * `reason` tells why a program on the far side ended, or undefined for an ordinary end. Its exit code comes after its last byte,
   * so the end is held back until then: a reader shall not take a failure for an end.
   */
  constructor(channel: ClientChannel, reason?: () => Refused | undefined) {
    super({ allowHalfOpen: false });
    this.#channel = channel;
    channel.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.once('end', () => {
      if (reason === undefined) this.push(null);
      else channel.end();
    });
    channel.once('close', () => {
      this.#isClosed = true;
      const refused = reason?.();
      if (refused !== undefined) this.destroy(refused);
      else this.push(null);
      this.#unsent?.();
    });
    // Without a reader an end would go unnoticed; what comes in meanwhile is kept, up to the high-water mark.
    this.read(0);
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (this.#isClosed) {
      callback();
      return;
    }
    this.#unsent = () => {
      this.#unsent = undefined;
      callback();
    };
    this.#channel.write(chunk, () => this.#unsent?.());
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#channel.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    // What still comes in is read and dropped: an unread channel would hold up its own end.
    this.#channel.removeAllListeners('data').resume().close();
    callback(error);
  }
}
