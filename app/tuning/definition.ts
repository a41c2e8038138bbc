// The saved definition wanted as a text: what may be in it, before the host is asked.
import { z } from '../domain/schema.ts';
import { difference } from '../xml/difference.ts';
import { DomainXml, XmlError } from '../xml/domain-xml.ts';
import { longestXml } from '../xml/read-xml.ts';

const text = z.string().max(longestXml);

/** A definition as somebody edited it. */
export const definitionWish = z.strictObject({
  /** The saved definition that was edited, to the byte: of any other this is no edit. */
  from: text,
  to: text,
  /** Whether libvirt is to check it against its schema, which may lag behind what libvirt itself writes. */
  validate: z.boolean(),
}).readonly();
export type DefinitionWish = z.infer<typeof definitionWish>;

/** What speaks against a text, and on which of its lines, from 1. */
export interface TextFinding {
  readonly level: 'error' | 'warning';
  readonly message: string;
  readonly line?: number;
}

/** The text as a definition, null where something speaks against it. */
export interface CheckedDefinition {
  readonly after: DomainXml | null;
  readonly findings: readonly TextFinding[];
}

/** @param saved the saved definition as it is; null = the guest has none. */
export function checkDefinition({ from, to }: Pick<DefinitionWish, 'from' | 'to'>, saved: DomainXml | null): CheckedDefinition {
  const refuse = (message: string, line?: number): CheckedDefinition => ({ after: null, findings: [{ level: 'error', message, ...(line !== undefined && { line }) }] });
  if (saved === null) return refuse('The guest is transient: there is no saved definition to edit.');
  let after: DomainXml;
  try {
    after = DomainXml.parse(to);
  } catch (error) {
    if (error instanceof XmlError) return refuse(`${error.problem}.`, error.line);
    throw error;
  }
  after.autostart = saved.autostart;
  const findings = [...identityFindings(after, saved), ...displayFindings(after, saved)];
  if (saved.text() !== from) findings.unshift({ level: 'error', message: 'The saved definition was changed since this text was begun. Look at the change under XML, and take it over into the text or drop the text.' });
  return { after: findings.some(({ level }) => level === 'error') ? null : after, findings };
}

const plainUuid = (uuid: string | null): string => (uuid ?? '').toLowerCase().replaceAll('-', '');

/** libvirt takes a definition with another name or UUID for one of another guest. */
function identityFindings(after: DomainXml, saved: DomainXml): TextFinding[] {
  const at = (name: 'name' | 'uuid'): { line?: number } => {
    const element = after.element(name);
    return element === null ? {} : { line: after.lineOf(element) };
  };
  const [name, uuid] = [saved.textOf('name') ?? '', saved.textOf('uuid') ?? ''];
  const findings: TextFinding[] = [];
  if (after.textOf('name') !== name) findings.push({ level: 'error', message: `The name has to stay ${name}: with another one this would define another guest.`, ...at('name') });
  if (plainUuid(after.textOf('uuid')) !== plainUuid(uuid)) findings.push({ level: 'error', message: `The UUID has to stay ${uuid}: by it libvirt knows which guest this defines.`, ...at('uuid') });
  return findings;
}

/** Passwords of displays are never in a text: libvirt hides them, and texts are kept. */
function displayFindings(after: DomainXml, saved: DomainXml): readonly TextFinding[] {
  const [displays, before] = [after, saved].map((xml) => xml.elements('devices', 'graphics'));
  const typed = (displays ?? []).filter((display) => display.attribute('passwd') !== null && before?.every((one) => one.attribute('passwd') !== display.attribute('passwd')));
  if (typed.length > 0) {
    return typed.map((display) => ({ level: 'error', message: 'A password cannot be set by text, since History keeps the text. Take passwd out; a password that the display has stays as it is.', line: after.lineOf(display) }));
  }
  const count = displays?.length ?? 0;
  if (count < (before?.length ?? 0)) return [{ level: 'warning', message: 'A password of the display that is taken away goes with it, and History cannot bring it back.' }];
  return count > (before?.length ?? 0) ? [{ level: 'warning', message: 'The display that is added has no password.' }] : [];
}

/** A text without typed passwords, to be kept; a password is found even where the text is not well-formed. */
export const withoutPasswords = (edited: string): string => edited.replaceAll(/(\spasswd\s*=\s*)(?:'[^']*'?|"[^"]*"?)/g, "$1''");

/** `2 lines added, 1 removed` */
export function editWords(before: string, after: string): string {
  const lines = difference(before, after, 0);
  const count = (kind: 'added' | 'removed'): number => lines.filter((line) => line.kind === kind).length;
  const [added, removed] = [count('added'), count('removed')];
  const words = [added > 0 ? `${added} line${added === 1 ? '' : 's'} added` : '', removed > 0 ? `${removed}${added === 0 ? ` line${removed === 1 ? '' : 's'}` : ''} removed` : ''];
  return words.filter((word) => word !== '').join(', ');
}
