// A guest's definition: read and edited by path, keeping byte for byte everything it does not understand.
import { XmlError, type Place, type XmlElement } from './document.ts';
import { readXml } from './read-xml.ts';

export { XmlError, type XmlElement } from './document.ts';

/** Path of a parent below <domain> → its children in the order libvirt prints them; only parents that knobs add to. */
const orders: Readonly<Record<string, readonly string[]>> = {
  blkiotune: ['weight', 'device'],
  memtune: ['hard_limit', 'soft_limit', 'min_guarantee', 'swap_hard_limit'],
  memoryBacking: ['hugepages', 'nosharepages', 'locked', 'source', 'access', 'allocation', 'discard'],
  numatune: ['memory', 'memnode'],
  devices: [
    'emulator', 'disk', 'controller', 'lease', 'filesystem', 'interface', 'smartcard', 'serial', 'parallel', 'console', 'channel', 'input', 'tpm', 'graphics',
    'sound', 'audio', 'video', 'hostdev', 'redirdev', 'redirfilter', 'hub', 'watchdog', 'memballoon', 'rng', 'nvram', 'panic', 'shmem', 'memory', 'crypto', 'iommu', 'vsock',
  ],
  'devices/memballoon': ['stats', 'alias', 'address', 'driver'],
  '': [
    'name', 'uuid', 'hwuuid', 'genid', 'title', 'description', 'metadata', 'maxMemory', 'memory', 'currentMemory', 'blkiotune', 'memtune',
    'memoryBacking', 'vcpu', 'vcpus', 'iothreads', 'iothreadids', 'defaultiothread', 'throttlegroups', 'cputune', 'numatune', 'resource',
    'sysinfo', 'bootloader', 'bootloader_args', 'os', 'idmap', 'features', 'cpu', 'clock', 'on_poweroff', 'on_reboot', 'on_crash',
    'on_lockfailure', 'pm', 'perf', 'devices', 'seclabel', 'keywrap', 'launchSecurity',
  ],
  os: [
    'type', 'firmware', 'init', 'initarg', 'initenv', 'initdir', 'inituser', 'initgroup', 'loader', 'nvram', 'kernel', 'initrd', 'cmdline', 'shim', 'dtb', 'acpi', 'boot', 'bootmenu', 'bios', 'smbios',
  ],
  cpu: ['arch', 'model', 'vendor', 'topology', 'cache', 'maxphysaddr', 'feature', 'numa'],
  'cpu/numa': ['cell', 'interconnects'],
  cputune: [
    'shares', 'period', 'quota', 'global_period', 'global_quota', 'emulator_period', 'emulator_quota', 'iothread_period', 'iothread_quota',
    'vcpupin', 'emulatorpin', 'iothreadpin', 'emulatorsched', 'vcpusched', 'iothreadsched', 'cachetune', 'memorytune',
  ],
};

/** A guest's definition, https://libvirt.org/formatdomain.html. Edits change this value; take a `clone` to keep the old one. */
export class DomainXml {
  readonly root: XmlElement;
  /** Whether the guest starts with its host, which libvirt keeps beside its definition; null = not told. */
  autostart: boolean | null = null;
  readonly #before: string;
  readonly #after: string;

  private constructor(before: string, root: XmlElement, after: string) {
    this.#before = before;
    this.root = root;
    this.#after = after;
  }

  /** @throws XmlError with line and column when the text is not well-formed or its root is not `<domain>`. */
  static parse(text: string): DomainXml {
    const { before, root, after } = readXml(text);
    if (root.name !== 'domain') throw new XmlError(`The root element is <${root.name}>, not <domain>`, text, before.length);
    return new DomainXml(before, root, after);
  }

  /** The whole text; what was not edited is exactly as it was read. */
  text(): string {
    return `${this.#before}${this.root.toString()}${this.#after}`;
  }

  /** The line of the text, from 1, on which an element of this definition begins. */
  lineOf(element: XmlElement): number {
    return this.text().slice(0, this.#before.length + element.offset).split('\n').length;
  }

  clone(): DomainXml {
    const twin = new DomainXml(this.#before, this.root.copy(), this.#after);
    twin.autostart = this.autostart;
    return twin;
  }

  /** The first element at this path below `<domain>`: `xml.element('cputune', 'emulatorpin')`. */
  element(...path: readonly string[]): XmlElement | null {
    return this.root.element(...path);
  }

  /** Every element at this path below `<domain>`, in document order. */
  elements(...path: readonly string[]): readonly XmlElement[] {
    return this.root.elements(...path);
  }

  /** The text of the first element at this path; null when there is none. */
  textOf(...path: readonly string[]): string | null {
    return this.element(...path)?.text ?? null;
  }

  /** The element at this path; what is missing of it is added in libvirt's order and indentation. */
  ensure(...path: readonly string[]): XmlElement {
    return path.reduce((parent, name, depth) => parent.element(name) ?? parent.add(name, placeIn(path.slice(0, depth))), this.root);
  }

  /** Adds one more element at this path; with `sortedBy`, by that numeric attribute among those of its name. */
  add(path: readonly string[], attributes: Readonly<Record<string, string>>, sortedBy?: string): XmlElement {
    const parents = path.slice(0, -1);
    const place = placeIn(parents);
    return this.ensure(...parents).add(path.at(-1) ?? '', sortedBy === undefined ? place : { ...place, sortedBy }, attributes);
  }

  /** Removes every element at this path for which `which` holds, with the white space before it and parents left empty. */
  remove(path: readonly string[], which: (element: XmlElement) => boolean = () => true): void {
    for (const element of this.elements(...path).filter(which)) element.parent?.remove(element);
  }
}

const placeIn = (path: readonly string[]): Place => ({ order: orders[path.join('/')] ?? [] });
