// Cores while guests are placed: which of their threads are free, and how vCPUs that want CPUs of their own take them.
import type { CpuSet } from '../domain/cpu-set.ts';

/**
 * What dedicated vCPUs do with the threads of a core. `prefer`: fill whole cores where they can. `require`: only whole cores.
 * `isolate`: one vCPU a core, its other threads stay empty.
 */
export const siblingPolicies = ['prefer', 'isolate', 'require'] as const;
export type SiblingPolicy = (typeof siblingPolicies)[number];

export interface FreeCore {
  readonly die: string;
  readonly threads: readonly number[];
  /** Those that are free for a vCPU of its own. */
  readonly free: readonly number[];
}

/** What a group of vCPUs would get: a CPU each, and threads that stay empty beside them. */
export interface Taken {
  readonly cpus: readonly number[];
  readonly blocked: readonly number[];
}

export const isWhole = ({ threads, free }: FreeCore): boolean => free.length === threads.length;
export const freeIn = (cores: readonly FreeCore[]): number => cores.reduce((sum, { free }) => sum + free.length, 0);

/** The cores with only these CPUs of them free. */
export const within = (cores: readonly FreeCore[], cpus: CpuSet): readonly FreeCore[] => cores.map((core) => ({ ...core, free: core.free.filter((cpu) => cpus.has(cpu)) }));

/** The die that the group fills best before the others: its CPUs share a cache. Where none is enough, the emptiest first. */
export function bestFitFirst(cores: readonly FreeCore[], count: number): readonly FreeCore[] {
  const dies = [...new Set(cores.map(({ die }) => die))].map((die) => cores.filter((core) => core.die === die));
  const cost = (die: readonly FreeCore[]): number => (freeIn(die) >= count ? freeIn(die) - count : 1_000_000 - freeIn(die));
  return dies.toSorted((one, other) => cost(one) - cost(other)).flat();
}

/** Takes CPUs for a group by its sibling policy, in the order of the cores; null when there are not enough. */
export function take(cores: readonly FreeCore[], count: number, siblings: SiblingPolicy): Taken | null {
  const whole = cores.filter(isWhole);
  if (siblings === 'isolate') {
    const own = whole.slice(0, count);
    return own.length < count ? null : { cpus: own.flatMap(({ threads }) => threads.slice(0, 1)), blocked: own.flatMap(({ threads }) => threads.slice(1)) };
  }
  if (siblings === 'require') {
    for (const threads of [...new Set(whole.map((core) => core.threads.length))].filter((each) => each > 1 && count % each === 0).toSorted((one, other) => other - one)) {
      const own = whole.filter((core) => core.threads.length === threads).slice(0, count / threads);
      if (own.length === count / threads) return { cpus: own.flatMap((core) => core.threads), blocked: [] };
    }
    return null;
  }
  if (freeIn(cores) < count) return null;
  const cpus: number[] = [];
  const used = new Set<FreeCore>();
  const occupy = (core: FreeCore): void => {
    used.add(core);
    cpus.push(...core.free.slice(0, count - cpus.length));
  };
  for (const core of whole) if (core.threads.length <= count - cpus.length) occupy(core);
  // What is left over goes beside others first, so that whole cores stay whole.
  const rest = [...cores.filter((core) => !isWhole(core)).toSorted((one, other) => one.free.length - other.free.length), ...whole];
  for (const core of rest) if (cpus.length < count && !used.has(core)) occupy(core);
  return { cpus, blocked: [] };
}
