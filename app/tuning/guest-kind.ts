// What kind of guest a definition is for, as far as it decides which settings there are.
import type { DomainXml } from '../xml/domain-xml.ts';

/** Guests of QEMU, of Xen, containers; `other` where it is not known what they have. */
export type GuestKind = 'qemu' | 'xen' | 'lxc' | 'other';

const kinds: ReadonlyMap<string, GuestKind> = new Map([['kvm', 'qemu'], ['qemu', 'qemu'], ['hvf', 'qemu'], ['xen', 'xen'], ['lxc', 'lxc']]);

export const guestKind = (xml: DomainXml): GuestKind => kinds.get(xml.root.attribute('type') ?? '') ?? 'other';

/** Whether a guest of this kind has a setting that only some kinds have. */
export const hasSetting = (kind: GuestKind, { only }: { readonly only?: readonly GuestKind[] }): boolean => only === undefined || kind === 'other' || only.includes(kind);
