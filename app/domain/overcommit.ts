// How much more is promised to guests than a host has, and the swap that would hold it: the sizing that distributions have long recommended.

const gib = 1024 ** 2;

/** What guests may take together. */
export interface Promised {
  readonly vcpus: number;
  readonly memoryKiB: number;
}

export interface Overcommit {
  /** vCPUs for each CPU; 1 = as many. */
  readonly vcpuRatio: number;
  /** Guests' memory for each KiB that the host can give away; 1 = all of it. */
  readonly memoryRatio: number;
  /** KiB the host keeps for itself and for QEMU's own needs. */
  readonly reserveKiB: number;
  /** KiB of swap that a host of this size is given for itself. */
  readonly hostSwapKiB: number;
  /** KiB that guests would lack if all of them took everything. */
  readonly lackingKiB: number;
  /** KiB of swap with which they all could: the host's own and what is lacking. */
  readonly swapKiB: number;
}

/** Swap for the host itself by its memory, in GiB: as installers of distributions size it for servers that do not hibernate. */
const hostSwap = (gibs: number): number => (gibs <= 2 ? gibs : gibs <= 8 ? 2 : gibs <= 64 ? 4 : 8);

/** Kept for the host: 2 GiB or a sixteenth of small hosts' memory, and 2 % of what guests are promised, for what QEMU holds beside it. */
const reserve = (memoryKiB: number, promisedKiB: number): number => Math.round(Math.min(2 * gib, memoryKiB / 16) + promisedKiB * 0.02);

/** @param cpus CPUs that are online. @param memoryKiB all the host has. */
export const overcommitOf = ({ cpus, memoryKiB }: { readonly cpus: number; readonly memoryKiB: number }, promised: Promised): Overcommit => {
  const reserveKiB = reserve(memoryKiB, promised.memoryKiB);
  const hostSwapKiB = Math.round(hostSwap(memoryKiB / gib) * gib);
  const lackingKiB = Math.max(0, promised.memoryKiB + reserveKiB - memoryKiB);
  return {
    vcpuRatio: promised.vcpus / Math.max(1, cpus),
    memoryRatio: promised.memoryKiB / Math.max(1, memoryKiB - reserveKiB),
    reserveKiB, hostSwapKiB, lackingKiB, swapKiB: hostSwapKiB + lackingKiB,
  };
};
