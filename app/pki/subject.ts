// Subject names and alternative names: what may stand in a certificate, and how libvirt will print it.

/** Attribute types a subject may be built of, by the short names GnuTLS and OpenSSL print. */
export const subjectAttributes = ['C', 'ST', 'L', 'O', 'OU', 'CN', 'DC', 'UID'] as const;
export type SubjectAttribute = (typeof subjectAttributes)[number];

/** One attribute of a name. */
export interface SubjectPart {
  readonly attribute: SubjectAttribute;
  readonly value: string;
}

/** A distinguished name in certificate order, the order in which libvirt compares it. */
export type DistinguishedName = readonly SubjectPart[];

/** What a host certificate is valid for: a DNS name or an IP address. */
export type AlternativeName =
  | { readonly kind: 'dns'; readonly name: string }
  | { readonly kind: 'ip'; readonly address: string };

/** Why a name cannot stand in a certificate. */
export type NameProblem =
  | { readonly code: 'empty' }
  | { readonly code: 'noCommonName' }
  | { readonly code: 'emptyValue'; readonly attribute: SubjectAttribute }
  | { readonly code: 'tooLong'; readonly attribute: SubjectAttribute; readonly longest: number }
  | { readonly code: 'controlCharacter'; readonly attribute: SubjectAttribute }
  | { readonly code: 'notCountryCode'; readonly value: string }
  | { readonly code: 'notDomainComponent'; readonly value: string }
  | { readonly code: 'notHostName'; readonly value: string };

/** What the attributes are called in sentences. */
const attributeNames: Readonly<Record<SubjectAttribute, string>> = {
  C: 'country', ST: 'state or province', L: 'locality', O: 'organization', OU: 'organizational unit', CN: 'common name', DC: 'domain component', UID: 'user ID',
};

/** What a problem is called where it is shown, without a full stop. */
export function nameProblemWords(problem: NameProblem): string {
  switch (problem.code) {
    case 'empty':
      return 'a name has at least one part';
    case 'noCommonName':
      return 'a common name is needed';
    case 'emptyValue':
      return `the ${attributeNames[problem.attribute]} is empty`;
    case 'tooLong':
      return `the ${attributeNames[problem.attribute]} has more than ${problem.longest} characters`;
    case 'controlCharacter':
      return `the ${attributeNames[problem.attribute]} holds a line break or another control character`;
    case 'notCountryCode':
      return 'a country is two capital letters, such as DE';
    case 'notDomainComponent':
      return 'a domain component is one label of a DNS name';
    case 'notHostName':
      return 'neither a DNS name nor an IP address; names outside ASCII are written in their xn-- form';
  }
}

/** Upper bounds of RFC 5280 appendix A.1, in characters; DC is a DNS label, UID follows RFC 4519's usual 256. */
const longestValue: Readonly<Record<SubjectAttribute, number>> = { C: 2, ST: 128, L: 128, O: 64, OU: 64, CN: 64, DC: 63, UID: 256 };

const controlCharacter = /\p{Cc}/u;
const hostNameLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/** Problems of a subject, in the order of its parts; empty when it may be used. */
export function subjectProblems(subject: DistinguishedName): readonly NameProblem[] {
  if (subject.length === 0) return [{ code: 'empty' }];
  const problems = subject.flatMap(partProblems);
  return subject.some((part) => part.attribute === 'CN') ? problems : [...problems, { code: 'noCommonName' }];
}

/** Problems of one part by itself. */
export function partProblems({ attribute, value }: SubjectPart): readonly NameProblem[] {
  if (value.trim() === '') return [{ code: 'emptyValue', attribute }];
  if (controlCharacter.test(value)) return [{ code: 'controlCharacter', attribute }];
  if (attribute === 'C') return /^[A-Z]{2}$/.test(value) ? [] : [{ code: 'notCountryCode', value }];
  const longest = longestValue[attribute];
  if (Array.from(value).length > longest) return [{ code: 'tooLong', attribute, longest }];
  if (attribute === 'DC' && !hostNameLabel.test(value)) return [{ code: 'notDomainComponent', value }];
  return [];
}

/** The name as GnuTLS prints it and `tls_allowed_dn_list` of libvirtd.conf compares it: certificate order, no spaces, RFC 4514 escapes. */
export function distinguishedNameText(subject: readonly { readonly attribute: string; readonly value: string }[]): string {
  return subject.map(({ attribute, value }) => `${attribute}=${escapeValue(value)}`).join(',');
}

function escapeValue(value: string): string {
  return value.replace(/[,+"\\<>;]|^[ #]| $/g, (character) => `\\${character}`);
}

/**
 * Reads what a person typed as the name of a host: an IPv4 or IPv6 address, or a DNS name (RFC 1123 labels), in its canonical form:
 * DNS names in lower case, IPv6 as RFC 5952 writes it. So two texts for the same name are equal afterwards.
 * Answers a problem for anything else; names outside ASCII must come in their `xn--` form.
 */
export function alternativeName(text: string): AlternativeName | NameProblem {
  if (isIpv4(text)) return { kind: 'ip', address: text };
  if (isIpv6(text)) return { kind: 'ip', address: canonicalIpv6(text) };
  const labels = text.split('.');
  const allNumeric = labels.every((label) => /^\d+$/.test(label));
  if (text.length > 253 || allNumeric || !labels.every((label) => hostNameLabel.test(label))) return { code: 'notHostName', value: text };
  return { kind: 'dns', name: text.toLowerCase() };
}

/** The text of a name, as it was typed or as it stands in a certificate. */
export const alternativeNameText = (name: AlternativeName): string => (name.kind === 'dns' ? name.name : name.address);

function isIpv4(text: string): boolean {
  const octets = text.split('.');
  return octets.length === 4 && octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255);
}

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1)?.at(-1);
  const endsInIpv4 = last !== undefined && last.includes('.');
  if (endsInIpv4 && !isIpv4(last)) return false;
  const hexadecimal = endsInIpv4 ? groups.flat().slice(0, -1) : groups.flat();
  if (!hexadecimal.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  const length = hexadecimal.length + (endsInIpv4 ? 2 : 0);
  return halves.length === 2 ? length <= 7 : length === 8;
}

/** The groups of an IPv6 address, eight numbers of 16 bits. */
function ipv6Groups(text: string): readonly number[] {
  const [head = [], tail] = text.split('::').map((half) => (half === '' ? [] : half.split(':').flatMap(groupsOf)));
  return tail === undefined ? head : [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
}

/** One group, or the two of an IPv4 address at the end. */
function groupsOf(group: string): readonly number[] {
  if (!group.includes('.')) return [Number.parseInt(group, 16)];
  const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}

/** RFC 5952: lower case, no leading zeros, `::` for the first of the longest runs of at least two zeros; IPv4-mapped ones end in the IPv4 address. */
function canonicalIpv6(text: string): string {
  const groups = ipv6Groups(text);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${groups.slice(6).flatMap((group) => [Math.floor(group / 256), group % 256]).join('.')}`;
  }
  const runs = [...groups.map((group) => (group === 0 ? '0' : 'x')).join('').matchAll(/0{2,}/g)].sort((one, other) => other[0].length - one[0].length);
  const written = groups.map((group) => group.toString(16));
  const [longest] = runs;
  if (longest === undefined) return written.join(':');
  return `${written.slice(0, longest.index).join(':')}::${written.slice(longest.index + longest[0].length).join(':')}`;
}
