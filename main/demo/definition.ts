// A guest's definition: its XML, read only when somebody asks, and the few facts that lists and statistics need.
import { completeCpu } from './cpu-definition.ts';
import { Fault } from './fault.ts';
import { completeMemory } from './memory-devices.ts';
import { completeNic } from './nics.ts';
import { type Element, parseXml, XmlSyntaxError } from './xml.ts';

export interface Disk {
  readonly target: string;
  readonly source: string | null;
  readonly bus: string;
  readonly iothread: number | null;
}
export interface Nic {
  readonly mac: string;
  /** The host's end, of a running guest. */
  readonly device: string | null;
}

/** What a definition says, in numbers. */
export interface Shape {
  readonly vcpus: number;
  readonly maximumVcpus: number;
  /** KiB: what it may have, and what it has. */
  readonly memory: number;
  readonly currentMemory: number;
  readonly disks: readonly Disk[];
  readonly nics: readonly Nic[];
  readonly iothreads: readonly number[];
}

/** One of a guest's two truths. */
export class Definition {
  #source: (() => Element) | Element;
  #shape: Shape | null;

  /** @param shape when it is known, so that listing thousands of guests reads no XML. */
  constructor(source: (() => Element) | Element, shape: Shape | null = null) {
    this.#source = source;
    this.#shape = shape;
  }
  /** To read; to change it, {@link edit}. */
  get root(): Element {
    if (typeof this.#source === 'function') this.#source = this.#source();
    return this.#source;
  }
  get shape(): Shape {
    this.#shape ??= shapeOf(this.root);
    return this.#shape;
  }
  /** The XML as it is now, later edits or not. */
  snapshot(): () => Element {
    const source = this.#source;
    // Never read, so never edited either: what writes it will write the same again.
    if (typeof source === 'function') return source;
    const copy = source.clone();
    return () => copy;
  }
  edit(change: (root: Element) => void): void {
    change(this.root);
    this.#shape = null;
  }
}

const shapeOf = (root: Element): Shape => {
  const vcpu = root.at('vcpu');
  const maximumVcpus = Number(vcpu?.text ?? 1);
  const memory = Number(root.at('memory')?.text ?? 0);
  const devices = root.at('devices');
  return {
    maximumVcpus,
    vcpus: Number(vcpu?.get('current') ?? maximumVcpus),
    memory,
    currentMemory: Number(root.at('currentMemory')?.text ?? memory),
    disks: (devices?.all('disk') ?? []).map((disk) => {
      const source = disk.at('source');
      const iothread = disk.at('driver')?.get('iothread');
      return {
        target: disk.at('target')?.get('dev') ?? '',
        bus: disk.at('target')?.get('bus') ?? '',
        source: source?.get('file') ?? source?.get('dev') ?? source?.get('name') ?? null,
        iothread: iothread === undefined ? null : Number(iothread),
      };
    }),
    nics: (devices?.all('interface') ?? []).map((nic) => ({ mac: nic.at('mac')?.get('address') ?? '', device: nic.at('target')?.get('dev') ?? null })),
    iothreads: iothreadsOf(root),
  };
};

/** Both spellings: named by `<iothreadids>`, and counted by `<iothreads>` from 1. */
const iothreadsOf = (root: Element): readonly number[] => {
  const named = (root.at('iothreadids')?.all('iothread') ?? []).map((thread) => Number(thread.get('id')));
  const count = Number(root.at('iothreads')?.text ?? 0);
  for (let id = 1; named.length < count; id += 1) if (!named.includes(id)) named.push(id);
  return named.toSorted((one, other) => one - other);
};

const kibPer: Readonly<Record<string, number>> = { b: 1 / 1024, bytes: 1 / 1024, kb: 1000 / 1024, k: 1, kib: 1, mb: 1e6 / 1024, m: 1024, mib: 1024, gb: 1e9 / 1024, g: 1_048_576, gib: 1_048_576, tb: 1e12 / 1024, t: 1_073_741_824, tib: 1_073_741_824 };
const xmlError = (message: string): Fault => new Fault('xmlError', 'domain', `XML error: ${message}`);
const internal = (message: string): Fault => new Fault('internalError', 'domain', `internal error: ${message}`);
const unsupported = (message: string): Fault => new Fault('configUnsupported', 'domain', `unsupported configuration: ${message}`);

const normalMemory = (root: Element, name: string): number => {
  const element = root.at(name);
  const factor = kibPer[element?.get('unit')?.toLowerCase() ?? 'kib'];
  const amount = Number(element?.text);
  if (element === undefined) throw xmlError('Memory size must be specified via <memory> or in the <numa> configuration');
  if (factor === undefined || !Number.isFinite(amount) || amount < 0) throw new Fault('xmlError', 'xml', `XML error: Invalid value '${element.text}' for element or attribute './${name}[1]'`);
  const kib = Math.ceil(amount * factor);
  element.set('unit', 'KiB').text = String(kib);
  return kib;
};

const uuidForm = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const normalUuid = (text: string): string => {
  if (!uuidForm.test(text)) throw internal('malformed uuid element');
  const digits = text.toLowerCase().replaceAll('-', '');
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-');
};

/**
 * Reads XML that a client sends and completes it as libvirt's parser does, so far as guests here need it.
 * @param newUuid for definitions without one.
 * @throws Fault 27 or 35 for XML that is no domain, 21 without a name, 67 for what the host cannot run.
 */
export const readDefinition = (text: string, newUuid: () => string): { readonly name: string; readonly uuid: string; readonly definition: Definition } => {
  const root = parsed(text);
  if (root.name !== 'domain') throw new Fault('xmlError', 'xml', `XML error: expecting root element of 'domain', not '${root.name}'`);
  const type = root.get('type');
  if (type === undefined) throw internal('missing domain type attribute');
  if (type !== 'kvm' && type !== 'qemu') throw unsupported(`invalid domain type ${type}`);
  const name = root.at('name')?.text ?? '';
  if (name === '') throw new Fault('noName', 'domain', 'missing name information');
  if (name.includes('/')) throw xmlError(`name ${name} cannot contain '/'`);
  const uuid = root.at('uuid') === undefined ? newUuid() : normalUuid(root.at('uuid')?.text ?? '');
  root.ensure('uuid').text = uuid;
  root.attributes.delete('id');
  complete(root);
  return { name, uuid, definition: new Definition(root) };
};

const parsed = (text: string): Element => {
  try {
    return parseXml(text);
  } catch (error) {
    if (error instanceof XmlSyntaxError) throw new Fault('xmlDetail', 'domain', `(domain_definition): ${error.message}`);
    throw error;
  }
};

/** Short names, which libvirt writes out. */
const machineAliases: ReadonlyMap<string, string> = new Map([['q35', 'pc-q35-9.2'], ['pc', 'pc-i440fx-9.2']]);

const complete = (root: Element): void => {
  const memory = normalMemory(root, 'memory');
  if (root.at('currentMemory') === undefined) root.ensure('currentMemory').set('unit', 'KiB').text = String(memory);
  else root.ensure('currentMemory').text = String(Math.min(normalMemory(root, 'currentMemory'), memory));
  const vcpu = root.at('vcpu') ?? root.ensure('vcpu');
  if (vcpu.text === '') vcpu.text = '1';
  const most = Number(vcpu.text);
  const current = Number(vcpu.get('current') ?? most);
  if (!Number.isInteger(most) || most < 1 || !Number.isInteger(current) || current < 1) throw xmlError("Invalid value for element 'vcpu'");
  if (current > most) throw unsupported('maximum vCPU count must not be less than current vCPU count');
  vcpu.arrange({ placement: 'static' }, ['placement', 'cpuset', 'current']);
  if (root.at('os', 'type') === undefined) throw xmlError('an os <type> must be specified');
  const os = root.ensure('os', 'type');
  if (!os.attributes.has('arch')) os.set('arch', 'x86_64');
  if (!os.attributes.has('machine')) os.set('machine', 'pc-q35-9.2');
  os.set('machine', machineAliases.get(os.get('machine') ?? '') ?? os.get('machine') ?? '');
  for (const [event, action] of [['on_poweroff', 'destroy'], ['on_reboot', 'restart'], ['on_crash', 'destroy']] as const) {
    if (root.at(event) === undefined) root.ensure(event).text = action;
  }
  if (root.at('clock') === undefined) root.ensure('clock').set('offset', 'utc');
  if (root.at('devices', 'emulator') === undefined) root.ensure('devices', 'emulator').text = '/usr/bin/qemu-system-x86_64';
  const number = (element: Element): number => Number(element.get('vcpu') ?? element.get('iothread') ?? 0);
  for (const nic of root.at('devices')?.all('interface') ?? []) completeNic(nic);
  completeMemory(root);
  root.sort();
  root.at('cputune')?.sort((one, other) => number(one) - number(other));
  completeCpu(root);
  const pinned = new Set<number>();
  for (const pin of root.at('cputune')?.all('vcpupin') ?? []) {
    if (pinned.has(number(pin))) throw internal(`duplicate vcpupin for vcpu '${number(pin)}'`);
    pinned.add(number(pin));
  }
};
