// Names for values that must not be mistaken for each other.
declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** Kibibytes, libvirt's own unit for memory. */
export type KiB = Branded<number, 'KiB'>;
/** The number of one CPU of the host. */
export type CpuIndex = Branded<number, 'CpuIndex'>;

export const kib = (count: number): KiB => count as KiB;
export const cpuIndex = (index: number): CpuIndex => index as CpuIndex;
