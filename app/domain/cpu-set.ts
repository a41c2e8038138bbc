// Sets of CPU numbers: libvirt's cpuset text and its CPU maps, as values.
import { cpuIndex, type CpuIndex } from './brands.ts';

/** No CPU number is above this: libvirt's own maps (VIR_DOMAIN_CPUMASK_LEN) end here, and a typing error stays cheap. */
export const highestCpu = 16383;

/** Why a cpuset cannot be read; `position` is the index of the character at fault. */
export class CpuSetError extends Error {
  override readonly name = 'CpuSetError';
  readonly position: number;
  constructor(message: string, position: number) {
    super(`${message} (at character ${position + 1})`);
    this.position = position;
  }
}

/** First and last CPU of a run, both included. */
type Run = readonly [first: number, last: number];

/** An immutable set of CPU numbers, kept as sorted runs that do not touch. */
export class CpuSet implements Iterable<CpuIndex> {
  static readonly none = new CpuSet([]);
  readonly #runs: readonly Run[];

  private constructor(runs: readonly Run[]) {
    this.#runs = runs;
  }

  /** The set of these numbers, in any order. */
  static of(cpus: Iterable<number>): CpuSet {
    return CpuSet.#joined([...cpus].map((cpu) => [cpu, cpu]));
  }

  /** The set of these runs, in any order. */
  static #joined(some: readonly Run[]): CpuSet {
    const runs: [number, number][] = [];
    for (const [first, end] of some.toSorted(([one], [other]) => one - other)) {
      const last = runs.at(-1);
      if (last !== undefined && first <= last[1] + 1) last[1] = Math.max(last[1], end);
      else runs.push([first, end]);
    }
    return new CpuSet(runs);
  }

  /** CPUs `first` to `last`, both included. */
  static range(first: number, last: number): CpuSet {
    return last < first ? CpuSet.none : new CpuSet([[first, last]]);
  }

  /**
   * Reads libvirt's cpuset syntax (https://libvirt.org/formatdomain.html#cpu-allocation): numbers, ranges and `^number`, read from
   * left to right, so that `^` takes away only what stands before it. Spaces are allowed around numbers and signs.
   * @throws CpuSetError when the text is not a cpuset. `0,^0` is one: the empty set.
   */
  static parse(text: string): CpuSet {
    let set = CpuSet.none;
    let start = 0;
    for (const part of text.split(',')) {
      set = applyPart(set, part, start);
      start += part.length + 1;
    }
    return set;
  }

  /** As `parse`, for text that may well be wrong: the set, or why the text is none. */
  static read(text: string): CpuSet | CpuSetError {
    try {
      return CpuSet.parse(text);
    } catch (error) {
      if (error instanceof CpuSetError) return error;
      throw error;
    }
  }

  /** From a CPU map of libvirt: bit n of byte n/8 is CPU n. */
  static fromMap(map: Uint8Array): CpuSet {
    const cpus: number[] = [];
    map.forEach((byte, index) => {
      for (let bit = 0; bit < 8; bit += 1) if ((byte & (1 << bit)) !== 0) cpus.push(index * 8 + bit);
    });
    return CpuSet.of(cpus);
  }

  /**
   * To a CPU map of libvirt.
   * @param length in bytes; by default as short as the set allows. CPUs past its end are left out.
   */
  toMap(length: number = this.#runs.length === 0 ? 0 : (this.highest >> 3) + 1): Uint8Array {
    const map = new Uint8Array(length);
    for (const cpu of this) {
      const byte = map[cpu >> 3];
      if (byte !== undefined) map[cpu >> 3] = byte | (1 << (cpu & 7));
    }
    return map;
  }

  /** Canonical text, as libvirt prints it: `0-1,3,7`. Empty for the empty set, which libvirt never accepts. */
  toString(): string {
    return this.#runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
  }

  /** How many CPUs. */
  get size(): number {
    return this.#runs.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  }

  /** The highest number in the set; -1 when it is empty. */
  get highest(): number {
    return this.#runs.at(-1)?.[1] ?? -1;
  }

  has(cpu: number): boolean {
    return this.#runs.some(([first, last]) => first <= cpu && cpu <= last);
  }

  equals(other: CpuSet): boolean {
    return this.#runs.length === other.#runs.length && this.#runs.every(([first, last], index) => first === other.#runs[index]?.[0] && last === other.#runs[index]?.[1]);
  }

  union(other: CpuSet): CpuSet {
    return CpuSet.#joined([...this.#runs, ...other.#runs]);
  }

  intersection(other: CpuSet): CpuSet {
    return this.#within(other.#runs);
  }

  /** This set without the CPUs of the other. */
  without(other: CpuSet): CpuSet {
    const ends = [-1, ...other.#runs.map(([, last]) => last)];
    return this.#within(ends.map((end, index): Run => [end + 1, (other.#runs[index]?.[0] ?? Number.POSITIVE_INFINITY) - 1]));
  }

  /** What lies in some sorted runs that do not touch, so that what is left of these does not either. */
  #within(others: readonly Run[]): CpuSet {
    return new CpuSet(this.#runs.flatMap(([first, last]) =>
      others.flatMap(([from, to]): readonly Run[] => (Math.max(first, from) <= Math.min(last, to) ? [[Math.max(first, from), Math.min(last, to)]] : []))));
  }

  *[Symbol.iterator](): Iterator<CpuIndex> {
    for (const [first, last] of this.#runs) for (let cpu = first; cpu <= last; cpu += 1) yield cpuIndex(cpu);
  }
}

const form = /^(\s*)(?:\^\s*(\d+)|(\d+)(?:(\s*-\s*)(\d+))?)\s*$/;
/** The same with where each group begins, which takes as long again and is needed for what is wrong alone. */
const placed = new RegExp(form, 'd');

/** One part between commas, beginning at `start` of the whole text, applied to what stands before it. */
function applyPart(set: CpuSet, part: string, start: number): CpuSet {
  const match = form.exec(part);
  if (match === null) {
    const blank = part.trim() === '';
    const position = start + (blank ? part.length : part.length - part.trimStart().length);
    throw new CpuSetError(blank ? 'A CPU number is missing' : `"${part.trim().slice(0, 20)}" is not a CPU, a range such as 0-3 or an exception such as ^2`, position);
  }
  const placeOf = (group: number): number => start + (placed.exec(part)?.indices?.[group]?.[0] ?? 0);
  const numberAt = (group: number): number => {
    const cpu = Number(match[group]);
    if (cpu > highestCpu) throw new CpuSetError(`CPU numbers end at ${highestCpu}`, placeOf(group));
    return cpu;
  };
  if (match[2] !== undefined) {
    const excluded = numberAt(2);
    return set.without(CpuSet.range(excluded, excluded));
  }
  const first = numberAt(3);
  const last = match[5] === undefined ? first : numberAt(5);
  if (last < first) throw new CpuSetError(`The range ${first}-${last} runs backwards`, placeOf(3));
  return set.union(CpuSet.range(first, last));
}
