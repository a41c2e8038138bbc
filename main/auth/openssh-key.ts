// OpenSSH's own format of private keys (PROTOCOL.key of OpenSSH): reading its open parts.

export interface OpenSshParts {
  /** `none` when the key is not locked. */
  readonly cipher: string;
  /** `none` or `bcrypt`. */
  readonly derivation: string;
  readonly derivationOptions: Buffer;
  /** An SSH public key blob. */
  readonly publicKey: Buffer;
  /** Two equal check words, the private key, a comment and padding; encrypted when there is a cipher. */
  readonly secret: Buffer;
  /** What follows the secret: the tag of an authenticated cipher. */
  readonly rest: Buffer;
}

export const magic = 'openssh-key-v1\0';

/** The parts of the only key in such a file; undefined when the text is none, or cut short. */
export function openSshParts(text: string): OpenSshParts | undefined {
  const found = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text);
  if (found === null) return undefined;
  const bytes = Buffer.from(found[1] ?? '', 'base64');
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined;
  let at = magic.length;
  const next = (): Buffer | undefined => {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    const part = bytes.subarray(at + 4, end);
    at = end;
    return part;
  };
  const [cipher, derivation, derivationOptions] = [next(), next(), next()];
  if (derivationOptions === undefined || at + 4 > bytes.length || bytes.readUInt32BE(at) !== 1) return undefined;
  at += 4;
  const [publicKey, secret] = [next(), next()];
  if (cipher === undefined || derivation === undefined || publicKey === undefined || secret === undefined) return undefined;
  return { cipher: cipher.toString('latin1'), derivation: derivation.toString('latin1'), derivationOptions, publicKey, secret, rest: bytes.subarray(at) };
}
