// RC4, which DIGEST-MD5's encryption needs and OpenSSL 3 no longer brings. Good for nothing new.

/** A stream of RC4 under a key of 1 to 256 bytes: every call goes on where the last one ended. Sealing and opening are the same. */
export const rc4 = (key: Uint8Array): ((bytes: Uint8Array) => Buffer) => {
  const box = Uint8Array.from({ length: 256 }, (_, index) => index);
  for (let at = 0, other = 0; at < 256; at++) {
    const here = box[at] ?? 0;
    other = (other + here + (key[at % key.length] ?? 0)) & 255;
    box[at] = box[other] ?? 0;
    box[other] = here;
  }
  let [lastOne, lastOther] = [0, 0];
  return (bytes) => {
    const out = Buffer.from(bytes);
    // Local numbers and no iterator: this runs for every byte of a connection.
    let [one, other] = [lastOne, lastOther];
    for (let at = 0; at < out.length; at++) {
      one = (one + 1) & 255;
      const left = box[one] ?? 0;
      other = (other + left) & 255;
      const right = box[other] ?? 0;
      box[one] = right;
      box[other] = left;
      out[at] = (out[at] ?? 0) ^ (box[(left + right) & 255] ?? 0);
    }
    [lastOne, lastOther] = [one, other];
    return out;
  };
};
