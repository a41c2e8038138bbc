// Where in an edited definition an error of libvirt's is: at the line that it tells, or at what it names.
import { difference } from './difference.ts';
import { DomainXml, type XmlElement } from './domain-xml.ts';

/** A line, from 1, and whether the error told it; otherwise it is the likely one. */
export interface ErrorPlace {
  readonly line: number;
  readonly told: boolean;
}

/** libxml2's errors as libvirt passes them on: `(domain_definition):12: ...` */
const toldForm = /^\([\w ]*\):(\d+): /;
const quotedForm = /'([^']+)'|"([^"]+)"|<([\w.:-]+)>/g;
const wordForm = /[\p{L}_][\p{L}\d_.:-]*/gu;

/**
 * The place of an error. libvirt's schema check tells no line and often only the element around the one at fault, so
 * lines that were edited go before others. Words are compared with names and values of the text, whatever the language.
 * @param before the definition from which the text was edited. @returns null when nothing hints at a place.
 */
export const errorPlace = (message: string, text: string, before: string): ErrorPlace | null => {
  const told = toldForm.exec(message)?.[1];
  if (told !== undefined) return { line: Number(told), told: true };
  const edited = editedLines(before, text);
  const xml = DomainXml.parse(text);
  const weights = weigh(message);
  const named = everyElement(xml.root).map((element) => ({ element, line: xml.lineOf(element), score: scoreOf(element, weights) }));
  const best = <T extends { readonly score: number }>(among: readonly T[]): T | undefined =>
    among.reduce<T | undefined>((most, one) => (one.score > 0 && one.score >= (most?.score ?? 0) ? one : most), undefined);
  const likely = best(named.filter(({ line }) => edited.includes(line)));
  const around = best(named);
  // What only names the element around the fault, as a schema does, names it no better than any other inside.
  const last = around === undefined ? 0 : around.line + around.element.toString().split('\n').length;
  const inside = around === undefined ? undefined : edited.find((line) => line >= around.line && line < last);
  const line = likely?.line ?? inside ?? around?.line ?? edited[0];
  return line === undefined ? null : { line, told: false };
};

/** Words of the message; those in quotes are names and values for certain. */
const weigh = (message: string): ReadonlyMap<string, number> => {
  const weights = new Map([...message.matchAll(wordForm)].map(([word]) => [word, 1]));
  for (const [, ...forms] of message.matchAll(quotedForm)) for (const quoted of forms) if (quoted !== undefined) weights.set(quoted, 3);
  return weights;
};

/** Names of elements count twice: those of attributes are ordinary words more often. */
const scoreOf = ({ name, text, attributes }: XmlElement, weights: ReadonlyMap<string, number>): number =>
  [name, name, text, ...attributes.flatMap((attribute) => [attribute.name, attribute.value])].reduce((sum, word) => sum + (weights.get(word) ?? 0), 0);

const everyElement = (element: XmlElement): readonly XmlElement[] => [element, ...element.children.flatMap(everyElement)];

/** The lines that were put in, and the one after each stretch that was only taken out. */
const editedLines = (before: string, text: string): readonly number[] => {
  const edited: number[] = [];
  let line = 1;
  let wasRemoved = false;
  for (const { kind } of difference(before, text, Number.POSITIVE_INFINITY)) {
    if (kind === 'added') edited.push(line);
    if (kind === 'same' && wasRemoved) edited.push(line);
    wasRemoved = kind === 'removed';
    if (kind !== 'removed') line += 1;
  }
  return edited;
};
