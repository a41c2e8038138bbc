// How devices of a host are written, as lspci and lsusb do.

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** `0000:41:00.0` */
export const pciName = ({ domain, bus, slot, at }: { readonly domain: number; readonly bus: number; readonly slot: number; readonly at: number }): string => `${hex(domain, 4)}:${hex(bus, 2)}:${hex(slot, 2)}.${hex(at, 1)}`;

/** Vendor and product: `046d:c52b` */
export const usbName = (vendor: number, product: number): string => `${hex(vendor, 4)}:${hex(product, 4)}`;
