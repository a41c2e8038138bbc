// Names as they stand in certificates: distinguished names and alternative names, written and read.
import { alternativeName, type AlternativeName, distinguishedNameText, type DistinguishedName, type SubjectAttribute } from '../../app/pki/subject.ts';
import { contextTag, der, DerFault, type DerValue, inside, oid, oidOf, sequence, set, tag } from './der.ts';

/** Attribute types that can be written, with their object identifiers (RFC 4519). */
const attributeOid: Readonly<Record<SubjectAttribute, string>> = {
  C: '2.5.4.6',
  ST: '2.5.4.8',
  L: '2.5.4.7',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  CN: '2.5.4.3',
  DC: '0.9.2342.19200300.100.1.25',
  UID: '0.9.2342.19200300.100.1.1',
};

/** All that are read by name, the name being what GnuTLS prints; others appear by their identifier. */
const attributeNames: ReadonlyMap<string, string> = new Map([
  ...Object.entries(attributeOid).map(([name, identifier]) => [identifier, name] as const),
  ['2.5.4.4', 'surName'], ['2.5.4.5', 'serialNumber'], ['2.5.4.9', 'STREET'], ['2.5.4.12', 'title'], ['2.5.4.17', 'postalCode'], ['2.5.4.20', 'telephoneNumber'],
  ['2.5.4.42', 'givenName'], ['2.5.4.43', 'initials'], ['2.5.4.46', 'dnQualifier'], ['2.5.4.65', 'pseudonym'], ['1.2.840.113549.1.9.1', 'EMAIL'],
]);

/** A name that was read. */
export interface NameRead {
  /** As it stands in the certificate: two names are the same when these are. */
  readonly der: Buffer;
  /** Its parts in certificate order; `attribute` is the short name, or the identifier of one that has none here. */
  readonly parts: readonly { readonly attribute: string; readonly value: string }[];
  /** As `tls_allowed_dn_list` compares it. */
  readonly text: string;
}

/** A name in certificate order. */
export const nameDer = (name: DistinguishedName): Buffer =>
  sequence(...name.map(({ attribute, value }) => set(sequence(oid(attributeOid[attribute]), der(stringTag(attribute, value), Buffer.from(value, 'utf8'))))));

/** Countries must be PrintableString and domain components IA5String (RFC 5280 appendix A); the rest is UTF-8 once it needs to be. */
function stringTag(attribute: SubjectAttribute, value: string): number {
  if (attribute === 'DC') return tag.ia5String;
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? tag.printableString : tag.utf8String;
}

/** Reads a name. @throws DerFault */
export function readName(value: DerValue | undefined): NameRead {
  const relative = inside(value).map((one) => inside(one, tag.set).map((pair) => {
    const [type, text] = inside(pair);
    const identifier = oidOf(type);
    return { attribute: attributeNames.get(identifier) ?? identifier, value: textOf(text) };
  }));
  // Several in one set are one step of the name.
  const text = relative.map((parts) => parts.map((part) => distinguishedNameText([part])).join('+')).join(',');
  return { der: value?.bytes ?? Buffer.alloc(0), parts: relative.flat(), text };
}

/** The text of any string type; of other types their bytes, as RFC 4514 writes them. */
function textOf(value: DerValue | undefined): string {
  if (value === undefined) throw new DerFault('a name is cut off');
  switch (value.tag) {
    case tag.utf8String:
    case tag.printableString:
    case tag.ia5String:
      return value.content.toString('utf8');
    case tag.teletexString:
      return value.content.toString('latin1');
    case tag.bmpString:
      return Buffer.from(value.content.subarray(0, value.content.length & ~1)).swap16().toString('utf16le');
    default:
      return `#${value.bytes.toString('hex')}`;
  }
}

/** GeneralName of RFC 5280 §4.2.1.6. */
const generalName = { dns: contextTag(2, 'bytes'), ip: contextTag(7, 'bytes') } as const;

/** The content of a subjectAltName extension. */
export const alternativeNamesDer = (names: readonly AlternativeName[]): Buffer =>
  sequence(...names.map((name) => (name.kind === 'dns' ? der(generalName.dns, Buffer.from(name.name, 'latin1')) : der(generalName.ip, addressBytes(name.address)))));

/** Four bytes or sixteen, of an address in canonical form. */
function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head = [], tail = []] = address.split('::').map((half) => (half === '' ? [] : half.split(':').map(groupBytes)));
  const [front, back] = [Buffer.concat(head), Buffer.concat(tail)];
  return Buffer.concat([front, Buffer.alloc(16 - front.length - back.length), back]);
}

const groupBytes = (group: string): Buffer => (group.includes('.') ? addressBytes(group) : Buffer.from(group.padStart(4, '0'), 'hex'));

/** The DNS names and addresses of a subjectAltName extension; names of other kinds are left out. @throws DerFault */
export function readAlternativeNames(value: DerValue): readonly AlternativeName[] {
  return inside(value).flatMap(({ tag: kind, content }): readonly AlternativeName[] => {
    if (kind === generalName.dns) return [{ kind: 'dns', name: content.toString('latin1') }];
    if (kind !== generalName.ip) return [];
    const address = addressText(content);
    const read = alternativeName(address);
    return 'code' in read ? [] : [read];
  });
}

const addressText = (bytes: Buffer): string => (bytes.length === 4 ? bytes.join('.') : (bytes.toString('hex').match(/.{4}/g)?.join(':') ?? ''));
