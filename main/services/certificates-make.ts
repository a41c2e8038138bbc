// Certificates made here: authorities, hosts, clients, what was requested elsewhere, and what takes the place of another.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { alternativeNameText, type DistinguishedName, subjectAttributes } from '../../app/pki/subject.ts';
import { rsaKeyBits } from '../../app/pki/profiles.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { type CertificateContent, keyPemOf, randomSerial, signCertificate } from '../pki/certificates.ts';
import { DerFault } from '../pki/der.ts';
import { encryptKey } from '../pki/key-file.ts';
import { makeRevocationList } from '../pki/revocation-list.ts';
import { keyFacts, readCertificate } from '../pki/read-certificate.ts';
import { makeRequest, readRequest, type RequestFacts } from '../pki/signing-request.ts';
import type { AuthorityKeys } from './authority-keys.ts';
import type { Audited } from './certificate-audit.ts';
import type { KeysAhead } from './keys-ahead.ts';
import { checkSigns, hostSubject, nextGeneration, validityOf } from './certificate-rules.ts';
import { authoritiesIn, authorityOf, requestSummaryOf, revocationOf } from './certificate-shelf.ts';
import { type Addition, type CertificateRecord, type CertificateStore, freshRecord, type Kept } from './certificate-store.ts';
import type { Services } from './services.ts';

/** What everything that is done with certificates needs. */
export interface Workshop {
  readonly store: CertificateStore;
  readonly keys: AuthorityKeys;
  readonly audited: Audited;
  readonly keysAhead: KeysAhead;
  /** Whether certificates are made one after another here, or this is a command that makes one and ends. */
  readonly isInteractive: boolean;
  /** Tells the windows that what is kept changed. */
  readonly changed: () => void;
}

/** Days until a revocation list has to be made anew, when nobody says. */
export const usualListDays = 365;
const dayMilliseconds = 86_400_000;

/** What is to be signed, before it has a serial. */
interface Draft {
  readonly content: Omit<CertificateContent, 'serial'>;
  readonly publicKey: KeyObject;
  readonly keyPem?: string | undefined;
  readonly record: CertificateRecord;
}

/** A host's and a client's. */
const keysAfterAuthority = 2;

/** A list of an authority's own, when it has revoked nothing: whoever checks the lists of some authorities needs those of all. */
const firstList = async (certificatePem: string, key: KeyObject): Promise<CertificateRecord['crl']> => {
  const { notAfter } = readCertificate(certificatePem);
  const thisUpdate = new Date(Math.floor(Date.now() / 1000) * 1000);
  const nextUpdate = new Date(Math.min(thisUpdate.getTime() + usualListDays * dayMilliseconds, notAfter.getTime()));
  const pem = await makeRevocationList({ number: 1, thisUpdate, nextUpdate, revoked: [] }, { certificatePem, key });
  return { number: 1, thisUpdate: thisUpdate.getTime(), nextUpdate: nextUpdate.getTime(), pem };
};

/** Makes the revocation list that an authority which is new here begins with; none when its key is not here. */
export const withFirstList = async (record: CertificateRecord, certificatePem: string, key: KeyObject | null): Promise<CertificateRecord> =>
  (key === null || record.crl !== null ? record : { ...record, crl: await firstList(certificatePem, key) });

/** Reads a request from elsewhere. @throws Refused `bad-input` at `request`. */
const requested = (pem: string): RequestFacts => {
  try {
    return readRequest(pem);
  } catch (error) {
    if (error instanceof DerFault) throw new Refused('bad-input', `The request cannot be used: ${error.message}.`, { field: 'request' }, { cause: error });
    throw error;
  }
};

type Making = Pick<Services['certificates'], 'createAuthority' | 'createHost' | 'createClient' | 'readRequest' | 'signRequest' | 'makeRequest' | 'renew' | 'rollOver' | 'endRollOver'>;

export const makingServices = ({ store, keys, keysAhead, isInteractive, audited, changed }: Workshop): Making => {
  /** Gives each draft a serial that its authority never gave before, signs all and keeps all, or none. */
  const issue = async (authority: Kept, key: KeyObject, drafts: readonly Draft[], title: (words: string) => string): Promise<readonly string[]> => {
    const serials: string[] = [];
    await store.change(authority.id, (held) => {
      const before = new Set([...held.serials, authority.facts.serial]);
      for (const _ of drafts) {
        let serial = randomSerial();
        while (before.has(serial)) serial = randomSerial();
        before.add(serial);
        serials.push(serial);
      }
      return { ...held, serials: [...held.serials, ...serials] };
    });
    const additions = await Promise.all(drafts.map(async ({ content, publicKey, keyPem, record }, index): Promise<Addition> => ({
      record, keyPem, certificatePem: await signCertificate({ ...content, serial: serials[index] ?? randomSerial() }, publicKey, { certificatePem: authority.facts.pem, key }),
    })));
    const words = additions.map(({ certificatePem = '' }) => {
      const { subject, serial } = readCertificate(certificatePem);
      return `${subject.text} (serial ${serial})`;
    });
    const ids = await audited(title(words.join(', ')), async () => await store.add(additions));
    changed();
    return ids;
  };

  /** The one that was made of one draft. */
  const only = ([id]: readonly string[]): { id: string } => {
    if (id === undefined) throw new Error('One draft makes one certificate');
    return { id };
  };

  const findAuthority = async (id: string, kind: CertificateContent['kind']): Promise<Kept> => {
    const authority = await store.find(id, 'authority');
    checkSigns(authority, kind);
    return authority;
  };

  /** Keeps an authority that signed itself. */
  const keepRoot = async (content: Omit<CertificateContent, 'serial'>, key: KeyObject, protectedBy: { readonly pem: string }, record: CertificateRecord, title: string): Promise<string> => {
    const serial = randomSerial();
    const certificatePem = await signCertificate({ ...content, serial }, createPublicKey(key), key);
    const whole = await withFirstList({ ...record, serials: [...record.serials, serial] }, certificatePem, key);
    const { id } = only(await audited(`${title} ${readCertificate(certificatePem).subject.text} (serial ${serial})`, async () => await store.add([{ record: whole, certificatePem, keyPem: protectedBy.pem }])));
    return id;
  };

  /** The last of making an authority: its key is open already, and its passphrase remembered where that is wanted. */
  const own = async (id: string, passphrase: string, key: KeyObject, remember: boolean | undefined): Promise<void> => {
    const kept = await store.find(id);
    await keys.opened(kept, passphrase, key);
    if (remember === true) await keys.remember(kept, passphrase);
    changed();
  };

  return {
    createAuthority: async ({ subject, keyBits, validity, newPassphrase, pathLength, authority: above, passphrase, remember }, { gone: signal }) => {
      const content = { kind: 'authority', subject, names: [], pathLength } as const;
      const record = freshRecord({ kind: 'authority', key: 'encrypted' });
      if (above === undefined) {
        const period = validityOf('authority', validity, undefined);
        const made = keysAhead.take(keyBits);
        if (isInteractive) keysAhead.prepare(keyBits ?? 3072, keysAfterAuthority);
        const key = await made;
        const id = await keepRoot({ ...content, validity: period }, key, { pem: await encryptKey(key, newPassphrase) }, record, 'Made the authority');
        await own(id, newPassphrase, key, remember);
        return { id };
      }
      const authority = await findAuthority(above, 'authority');
      if (authority.facts.pathLength !== null && (pathLength ?? Number.POSITIVE_INFINITY) >= authority.facts.pathLength) {
        throw new Refused('bad-input', `Below ${authority.label} at most ${authority.facts.pathLength - 1} more may follow.`, { field: 'pathLength' });
      }
      const period = validityOf('authority', validity, authority.facts);
      const signing = await keys.open(authority, { passphrase, remember }, signal, 'authority');
      const key = await keysAhead.take(keyBits);
      const draft = { content: { ...content, validity: period }, publicKey: createPublicKey(key), keyPem: await encryptKey(key, newPassphrase), record };
      const made = only(await issue(authority, signing, [draft], (words) => `Made the authority ${words} below ${authority.label}`));
      const kept = await store.find(made.id);
      const crl = await firstList(kept.facts.pem, key);
      await store.change(made.id, (held) => ({ ...held, crl }));
      await own(made.id, newPassphrase, key, remember);
      return made;
    },

    createHost: async ({ authority: id, hosts, keyBits, validity, clientAuth = false, ...given }, { gone: signal }) => {
      const authority = await findAuthority(id, 'host');
      const period = validityOf('host', validity, authority.facts);
      const subjects = hosts.map(({ names, subject }, index) => hostSubject(names, subject, authority, `hosts.${index}`));
      const signing = await keys.open(authority, given, signal, 'authority');
      const made = await keysAhead.takeMany(hosts.length, keyBits, signal);
      if (made === undefined) throw new Refused('cancelled', 'Nobody waits for the certificates any more; none was made.');
      const drafts = hosts.flatMap(({ names }, index): Draft[] => {
        const [key, subject] = [made[index], subjects[index]];
        if (key === undefined || subject === undefined) return [];
        return [{ content: { kind: 'host', subject, names, clientAuth, validity: period }, publicKey: createPublicKey(key), keyPem: keyPemOf(key), record: freshRecord({ kind: 'host', key: 'plain', clientAuth }) }];
      });
      return { ids: [...(await issue(authority, signing, drafts, (words) => `Made for ${drafts.length === 1 ? 'a host' : `${drafts.length} hosts`}: ${words}, signed by ${authority.label}`))] };
    },

    createClient: async ({ authority: id, subject, keyBits, validity, ...given }, { gone: signal }) => {
      const authority = await findAuthority(id, 'client');
      const period = validityOf('client', validity, authority.facts);
      const signing = await keys.open(authority, given, signal, 'authority');
      const key = await keysAhead.take(keyBits);
      const draft: Draft = { content: { kind: 'client', subject, names: [], validity: period }, publicKey: createPublicKey(key), keyPem: keyPemOf(key), record: freshRecord({ kind: 'client', key: 'plain' }) };
      return only(await issue(authority, signing, [draft], (words) => `Made for a client: ${words}, signed by ${authority.label}`));
    },

    readRequest: async ({ request }) => {
      const { subject, names, publicKey } = requested(request);
      const { type, bits } = keyFacts(publicKey);
      return { subject: subject.text, subjectParts: [...subject.parts], names: names.map(alternativeNameText), keyType: type, keyBits: bits };
    },

    signRequest: async ({ authority: id, request, kind, subject, names, validity, clientAuth = false, ...given }, { gone: signal }) => {
      const authority = await findAuthority(id, kind);
      const asked = requested(request);
      const called = names ?? asked.names;
      if (kind === 'host' && called.length === 0) throw new Refused('bad-input', 'The request names no host.', { field: 'names', remedy: 'Give the names and addresses that clients use.' });
      const period = validityOf(kind, validity, authority.facts);
      const signing = await keys.open(authority, given, signal, 'authority');
      const draft: Draft = {
        content: { kind, subject: subject ?? asked.subject.der, names: kind === 'host' ? called : [], clientAuth, validity: period },
        publicKey: asked.publicKey, record: freshRecord({ kind, key: 'none', clientAuth }),
      };
      return only(await issue(authority, signing, [draft], (words) => `Signed a request: ${words}, signed by ${authority.label}`));
    },

    makeRequest: async ({ kind, subject, names = [], keyBits, clientAuth = false, newPassphrase, remember }) => {
      if (kind === 'authority' && newPassphrase === undefined) throw new Refused('bad-input', 'The key of an authority needs a passphrase.', { field: 'newPassphrase' });
      if (kind === 'host' && names.length === 0) throw new Refused('bad-input', 'A host needs at least one name.', { field: 'names' });
      const key = await keysAhead.take(keyBits);
      const requestPem = await makeRequest({ kind, subject, names: kind === 'host' ? names : [], clientAuth }, key);
      const keyPem = newPassphrase === undefined ? keyPemOf(key) : await encryptKey(key, newPassphrase);
      const record = freshRecord({ kind, key: newPassphrase === undefined ? 'plain' : 'encrypted', clientAuth });
      const title = `Made a request for ${readRequest(requestPem).subject.text}`;
      const { id } = only(await audited(title, async () => await store.add([{ record, requestPem, keyPem }])));
      const request = await store.findRequest(id);
      if (request === undefined) throw new Error('A request that was kept is a request');
      if (remember === true && newPassphrase !== undefined) await keys.remember(request, newPassphrase);
      changed();
      return requestSummaryOf(request);
    },

    renew: async ({ id, key: which, validity, ...given }, { gone: signal }) => {
      const old = await store.find(id);
      const { facts, record } = old;
      const { certificates } = await store.list();
      if (record.kind === 'authority' && which === 'new') throw new Refused('bad-input', 'With a new key, what an authority signed would not be trusted any more.', { field: 'key', remedy: 'Roll it over, so that both are trusted for a while.' });
      if (record.key === 'none' && which === 'new') throw new Refused('bad-input', 'The key is elsewhere; a new one is made there.', { field: 'key', remedy: 'Sign a new request, or keep the key.' });
      const authority = authorityOf(old, authoritiesIn(certificates));
      if (authority === undefined) throw new Refused('bad-input', `The authority of ${old.label} is not kept here.`, { field: 'id', remedy: 'Import its authority with its key, or let that authority renew it.' });
      const isRoot = authority.id === old.id;
      if (!isRoot) checkSigns(authority, record.kind, 'id');
      if (revocationOf(old, authority) !== undefined && which === 'same') throw new Refused('bad-input', 'It was revoked; its key is not to be trusted again.', { field: 'key', remedy: 'Renew it with a new key.' });
      const period = validityOf(record.kind, validity, isRoot ? undefined : authority.facts);
      const clientAuth = facts.extendedKeyUsage?.uses.includes('clientAuth') === true;
      const content = { kind: record.kind, subject: facts.subject.der, names: facts.names, clientAuth, validity: period, pathLength: facts.pathLength ?? undefined };
      const signing = await keys.open(authority, given, signal);
      const oldPem = record.key === 'none' ? undefined : await store.keyText(old);
      const about = freshRecord({ kind: record.kind, key: record.key, clientAuth });
      // An authority is the same still: what it signed and revoked goes on with it.
      const inherited = record.kind === 'authority' ? { ...about, serials: record.serials, revoked: record.revoked, crl: record.crl, alsoTrusts: record.alsoTrusts } : about;
      let made: string;
      if (isRoot) {
        made = await keepRoot(content, signing, { pem: oldPem ?? '' }, inherited, 'Renewed the authority');
      } else {
        const key = which === 'new' ? await keysAhead.take(rsaKeyBits.find((bits) => bits === facts.key.bits)) : null;
        const draft = { content, publicKey: key === null ? facts.certificate.publicKey : createPublicKey(key), keyPem: key === null ? oldPem : keyPemOf(key), record: inherited };
        made = only(await issue(authority, signing, [draft], (words) => `Renewed with ${which === 'new' ? 'a new key' : 'the same key'}: ${words}, signed by ${authority.label}`)).id;
      }
      await store.change(id, (held) => ({ ...held, replacedBy: made }));
      changed();
      return { id: made };
    },

    rollOver: async ({ id, subject, keyBits, validity, newPassphrase, passphrase, remember }, { gone: signal }) => {
      const old = await store.find(id);
      if (old.record.kind !== 'authority') throw new Refused('bad-input', `${old.label} is not an authority.`, { field: 'id', remedy: 'Renew it.' });
      if (old.record.replacedBy !== null) throw new Refused('bad-input', 'Another authority has taken its place already.', { field: 'id' });
      const { certificates } = await store.list();
      const above = authorityOf(old, authoritiesIn(certificates));
      const isRoot = above === undefined || above.id === old.id;
      if (above === undefined) throw new Refused('bad-input', `The authority above ${old.label} is not kept here.`, { field: 'id' });
      const called = subject ?? writableParts(nextGeneration(old.facts.subject));
      const period = validityOf('authority', validity, isRoot ? undefined : above.facts);
      const signing = isRoot ? null : await keys.open(above, { passphrase, remember }, signal);
      const key = await keysAhead.take(keyBits);
      const keyPem = await encryptKey(key, newPassphrase);
      const content = { kind: 'authority' as const, subject: called, names: [], validity: period, pathLength: old.facts.pathLength ?? undefined };
      const record = freshRecord({ kind: 'authority', key: 'encrypted', alsoTrusts: [id] });
      const made = signing === null
        ? await keepRoot(content, key, { pem: keyPem }, record, `To take the place of ${old.label}, made the authority`)
        : only(await issue(above, signing, [{ content, publicKey: createPublicKey(key), keyPem, record }], (words) => `To take the place of ${old.label}, made the authority ${words}, signed by ${above.label}`)).id;
      await store.change(id, (held) => ({ ...held, replacedBy: made, alsoTrusts: [...held.alsoTrusts, made] }));
      await own(made, newPassphrase, key, remember);
      return { id: made };
    },

    endRollOver: async ({ id }) => {
      const authority = await store.find(id);
      if (authority.record.alsoTrusts.length === 0) throw new Refused('bad-input', `No other authority is trusted along with ${authority.label}.`, { field: 'id' });
      await audited(`Ended the time in which others are trusted along with ${authority.label}`, async () => await store.change(id, (held) => ({ ...held, alsoTrusts: [] })));
      changed();
      return null;
    },
  };
};

/** The parts of a name that can be written; a name with others has to be given. @throws Refused `bad-input` at `subject`. */
const writableParts = (parts: ReturnType<typeof nextGeneration>): DistinguishedName =>
  parts.map(({ attribute, value }) => {
    const known = subjectAttributes.find((one) => one === attribute);
    if (known === undefined) throw new Refused('bad-input', `The part ${attribute} of its name cannot be written.`, { field: 'subject', remedy: 'Give the new authority a name.' });
    return { attribute: known, value };
  });
