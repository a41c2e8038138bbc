// Two edits of one text put together, line by line, where they do not touch the same lines.
import { difference } from './difference.ts';

/** Lines `at` up to before `until` of the base, replaced by others. */
interface Hunk {
  readonly at: number;
  readonly until: number;
  readonly lines: readonly string[];
}

/**
 * What `base` becomes by both edits of it; what both did alike is done once.
 * @returns null where both changed the same lines, or put something in at the same place.
 */
export function merge(base: string, mine: string, theirs: string): string | null {
  const own = hunks(base, mine);
  const others = hunks(base, theirs).filter((hunk) => !own.some((one) => isSame(one, hunk)));
  const all = [...own, ...others].toSorted((one, other) => one.at - other.at || one.until - other.until);
  const lines = base.split('\n');
  const merged: string[] = [];
  let at = 0;
  let previous: Hunk | null = null;
  for (const hunk of all) {
    if (hunk.at < at || (previous !== null && hunk.at === previous.at && hunk.until === previous.until)) return null;
    merged.push(...lines.slice(at, hunk.at), ...hunk.lines);
    at = hunk.until;
    previous = hunk;
  }
  return [...merged, ...lines.slice(at)].join('\n');
}

function hunks(base: string, edited: string): readonly Hunk[] {
  const found: Hunk[] = [];
  let at = 0;
  let open: { readonly at: number; readonly lines: string[] } | null = null;
  const close = (): void => {
    if (open !== null) found.push({ ...open, until: at });
    open = null;
  };
  for (const { kind, line } of difference(base, edited, Number.POSITIVE_INFINITY)) {
    if (kind === 'same') {
      close();
      at += 1;
      continue;
    }
    open ??= { at, lines: [] };
    if (kind === 'added') open.lines.push(line);
    else at += 1;
  }
  close();
  return found;
}

const isSame = (one: Hunk, other: Hunk): boolean =>
  one.at === other.at && one.until === other.until && one.lines.length === other.lines.length && one.lines.every((line, index) => line === other.lines[index]);
