// Which entries were taken back, told from the latest to the first.
import type { Head } from './history-record.ts';

/** An entry is taken back by a complete undo of it, unless that undo was taken back in turn. */
export class Undone {
  readonly #by = new Map<string, string>();

  /** What took this entry back; null when it stands. To be shown every entry of its guest, those begun last first. */
  see({ id, undoes, outcome }: Pick<Head, 'id' | 'undoes' | 'outcome'>): string | null {
    const by = this.#by.get(id) ?? null;
    if (by === null && undoes !== null && outcome === 'complete') this.#by.set(undoes, id);
    return by;
  }
}
