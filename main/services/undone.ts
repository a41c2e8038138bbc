// Which entries were taken back, told from the latest to the first; and whether a plan takes one back.
import type { Reading } from '../../app/contract/tuning.ts';
import { type Change, conflicts } from '../../app/tuning/change.ts';
import { alike } from '../../app/tuning/alike.ts';
import { reversed } from './guest-reading.ts';
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

/** A guest's settings, as they are or as a plan leaves them. */
type Standing = Pick<Reading, 'live' | 'saved'>;

const has = (settings: Standing, { truth, knob, unit }: Change): boolean => Object.hasOwn(settings[truth]?.[knob] ?? {}, unit);
const isOfOne = (one: Change, other: Change): boolean => one.knob === other.knob && one.unit === other.unit && one.truth === other.truth;

/**
 * Whether a plan takes back as a whole what was changed before: all of it is afterwards as it was, in whatever spelling of libvirt's, or
 * is gone; and nothing else moves but what goes along with something that is taken away.
 */
export const takesBack = (plan: readonly Change[], done: readonly Change[], now: Standing, after: Standing): boolean => {
  const moved = plan.filter((change) => has(after, change));
  // What comes back along with something had no value of its own in between.
  const isReverse = (change: Change, old: Change): boolean =>
    isOfOne(change, old) && alike(change.knob, change.to, old.from) && (alike(change.knob, change.from, old.to) || !has(now, change));
  const isBack = (old: Change): boolean => after[old.truth] === null || (old.to !== null && !has(after, old)) || conflicts([reversed(old)], after).length === 0;
  return (moved.length > 0 || plan.length === 0) && moved.every((change) => done.some((old) => isReverse(change, old))) && done.every(isBack);
};
