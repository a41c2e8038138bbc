// What kinds of CPUs a host has, as its kernel tells: those kept from the scheduler, those without ticks, and its fast and thrifty cores.
import { CpuSet, CpuSetError } from '../../app/domain/cpu-set.ts';
import type { Shell } from './shell.ts';

/** Cpusets; empty = none, or the kernel does not tell. */
export interface CpuKinds {
  /** `isolcpus=`: nothing runs there that is not pinned there. */
  readonly isolated: string;
  /** `nohz_full=` */
  readonly nohzFull: string;
  /** Performance and efficiency cores of a hybrid processor. */
  readonly performance: string;
  readonly efficient: string;
}

const files: Readonly<Record<keyof CpuKinds, string>> = {
  isolated: '/sys/devices/system/cpu/isolated',
  nohzFull: '/sys/devices/system/cpu/nohz_full',
  performance: '/sys/devices/cpu_core/cpus',
  efficient: '/sys/devices/cpu_atom/cpus',
};

const script = `${Object.entries(files).map(([name, path]) => `echo "${name}=$(cat ${path} 2>/dev/null)"`).join('; ')}; true`;

/** Looks. @throws Refused as the shell does. */
export async function lookAtCpus(shell: Shell, signal: AbortSignal): Promise<CpuKinds> {
  const said = (await shell(script, { signal })).stdout.toString('utf8');
  const kind = (name: keyof CpuKinds): string => {
    // Without any, kernels write nothing, or `(null)`.
    const set = CpuSet.read(new RegExp(`^${name}=(.*)$`, 'm').exec(said)?.[1] ?? '');
    return set instanceof CpuSetError ? '' : set.toString();
  };
  return { isolated: kind('isolated'), nohzFull: kind('nohzFull'), performance: kind('performance'), efficient: kind('efficient') };
}
