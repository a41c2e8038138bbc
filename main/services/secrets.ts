// Remembered answers: what people type to log in, kept in the computer's safe storage, or until Guestdeck is closed where there is none.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type Purpose, purpose, type Remembered } from '../../app/contract/credentials.ts';
import { type Lasting, type QuestionAnswer, questionAnswer } from '../../app/contract/questions.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { z } from '../../app/contract/schema.ts';
import { changeJson, readJson } from './files.ts';
import type { Tell } from './services.ts';

/** The platform's way to keep text so that only this user's programs can read it, as a shell knows it. */
export type SafeStorage =
  | {
      readonly available: true;
      /** For a person, as in "macOS Keychain". What one storage encrypted is given to no other. */
      readonly name: string;
      readonly encrypt: (text: string) => Promise<Buffer>;
      /** Null when the bytes are not what this storage made; rejects when it cannot be used now, such as a keyring that stays locked. */
      readonly decrypt: (bytes: Buffer) => Promise<string | null>;
    }
  | { readonly available: false; readonly why: string };

const kept = z.strictObject({ id: z.string(), purpose, user: z.string().nullable(), since: z.number(), storage: z.string(), sealed: z.base64() });
type Kept = z.infer<typeof kept>;
/** Entries are judged one by one: a damaged one costs only itself. */
const keptFile = z.array(z.unknown());
/** What is encrypted names what it is for: an entry moved to another place in the file opens nothing there. */
const sealedText = z.strictObject({ for: z.string(), answer: questionAnswer });

/** Milliseconds. */
const longestFarewell = 2_000;

type Held = { readonly shown: Remembered } & ({ readonly answer: QuestionAnswer } | { readonly kept: Kept });

/** One text for each purpose, whatever the order of its fields. */
export const purposeKey = (of: Purpose): string => JSON.stringify(Object.entries(of).filter(([, value]) => value !== undefined).toSorted(([one], [other]) => (one < other ? -1 : 1)));

const words = (of: Purpose): string => (of.kind === 'passphrase' ? `the passphrase of ${of.keyFile}` : `the password for ${of.host}`);

const userOf = (of: Purpose, answer: QuestionAnswer): string | null =>
  answer.kind === 'credentials' ? answer.user : of.kind === 'passphrase' ? null : (of.user ?? null);

export interface SecretsOptions {
  /** secrets.json in the data folder. */
  readonly path: string;
  readonly storage: SafeStorage;
  readonly tell: Tell;
  /** Where it is noted that an entry could not be used; never holds a secret. */
  readonly complain: (error: unknown) => void;
}

export class Secrets {
  readonly #options: SecretsOptions;
  readonly #held = new Map<string, Held>();
  readonly #writing = new Set<Promise<unknown>>();

  private constructor(options: SecretsOptions) {
    this.#options = options;
  }

  /** Reads what is kept; nothing is decrypted before it is needed. @throws Refused `storage` when the file cannot be read. */
  static async open(options: SecretsOptions): Promise<Secrets> {
    const secrets = new Secrets(options);
    for (const entry of await secrets.#read()) secrets.#held.set(purposeKey(entry.purpose), { shown: shownOf(entry), kept: entry });
    return secrets;
  }

  get storage(): SafeStorage {
    return this.#options.storage;
  }

  /** Resolves when what is being written has been written; a storage that waits for a person is not waited for. */
  async close(): Promise<void> {
    await Promise.race([Promise.allSettled(this.#writing), delay(longestFarewell, undefined, { ref: false })]);
  }

  /** How long what is remembered from now on lasts. */
  get lasts(): Lasting {
    return this.storage.available ? 'kept' : 'session';
  }

  /** All that is remembered, the newest first. */
  list(): readonly Remembered[] {
    return [...this.#held.values()].map(({ shown }) => shown).sort((one, other) => other.since - one.since);
  }

  /** The answer remembered for this; null when there is none that can be read here. One that has become unreadable is forgotten. */
  async find(of: Purpose): Promise<QuestionAnswer | null> {
    const held = this.#held.get(purposeKey(of));
    if (held === undefined) return null;
    if ('answer' in held) return held.answer;
    const { storage } = this;
    // Another shell of this computer may have a storage that this one lacks.
    if (!storage.available || storage.name !== held.kept.storage) return null;
    let text: string | null;
    try {
      text = await storage.decrypt(Buffer.from(held.kept.sealed, 'base64'));
    } catch {
      // Its error is left out, for what it may quote.
      this.#options.complain(`${storage.name} cannot be used now; ${words(of)} stays in secrets.json.`);
      return null;
    }
    const sealed = text === null ? undefined : sealedText.safeParse(jsonOf(text)).data;
    if (sealed?.for === purposeKey(of)) return sealed.answer;
    this.#options.complain(`secrets.json: ${words(of)} could not be decrypted by ${storage.name} and was forgotten.`);
    await this.forget(held.shown.id);
    return null;
  }

  /** Remembers an answer in the place of what was remembered for the same; for this run only where it cannot be encrypted. @throws Refused `storage`. */
  async remember(of: Purpose, answer: QuestionAnswer): Promise<void> {
    await this.#noted(this.#remember(of, answer));
  }

  async #remember(of: Purpose, answer: QuestionAnswer): Promise<void> {
    const about = { id: randomUUID(), purpose: of, user: userOf(of, answer), since: Date.now() };
    const key = purposeKey(of);
    const sealed = await this.#seal(of, answer);
    if (sealed === null) {
      this.#held.set(key, { shown: { ...about, lasts: 'session' }, answer });
    } else {
      const entry: Kept = { ...about, ...sealed };
      await this.#change((list) => [...list.filter((one) => purposeKey(one.purpose) !== key), entry]);
      this.#held.set(key, { shown: shownOf(entry), kept: entry });
    }
    this.#options.tell('credentials', 'changed', {});
  }

  /** Null where nothing can be encrypted. */
  async #seal(of: Purpose, answer: QuestionAnswer): Promise<Pick<Kept, 'storage' | 'sealed'> | null> {
    const { storage } = this;
    if (!storage.available) return null;
    try {
      const sealed = await storage.encrypt(JSON.stringify({ for: purposeKey(of), answer } satisfies z.infer<typeof sealedText>));
      return { storage: storage.name, sealed: sealed.toString('base64') };
    } catch {
      // Its error is left out, for what it may quote.
      this.#options.complain(`${storage.name} did not encrypt ${words(of)}, which is remembered until Guestdeck is closed.`);
      return null;
    }
  }

  /** Forgets one entry; false when there is none with this id. @throws Refused `storage`. */
  async forget(id: string): Promise<boolean> {
    return await this.#noted(this.#forget(id));
  }

  async #forget(id: string): Promise<boolean> {
    const [key, held] = [...this.#held].find(([, { shown }]) => shown.id === id) ?? [];
    if (key === undefined || held === undefined) return false;
    this.#held.delete(key);
    if ('kept' in held) await this.#change((list) => list.filter((one) => one.id !== id));
    this.#options.tell('credentials', 'changed', {});
    return true;
  }

  /** Forgets what was remembered for this, if anything. @throws Refused `storage`. */
  async forgetFor(of: Purpose): Promise<void> {
    const held = this.#held.get(purposeKey(of));
    if (held !== undefined) await this.forget(held.shown.id);
  }

  async #read(): Promise<readonly Kept[]> {
    try {
      return this.#whole((await readJson(this.#options.path, keptFile)) ?? []);
    } catch (error) {
      if (!isTorn(error)) throw error;
      this.#options.complain('secrets.json is torn; what it kept was forgotten.');
      await rm(this.#options.path, { force: true });
      return [];
    }
  }

  #whole(entries: readonly unknown[]): readonly Kept[] {
    const read = entries.map((entry) => kept.safeParse(entry));
    const whole = read.flatMap(({ data }) => (data === undefined ? [] : [data]));
    if (whole.length < read.length) this.#options.complain(`secrets.json: ${read.length - whole.length} damaged entries were forgotten.`);
    return whole;
  }

  async #change(edit: (list: readonly Kept[]) => readonly Kept[]): Promise<void> {
    await changeJson(this.#options.path, keptFile, (list) => [...edit(this.#whole(list ?? []))]);
  }

  /** Work that `close` waits for. */
  async #noted<T>(work: Promise<T>): Promise<T> {
    this.#writing.add(work);
    try {
      return await work;
    } finally {
      this.#writing.delete(work);
    }
  }
}

const shownOf = ({ id, purpose: of, user, since }: Kept): Remembered => ({ id, purpose: of, user, since, lasts: 'kept' });

/** What a text says as JSON; undefined when it says nothing. */
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** Whether a file was read and makes no sense. */
const isTorn = (error: unknown): boolean => error instanceof Refused && (error.cause instanceof SyntaxError || error.cause instanceof z.ZodError);
