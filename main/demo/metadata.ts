// A guest's title, description and the elements that other programs keep with it (virDomainSetMetadata).
import { metadataType } from '../libvirt/constants.ts';
import type { Events } from './events.ts';
import { badArgument, Fault, invalidArgument } from './fault.ts';
import type { Guest } from './guest.ts';
import { editBoth, impactOf, readImpact } from './impact.ts';
import type { Inventory } from './inventory.ts';
import type { Handlers } from './serve.ts';
import { Element, parseXml, XmlSyntaxError } from './xml.ts';

const names = new Map<number, 'title' | 'description'>([[metadataType.title, 'title'], [metadataType.description, 'description']]);
const missing = (): Fault => new Fault('noDomainMetadata', 'domain', 'metadata not found: Requested metadata element is not present');

/** The child of `<metadata>` that belongs to a namespace. */
const elementFor = (root: Element, uri: string): Element | undefined =>
  root.at('metadata')?.children.find((child) => [...child.attributes].some(([name, value]) => name.startsWith('xmlns') && value === uri));

const parsed = (text: string): Element => {
  try {
    return parseXml(`<metadata>${text}</metadata>`).children[0] ?? new Element('nothing');
  } catch (error) {
    if (error instanceof XmlSyntaxError) throw new Fault('xmlDetail', 'domain', `(metadata_xml): ${error.message}`);
    throw error;
  }
};

/** Every element under this prefix, as libvirt stores it; or, with no prefix, as the owner wrote it. */
const renamed = (element: Element, rename: (name: string) => string): Element =>
  element.withName(rename(element.name), (child) => renamed(child, rename));

const set = (events: Events, guest: Guest, type: number, metadata: string | null, key: string | null, uri: string | null, flags: number): void => {
  const name = names.get(type);
  if (name === 'title' && metadata?.includes('\n') === true) throw badArgument("metadata title can't contain newlines");
  if (type === metadataType.element && uri === null) throw badArgument('uri in virDomainSetMetadata must not be NULL');
  if (type === metadataType.element && metadata !== null && key === null) throw badArgument('key in virDomainSetMetadata must not be NULL');
  const impact = impactOf(guest, flags);
  if (name !== undefined) {
    editBoth(impact, (root) => {
      root.remove(root.at(name));
      if (metadata !== null) root.ensure(name).text = metadata;
    });
  } else if (type === metadataType.element && uri !== null) {
    const element = metadata === null ? null : parsed(metadata);
    editBoth(impact, (root) => {
      const holder = root.ensure('metadata');
      holder.remove(elementFor(root, uri));
      if (element === null || key === null) return;
      const stored = renamed(element, (tag) => `${key}:${tag}`);
      const attributes = [...stored.attributes];
      stored.attributes.clear();
      for (const [attribute, value] of [[`xmlns:${key}`, uri] as const, ...attributes]) stored.set(attribute, value);
      holder.append(stored);
    });
  } else throw badArgument(`invalid argument: unknown metadata type '${type}'`);
  events.metadataChange(guest.object, type, type === metadataType.element ? uri : null);
};

export const metadataHandlers = (inventory: Inventory, events: Events): Handlers => ({
  domainSetMetadata: ({ dom, type, metadata, key, uri, flags }) => set(events, inventory.find(dom), type, metadata, key, uri, flags),
  domainGetMetadata: ({ dom, type, uri, flags }) => {
    const { definition } = readImpact(inventory.find(dom), flags);
    const name = names.get(type);
    if (name !== undefined) {
      const text = definition.root.at(name)?.text;
      if (text === undefined) throw missing();
      return { metadata: text };
    }
    if (type !== metadataType.element) throw invalidArgument(`unknown metadata type '${type}'`);
    if (uri === null) throw badArgument('uri in virDomainGetMetadata must not be NULL');
    const found = elementFor(definition.root, uri);
    if (found === undefined) throw missing();
    const plain = renamed(found, (tag) => tag.replace(/^[^:]+:/, ''));
    for (const [attribute, value] of plain.attributes) if (attribute.startsWith('xmlns') && value === uri) plain.attributes.delete(attribute);
    return { metadata: plain.print('', '"').trimEnd() };
  },
});
