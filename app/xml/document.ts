// XML text as a tree that remembers every byte of it: what is not edited is written back exactly as it was read.

/** Why a text is not the XML expected, and where; lines and columns count from 1. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
  /** The message without the place. */
  readonly problem: string;
  readonly line: number;
  readonly column: number;
  constructor(message: string, text: string, offset: number) {
    const before = text.slice(0, offset).split('\n');
    super(`${message} (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`);
    this.problem = message;
    this.line = before.length;
    this.column = (before.at(-1)?.length ?? 0) + 1;
  }
}

interface Attribute {
  readonly name: string;
  readonly value: string;
  /** As written, with the white space before the name. */
  readonly source: string;
}

/** Everything in an element that is not an element: text, CDATA, comments and processing instructions. */
export interface XmlText {
  readonly source: string;
  /** The characters it stands for; empty for comments and processing instructions. */
  readonly value: string;
}

/** Where a new child goes among its siblings. */
export interface Place {
  /** The names of the parent's children in libvirt's order; names not listed are passed over. */
  readonly order?: readonly string[];
  /** The numeric attribute by which children of the same name are sorted. */
  readonly sortedBy?: string;
  /** The sibling that it goes right before, whatever the order. */
  readonly before?: XmlElement;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&apos;', '"': '&quot;', '\t': '&#9;', '\n': '&#10;', '\r': '&#13;',
};
// Quotes too, as libvirt prints them.
const escapeText = (value: string): string => value.replaceAll(/[&<>'"\r]/g, (character) => escapes[character] ?? character);
const escapeAttribute = (value: string): string => value.replaceAll(/[&<>'"\t\n\r]/g, (character) => escapes[character] ?? character);

/** The line break and indentation that white space ends with. */
const indentation = /\r?\n[ \t]*$/;
const blank = (text: string): boolean => /^[ \t\r\n]*$/.test(text);

/** An element that can be read and edited in place. */
export class XmlElement {
  readonly name: string;
  readonly parent: XmlElement | null;
  #attributes: Attribute[];
  #beforeClose: string;
  #content: (XmlElement | XmlText)[] = [];
  /** The end tag as written; null = `<name/>`. */
  #end: string | null = null;

  constructor(name: string, parent: XmlElement | null, attributes: readonly Attribute[] = [], beforeClose = '') {
    this.name = name;
    this.parent = parent;
    this.#attributes = [...attributes];
    this.#beforeClose = beforeClose;
  }

  /** The child elements, in document order. */
  get children(): readonly XmlElement[] {
    return this.#content.filter((node) => node instanceof XmlElement);
  }

  /** Every element that this path of names leads to, in document order. Names are compared as written, with their prefix. */
  elements(...path: readonly string[]): readonly XmlElement[] {
    return this.#gather(path, 0, [], Infinity);
  }

  /** Adds to `found`, up to `most`, what the path leads to from its step `at` on. A guest's XML is asked hundreds of questions: a list for each step was most of what they cost. */
  #gather(path: readonly string[], at: number, found: XmlElement[], most: number): readonly XmlElement[] {
    const name = path[at];
    if (name === undefined) found.push(this);
    else {
      for (const node of this.#content) {
        if (found.length === most) break;
        if (node instanceof XmlElement && node.name === name) node.#gather(path, at + 1, found, most);
      }
    }
    return found;
  }

  /** The first element that this path leads to. */
  element(...path: readonly string[]): XmlElement | null {
    return this.#gather(path, 0, [], 1)[0] ?? null;
  }

  /** Attribute names and values, in document order. */
  get attributes(): readonly { readonly name: string; readonly value: string }[] {
    return this.#attributes;
  }

  attribute(name: string): string | null {
    return this.#attributes.find((attribute) => attribute.name === name)?.value ?? null;
  }

  /** Sets an attribute where it stands, in the quotes it has, or adds it at the end. */
  setAttribute(name: string, value: string): void {
    const at = this.#attributes.findIndex((attribute) => attribute.name === name);
    const old = this.#attributes[at];
    if (old?.value === value) return;
    if (old === undefined) this.#attributes.push({ name, value, source: ` ${name}='${escapeAttribute(value)}'` });
    else {
      const quote = old.source.slice(-1);
      const head = old.source.slice(0, old.source.indexOf(quote));
      this.#attributes[at] = { name, value, source: `${head}${quote}${escapeAttribute(value)}${quote}` };
    }
  }

  removeAttribute(name: string): void {
    this.#attributes = this.#attributes.filter((attribute) => attribute.name !== name);
  }

  /** The text directly inside, without white space around it. */
  get text(): string {
    return this.#content.map((node) => (node instanceof XmlElement ? '' : node.value)).join('').trim();
  }

  /** Replaces everything inside by this text, unless that is what it says already. */
  setText(value: string): void {
    if (this.children.length === 0 && this.text === value) return;
    this.#content = [{ source: escapeText(value), value }];
    this.#end ??= `</${this.name}>`;
  }

  /** Adds a child element at its place, indented as its neighbours are. */
  add(name: string, { order = [], sortedBy, before }: Place = {}, attributes: Readonly<Record<string, string>> = {}): XmlElement {
    const child = new XmlElement(name, this);
    for (const [key, value] of Object.entries(attributes)) child.setAttribute(key, value);
    const at = before === undefined ? -1 : this.#content.indexOf(before);
    if (before !== undefined && at >= 0) {
      this.#content.splice(at, 0, child, ...text(before.#indent));
      return child;
    }
    const comesAfter = (sibling: XmlElement): boolean => {
      if (sibling.name === name) return sortedBy !== undefined && Number(sibling.attribute(sortedBy)) > Number(attributes[sortedBy]);
      return order.indexOf(sibling.name) > order.indexOf(name);
    };
    const isKnown = (sibling: XmlElement): boolean => order.length === 0 || order.includes(sibling.name);
    const { children } = this;
    const next = children.find(isKnown);
    const previous = next === undefined ? children.at(-1) : children.findLast((sibling) => isKnown(sibling) && !comesAfter(sibling));
    if (previous !== undefined) this.#content.splice(this.#content.lastIndexOf(previous) + 1, 0, ...text(previous.#indent), child);
    else if (next !== undefined) this.#content.splice(this.#content.indexOf(next), 0, child, ...text(next.#indent));
    else this.#addFirst(child);
    return child;
  }

  #addFirst(child: XmlElement): void {
    const indent = this.parent === null ? '\n' : this.#indent;
    if (this.#end === null) {
      this.#end = `</${this.name}>`;
      this.#content = indent === '' ? [child] : [...text(`${indent}  `), child, ...text(indent)];
      return;
    }
    const last = this.#content.at(-1);
    const closing = last !== undefined && !(last instanceof XmlElement) && indentation.test(last.source) ? indentation.exec(last.source)?.[0] ?? '' : null;
    if (closing === null) this.#content.push(child);
    else this.#content.push(...text('  '), child, ...text(closing));
  }

  /** Removes a child with the white space before it; what is empty then goes too, since libvirt prints no empty groups. */
  remove(child: XmlElement): void {
    const at = this.#content.indexOf(child);
    if (at < 0) return;
    const before = this.#content[at - 1];
    const stripped = before === undefined || before instanceof XmlElement ? [] : text(before.source.replace(indentation, ''));
    if (before === undefined || before instanceof XmlElement || !blank(before.source)) this.#content.splice(at, 1);
    else this.#content.splice(at - 1, 2, ...stripped);
    if (this.parent === null || this.#content.some((node) => node instanceof XmlElement || !blank(node.source))) return;
    if (this.#attributes.length === 0) this.parent.remove(this);
    else {
      this.#content = [];
      this.#end = null;
    }
  }

  /** The line break and indentation before this element; empty when it does not begin a line. */
  get #indent(): string {
    const siblings = this.parent === null ? [] : this.parent.#content;
    const before = siblings[siblings.indexOf(this) - 1];
    return before === undefined || before instanceof XmlElement ? '' : indentation.exec(before.source)?.[0] ?? '';
  }

  /** The same element with all it holds, to be edited apart. */
  copy(parent: XmlElement | null = null): XmlElement {
    const twin = new XmlElement(this.name, parent, this.#attributes, this.#beforeClose);
    twin.#content = this.#content.map((node) => (node instanceof XmlElement ? node.copy(twin) : node));
    twin.#end = this.#end;
    return twin;
  }

  /** Everything of this element as text. */
  toString(): string {
    if (this.#end === null) return `${this.#start}/>`;
    return `${this.#start}>${this.#content.map((node) => (node instanceof XmlElement ? node.toString() : node.source)).join('')}${this.#end}`;
  }

  /** The start tag up to where it is closed. */
  get #start(): string {
    return `<${this.name}${this.#attributes.map((attribute) => attribute.source).join('')}${this.#beforeClose}`;
  }

  /** How many characters of the root element's text stand before this element. */
  get offset(): number {
    if (this.parent === null) return 0;
    const siblings = this.parent.#content;
    const before = siblings.slice(0, siblings.indexOf(this)).map((node) => (node instanceof XmlElement ? node.toString() : node.source));
    return this.parent.offset + this.parent.#start.length + 1 + before.join('').length;
  }

  /** For the reader alone: takes what stands inside as it is read. */
  append(node: XmlElement | XmlText): void {
    this.#content.push(node);
  }

  /** For the reader alone: takes the end tag as written. */
  close(end: string): void {
    this.#end = end;
  }
}

const text = (source: string): readonly XmlText[] => (source === '' ? [] : [{ source, value: source }]);
