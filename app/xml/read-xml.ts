// Reads XML text into elements. Well-formed XML 1.0 without a document type, which libvirt never prints and which hides entity bombs.
import { XmlElement, XmlError, type XmlText } from './document.ts';

/** Nothing longer passes through libvirt's protocol (REMOTE_STRING_MAX). */
export const longestXml = 4 * 1024 * 1024;
/** As deep as libxml2 goes by default. */
const deepest = 256;

/** NameStartChar and NameChar of XML 1.0, https://www.w3.org/TR/xml/#NT-Name */
const nameStart = String.raw`:A-Z_a-z\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{2FF}\u{370}-\u{37D}\u{37F}-\u{1FFF}\u{200C}-\u{200D}\u{2070}-\u{218F}\u{2C00}-\u{2FEF}\u{3001}-\u{D7FF}\u{F900}-\u{FDCF}\u{FDF0}-\u{FFFD}\u{10000}-\u{EFFFF}`;
const nameForm = new RegExp(String.raw`[${nameStart}][${nameStart}\-.0-9\u{B7}\u{300}-\u{36F}\u{203F}-\u{2040}]*`, 'uy');
const spaceForm = /[ \t\r\n]*/y;
const equalsForm = /[ \t\r\n]*=[ \t\r\n]*/y;
const textForm = /[^<]+/y;
const entityForm = /&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(amp|lt|gt|quot|apos));|&/g;
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
/** What XML 1.0 allows nowhere: controls, lone surrogates, U+FFFE and U+FFFF. */
const illegal = /(?![\t\n\r\u{7F}-\u{9F}])[\p{Cc}\p{Cs}\u{FFFE}\u{FFFF}]/u;

/** A document: its root element and the text around it. */
export interface XmlDocument {
  readonly before: string;
  readonly root: XmlElement;
  readonly after: string;
}

/**
 * Reads a document; every byte of it comes back by joining its three parts.
 * @throws XmlError when it is not well-formed, has a document type, is deeper than 256 elements or longer than 4 MiB.
 */
export const readXml = (source: string): XmlDocument => new Reader(source).document();

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
    if (source.length > longestXml) throw this.#error('The XML is longer than 4 MiB', longestXml);
    const strange = source.search(illegal);
    if (strange >= 0) throw this.#error('A character that XML does not allow', strange);
  }

  document(): XmlDocument {
    if (this.#source.startsWith('\u{FEFF}')) this.#at = 1;
    if (/^<\?xml[ \t\r\n]/.test(this.#source.slice(this.#at, this.#at + 6))) this.#instruction();
    this.#misc();
    const begin = this.#at;
    if (!this.#looksAt('<')) throw this.#error(begin >= this.#source.length ? 'There is no element' : 'Text stands outside the root element');
    const root = this.#element();
    const end = this.#at;
    this.#misc();
    if (this.#at < this.#source.length) throw this.#error('Something follows the root element');
    return { before: this.#source.slice(0, begin), root, after: this.#source.slice(end) };
  }

  /** The root element with all it holds; an explicit stack, so that depth costs no call stack. */
  #element(): XmlElement {
    const opened: XmlElement[] = [];
    for (;;) {
      const current = opened.at(-1);
      if (current !== undefined && this.#looksAt('</')) {
        this.#endTag(current);
        opened.pop();
        const parent = opened.at(-1);
        if (parent === undefined) return current;
      } else if (current === undefined || this.#opensElement()) {
        if (opened.length === deepest) throw this.#error(`Elements are nested deeper than ${deepest}`);
        const { element, empty } = this.#startTag(current ?? null);
        current?.append(element);
        if (!empty) opened.push(element);
        else if (current === undefined) return element;
      } else {
        current.append(this.#text(current));
      }
    }
  }

  #startTag(parent: XmlElement | null): { readonly element: XmlElement; readonly empty: boolean } {
    this.#at += 1;
    const name = this.#name('An element');
    const attributes: { readonly name: string; readonly value: string; readonly source: string }[] = [];
    for (;;) {
      const begin = this.#at;
      const space = this.#take(spaceForm);
      const empty = this.#looksAt('/>');
      if (empty || this.#looksAt('>')) {
        this.#at += empty ? 2 : 1;
        const element = new XmlElement(name, parent, attributes, space);
        if (!empty) element.close('');
        return { element, empty };
      }
      if (space === '') throw this.#error(`The tag <${name}> is not closed`);
      const attribute = this.#attribute(name);
      if (attributes.some((other) => other.name === attribute.name)) throw this.#error(`The attribute ${attribute.name} stands twice in <${name}>`, begin + space.length);
      attributes.push({ ...attribute, source: this.#source.slice(begin, this.#at) });
    }
  }

  #attribute(element: string): { readonly name: string; readonly value: string } {
    const name = this.#name(`An attribute of <${element}>`);
    if (this.#take(equalsForm) === '') throw this.#error(`The attribute ${name} has no value`);
    const quote = this.#source.charAt(this.#at);
    const end = quote === "'" || quote === '"' ? this.#source.indexOf(quote, this.#at + 1) : -1;
    if (end < 0) throw this.#error(`The value of the attribute ${name} is not in quotes`);
    const begin = this.#at + 1;
    const raw = this.#source.slice(begin, end);
    if (raw.includes('<')) throw this.#error(`The value of the attribute ${name} holds a <`, begin + raw.indexOf('<'));
    this.#at = end + 1;
    return { name, value: this.#decode(raw.replaceAll(/\r\n|[\t\n\r]/g, ' '), begin) };
  }

  #endTag(element: XmlElement): void {
    const begin = this.#at;
    this.#at += 2;
    const name = this.#name('An end tag');
    this.#take(spaceForm);
    if (name !== element.name) throw this.#error(`</${name}> stands where </${element.name}> should`, begin);
    if (!this.#looksAt('>')) throw this.#error(`The end tag </${name}> is not closed`);
    this.#at += 1;
    element.close(this.#source.slice(begin, this.#at));
  }

  /** Text up to the next tag, one CDATA section, one comment or one processing instruction. */
  #text(inside: XmlElement): XmlText {
    const begin = this.#at;
    if (this.#at >= this.#source.length) throw this.#error(`The element <${inside.name}> is not closed`);
    if (this.#looksAt('<![CDATA[')) return { source: this.#until(']]>', 9, 'A CDATA section'), value: this.#source.slice(begin + 9, this.#at - 3) };
    if (this.#looksAt('<!--')) return { source: this.#comment(), value: '' };
    if (this.#looksAt('<?')) return { source: this.#instruction(), value: '' };
    const source = this.#take(textForm);
    if (source === '') throw this.#error('A document type or another declaration is not allowed');
    const stray = source.indexOf(']]>');
    if (stray >= 0) throw this.#error(']]> stands outside a CDATA section', begin + stray);
    return { source, value: this.#decode(source.replaceAll(/\r\n?/g, '\n'), begin) };
  }

  #comment(): string {
    const begin = this.#at;
    const source = this.#until('-->', 4, 'A comment');
    if (source.slice(4, -3).includes('--') || source.endsWith('--->')) throw this.#error('-- stands inside a comment', begin);
    return source;
  }

  #instruction(): string {
    const begin = this.#at;
    const source = this.#until('?>', 2, 'A processing instruction');
    if (begin > 1 && /^<\?xml[ \t\r\n?]/i.test(source)) throw this.#error('The XML declaration is not at the beginning', begin);
    return source;
  }

  /** Space, comments and processing instructions around the root element. */
  #misc(): void {
    for (;;) {
      this.#take(spaceForm);
      if (this.#looksAt('<!--')) this.#comment();
      else if (this.#looksAt('<?')) this.#instruction();
      else if (this.#looksAt('<!')) throw this.#error('A document type or another declaration is not allowed');
      else return;
    }
  }

  #decode(raw: string, begin: number): string {
    if (!raw.includes('&')) return raw;
    return raw.replaceAll(entityForm, (_, decimal: string | undefined, hexadecimal: string | undefined, name: string | undefined, offset: number) => {
      if (name !== undefined) return entities[name] ?? '';
      const code = decimal !== undefined ? Number(decimal) : hexadecimal !== undefined ? Number.parseInt(hexadecimal, 16) : -1;
      const character = code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
      if (character === '' || illegal.test(character)) throw this.#error("An & that begins none of XML's own entities", begin + offset);
      return character;
    });
  }

  #name(what: string): string {
    const name = this.#take(nameForm);
    if (name === '') throw this.#error(`${what} has no proper name`);
    return name;
  }

  #until(end: string, from: number, what: string): string {
    const begin = this.#at;
    const found = this.#source.indexOf(end, begin + from);
    if (found < 0) throw this.#error(`${what} is not closed`, begin);
    this.#at = found + end.length;
    return this.#source.slice(begin, this.#at);
  }

  #take(form: RegExp): string {
    form.lastIndex = this.#at;
    const found = form.exec(this.#source)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #looksAt(start: string): boolean {
    return this.#source.startsWith(start, this.#at);
  }

  /** Whether an element, and not a comment, CDATA or instruction, begins here. */
  #opensElement(): boolean {
    return this.#looksAt('<') && !this.#looksAt('<!') && !this.#looksAt('<?');
  }

  #error(message: string, offset = this.#at): XmlError {
    return new XmlError(message, this.#source, offset);
  }
}
