// What a serial line has said since it was opened, for a file; the oldest is left out when it gets too much.

/** Bytes. */
const most = 16 * 1024 * 1024;

export class Recording {
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #length = 0;

  add(bytes: Uint8Array): void {
    this.#pieces.push(new Uint8Array(bytes));
    this.#length += bytes.length;
    let first = 0;
    for (let piece = this.#pieces[first]; piece !== undefined && this.#length > most; piece = this.#pieces[first]) {
      this.#length -= piece.length;
      first += 1;
    }
    // Many at once: taking them off one by one would move all others each time.
    if (first > 0) this.#pieces = this.#pieces.slice(first);
  }

  get blob(): Blob {
    return new Blob(this.#pieces, { type: 'text/plain' });
  }
}
