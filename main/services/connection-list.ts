// The saved connections as a file of the data folder, which several processes may change and all of them see.
import { randomUUID } from 'node:crypto';
import { watch } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { hostColors } from '../../app/contract/connections.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { z } from '../../app/contract/schema.ts';
import { parseConnectionUri } from '../../app/domain/connection-uri.ts';
import { changeJson, readJson } from './files.ts';

const isUri = (text: string): boolean => {
  try {
    parseConnectionUri(text);
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
};

/** What is written of a connection; files of before a field was known have its default. */
const saved = z.strictObject({
  id: z.string(),
  name: z.string(),
  uri: z.string().refine(isUri),
  autoConnect: z.boolean(),
  group: z.string().default(''),
  color: z.enum(hostColors).nullable().default(null),
  tags: z.array(z.string()).default([]),
  readOnly: z.boolean().default(false),
  allowPlain: z.boolean().default(false),
});
export type Saved = Readonly<z.infer<typeof saved>>;
const savedList = z.array(saved);

/** Where a libvirt of this computer would answer. */
const localSockets = ['/run/libvirt/libvirt-sock', '/run/libvirt/virtqemud-sock'];

/** A connection as it is saved when nothing else is said of it. */
export const freshlySaved = (uri: string, name: string): Saved =>
  ({ id: randomUUID(), name, uri, autoConnect: true, group: '', color: null, tags: [], readOnly: false, allowPlain: false });

const firstList = async (): Promise<Saved[]> => {
  const local = await Promise.all(localSockets.map(async (path) => await access(path).then(() => true, () => false)));
  return [...(local.includes(true) ? [freshlySaved('qemu:///system', 'This computer')] : []), freshlySaved('demo:///', 'Demo host')];
};

const fileName = 'connections.json';

export class ConnectionList {
  readonly #folder: string;
  #saved: readonly Saved[];
  /** Over when the latest change of ours is. */
  #changing: Promise<void> = Promise.resolve();

  private constructor(folder: string, list: readonly Saved[]) {
    this.#folder = folder;
    this.#saved = list;
  }

  /**
   * Reads the list; on the first start there is the demo host, and this computer's libvirt where its socket is.
   * @throws Refused `storage`.
   */
  static async open(folder: string): Promise<ConnectionList> {
    const path = join(folder, fileName);
    const list = await readJson(path, savedList);
    if (list !== null) return new ConnectionList(folder, list);
    const first = await firstList();
    return new ConnectionList(folder, await changeJson(path, savedList, (since) => since ?? first));
  }

  /** In the order of the list. */
  get all(): readonly Saved[] {
    return this.#saved;
  }

  find(id: string): Saved | undefined {
    return this.#saved.find((one) => one.id === id);
  }

  /** @throws Refused `unknown-host`. */
  get(id: string): Saved {
    const found = this.find(id);
    if (found === undefined) throw unknownHost('id');
    return found;
  }

  /** Changes the file's list, which another process may have changed too. What `edit` throws leaves it as it is. @throws Refused `storage`. */
  async change(edit: (list: readonly Saved[]) => readonly Saved[]): Promise<void> {
    const changing = changeJson(join(this.#folder, fileName), savedList, (list) => [...edit(list ?? this.#saved)]);
    // Noted before the file is replaced: the watcher may see that first, and it is no news from elsewhere.
    this.#changing = changing.then(() => undefined, () => undefined);
    this.#saved = await changing;
  }

  /**
   * Hears when another process changed the list, until the returned function is called. A file that is damaged or gone changes nothing
   * here: `complain` hears of it, and the next change of ours finds it.
   */
  watch(changed: () => void, complain: (error: unknown) => void): () => void {
    let isOver = false;
    let isReading = false;
    let again = false;
    const reread = async (): Promise<void> => {
      isReading = true;
      while (again) {
        again = false;
        try {
          const before = this.#saved;
          const list = await readJson(join(this.#folder, fileName), savedList);
          await this.#changing;
          // What we changed meanwhile may be newer than what was read.
          if (this.#saved !== before) again = true;
          else if (!isOver && list !== null && JSON.stringify(list) !== JSON.stringify(before)) {
            this.#saved = list;
            changed();
          }
        } catch (error) {
          complain(error);
        }
      }
      isReading = false;
    };
    try {
      // The folder, since every change replaces the file.
      const watcher = watch(this.#folder, { persistent: false }, (_event, name) => {
        if (name !== null && name !== fileName) return;
        again = true;
        if (!isReading) void reread();
      });
      watcher.on('error', complain);
      return () => {
        isOver = true;
        watcher.close();
      };
    } catch (error) {
      // The system watches no more files: this list is then as new as its own last change.
      complain(error);
      return () => undefined;
    }
  }
}

export const unknownHost = (field: string): Refused => new Refused('unknown-host', 'No saved connection has this id.', { field });
