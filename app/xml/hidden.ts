// What libvirt hides from a definition unless it is asked for secrets, put into a text that was edited without it.
import type { DomainXml, XmlElement } from './domain-xml.ts';

/** Why something hidden has no sure place in an edited text. */
export class HiddenError extends Error {
  override readonly name = 'HiddenError';
}

/** An attribute that only the definition with secrets has. */
interface Hidden {
  /** Its element in the definition without secrets. */
  readonly at: XmlElement;
  readonly name: string;
  readonly value: string;
}

/**
 * The edited text with everything that is hidden: the passwords of displays, each at its own element. What was hidden in an element
 * that is gone goes with it.
 * @param edited a text that was made from `plain`. @param plain the definition as it is shown. @param secure the same, with secrets.
 * @throws HiddenError when it cannot be told where something hidden belongs, or the two definitions are not of one moment.
 */
export const withHidden = (edited: DomainXml, plain: DomainXml, secure: DomainXml): DomainXml => {
  const whole = edited.clone();
  for (const { at, name, value } of hiddenIn(plain.root, secure.root)) {
    const element = counterpart(at, whole.root);
    if (element === null) continue;
    const typed = element.attribute(name);
    if (typed !== null && typed !== at.attribute(name)) throw new HiddenError(`The ${name} of <${at.name}> is kept hidden and cannot be set by text.`);
    element.setAttribute(name, value);
  }
  return whole;
};

const notOneMoment = (): HiddenError => new HiddenError('The definition changed while it was read.');

const hiddenIn = (plain: XmlElement, secure: XmlElement): readonly Hidden[] => {
  const [shown, all] = [plain.children, secure.children];
  if (plain.name !== secure.name || plain.text !== secure.text || shown.length !== all.length) throw notOneMoment();
  if (plain.attributes.some(({ name }) => secure.attribute(name) === null)) throw notOneMoment();
  const own = secure.attributes.filter(({ name, value }) => plain.attribute(name) !== value).map(({ name, value }) => ({ at: plain, name, value }));
  return [...own, ...shown.flatMap((child, at) => {
    const twin = all[at];
    if (twin === undefined) throw notOneMoment();
    return hiddenIn(child, twin);
  })];
};

/** The element of an edited text that an element of the first text became; null = it is gone. */
const counterpart = (element: XmlElement, root: XmlElement): XmlElement | null => {
  if (element.parent === null) return root;
  const parent = counterpart(element.parent, root);
  return parent === null ? null : among(element, element.parent.elements(element.name), parent.elements(element.name));
};

/** Displays and other devices of one name are told apart by their type, then by their place. */
const among = (element: XmlElement, before: readonly XmlElement[], after: readonly XmlElement[]): XmlElement | null => {
  const isAlike = (other: XmlElement): boolean => other.attribute('type') === element.attribute('type');
  const [alikeBefore, alikeAfter] = [before.filter(isAlike), after.filter(isAlike)];
  if (alikeAfter.length === alikeBefore.length) return alikeAfter[alikeBefore.indexOf(element)] ?? null;
  const [same, ...more] = alikeAfter.filter((other) => other.toString() === element.toString());
  if (same !== undefined && more.length === 0) return same;
  // Its type was edited, and nothing else came or went.
  if (alikeAfter.length === 0 && after.length === before.length) return after[before.indexOf(element)] ?? null;
  if (alikeAfter.length === 0 && after.length < before.length && after.every((other) => before.some((one) => one.attribute('type') === other.attribute('type')))) return null;
  throw new HiddenError(`It cannot be told which <${element.name}> is the one that has a password. Change one of them at a time.`);
};
