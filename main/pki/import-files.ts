// Files that people have: certificates and keys in PEM with whatever stands around it, in DER, or in PKCS#12.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { DerFault, firstValue, inside, tag } from './der.ts';
import { isKeyBlock, openKey } from './key-file.ts';
import { pemBlocks } from './pem.ts';
import { openPkcs12 } from './pkcs12.ts';
import { type CertificateFacts, readCertificate } from './read-certificate.ts';
import { pemOf } from './signing.ts';

/** What was found in files. */
export interface Found {
  readonly certificates: readonly CertificateFacts[];
  readonly keys: readonly KeyObject[];
}

/** The passphrase is wrong or missing. */
export class Locked extends Error {
  override readonly name = 'Locked';
}

/**
 * Reads a file.
 * @throws Locked when it takes another passphrase; DerFault when it is damaged, or holds neither certificate nor key.
 */
export async function readFileContent(bytes: Buffer, passphrase: string | undefined): Promise<Found> {
  const found = bytes.includes('-----BEGIN ') ? await readPem(bytes.toString('latin1'), passphrase) : await readBinary(bytes, passphrase);
  if (found.certificates.length === 0 && found.keys.length === 0) throw new DerFault('it holds neither a certificate nor a key');
  return found;
}

async function readPem(text: string, passphrase: string | undefined): Promise<Found> {
  const blocks = pemBlocks(text);
  const keys: KeyObject[] = [];
  for (const block of blocks.filter(isKeyBlock)) keys.push(opened(await openKey(block, passphrase)));
  return { certificates: blocks.filter(({ label }) => /^(X509 |TRUSTED )?CERTIFICATE$/.test(label)).map((block) => readCertificate(block.text)), keys };
}

function opened(key: KeyObject | null): KeyObject {
  if (key === null) throw new Locked('It takes another passphrase to open it');
  return key;
}

/** Certificate, key and PKCS#12 are all sequences: what comes first in them tells which it is. */
async function readBinary(bytes: Buffer, passphrase: string | undefined): Promise<Found> {
  if (bytes[0] !== tag.sequence) throw new DerFault('it is neither PEM nor DER nor PKCS#12');
  // Written with lengths that are told at the end: only PKCS#12 is.
  if (bytes[1] === 0x80) return await fromPkcs12(bytes, passphrase);
  const [first, second, third] = inside(firstValue(bytes));
  if (first?.tag === tag.sequence && third?.tag === tag.bitString) return { certificates: [readCertificate(bytes)], keys: [] };
  if (first?.tag === tag.sequence && second?.tag === tag.octetString) return { certificates: [], keys: [opened(await openKey({ label: 'ENCRYPTED PRIVATE KEY', text: pemOf('ENCRYPTED PRIVATE KEY', bytes), bytes }, passphrase))] };
  if (first?.content.equals(Buffer.from([3])) === true && second?.tag === tag.sequence) return await fromPkcs12(bytes, passphrase);
  return { certificates: [], keys: [plainKey(bytes)] };
}

async function fromPkcs12(bytes: Buffer, passphrase: string | undefined): Promise<Found> {
  const content = await openPkcs12(bytes, passphrase ?? '');
  if (content === null) throw new Locked('It takes another passphrase to open it');
  return { certificates: content.certificates.map(readCertificate), keys: content.keys.map(plainKey) };
}

function plainKey(bytes: Buffer): KeyObject {
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    const key = keyOfForm(bytes, type);
    if (key !== undefined) return key;
  }
  throw new DerFault('it is neither a certificate nor a key');
}

function keyOfForm(key: Buffer, type: 'pkcs8' | 'pkcs1' | 'sec1'): KeyObject | undefined {
  try {
    return createPrivateKey({ key, format: 'der', type });
  } catch {
    // OpenSSL's words may quote; that it is not of this form is all there is to know.
    return undefined;
  }
}
