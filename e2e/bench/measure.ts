// Measuring several contenders at the same work in one run, taking turns, so that a busy machine slows all of them alike.

/** Who does the work: `ours` inside a warm process, `cli` our command line as a whole process, `virsh`, `certtool` and `virt-manager` whole processes, `python` and `raw` warm, `empty` an empty page. */
const contenders = ['ours', 'cli', 'virsh', 'python', 'raw', 'certtool', 'virt-manager', 'empty'] as const;
export type Contender = (typeof contenders)[number];

/** Does the work once and answers what it took, in one unit for all contenders of a row. */
export type Run = () => Promise<number>;

/** Contenders by name; those that are missing on this machine are left out. */
export type Field<Value> = { readonly [C in Contender]?: Value | undefined };

/** What a row shall come to: our number divided by that of another contender, or our number itself. */
export interface Aim {
  readonly against?: Contender;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** One line of the result. */
export interface Row {
  readonly work: string;
  readonly unit: 'ms' | 'µs' | 'calls/s' | '% of a core' | 'MiB' | 'KiB';
  readonly repetitions: number;
  readonly medians: Field<number>;
  readonly aim?: Aim;
  readonly note?: string;
}

/** The middle value, or the mean of both middle ones. @throws RangeError when there is none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which `share` (0 to 1) of the values lie, interpolated between neighbours. @throws RangeError when there is none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new RangeError('Nothing was measured');
  return below + (above - below) * (place - Math.floor(place));
}

/** Milliseconds that the work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** The names of a field, in the order in which they were written. */
export function contendersOf(field: Field<unknown>): readonly Contender[] {
  return contenders.filter((contender) => field[contender] !== undefined);
}

/**
 * Runs each contender `repetitions` times, one at a time; in each round another one begins, so that none always follows the same.
 * `warm` adds a first round that does not count.
 */
export async function takeTurns<Result>(
  field: Field<() => Promise<Result>>,
  { repetitions, warm }: { readonly repetitions: number; readonly warm: boolean },
): Promise<Field<readonly Result[]>> {
  const present = contendersOf(field);
  const results = new Map<Contender, Result[]>(present.map((contender) => [contender, []]));
  for (let round = warm ? -1 : 0; round < repetitions; round++) {
    const first = Math.max(round, 0) % Math.max(present.length, 1);
    for (const contender of [...present.slice(first), ...present.slice(0, first)]) {
      const result = await field[contender]?.();
      if (result !== undefined && round >= 0) results.get(contender)?.push(result);
    }
  }
  return Object.fromEntries(results);
}

/** The same field with each value put through a function. */
export function mapField<Value, Result>(field: Field<Value>, change: (value: Value) => Result): Field<Result> {
  const pairs = contendersOf(field).flatMap((contender) => {
    const value = field[contender];
    return value === undefined ? [] : [[contender, change(value)] as const];
  });
  return Object.fromEntries(pairs);
}

/** A row in milliseconds; `warm` as in `takeTurns`. */
export async function row(
  work: string,
  field: Field<Run>,
  repetitions: number,
  more: { readonly warm: boolean; readonly aim?: Aim; readonly note?: string },
): Promise<Row> {
  const { warm, ...rest } = more;
  const results = await takeTurns(field, { repetitions, warm });
  return { work, unit: 'ms', repetitions, medians: mapField(results, median), ...rest };
}
