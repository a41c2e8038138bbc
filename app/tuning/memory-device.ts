// One plugged memory device as a value: read from its element, written as one, and told apart from others: <devices><memory>,
// https://libvirt.org/formatdomain.html#memory-devices
import { z } from '../domain/schema.ts';
import type { XmlElement } from '../xml/domain-xml.ts';
import { putAttribute, wholeNumber } from './attributes.ts';
import { kibOf, sayKib, setKib } from './memory-size.ts';

const kib = z.int().min(0).max(Number.MAX_SAFE_INTEGER / 1024);

/** Sizes in KiB. `requested` and `block` are virtio-mem's alone; null where nothing is written. */
export const memoryDevice = z.strictObject({
  model: z.enum(['dimm', 'virtio-mem']),
  size: kib,
  node: z.int().min(0).max(1023).nullable(),
  requested: kib.nullable(),
  block: kib.nullable(),
  /** What backs it on the host: pages of this size, from these nodes. */
  pagesize: kib.nullable(),
  nodemask: z.string().max(4096).nullable(),
  access: z.string().max(16).nullable(),
  discard: z.string().max(16).nullable(),
}).readonly();
export type MemoryDevice = z.infer<typeof memoryDevice>;

const modelOf = (element: XmlElement): MemoryDevice['model'] | null => {
  const model = element.attribute('model');
  return model === 'dimm' || model === 'virtio-mem' ? model : null;
};

/** The device an element describes; null for models that are not memory to be plugged and taken away, such as nvdimm. */
export function readMemoryDevice(element: XmlElement): MemoryDevice | null {
  const model = modelOf(element);
  if (model === null) return null;
  const [target, source] = [element.element('target'), element.element('source')];
  const virtio = model === 'virtio-mem';
  const size = (parent: XmlElement | null, name: string): number | null => kibOf(parent?.element(name) ?? null);
  return {
    model,
    size: size(target, 'size') ?? 0,
    node: wholeNumber(target?.element('node')?.text),
    requested: virtio ? size(target, 'requested') : null,
    block: virtio ? size(target, 'block') : null,
    pagesize: size(source, 'pagesize'),
    nodemask: source?.element('nodemask')?.text ?? null,
    access: element.attribute('access'),
    discard: element.attribute('discard'),
  };
}

/** KiB that the guest has taken of a virtio-mem device; null where it is not told. */
export const takenOf = (element: XmlElement): number | null => kibOf(element.element('target', 'current'));

/** Fills a new element of `<devices>`. */
export function writeMemoryDevice(element: XmlElement, { model, size, node, requested, block, pagesize, nodemask, access, discard }: MemoryDevice): void {
  putAttribute(element, 'model', model);
  putAttribute(element, 'access', access);
  putAttribute(element, 'discard', discard);
  if (pagesize !== null || nodemask !== null) {
    const source = element.add('source');
    if (nodemask !== null) source.add('nodemask').setText(nodemask);
    if (pagesize !== null) setKib(source.add('pagesize'), pagesize);
  }
  const target = element.add('target');
  setKib(target.add('size'), size);
  if (node !== null) target.add('node').setText(`${node}`);
  if (model !== 'virtio-mem') return;
  if (block !== null) setKib(target.add('block'), block);
  if (requested !== null) setKib(target.add('requested'), requested);
}

/** Changes how much a virtio-mem device is to give; the rest of it stays as it is written. */
export function setRequested(element: XmlElement, requested: number | null): void {
  const target = element.element('target');
  if (target === null) return;
  const old = target.element('requested');
  if (requested === null) {
    if (old !== null) target.remove(old);
  } else setKib(old ?? target.add('requested', { order: ['size', 'node', 'block', 'requested', 'current', 'address'] }), requested);
}

/** Whether two values are one device, which may have been asked for another amount. */
export const isSameDevice = (one: MemoryDevice, other: MemoryDevice): boolean => keyOf({ ...one, requested: null }) === keyOf({ ...other, requested: null });
/** Equal for equal devices. */
export const keyOf = (device: MemoryDevice): string => JSON.stringify(memoryDevice.parse(device));

/** `DIMM of 1 GiB on node 0`, `virtio-mem of 4 GiB on node 1, 2 GiB asked for` */
export function sayMemoryDevice({ model, size, node, requested }: MemoryDevice): string {
  const where = node === null ? '' : ` on node ${node}`;
  return model === 'dimm' ? `DIMM of ${sayKib(size)}${where}` : `virtio-mem of ${sayKib(size)}${where}, ${sayKib(requested ?? 0)} asked for`;
}
