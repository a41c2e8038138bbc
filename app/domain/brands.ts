// Names for values that must not be mistaken for each other.
declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** The id of a saved connection; chosen by Guestdeck. */
export type HostId = Branded<string, 'HostId'>;
/** A guest's UUID in its usual form: lower case, with hyphens. */
export type GuestUuid = Branded<string, 'GuestUuid'>;
/** Kibibytes, libvirt's own unit for memory. */
export type KiB = Branded<number, 'KiB'>;
/** The number of one CPU of the host. */
export type CpuIndex = Branded<number, 'CpuIndex'>;

export const hostId = (text: string): HostId => text as HostId;
export const guestUuid = (text: string): GuestUuid => text.toLowerCase() as GuestUuid;
export const kib = (count: number): KiB => count as KiB;
export const cpuIndex = (index: number): CpuIndex => index as CpuIndex;
