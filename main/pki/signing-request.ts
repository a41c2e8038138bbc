// Certificate signing requests (PKCS#10, RFC 2986): made for an authority elsewhere, and read for one of ours.
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { AlternativeName, DistinguishedName } from '../../app/pki/subject.ts';
import { contentExtensions, type CertificateContent } from './certificates.ts';
import { contextTag, der, DerFault, inside, integer, oid, oidOf, readValue, sequence, set, tag } from './der.ts';
import { nameDer, type NameRead, readAlternativeNames, readName } from './names.ts';
import { pemBlocks } from './pem.ts';
import { extensionOid, readExtensions } from './read-certificate.ts';
import { isSignedBy, pemOf, publicKeyOf, signed } from './signing.ts';

/** PKCS#9 extensionRequest. */
const extensionRequest = '1.2.840.113549.1.9.14';
const attributesTag = contextTag(0);

/** What a request asks for, once it has proved to hold the key. */
export interface RequestFacts {
  readonly subject: NameRead;
  readonly names: readonly AlternativeName[];
  readonly publicKey: KeyObject;
}

/** Makes a request for a certificate with this content, as PEM. @throws RangeError when the key cannot sign. */
export async function makeRequest(content: Pick<CertificateContent, 'kind' | 'names' | 'clientAuth'> & { readonly subject: DistinguishedName }, key: KeyObject): Promise<string> {
  const request = await signed(sequence(
    integer(0),
    nameDer(content.subject),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    der(attributesTag, sequence(oid(extensionRequest), set(sequence(...contentExtensions(content))))),
  ), key);
  return pemOf('CERTIFICATE REQUEST', request);
}

/** Reads a request. @throws DerFault when it is none, or is not signed by the key that it names. */
export function readRequest(pem: string): RequestFacts {
  const block = pemBlocks(pem).find(({ label }) => /^(NEW )?CERTIFICATE REQUEST$/.test(label));
  if (block === undefined) throw new DerFault('there is no certificate request in it');
  const [content] = inside(readValue(block.bytes, tag.sequence));
  const [, subject, key, attributes] = inside(content);
  if (key === undefined) throw new DerFault('it has no key');
  const publicKey = keyOf(key);
  if (!isSignedBy(block.bytes, publicKey)) throw new DerFault('it is not signed by the key that it names');
  const wanted = attributes?.tag !== attributesTag ? undefined : inside(attributes, attributesTag).find((attribute) => oidOf(inside(attribute)[0]) === extensionRequest);
  const names = wanted === undefined ? undefined : readExtensions(inside(wanted)[1]).get(extensionOid.subjectAltName);
  return { subject: readName(subject), names: names === undefined ? [] : readAlternativeNames(names.value), publicKey };
}

function keyOf(info: Parameters<typeof publicKeyOf>[0]): KeyObject {
  try {
    return publicKeyOf(info);
  } catch (error) {
    throw new DerFault('its key is damaged or of a kind that is not known', { cause: error });
  }
}
