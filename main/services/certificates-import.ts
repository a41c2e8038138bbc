// Certificates made elsewhere: authorities, those of hosts and clients, and what came back for a request. Checked before anything is kept.
import type { KeyObject } from 'node:crypto';
import { Refused } from '../../app/contract/refusal.ts';
import { expiryAt } from '../../app/pki/expiry.ts';
import { isSelfSigned } from '../pki/authorities.ts';
import { keyPemOf } from '../pki/certificates.ts';
import { DerFault } from '../pki/der.ts';
import { type Found, Locked, readFileContent } from '../pki/import-files.ts';
import { encryptKey } from '../pki/key-file.ts';
import type { CertificateFacts } from '../pki/read-certificate.ts';
import { canSign } from '../pki/signing.ts';
import { isIssuedBy } from '../pki/trust-path.ts';
import { authoritiesIn } from './certificate-shelf.ts';
import { type Addition, freshRecord, type Kept, labelOf, unknownCertificate } from './certificate-store.ts';
import type { Workshop } from './certificates-make.ts';
import type { Services } from './services.ts';

const bad = (message: string, remedy?: string, field = 'files'): Refused => new Refused('bad-input', message, { field, ...(remedy === undefined ? {} : { remedy }) });

/** Reads all files, none of them for longer than it takes to refuse it. @throws Refused `bad-input` at `files.N`, `key-unreadable` at `passphrase`. */
async function readFiles(files: readonly string[], passphrase: string | undefined): Promise<Found> {
  const found: Found[] = [];
  for (const [index, file] of files.entries()) {
    try {
      found.push(await readFileContent(Buffer.from(file, 'base64'), passphrase));
    } catch (error) {
      if (error instanceof Locked) throw new Refused('key-unreadable', passphrase === undefined ? 'The file is protected by a passphrase.' : 'The passphrase does not open the file.', { field: 'passphrase' });
      if (error instanceof DerFault) throw bad(`The file cannot be used: ${error.message}.`, undefined, `files.${index}`);
      throw error;
    }
  }
  const certificates = found.flatMap((one) => one.certificates);
  return { certificates: certificates.filter(({ fingerprint }, index) => certificates.findIndex((one) => one.fingerprint === fingerprint) === index), keys: found.flatMap(({ keys }) => keys) };
}

interface Chosen {
  readonly facts: CertificateFacts;
  readonly key: KeyObject | null;
  /** The others in the files, which are to stand above it. */
  readonly above: readonly CertificateFacts[];
}

/** Which of the certificates it is about: the one that the key belongs to, or without a key the one that signed none of the others. */
function choose({ certificates, keys: [key, ...others] }: Found): Chosen {
  if (certificates.length === 0) throw bad('There is a key in it, and no certificate.', 'Add the file of the certificate.');
  if (others.length > 0) throw bad('There is more than one key in it.', 'Leave the keys of the other certificates out.');
  const fitting = key === undefined
    ? certificates.filter((one) => !certificates.some((other) => other !== one && isIssuedBy(other, one)))
    : certificates.filter(({ certificate }) => certificate.checkPrivateKey(key));
  const [facts, another] = fitting;
  if (facts === undefined) throw bad('The key does not belong to the certificate.');
  if (another !== undefined) throw bad('There are several certificates in it that do not belong together.', 'Import them one by one.');
  return { facts, key: key ?? null, above: certificates.filter((one) => one !== facts) };
}

/** Refuses what nobody would accept: dates, and a signature that is not of whom it names. */
function checkSound(facts: CertificateFacts, others: readonly CertificateFacts[]): void {
  const name = labelOf(facts.subject);
  const { state } = expiryAt(facts, new Date());
  if (state === 'expired') throw bad(`${name} is out of date since ${facts.notAfter.toISOString()}.`, 'Renew it where it was made.');
  if (state === 'notYetValid') throw bad(`${name} is not valid before ${facts.notBefore.toISOString()}.`, 'Compare the clocks of both machines.');
  const namesakes = [facts, ...others].filter((one) => one.subject.der.equals(facts.issuer.der));
  if (namesakes.length === 0 || namesakes.some((one) => isIssuedBy(facts, one))) return;
  throw bad(`The signature of ${name} is not of the authority that it names, ${facts.issuer.text}.`, 'It may be damaged, or of another authority with the same name.');
}

function checkAuthority(facts: CertificateFacts): void {
  const name = labelOf(facts.subject);
  if (!facts.isAuthority) throw bad(`${name} is not an authority: it may not sign certificates.`, 'Import it as the certificate of a host or client.');
  if (facts.keyUsage !== null && !facts.keyUsage.uses.includes('keyCertSign')) throw bad(`${name} may not sign certificates by its key usage.`);
}

/** What a certificate is for, by its purposes, and by its names where those do not say. */
function kindOf({ extendedKeyUsage, names }: CertificateFacts): 'host' | 'client' {
  const isFor = (use: 'serverAuth' | 'clientAuth'): boolean => extendedKeyUsage === null || extendedKeyUsage.uses.includes(use);
  if (isFor('serverAuth') && isFor('clientAuth')) return names.length > 0 ? 'host' : 'client';
  return isFor('serverAuth') ? 'host' : 'client';
}

type Importing = Pick<Services['certificates'], 'importAuthority' | 'importIdentity' | 'takeSigned'>;

export const importingServices = ({ store, keys, audited, changed }: Workshop): Importing => {
  /** Refuses what is kept already. */
  const checkNew = (facts: CertificateFacts, certificates: readonly Kept[]): void => {
    const known = certificates.find((one) => one.facts.fingerprint === facts.fingerprint);
    if (known !== undefined) throw bad(`${known.label} is kept here already${known.record.key === 'none' ? ', without its key' : ''}.`, known.record.key === 'none' ? 'Remove it, then import it with its key.' : undefined);
  };

  /** Keeps a certificate and the authorities above it that are not kept yet. @returns its id. */
  const keep = async (title: string, { facts, above }: Chosen, addition: Omit<Addition, 'certificatePem'>, certificates: readonly Kept[]): Promise<string> => {
    const others = [...above, ...authoritiesIn(certificates).map((one) => one.facts)];
    for (const one of [facts, ...above]) checkSound(one, others.filter((other) => other !== one));
    const additions: readonly Addition[] = above.filter(({ isAuthority, fingerprint }) => isAuthority && !certificates.some((one) => one.facts.fingerprint === fingerprint))
      .map(({ pem }) => ({ certificatePem: pem, record: freshRecord({ kind: 'authority', key: 'none' }) }));
    const [id] = await audited(`${title} ${facts.subject.text} (serial ${facts.serial})`, async () => await store.add([{ ...addition, certificatePem: facts.pem }, ...additions]));
    if (id === undefined) throw new Error('What was added has an id');
    return id;
  };

  return {
    importAuthority: async ({ files, passphrase, newPassphrase, remember }) => {
      const chosen = choose(await readFiles(files, passphrase));
      const { facts, key } = chosen;
      checkAuthority(facts);
      const { certificates } = await store.list();
      checkNew(facts, certificates);
      if (key !== null && !canSign(key)) throw bad(`Keys of the kind ${facts.key.type} are not used to sign here.`, 'Import the certificate alone.');
      if (key !== null && newPassphrase === undefined) throw bad('The key of an authority needs a passphrase.', undefined, 'newPassphrase');
      const keyPem = key === null || newPassphrase === undefined ? undefined : await encryptKey(key, newPassphrase);
      const record = freshRecord({ kind: 'authority', key: keyPem === undefined ? 'none' : 'encrypted', serials: isSelfSigned(facts) ? [facts.serial] : [] });
      const id = await keep('Imported the authority', chosen, { record, keyPem }, certificates);
      if (remember === true && keyPem !== undefined && newPassphrase !== undefined) await keys.remember(await store.find(id), newPassphrase);
      changed();
      return { id };
    },

    importIdentity: async ({ files, kind, passphrase }) => {
      const chosen = choose(await readFiles(files, passphrase));
      const { facts, key } = chosen;
      if (facts.isAuthority) throw bad(`${labelOf(facts.subject)} is an authority.`, 'Import it as an authority.');
      const { certificates } = await store.list();
      checkNew(facts, certificates);
      const record = freshRecord({ kind: kind ?? kindOf(facts), key: key === null ? 'none' : 'plain', clientAuth: facts.extendedKeyUsage?.uses.includes('clientAuth') ?? false });
      const id = await keep('Imported', chosen, { record, keyPem: key === null ? undefined : keyPemOf(key) }, certificates);
      changed();
      return { id };
    },

    takeSigned: async ({ id, files }) => {
      const request = await store.findRequest(id);
      if (request === undefined) throw unknownCertificate('id');
      const found = await readFiles(files, undefined);
      const facts = found.certificates.find(({ certificate }) => certificate.publicKey.equals(request.facts.publicKey));
      if (facts === undefined) throw bad(`No certificate in it is for the key of the request for ${request.label}.`, 'Take the file that the authority made of this request.');
      const { kind } = request.record;
      if (kind === 'authority') checkAuthority(facts);
      else if (facts.isAuthority) throw bad(`It is one of an authority, not of a ${kind}.`);
      const { certificates } = await store.list();
      const keyPem = await store.keyText(request);
      const { madeAt: _, ...about } = request.record;
      const made = await keep('Took what was signed elsewhere:', { facts, key: null, above: found.certificates.filter((one) => one !== facts) }, { record: freshRecord(about), keyPem }, certificates);
      await store.remove(id);
      changed();
      return { id: made };
    },
  };
};
