// SCRAM with SHA-1, SHA-256 and SHA-512 (RFC 5802, RFC 7677): both sides prove the password, neither sends it. No channel binding.
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Refused } from '../../../app/contract/refusal.ts';
import { broken, type Credentials, impostor, type Mechanism } from './mechanism.ts';
import { prepared } from './password-text.ts';

export type ScramHash = 'sha1' | 'sha256' | 'sha512';
const names: Readonly<Record<ScramHash, string>> = { sha1: 'SCRAM-SHA-1', sha256: 'SCRAM-SHA-256', sha512: 'SCRAM-SHA-512' };
const sizes: Readonly<Record<ScramHash, number>> = { sha1: 20, sha256: 32, sha512: 64 };

/** What servers may ask of the password's stretching: fewer rounds make guessing cheap for whoever plays the server, more would only keep us busy. */
const fewestRounds = 4_096;
const mostRounds = 1_000_000;

const stretch = promisify(pbkdf2);
/** Commas part the fields and the equals sign begins a code. */
const escaped = (name: string): string => name.replaceAll('=', '=3D').replaceAll(',', '=2C');
const base64 = '[A-Za-z0-9+/]+={0,2}';
/** Nonce, salt, rounds; then extensions that may be ignored. One that may not comes first, as `m=`. */
const serverFirst = new RegExp(`^r=([!-+\\--~]+),s=(${base64}),i=([1-9]\\d{0,9})(?:,.*)?$`);
const serverFinal = new RegExp(`^(?:v=(${base64})|e=([^,]*))(?:,.*)?$`);

export class Scram implements Mechanism {
  readonly name: string;
  readonly initial: Uint8Array;
  readonly layer = null;
  readonly #hash: ScramHash;
  readonly #password: string;
  readonly #header: string;
  readonly #clientFirst: string;
  readonly #nonce: string;
  #signature: Buffer | null = null;
  #done = false;

  /** `nonce` is printable ASCII without a comma; tests give the one of their RFC. @throws Refused `auth-failed` for text that SASL does not allow. */
  constructor(hash: ScramHash, { user, password, actAs }: Credentials, nonce: string = randomBytes(24).toString('base64')) {
    this.name = names[hash];
    this.#hash = hash;
    this.#password = prepared(password, 'password');
    this.#header = `n,${actAs === undefined ? '' : `a=${escaped(prepared(actAs, 'user name'))}`},`;
    this.#nonce = nonce;
    this.#clientFirst = `n=${escaped(prepared(user, 'user name'))},r=${nonce}`;
    this.initial = Buffer.from(this.#header + this.#clientFirst);
  }

  get isDone(): boolean {
    return this.#done;
  }

  async step(said: Uint8Array): Promise<Uint8Array | null> {
    const text = Buffer.from(said).toString();
    if (this.#done) throw broken(this.name, 'it goes on after its end');
    if (this.#signature === null) return await this.#prove(text);
    this.#check(text, this.#signature);
    this.#done = true;
    return null;
  }

  async #prove(first: string): Promise<Uint8Array> {
    const [, nonce = '', salt = '', roundsText = ''] = serverFirst.exec(first) ?? [];
    const rounds = Number(roundsText);
    if (nonce === '') throw broken(this.name, 'its first message cannot be read');
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce) throw broken(this.name, 'its nonce does not continue ours');
    if (rounds < fewestRounds || rounds > mostRounds) throw broken(this.name, `it wants ${rounds} rounds of hashing, where ${fewestRounds} to ${mostRounds} are accepted`);
    const salted = await stretch(this.#password, Buffer.from(salt, 'base64'), rounds, sizes[this.#hash], this.#hash);
    const hmac = (key: Uint8Array, over: string): Buffer => createHmac(this.#hash, key).update(over).digest();
    const last = `c=${Buffer.from(this.#header).toString('base64')},r=${nonce}`;
    const dialogue = [this.#clientFirst, first, last].join(',');
    const clientKey = hmac(salted, 'Client Key');
    const proof = hmac(createHash(this.#hash).update(clientKey).digest(), dialogue);
    for (const [at, byte] of clientKey.entries()) proof.writeUInt8(proof.readUInt8(at) ^ byte, at);
    this.#signature = hmac(hmac(salted, 'Server Key'), dialogue);
    return Buffer.from(`${last},p=${proof.toString('base64')}`);
  }

  #check(final: string, expected: Buffer): void {
    const [, signature, refused] = serverFinal.exec(final) ?? [];
    if (refused !== undefined) throw new Refused('auth-failed', `The daemon refused the login by ${this.name}.`, { stage: 'sasl', remedy: 'Check user name and password.' });
    if (signature === undefined) throw broken(this.name, 'its last message cannot be read');
    const given = Buffer.from(signature, 'base64');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw impostor(this.name);
  }
}
