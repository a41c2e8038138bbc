// RSA keys made before they are asked for: who makes an authority makes a host's certificate and a client's next, and waits for neither.
import type { KeyObject } from 'node:crypto';
import type { RsaKeyBits } from '../../app/pki/profiles.ts';
import { makeKey } from '../pki/rsa-key.ts';

/** Keys are made two at a time: each takes one of the few threads that files are read on, too. */
const keysAtOnce = 2;

export class KeysAhead {
  /** Made, or being made, by their size; nothing of them is ever written before it is taken. */
  readonly #ahead = new Map<RsaKeyBits, Promise<KeyObject>[]>();

  /** Sees to it that so many keys are there or on their way. */
  prepare(bits: RsaKeyBits, count: number): void {
    const held = this.#ahead.get(bits) ?? [];
    this.#ahead.set(bits, held);
    while (held.length < count) {
      const key = makeKey(bits);
      // Whoever takes it hears how it failed; one that nobody takes is not missed.
      key.catch(() => undefined);
      held.push(key);
    }
  }

  /** One key; it is nobody else's. */
  async take(bits: RsaKeyBits = 3072): Promise<KeyObject> {
    return await (this.#ahead.get(bits)?.shift() ?? makeKey(bits));
  }

  /** So many keys, or undefined once the signal aborts. */
  async takeMany(count: number, bits: RsaKeyBits | undefined, signal: AbortSignal): Promise<readonly KeyObject[] | undefined> {
    const keys: KeyObject[] = [];
    while (keys.length < count) {
      if (signal.aborted) return undefined;
      keys.push(...(await Promise.all(Array.from({ length: Math.min(keysAtOnce, count - keys.length) }, async () => await this.take(bits)))));
    }
    return keys;
  }
}
