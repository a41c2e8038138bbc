// The saved definition written as a text: with what libvirt hides put back in, judged by what the host shows, and taken back.
import type { Entry } from '../../app/contract/history.ts';
import { Refused } from '../../app/contract/refusal.ts';
import type { DefinitionWish } from '../../app/tuning/definition.ts';
import type { Change } from '../../app/tuning/change.ts';
import type { Plan, PlannedStep } from '../../app/tuning/plan.ts';
import type { Step } from '../../app/tuning/steps.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { HiddenError, withHidden } from '../../app/xml/hidden.ts';
import { merge } from '../../app/xml/merge.ts';
import { type Read, shown } from './guest-reading.ts';

/** Whether a step writes what somebody edited, rather than settings. */
export const isText = ({ step }: Pick<PlannedStep, 'step'>): boolean => step.kind === 'define' && step.text !== undefined;

/** Whether a plan writes the saved definition as a text. */
export const writesText = ({ steps }: Plan): boolean => steps.some(isText);

/**
 * The definition to send: as it was edited, with the passwords of displays, which no text has.
 * @param before the saved definition that the text was edited from. @param read the saved definition at this moment, with or without secrets.
 * @throws Refused `changed-meanwhile` when the guest has another one by now, `plan-invalid` when a password has no sure place in the text.
 */
export const definedText = async (step: Step<'define'>, before: string | null, read: (secure: boolean) => Promise<string | null>): Promise<Step<'define'>> => {
  const secure = await read(true);
  const plain = await read(false);
  if (plain === null || secure === null || plain !== before) {
    throw new Refused('changed-meanwhile', 'The saved definition was changed by someone else meanwhile, and stays so.', { remedy: 'Look at the change under XML and take it over into the text.' });
  }
  try {
    return { ...step, xml: withHidden(DomainXml.parse(step.xml), DomainXml.parse(plain), DomainXml.parse(secure)).text() };
  } catch (error) {
    if (error instanceof HiddenError) throw new Refused('plan-invalid', error.message, { field: 'wanted.definition' });
    throw error;
  }
};

/** What the host shows of a text that should have been written; libvirt prints it in words of its own. */
export const shownText = (before: string | null, changes: readonly Change[], read: Read): ReturnType<typeof shown> => {
  const { savedXml } = read.reading;
  if (savedXml === null) return 'nothing';
  if (savedXml === before) return 'before';
  const seen = shown(changes, read);
  return seen === 'nothing' || seen === 'wanted' ? 'wanted' : 'other';
};

type Texts = Pick<Entry, 'savedBefore' | 'savedAfter'>;

/** The definition without what an entry wrote, and with whatever else was changed since; null when the same lines were. */
export const textWithout = ({ savedBefore, savedAfter }: Texts, now: string): string | null =>
  (savedBefore === null || savedAfter === null ? null : merge(savedAfter, savedBefore, now));

/** @throws Refused `not-undoable`. */
export const undoOfText = (entry: Texts, now: string | null): DefinitionWish => {
  if (now === null) throw new Refused('not-undoable', 'The guest has no saved definition any more.');
  const to = textWithout(entry, now);
  if (to === null) throw new Refused('not-undoable', 'The same lines of the saved definition were changed again since.', { remedy: 'Undo the later change first, or edit the definition under XML.' });
  // libvirt wrote these lines itself, and its schema may lag behind.
  return { from: now, to, validate: false };
};
