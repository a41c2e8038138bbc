// Attributes of elements as values that may be missing, written so that what does not change is left as it stands.
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';

/** A whole number of XML; null for none, and for what is no such number. */
export const wholeNumber = (text: string | null | undefined): number | null => {
  const trimmed = text?.trim() ?? '';
  return /^-?\d+$/.test(trimmed) && Number.isSafeInteger(Number(trimmed)) ? Number(trimmed) : null;
};

/** An attribute as a number. */
export const numberOf = (element: XmlElement | null | undefined, name: string): number | null => wholeNumber(element?.attribute(name) ?? null);

/** Sets an attribute, or takes it off. */
export function putAttribute(element: XmlElement, name: string, value: string | number | null): void {
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, `${value}`);
}

/** Takes an element off when nothing is left of it. */
export function dropEmpty(element: XmlElement): void {
  if (element.attributes.length === 0 && element.children.length === 0 && element.text === '') element.parent?.remove(element);
}

/**
 * Sets attributes of the one element at this path, which comes and goes with them. An attribute whose value already means what
 * is wanted is not touched, in whatever spelling.
 * @param has what the element says now, in the form of `wanted`.
 */
export function putAttributes<V extends Readonly<Record<string, string | number | null>>>(xml: DomainXml, path: readonly string[], has: V, wanted: V): void {
  const changed = Object.entries(wanted).filter(([name, value]) => has[name] !== value);
  if (changed.length === 0) return;
  const element = xml.element(...path) ?? (changed.some(([, value]) => value !== null) ? xml.ensure(...path) : null);
  if (element === null) return;
  for (const [name, value] of changed) putAttribute(element, name, value);
  dropEmpty(element);
}
