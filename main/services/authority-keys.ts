// The keys of authorities: opened by a passphrase that is given, remembered or asked for, and encrypted by a new one.
import { createHmac, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Purpose } from '../../app/contract/credentials.ts';
import type { Question, QuestionAnswer } from '../../app/contract/questions.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { isLocked, keyBlockIn, openKey } from '../pki/key-file.ts';
import type { PemBlock } from '../pki/pem.ts';
import type { CertificateStore, Kept, KeptRequest } from './certificate-store.ts';
import type { Secrets } from './secrets.ts';

/** How a passphrase came to be known, and whether it is to be remembered. */
export interface Given {
  readonly passphrase?: string | undefined;
  readonly remember?: boolean | undefined;
}

export interface AuthorityKeysOptions {
  readonly store: CertificateStore;
  readonly secrets: Pick<Secrets, 'remember' | 'forgetFor'>;
  /** Asks a person, or answers from what is remembered; `accepted` says that the answer was right. */
  readonly questions: { readonly ask: (question: Question, signal: AbortSignal) => Promise<QuestionAnswer>; readonly accepted: (signal: AbortSignal) => void };
}

/** How long an opened key stays at hand, in milliseconds. Its passphrase is needed all the same; only deriving from it again is spared, a quarter of a second. */
const atHand = 300_000;

/** A key that was opened, and the proof of the passphrase that opened it. */
interface Opened {
  readonly key: KeyObject;
  readonly proof: Buffer;
}

/** How often a wrong passphrase may be typed before it is given up. */
const mostTries = 4;

const wrong = (label: string): Refused => new Refused('key-unreadable', `The passphrase does not open the key of ${label}.`, { field: 'passphrase' });

export class AuthorityKeys {
  readonly #options: AuthorityKeysOptions;
  readonly #opened = new Map<string, Opened>();
  /** What passphrases are proved with, so that none stays in memory. */
  readonly #proving = randomBytes(32);

  constructor(options: AuthorityKeysOptions) {
    this.#options = options;
  }

  /**
   * Opens the key of an authority, of a request for one, or any key that is kept.
   * @throws Refused `key-unreadable` at `passphrase` when it is wrong or nobody knows it; `bad-input` when there is no key; `storage`.
   */
  async open(kept: Kept | KeptRequest, given: Given, gone: AbortSignal, field = 'id'): Promise<KeyObject> {
    if (kept.record.key === 'none') throw new Refused('bad-input', `The key of ${kept.label} is not kept here.`, { field, remedy: 'Import it with its key.' });
    const block = keyBlockIn(await this.#options.store.keyText(kept));
    if (block === undefined) throw new Refused('storage', `The key ${kept.keyFile} is damaged.`, { remedy: 'Put it back from a backup.' });
    const { passphrase, remember = false } = given;
    if (isLocked(block) && passphrase === undefined) return await this.#asked(kept, async (word) => await this.#unlock(block, word), gone);
    const key = await this.#unlock(block, passphrase);
    if (key === null) throw wrong(kept.label);
    if (remember && passphrase !== undefined) await this.remember(kept, passphrase);
    return key;
  }

  /** A key that was just made needs not be opened. @throws Refused `storage` */
  async opened(kept: Kept, passphrase: string, key: KeyObject): Promise<void> {
    const block = keyBlockIn(await this.#options.store.keyText(kept));
    if (block !== undefined) this.#keepAtHand(block, passphrase, key);
  }

  /** Remembers the passphrase of a key that is kept. @throws Refused `storage` */
  async remember({ keyFile }: Kept | KeptRequest, passphrase: string): Promise<void> {
    await this.#options.secrets.remember(purposeOf(keyFile), { kind: 'passphrase', passphrase });
  }

  /** Forgets the passphrase of a key that is kept no more. @throws Refused `storage` */
  async forget({ keyFile }: Kept | KeptRequest): Promise<void> {
    await this.#options.secrets.forgetFor(purposeOf(keyFile));
  }

  /** Opens a key; null when the passphrase is wrong. */
  async #unlock(block: PemBlock, passphrase: string | undefined): Promise<KeyObject | null> {
    if (passphrase === undefined) return await openKey(block, undefined);
    const known = this.#opened.get(block.text);
    if (known !== undefined) return timingSafeEqual(known.proof, this.#proofOf(passphrase)) ? known.key : null;
    const key = await openKey(block, passphrase);
    if (key !== null) this.#keepAtHand(block, passphrase, key);
    return key;
  }

  /** By the encrypted key itself: a file that was changed is another key. */
  #keepAtHand({ text }: PemBlock, passphrase: string, key: KeyObject): void {
    const opened: Opened = { key, proof: this.#proofOf(passphrase) };
    this.#opened.set(text, opened);
    setTimeout(() => {
      if (this.#opened.get(text) === opened) this.#opened.delete(text);
    }, atHand).unref();
  }

  #proofOf(passphrase: string): Buffer {
    return createHmac('sha256', this.#proving).update(passphrase).digest();
  }

  async #asked({ keyFile, label }: Kept | KeptRequest, open: (passphrase: string) => Promise<KeyObject | null>, gone: AbortSignal): Promise<KeyObject> {
    const { ask, accepted } = this.#options.questions;
    // One course of asking, by which a remembered answer that is wrong is forgotten.
    const course = new AbortController();
    const signal = AbortSignal.any([gone, course.signal]);
    for (let tries = 0; tries < mostTries; tries++) {
      const answer = await ask({ kind: 'passphrase', keyFile, of: label, again: tries > 0 }, signal);
      if (answer.kind !== 'passphrase') throw new Refused('key-unreadable', `The key of ${label} needs its passphrase.`, { field: 'passphrase' });
      const key = await open(answer.passphrase);
      if (key === null) continue;
      accepted(signal);
      return key;
    }
    const refused = wrong(label);
    course.abort(refused);
    throw refused;
  }
}

const purposeOf = (keyFile: string): Purpose => ({ kind: 'passphrase', keyFile });
