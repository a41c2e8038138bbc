// PKCS#12, the archives in which certificates and keys are carried (RFC 7292): opened by their passphrase. They are never written.
import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import forge from 'node-forge';
import { contentOf, contextTag, DerFault, type DerValue, inside, numberOf, oidOf, readValue, readValues, tag } from './der.ts';
import { decipher, decrypt, encryptedParts, isPbes2 } from './passphrase-encryption.ts';

/** What was in it, in DER: certificates, and keys as PKCS#8. */
export interface Pkcs12Content {
  readonly certificates: readonly Buffer[];
  readonly keys: readonly Buffer[];
}

const data = '1.2.840.113549.1.7.1';
const encryptedData = '1.2.840.113549.1.7.6';
const bag = { key: '1.2.840.113549.1.12.10.1.1', shroudedKey: '1.2.840.113549.1.12.10.1.2', certificate: '1.2.840.113549.1.12.10.1.3' } as const;
const x509Certificate = '1.2.840.113549.1.9.22.1';

const digestNames: Readonly<Record<string, string>> = { '1.3.14.3.2.26': 'sha1', '2.16.840.1.101.3.4.2.1': 'sha256', '2.16.840.1.101.3.4.2.2': 'sha384', '2.16.840.1.101.3.4.2.3': 'sha512' };

/** The ciphers of old, by their identifiers (RFC 7292 appendix C). */
const oldCiphers: Readonly<Record<string, { readonly keyBytes: number; readonly decipher: (key: Buffer, iv: Buffer, bytes: Buffer) => Buffer | null }>> = {
  '1.2.840.113549.1.12.1.3': { keyBytes: 24, decipher: (key, iv, bytes) => decipher('des-ede3-cbc', key, iv, bytes) },
  '1.2.840.113549.1.12.1.5': { keyBytes: 16, decipher: (key, iv, bytes) => rc2(key, 128, iv, bytes) },
  '1.2.840.113549.1.12.1.6': { keyBytes: 5, decipher: (key, iv, bytes) => rc2(key, 40, iv, bytes) },
};

/** As many rounds as any program makes; a damaged file shall not keep a processor busy for days. */
const mostRounds = 2_000_000;
/** Rounds between which other work gets its turn: some milliseconds. */
const roundsAtOnce = 2_000;

/** Opens an archive; null when the passphrase is wrong. @throws DerFault when it is damaged, or protected in a way that is not known. */
export async function openPkcs12(bytes: Buffer, passphrase: string): Promise<Pkcs12Content | null> {
  const [, safe, mac] = inside(readValue(definite(bytes), tag.sequence));
  const [type, holder] = inside(safe);
  if (oidOf(type) !== data) throw new DerFault('it is signed instead of protected by a passphrase');
  const content = octets(inside(holder, contextTag(0))[0]);
  if (mac !== undefined && !(await isRight(mac, content, passphrase))) return null;
  const certificates: Buffer[] = [];
  const keys: Buffer[] = [];
  for (const part of inside(readValue(content, tag.sequence))) {
    const opened = await openPart(part, passphrase);
    if (opened === null) return null;
    for (const one of inside(readValue(opened, tag.sequence))) {
      const [kind, value] = inside(one);
      const [held] = inside(value, contextTag(0));
      if (held === undefined) throw new DerFault('it is cut off');
      switch (oidOf(kind)) {
        case bag.certificate:
          certificates.push(...certificateOf(held));
          break;
        case bag.key:
          keys.push(held.bytes);
          break;
        case bag.shroudedKey: {
          const { algorithm, encrypted } = encryptedParts(held.bytes);
          const key = await unlock(algorithm, encrypted, passphrase);
          if (key === null) return null;
          keys.push(key);
          break;
        }
        default:
      }
    }
  }
  return { certificates, keys };
}

/** Some programs write lengths of pieces instead of the whole; such an archive is written anew with lengths that stand first. */
function definite(bytes: Buffer): Buffer {
  if (bytes[1] !== 0x80) return bytes;
  try {
    return Buffer.from(forge.asn1.toDer(forge.asn1.fromDer(bytes.toString('latin1'))).getBytes(), 'latin1');
  } catch (error) {
    throw new DerFault('it is damaged', { cause: error });
  }
}

/** The bytes of an octet string, which may be in pieces. */
const octets = (value: DerValue | undefined): Buffer => (value !== undefined && (value.tag & ~0x20) === tag.octetString && value.tag !== tag.octetString ? Buffer.concat(readValues(value.content).map(octets)) : contentOf(value, tag.octetString));

function certificateOf(held: DerValue): readonly Buffer[] {
  const [type, value] = inside(held);
  return oidOf(type) === x509Certificate ? [octets(inside(value, contextTag(0))[0])] : [];
}

async function openPart(part: DerValue, passphrase: string): Promise<Buffer | null> {
  const [type, holder] = inside(part);
  const [held] = inside(holder, contextTag(0));
  if (oidOf(type) === data) return octets(held);
  if (oidOf(type) !== encryptedData) throw new DerFault('it is protected in a way that is not known');
  const [, algorithm, encrypted] = inside(inside(held)[1]);
  if (encrypted === undefined) throw new DerFault('it is cut off');
  const bytes = encrypted.tag === contextTag(0) ? Buffer.concat(readValues(encrypted.content).map(octets)) : contentOf(encrypted, contextTag(0, 'bytes'));
  return await unlock(algorithm, bytes, passphrase);
}

async function unlock(algorithm: DerValue | undefined, bytes: Buffer, passphrase: string): Promise<Buffer | null> {
  const opened = isPbes2(algorithm) ? await decrypt(algorithm, bytes, passphrase) : await unlockOld(algorithm, bytes, passphrase);
  // A wrong key can leave the padding right by chance.
  return opened === null || opened[0] !== tag.sequence ? null : opened;
}

async function unlockOld(algorithm: DerValue | undefined, bytes: Buffer, passphrase: string): Promise<Buffer | null> {
  const [name, parameters] = inside(algorithm);
  const cipher = oldCiphers[oidOf(name)];
  if (cipher === undefined) throw new DerFault('its cipher is not known');
  const [salt, rounds] = inside(parameters);
  const derive = async (purpose: 1 | 2, length: number): Promise<Buffer> => await deriveBytes('sha1', passphrase, contentOf(salt, tag.octetString), numberOf(rounds), purpose, length);
  return cipher.decipher(await derive(1, cipher.keyBytes), await derive(2, 8), bytes);
}

/** RC2, which OpenSSL has put away. */
function rc2(key: Buffer, bits: number, iv: Buffer, bytes: Buffer): Buffer | null {
  const cipher = forge.rc2.createDecryptionCipher(key.toString('latin1'), bits);
  cipher.start(iv.toString('latin1'));
  cipher.update(forge.util.createBuffer(bytes.toString('latin1')));
  return cipher.finish() ? Buffer.from(cipher.output.getBytes(), 'latin1') : null;
}

/** Whether the check value of the whole archive is that of this passphrase (RFC 7292 appendix A). */
async function isRight(mac: DerValue, content: Buffer, passphrase: string): Promise<boolean> {
  const [info, salt, rounds] = inside(mac);
  const [algorithm, wanted] = inside(info);
  const digest = digestNames[oidOf(inside(algorithm)[0])];
  if (digest === undefined) throw new DerFault('its check value is of a kind that is not known');
  const expected = contentOf(wanted, tag.octetString);
  const key = await deriveBytes(digest, passphrase, contentOf(salt, tag.octetString), rounds === undefined ? 1 : numberOf(rounds), 3, hash(digest, '', 'buffer').length);
  const found = createHmac(digest, key).update(content).digest();
  return found.length === expected.length && timingSafeEqual(found, expected);
}

/** Bytes for a purpose: 1 a key, 2 an initial vector, 3 the key of the check value (RFC 7292 appendix B.2). */
async function deriveBytes(digest: string, passphrase: string, salt: Buffer, rounds: number, purpose: 1 | 2 | 3, length: number): Promise<Buffer> {
  if (rounds < 1 || rounds > mostRounds) throw new DerFault('opening it asks for too much work');
  const blockBytes = digest === 'sha384' || digest === 'sha512' ? 128 : 64;
  const repeated = (bytes: Buffer): Buffer => Buffer.alloc(Math.ceil(bytes.length / blockBytes) * blockBytes, bytes);
  // Two bytes a character, the higher first, and two zeros at the end.
  const word = Buffer.from(`${passphrase}\0`, 'utf16le').swap16();
  const input = Buffer.concat([salt.length === 0 ? salt : repeated(salt), repeated(word)]);
  const derived: Buffer[] = [];
  for (let made = 0; made < length; ) {
    let last = hash(digest, Buffer.concat([Buffer.alloc(blockBytes, purpose), input]), 'buffer');
    for (let round = 1; round < rounds; round++) {
      last = hash(digest, last, 'buffer');
      if (round % roundsAtOnce === 0) await setImmediate();
    }
    derived.push(last);
    made += last.length;
    addToEach(input, Buffer.alloc(blockBytes, last));
  }
  return Buffer.concat(derived).subarray(0, length);
}

/** Adds a number and one to each block of the input, all of them numbers of as many bytes. */
function addToEach(input: Buffer, number: Buffer): void {
  for (let block = 0; block < input.length; block += number.length) {
    let carry = 1;
    for (let place = number.length - 1; place >= 0; place--) {
      const sum = (input[block + place] ?? 0) + (number[place] ?? 0) + carry;
      input[block + place] = sum & 0xff;
      carry = sum >> 8;
    }
  }
}
