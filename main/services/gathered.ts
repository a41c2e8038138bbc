// What comes within a moment, in one piece: a daemon sends what a serial line prints a few bytes at a time, and each piece costs main and the page a message.

/**
 * All bytes in their order: what comes after a silence at once, then nothing until the rest is over, then what came meanwhile together.
 * @param hasMore whether the next piece is there already.
 * @param rest what is waited for after a piece of so many bytes was given. When it rejects, so does this.
 */
export async function* gathered(pieces: AsyncIterable<Uint8Array>, hasMore: () => boolean, rest: (given: number) => Promise<void>): AsyncGenerator<Uint8Array, void, undefined> {
  const waiting: Uint8Array[] = [];
  for await (const piece of pieces) {
    waiting.push(piece);
    if (hasMore()) continue;
    const together = Buffer.concat(waiting.splice(0));
    yield together;
    await rest(together.length);
  }
}
