// What is used of bcrypt-pbkdf, which brings no types of its own.
declare module 'bcrypt-pbkdf' {
  /** One bcrypt hash: 64 bytes each of hashed password and salt give 32 bytes. */
  export function hash(sha2pass: Uint8Array, sha2salt: Uint8Array, out: Uint8Array): void;
}
