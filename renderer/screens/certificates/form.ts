// What is typed into the forms of certificates, what is asked of main with it, and what is wrong with it by the very rules main checks.
import type { Refusal } from '../../../app/contract/refusal.ts';
import type { z } from '../../../app/contract/schema.ts';
import { alternativeName, alternativeNameText, nameProblemWords, type SubjectAttribute, type SubjectPart } from '../../../app/pki/subject.ts';

/** Parts of a name that have a field, in the order they stand in a certificate. */
export const typedAttributes = ['C', 'ST', 'L', 'O', 'OU', 'CN'] as const satisfies readonly SubjectAttribute[];
export type TypedAttribute = (typeof typedAttributes)[number];
export type TypedSubject = Readonly<Record<TypedAttribute, string>>;

export const emptySubject: TypedSubject = { C: '', ST: '', L: '', O: '', OU: '', CN: '' };

/** The parts that were filled in. */
export const partsOf = (typed: TypedSubject): SubjectPart[] => typedAttributes.flatMap((attribute) => (typed[attribute].trim() === '' ? [] : [{ attribute, value: typed[attribute].trim() }]));

/** The fields of a name that is there already; what has no field is left out. */
export const typedOf = (parts: readonly { readonly attribute: string; readonly value: string }[]): TypedSubject =>
  typedAttributes.reduce<TypedSubject>((typed, attribute) => ({ ...typed, [attribute]: parts.find((part) => part.attribute === attribute)?.value ?? '' }), emptySubject);

/** Dotted path of a field → what is wrong there. */
export type Problems = ReadonlyMap<string, string>;

export const noProblems: Problems = new Map();

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}${words.endsWith('.') ? '' : '.'}`;

/** What the contract would refuse, the first thing of each field. */
export const problemsOf = (schema: z.ZodType, takes: unknown): Problems => {
  const found = new Map<string, string>();
  for (const { path, message } of schema.safeParse(takes).error?.issues ?? []) {
    const field = path.join('.');
    if (!found.has(field)) found.set(field, sentence(message));
  }
  return found;
};

/** The same with what main refused, where that names a field. */
export const withRefusal = (problems: Problems, refusal: Refusal | null): Problems =>
  (refusal?.field === undefined ? problems : new Map([...problems, [refusal.field, refusal.message]]));

/** What is wrong with one attribute of a name that is asked for under `path`. A missing common name is told of the whole. */
export const subjectProblem = (problems: Problems, path: string, typed: TypedSubject, attribute: TypedAttribute): string | null => {
  const index = partsOf(typed).findIndex((part) => part.attribute === attribute);
  const own = index < 0 ? undefined : problems.get(`${path}.${index}.value`);
  const whole = attribute === 'CN' ? problems.get(path) : undefined;
  // That nothing at all was filled in is told as what is missing first.
  return own ?? (whole !== undefined && typed.CN.trim() === '' ? sentence(nameProblemWords({ code: 'noCommonName' })) : whole ?? null);
};

/** What is wrong with the names asked for under `path`: the whole list, or the first of them that is wrong. */
export const namesProblem = (problems: Problems, path: string, names: readonly string[]): string | null => {
  const whole = problems.get(path);
  if (whole !== undefined) return whole;
  for (const [index, name] of names.entries()) {
    const problem = problems.get(`${path}.${index}`);
    if (problem !== undefined) return `${name}: ${problem.charAt(0).toLowerCase()}${problem.slice(1)}`;
  }
  return null;
};

/** Names as they may be pasted: between commas, semicolons, spaces or lines. An address in brackets, as in a URI, is taken without them. */
export const namesIn = (text: string): readonly string[] => text.split(/[\s,;]+/).map((name) => name.replace(/^\[(.*)\]$/, '$1')).filter((name) => name !== '');

/** Names proposed for a certificate: what can be read as a name, each once, DNS names before addresses, for the first becomes the common name. */
export const proposedNames = (texts: readonly (string | undefined)[]): readonly string[] => {
  const read = texts.flatMap((text) => {
    const name = text === undefined ? undefined : alternativeName(text);
    return name === undefined || 'code' in name ? [] : [name];
  });
  return [...new Set([...read.filter(({ kind }) => kind === 'dns'), ...read.filter(({ kind }) => kind === 'ip')].map(alternativeNameText))];
};

/** The addresses that stand in what a stage of connecting saw. */
export const addressesIn = (seen: string): readonly string[] => namesIn(seen).filter((word) => {
  const name = alternativeName(word);
  return !('code' in name) && name.kind === 'ip';
});

/** The days of a field; null = it is no number, which is told at the field. */
export const daysOf = (text: string): number | null => (/^\d{1,6}$/.test(text.trim()) ? Number(text) : null);

/** Two dates as they are typed, `YYYY-MM-DD` or empty. */
export interface TypedDates {
  /** Empty = from now on. */
  readonly from: string;
  readonly until: string;
}

/** From the begin of the one day to the end of the other, here; in milliseconds since 1970. A date that is none becomes 0, which the contract refuses. */
export const momentsOf = ({ from, until }: TypedDates): { readonly notBefore?: number; readonly notAfter: number } => {
  const moment = (date: string, time: string): number => Date.parse(`${date}T${time}`) || 0;
  return { ...(from !== '' && { notBefore: moment(from, '00:00:00') }), notAfter: moment(until, '23:59:59') };
};

/** Where a host is reached, as typed: `name`, `name:port`, `[address]:port` or `:port`. Empty = as the connection says. Null where it is none of these. */
export const reachedOf = (text: string): { readonly name?: string; readonly port?: number } | null => {
  const typed = text.trim();
  const whole = alternativeName(typed);
  if (typed === '') return {};
  if (!('code' in whole)) return { name: typed };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(typed) ?? [];
  const name = bracketed ?? plain;
  const port = digits === undefined ? undefined : Number(digits);
  if (name === undefined || (port !== undefined && (port < 1 || port > 65_535)) || (name !== '' && 'code' in alternativeName(name))) return null;
  return { ...(name !== '' && { name }), ...(port !== undefined && { port }) };
};
