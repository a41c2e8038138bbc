// Domain XML as libvirt holds it: what its parser keeps, printed the way it prints. Unlike app/xml it forgets layout and comments, as the
// daemon does; and it is a second reader on purpose, since a fault in a shared one would cancel out between client and demo host.

/** A comment, a CDATA section or a processing instruction, kept only inside `<metadata>`. */
interface Verbatim {
  readonly verbatim: string;
}
type Node = Element | string | Verbatim;

export class XmlSyntaxError extends Error {
  override readonly name = 'XmlSyntaxError';
}

/** Which child stands before which, as libvirt prints them; a child that is not named here goes to the end. */
const order: Readonly<Record<string, readonly string[]>> = {
  domain: [
    'name', 'uuid', 'genid', 'title', 'description', 'metadata', 'maxMemory', 'memory', 'currentMemory', 'blkiotune', 'memtune', 'memoryBacking', 'vcpu', 'vcpus',
    'iothreads', 'iothreadids', 'defaultiothread', 'cputune', 'numatune', 'resource', 'sysinfo', 'os', 'features', 'cpu', 'clock', 'on_poweroff', 'on_reboot', 'on_crash', 'pm', 'perf',
    'devices', 'seclabel', 'qemu:commandline',
  ],
  cputune: [
    'shares', 'period', 'quota', 'global_period', 'global_quota', 'emulator_period', 'emulator_quota', 'iothread_period', 'iothread_quota', 'vcpupin', 'emulatorpin', 'iothreadpin',
    'emulatorsched', 'vcpusched', 'iothreadsched', 'cachetune', 'memorytune',
  ],
  cpu: ['model', 'vendor', 'topology', 'cache', 'maxphysaddr', 'feature', 'numa'],
  memtune: ['hard_limit', 'soft_limit', 'min_guarantee', 'swap_hard_limit'],
  blkiotune: ['weight', 'device'],
  numatune: ['memory', 'memnode'],
  disk: ['driver', 'auth', 'source', 'backingStore', 'target', 'iotune', 'readonly', 'shareable', 'serial', 'boot', 'alias', 'address'],
  interface: ['mac', 'source', 'vlan', 'port', 'virtualport', 'bandwidth', 'target', 'model', 'driver', 'backend', 'filterref', 'link', 'mtu', 'boot', 'alias', 'address'],
  memory: ['source', 'target', 'alias', 'address'],
  target: ['size', 'node', 'block', 'requested', 'current', 'label'],
  memoryBacking: ['hugepages', 'nosharepages', 'locked', 'source', 'access', 'allocation', 'discard'],
  memballoon: ['stats', 'alias', 'address'],
  bandwidth: ['inbound', 'outbound'],
  iotune: ['total', 'read', 'write'].flatMap((way) => [`${way}_bytes_sec`]).concat(
    ['total_iops_sec', 'read_iops_sec', 'write_iops_sec', 'total_bytes_sec_max', 'read_bytes_sec_max', 'write_bytes_sec_max', 'total_iops_sec_max', 'read_iops_sec_max', 'write_iops_sec_max',
      'size_iops_sec', 'group_name', 'total_bytes_sec_max_length', 'read_bytes_sec_max_length', 'write_bytes_sec_max_length', 'total_iops_sec_max_length', 'read_iops_sec_max_length', 'write_iops_sec_max_length'],
  ),
};

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&apos;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>'"]/g, (sign) => escapes[sign] ?? sign);

/** One element; edited in place. */
export class Element {
  readonly name: string;
  readonly attributes: Map<string, string>;
  #children: Node[];
  constructor(name: string, attributes: Readonly<Record<string, string>> = {}, children: readonly Node[] = []) {
    this.name = name;
    this.attributes = new Map(Object.entries(attributes));
    this.#children = [...children];
  }

  get children(): readonly Element[] {
    return this.#children.filter((node) => node instanceof Element);
  }
  get text(): string {
    return this.#children.filter((node) => typeof node === 'string').join('');
  }
  set text(text: string) {
    this.#children = [text];
  }
  get(attribute: string): string | undefined {
    return this.attributes.get(attribute);
  }
  set(attribute: string, value: string): this {
    this.attributes.set(attribute, value);
    return this;
  }
  /** Puts these attributes first and in this order, with defaults for those that are not there. */
  arrange(defaults: Readonly<Record<string, string>>, first: readonly string[]): void {
    const had = new Map([...Object.entries(defaults), ...this.attributes]);
    this.attributes.clear();
    for (const name of [...first, ...had.keys()]) {
      const value = had.get(name);
      if (value !== undefined) this.attributes.set(name, value);
    }
  }
  all(name: string): readonly Element[] {
    return this.children.filter((child) => child.name === name);
  }
  /** The first element down this path. */
  at(...path: readonly string[]): Element | undefined {
    const [name, ...rest] = path;
    if (name === undefined) return this;
    return this.children.find((child) => child.name === name)?.at(...rest);
  }
  /** The same, made where it is not there. */
  ensure(...path: readonly string[]): Element {
    const [name, ...rest] = path;
    if (name === undefined) return this;
    return (this.at(name) ?? this.add(new Element(name))).ensure(...rest);
  }
  /** Puts a child where libvirt prints it: before the first that comes later, so behind its likes. */
  add(child: Element): Element {
    const names = order[this.name] ?? [];
    const rank = (name: string): number => (names.includes(name) ? names.indexOf(name) : names.length);
    const next = this.#children.findIndex((node) => node instanceof Element && rank(node.name) > rank(child.name));
    this.#children.splice(next === -1 ? this.#children.length : next, 0, child);
    return child;
  }
  append(...nodes: readonly Node[]): void {
    this.#children.push(...nodes);
  }
  remove(child: Element | undefined): void {
    this.#children = this.#children.filter((node) => node !== child);
  }
  /** Removes the child of this name when nothing is left in it, as libvirt prints none then. */
  prune(name: string): void {
    const child = this.at(name);
    if (child !== undefined && child.#children.length === 0 && child.attributes.size === 0) this.remove(child);
  }
  /** Puts the children in libvirt's order; those of one name stay as they are unless `compare` tells them apart. */
  sort(compare: (one: Element, other: Element) => number = () => 0): void {
    const names = order[this.name] ?? [];
    const rank = (name: string): number => (names.includes(name) ? names.indexOf(name) : names.length);
    this.#children = this.children.toSorted((one, other) => rank(one.name) - rank(other.name) || compare(one, other));
  }
  clone(): Element {
    return new Element(this.name, Object.fromEntries(this.attributes), this.#children.map((node) => (node instanceof Element ? node.clone() : node)));
  }

  /** A copy under another name, its elements passed through `each`. */
  withName(name: string, each: (child: Element) => Element): Element {
    return new Element(name, Object.fromEntries(this.attributes), this.#children.map((node) => (node instanceof Element ? each(node) : node)));
  }

  /** As libvirt prints: two spaces a level, single quotes. Mixed content stays on its line. */
  print(indent = '', quote = "'"): string {
    const attributes = [...this.attributes].map(([name, value]) => ` ${name}=${quote}${escaped(value)}${quote}`).join('');
    // What stands in <metadata> belongs to others; libvirt prints it as libxml2 does.
    const inside = this.name === 'metadata' ? '"' : quote;
    const open = `${indent}<${this.name}${attributes}`;
    if (this.#children.length === 0) return `${open}/>\n`;
    if (this.#children.some((node) => typeof node === 'string')) {
      return `${open}>${this.#children.map((node) => (node instanceof Element ? node.print('', inside).trim() : typeof node === 'string' ? escaped(node) : node.verbatim)).join('')}</${this.name}>\n`;
    }
    const inner = this.#children.map((node) => (node instanceof Element ? node.print(`${indent}  `, inside) : typeof node === 'string' ? '' : `${indent}  ${node.verbatim}\n`)).join('');
    return `${open}>\n${inner}${indent}</${this.name}>\n`;
  }
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', apos: "'", quot: '"' };
const unescaped = (text: string): string =>
  text.replace(/&(#x[0-9a-f]+|#\d+|\w+);|&/gi, (whole, name: string | undefined) => {
    if (name?.startsWith('#') === true) {
      const point = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
      if (point > 0x10_ffff) throw new XmlSyntaxError(`${whole} is no character`);
      return String.fromCodePoint(point);
    }
    const sign = name === undefined ? undefined : entities[name];
    if (sign === undefined) throw new XmlSyntaxError(`the entity ${whole} is not defined`);
    return sign;
  });

const token = /<!--([\s\S]*?)-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<\/([^\s>]+)\s*>|<([A-Za-z_][^\s/>]*)((?:\s+[^\s=>/]+\s*=\s*(?:'[^'<]*'|"[^"<]*"))*)\s*(\/?)>|([^<]+)/y;
const attribute = /([^\s=]+)\s*=\s*(?:'([^']*)'|"([^"]*)")/g;

/** Reads one document. Throws {@link XmlSyntaxError}; document types are refused. */
export const parseXml = (source: string): Element => {
  const stack: Element[] = [];
  let root: Element | null = null;
  let kept = 0;
  const put = (node: Node): void => stack.at(-1)?.append(node);
  const leave = (name: string): void => {
    const left = stack.pop();
    if (left === undefined || left.name !== name) throw new XmlSyntaxError(`</${name}> closes nothing`);
    if (left.name === 'metadata') kept -= 1;
  };
  for (token.lastIndex = 0; token.lastIndex < source.length;) {
    const at = token.lastIndex;
    const match = token.exec(source);
    if (match === null) throw new XmlSyntaxError(`line ${source.slice(0, at).split('\n').length}: not well-formed`);
    const [whole, comment, data, closed, opened, attributes = '', empty, text] = match;
    if (opened !== undefined) {
      const element = new Element(opened, Object.fromEntries([...attributes.matchAll(attribute)].map(([, name = '', single, double]) => [name, unescaped(single ?? double ?? '')])));
      if (stack.length === 0 && root !== null) throw new XmlSyntaxError('a second root element');
      root ??= element;
      put(element);
      stack.push(element);
      if (opened === 'metadata') kept += 1;
      if (empty === '/') leave(opened);
    } else if (closed !== undefined) leave(closed);
    else if (comment !== undefined) {
      if (kept > 0) put({ verbatim: whole });
    } else if (data !== undefined) put(kept > 0 ? { verbatim: whole } : data);
    else if (text !== undefined) {
      if (text.trim() !== '') {
        if (stack.length === 0) throw new XmlSyntaxError('text outside the root element');
        put(unescaped(text));
      }
    }
  }
  if (root === null || stack.length > 0) throw new XmlSyntaxError(root === null ? 'no element' : `<${stack.at(-1)?.name}> is not closed`);
  return root;
};
