// What may be made: how long it is valid, what it is called, and by which authority. What breaks a rule is refused at its field.
import type { Checked } from '../../app/contract/contract.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { expiryAt, type Validity, validityFrom } from '../../app/pki/expiry.ts';
import { certificateProfiles, type CertificateKind } from '../../app/pki/profiles.ts';
import { type AlternativeName, alternativeNameText, type DistinguishedName, nameProblemWords, partProblems } from '../../app/pki/subject.ts';
import type { Kept } from './certificate-store.ts';

type AskedValidity = Checked<'certificates', 'createClient'>['validity'];
const dayMilliseconds = 86_400_000;

const bad = (field: string, message: string, remedy?: string): Refused => new Refused('bad-input', message, { field, ...(remedy === undefined ? {} : { remedy }) });

/** How long it will be valid: as asked for, but not beyond what signs it. @throws Refused `bad-input` at `validity.days` or `validity.notAfter`. */
export function validityOf(kind: CertificateKind, asked: AskedValidity, within: Validity | undefined, now = new Date()): Validity {
  const { defaultValidityDays, longestValidityDays } = certificateProfiles[kind];
  const { days = defaultValidityDays, notBefore, notAfter } = asked ?? {};
  if (days > longestValidityDays) throw bad('validity.days', `That is longer than ${longestValidityDays} days.`);
  const usual = validityFrom(now, days, within);
  const begin = notBefore === undefined ? usual.notBefore : later(new Date(notBefore), within?.notBefore);
  const wanted = notAfter === undefined ? (notBefore === undefined ? usual.notAfter : new Date(notBefore + days * dayMilliseconds)) : new Date(notAfter);
  const end = within !== undefined && wanted > within.notAfter ? within.notAfter : wanted;
  const field = notAfter === undefined ? 'validity.days' : 'validity.notAfter';
  if (end <= now) throw bad(field, 'The end is in the past.');
  if (end <= begin) throw bad(notBefore === undefined ? field : 'validity.notBefore', within === undefined ? 'The end is before the start.' : 'Its authority ends before it would start.');
  if (end.getTime() - begin.getTime() > (longestValidityDays + 1) * dayMilliseconds) throw bad(field, `That is longer than ${longestValidityDays} days.`);
  return { notBefore: begin, notAfter: end };
}

const later = (one: Date, other: Date | undefined): Date => (other !== undefined && other > one ? other : one);

/** Refuses an authority that cannot sign a certificate of this kind. @throws Refused `bad-input` at the field. */
export function checkSigns(authority: Kept, kind: CertificateKind, field = 'authority'): void {
  const { record, facts, label } = authority;
  if (record.kind !== 'authority') throw bad(field, `${label} is not an authority.`);
  const { state } = expiryAt(facts, new Date());
  if (state === 'expired' || state === 'notYetValid') throw bad(field, state === 'expired' ? `${label} is out of date.` : `${label} is not valid yet.`, 'Renew it, or let a new authority take its place.');
  if (kind === 'authority' && facts.pathLength === 0) throw bad(field, `${label} may have no authority below it.`);
}

/** The whole name of a host: its organization is the authority's name unless it is told, as virt-pki-validate expects, and its common name the first of its names. */
export function hostSubject(names: readonly AlternativeName[], before: DistinguishedName | undefined, authority: Kept, field: string): DistinguishedName {
  const [first] = names;
  const commonName = { attribute: 'CN' as const, value: first === undefined ? '' : alternativeNameText(first) };
  const [problem] = partProblems(commonName);
  if (problem !== undefined) throw bad(`${field}.names.0`, `The first name: ${nameProblemWords(problem)}.`, 'Put a shorter name first.');
  return [...(before ?? [{ attribute: 'O' as const, value: authority.label }]), commonName];
}

const generation = / G(\d+)$/;
const longestCommonName = 64;

/** The name of the authority that takes the place of another: the same, of the next generation. */
export function nextGeneration(subject: Kept['facts']['subject']): readonly { readonly attribute: string; readonly value: string }[] {
  const last = subject.parts.findLastIndex(({ attribute }) => attribute === 'CN');
  return subject.parts.map((part, index) => {
    if (index !== last) return part;
    const suffix = ` G${Number(generation.exec(part.value)?.[1] ?? 1) + 1}`;
    return { ...part, value: `${Array.from(part.value.replace(generation, '')).slice(0, longestCommonName - suffix.length).join('')}${suffix}` };
  });
}
