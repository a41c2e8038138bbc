// Private keys as files: encrypted for keeping, and opened, whatever program wrote them.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { DerFault, inside, numberOf, octetString, sequence } from './der.ts';
import { decrypt, encrypt, encryptedParts, isPbes2, mostIterations } from './passphrase-encryption.ts';
import { type PemBlock, pemBlocks } from './pem.ts';
import { pemOf } from './signing.ts';

const encryptedLabel = 'ENCRYPTED PRIVATE KEY';

/** The key as PEM of PKCS#8, encrypted in a way that openssl and certtool read. */
export async function encryptKey(key: KeyObject, passphrase: string): Promise<string> {
  const { algorithm, encrypted } = await encrypt(key.export({ type: 'pkcs8', format: 'der' }), passphrase);
  return pemOf(encryptedLabel, sequence(algorithm, octetString(encrypted)));
}

/** Whether a block is a private key. */
export const isKeyBlock = ({ label }: PemBlock): boolean => label === 'PRIVATE KEY' || label === encryptedLabel || /^(RSA|EC|DSA) PRIVATE KEY$/.test(label);

/** Whether it takes a passphrase to open it. */
export const isLocked = ({ label, text }: PemBlock): boolean => label === encryptedLabel || text.includes('Proc-Type: 4,ENCRYPTED');

/**
 * Opens a private key.
 * @returns null when the passphrase is wrong or missing.
 * @throws DerFault when it is damaged, or of a kind that is not known.
 */
export async function openKey(block: PemBlock, passphrase: string | undefined): Promise<KeyObject | null> {
  if (!isLocked(block)) return parsed({ key: block.text }, (error) => new DerFault('the key is damaged', { cause: error }));
  if (passphrase === undefined) return null;
  if (block.label !== encryptedLabel) return parsed({ key: block.text, passphrase }, () => null);
  const { algorithm, encrypted } = encryptedParts(block.bytes);
  if (isPbes2(algorithm)) {
    const opened = await decrypt(algorithm, encrypted, passphrase);
    return opened === null ? null : parsed({ key: opened, format: 'der', type: 'pkcs8' }, () => null);
  }
  // The older schemes derive by hashing some thousand times, which OpenSSL does at once.
  if (numberOf(inside(inside(algorithm)[1])[1]) > mostIterations / 10) throw new DerFault('opening it asks for too much work');
  return parsed({ key: block.text, passphrase }, () => null);
}

/** The key in a file; undefined when there is none. */
export const keyBlockIn = (pem: string): PemBlock | undefined => pemBlocks(pem).find((block) => isKeyBlock(block));

/** OpenSSL does not tell a wrong passphrase from a damaged file; which it is taken for is the caller's to say. Its own words stay out: they may quote. */
function parsed(input: Parameters<typeof createPrivateKey>[0], otherwise: (error: unknown) => DerFault | null): KeyObject | null {
  try {
    return createPrivateKey(input);
  } catch (error) {
    const fault = otherwise(error);
    if (fault === null) return null;
    throw fault;
  }
}
