// The lines that differ between two texts, for reading: a shortest edit by Myers' method, unchanged stretches folded.

export interface DifferenceLine {
  /** `skipped` stands for unchanged lines that are far from any change; its `line` says how many. */
  readonly kind: 'same' | 'added' | 'removed' | 'skipped';
  readonly line: string;
}

/** Past this many changed lines the texts share nothing worth aligning, and time and memory would grow with the square. */
const mostEdits = 4000;

/**
 * What was removed and added, line by line.
 * @param context unchanged lines kept around each change; Infinity keeps all, so that the lines give both texts back.
 */
export function difference(before: string, after: string, context = 3): readonly DifferenceLine[] {
  const [from, to] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < from.length && head < to.length && from[head] === to[head]) head += 1;
  let tail = 0;
  while (tail < from.length - head && tail < to.length - head && from.at(-1 - tail) === to.at(-1 - tail)) tail += 1;
  const same = (lines: readonly string[]): readonly DifferenceLine[] => lines.map((line) => ({ kind: 'same', line }));
  return fold(
    [
      ...same(from.slice(0, head)),
      ...edits(from.slice(head, from.length - tail), to.slice(head, to.length - tail)),
      ...same(from.slice(from.length - tail)),
    ],
    context,
  );
}

/** Removals stand before additions where both are possible. */
function edits(from: readonly string[], to: readonly string[]): readonly DifferenceLine[] {
  const trace = search(from, to);
  if (trace === null) {
    return [...from.map((line): DifferenceLine => ({ kind: 'removed', line })), ...to.map((line): DifferenceLine => ({ kind: 'added', line }))];
  }
  const lines: DifferenceLine[] = [];
  let [x, y] = [from.length, to.length];
  for (let depth = trace.length - 1; depth >= 0; depth -= 1) {
    const reach = trace[depth] ?? new Map<number, number>();
    const diagonal = x - y;
    const down = goesDown(reach, diagonal, depth);
    const previousX = depth === 0 ? 0 : reach.get(down ? diagonal + 1 : diagonal - 1) ?? 0;
    const previousY = depth === 0 ? 0 : previousX - (down ? diagonal + 1 : diagonal - 1);
    while (x > previousX && y > previousY) {
      x -= 1;
      y -= 1;
      lines.push({ kind: 'same', line: from[x] ?? '' });
    }
    if (depth > 0) lines.push(down ? { kind: 'added', line: to[previousY] ?? '' } : { kind: 'removed', line: from[previousX] ?? '' });
    [x, y] = [previousX, previousY];
  }
  return lines.toReversed();
}

/** For each number of edits, how far each diagonal got with one edit fewer; null when there are too many edits. */
function search(from: readonly string[], to: readonly string[]): readonly ReadonlyMap<number, number>[] | null {
  const trace: ReadonlyMap<number, number>[] = [];
  let reach: ReadonlyMap<number, number> = new Map([[1, 0]]);
  for (let depth = 0; depth <= Math.min(from.length + to.length, mostEdits); depth += 1) {
    trace.push(reach);
    const next = new Map<number, number>();
    for (let diagonal = -depth; diagonal <= depth; diagonal += 2) {
      let x = goesDown(reach, diagonal, depth) ? reach.get(diagonal + 1) ?? 0 : (reach.get(diagonal - 1) ?? 0) + 1;
      while (x < from.length && x - diagonal < to.length && from[x] === to[x - diagonal]) x += 1;
      next.set(diagonal, x);
      if (x >= from.length && x - diagonal >= to.length) return trace;
    }
    reach = next;
  }
  return null;
}

/** Whether the best way onto a diagonal is an added line rather than a removed one. */
const goesDown = (reach: ReadonlyMap<number, number>, diagonal: number, depth: number): boolean =>
  diagonal === -depth || (diagonal !== depth && (reach.get(diagonal - 1) ?? -1) < (reach.get(diagonal + 1) ?? -1));

function fold(lines: readonly DifferenceLine[], context: number): readonly DifferenceLine[] {
  if (context === Number.POSITIVE_INFINITY) return lines;
  const near = new Set<number>();
  lines.forEach(({ kind }, index) => {
    if (kind === 'same') return;
    for (let at = Math.max(0, index - context); at <= Math.min(lines.length - 1, index + context); at += 1) near.add(at);
  });
  const folded: DifferenceLine[] = [];
  let hidden = 0;
  const close = (): void => {
    if (hidden > 0) folded.push({ kind: 'skipped', line: `${hidden} unchanged line${hidden === 1 ? '' : 's'}` });
    hidden = 0;
  };
  lines.forEach((line, index) => {
    if (!near.has(index)) {
      hidden += 1;
      return;
    }
    close();
    folded.push(line);
  });
  close();
  return folded;
}
