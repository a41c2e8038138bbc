// What the lab's typewriter prints without end, checked byte by byte as it comes, and kept nowhere.

/** The printable characters and an end of line. */
const cycle = Buffer.from([...Array.from({ length: 95 }, (_, at) => 0x20 + at), 0x0d, 0x0a]);
const endOfTransmission = 0x04;

export class Flood {
  /** So many bytes of it came, or were before. */
  length: number;
  /** Where the first came that should have been another; null = none. */
  wrongAt: number | null = null;
  /** How many the guest says there were; null before it has. */
  told: number | null = null;
  #end = '';
  #isOver: () => void = () => undefined;
  /** Resolves when the guest has told its number. */
  readonly over = new Promise<void>((resolve) => (this.#isOver = resolve));

  /** @param from how many bytes are known to have been before. */
  constructor(from = 0) {
    this.length = from;
  }

  readonly hear = (bytes: Uint8Array): void => {
    for (const byte of bytes) this.#take(byte);
  };

  #take(byte: number): void {
    if (this.#end === '' && byte !== endOfTransmission) {
      if (byte !== cycle[this.length % cycle.length]) this.wrongAt ??= this.length;
      this.length += 1;
      return;
    }
    this.#end += String.fromCharCode(byte);
    const digits = /^.([a-p]{8})$/s.exec(this.#end)?.[1];
    if (digits === undefined) return;
    this.told = Buffer.from(digits).reduce((sum, digit) => sum * 16 + digit - 97, 0);
    this.#isOver();
  }
}
